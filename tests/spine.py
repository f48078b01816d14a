"""The shipped example to three sealed reports and a mail: what many tests begin with."""

from __future__ import annotations

from pathlib import Path

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
