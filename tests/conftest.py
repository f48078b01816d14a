"""Settings of the whole suite."""

from __future__ import annotations

import os

from hypothesis import settings

# A person's run looks for new cases each time; a submission's must not depend on chance.
settings.register_profile("submission", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("submission")
