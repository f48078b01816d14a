"""Being asked to stop, and starting without what is not used."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

ASLEEP = """
import sys, time
from kvitto.cli import main
def sleeping(*_words, **_more):
    try:
        print("asleep", flush=True)
        time.sleep(60)
    except BaseException as error:
        print("tidied", flush=True)
        raise {raised}
main.cli.invoke = sleeping
sys.argv = ["kvitto", "versions"]
main.main()
"""
AWAY = (
    "connectors", "requests", "dlt", "pyarrow", "google", "googleapiclient", "grpc",
    "facebook_business", "simple_salesforce", "urllib3",
)  # fmt: skip


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("raised", ["error", "RuntimeError('Query interrupted')"])
def test_a_command_that_is_asked_to_stop_tidies_up_and_says_which_signal_it_was(
    number: signal.Signals, code: int, raised: str
) -> None:
    """Also where a library makes an error of its own out of the interrupt."""
    child = subprocess.Popen(
        [sys.executable, "-c", ASLEEP.format(raised=raised)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "asleep\n"
    child.send_signal(number)
    out, err = child.communicate(timeout=30)
    assert child.returncode == code, err
    assert "tidied" in out
    assert "Stopped" in err


def test_ctrl_c_is_ignored_where_the_shell_said_so() -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from kvitto.cli.stop import honour_signals, stopped_by\n"
        "honour_signals(); signal.raise_signal(signal.SIGINT); print(stopped_by())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "None\n"


def test_the_help_loads_no_connector_and_nothing_that_speaks_to_servers() -> None:
    code = (
        "import sys\nfrom kvitto.cli.main import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"away = {AWAY!r}\n"
        "print([n for n in sys.modules if set(n.split('.')) & set(away)], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"
