"""Settings of the whole suite."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# A person's run looks for new cases each time; a submission's must not depend on chance.
settings.register_profile("submission", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("submission")

# A run that was started in the background has the interrupt ignored, and its children inherit
# that: the tests that interrupt a command would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
