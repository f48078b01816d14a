"""The shipped example to three sealed reports and a mail: what many tests begin with."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kvitto.app.demo import DemoPerson, DemoResult, Show, run
from kvitto.app.progress import Progress
from kvitto.app.workspace import EXAMPLE, init_from

CLIENT = "northgate"
MANAGER = "Elin Sandberg"


def _copy(target: Path, _progress: Progress) -> None:
    init_from(target, str(EXAMPLE))


SPINE = Show(
    make=_copy,
    period="2017-12",
    reports=((CLIENT, "R01"), (CLIENT, "R06"), (CLIENT, "R13")),
    sent="R13",
    manager=MANAGER,
    people=(
        DemoPerson("Maja Lundqvist", "owner@brightlane.example", "owner", (), "demo-owner-2017"),
        DemoPerson(MANAGER, "elin@brightlane.example", "manager", (CLIENT,), "demo-manager-2017"),
        DemoPerson(
            "Dana Whitfield", "dana@northgate.example", "client", (CLIENT,), "demo-client-2017"
        ),
    ),
    question="bookings_amount close_rate -c northgate -p 2017-Q4 --by region --compare previous",
)


def run_spine(target: Path) -> DemoResult:
    """Make it in ``target``, or finish it."""
    return run(target, show=SPINE)


def made_spine(factory: pytest.TempPathFactory) -> DemoResult:
    """A copy of it that is this worker's own; it is made once in a run of the tests."""
    mine = factory.mktemp("spine") / "demo"
    above = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        above = above.parent
    first, told = above / "spine-of-all" / "demo", above / "spine-of-all.pickle"
    with (above / "spine-of-all.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            shutil.rmtree(first.parent, ignore_errors=True)
            told.write_bytes(pickle.dumps(run_spine(first)))
    result: DemoResult = pickle.loads(told.read_bytes())
    shutil.copytree(first, mine)
    return replace(
        result,
        workspace=mine,
        files=tuple(mine / path.relative_to(first) for path in result.files),
        mailbox=mine / result.mailbox.relative_to(first),
        hints=tuple(hint.replace(str(first), str(mine)) for hint in result.hints),
    )
