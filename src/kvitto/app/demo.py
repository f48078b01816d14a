"""The demo: real CRM data to three sealed reports, a mail and people who can sign in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from kvitto.app import edition as editing
from kvitto.app.deliver import deliver
from kvitto.app.house import House, open_house
from kvitto.app.person import create_person
from kvitto.app.place import editions_root
from kvitto.app.progress import Progress, silent
from kvitto.app.render import FORMS, render
from kvitto.app.sync import sync
from kvitto.app.who import Role, Who
from kvitto.app.workspace import EXAMPLE
from kvitto.model.scope import Scope

CLIENT, PERIOD, REPORTS = "northgate", "2017-12", ("R01", "R06", "R13")
MANAGER = "Elin Sandberg"
SENT = "R13"
"""The monthly report is the one that the client gets by mail."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who may sign in to the demo. The password is public: for the demo only."""

    name: str
    email: str
    role: str
    clients: tuple[str, ...]
    password: str


PEOPLE = (
    DemoPerson("Maja Lundqvist", "owner@brightlane.example", "owner", (), "demo-owner-2017"),
    DemoPerson(MANAGER, "elin@brightlane.example", "manager", (CLIENT,), "demo-manager-2017"),
    DemoPerson("Dana Whitfield", "dana@northgate.example", "client", (CLIENT,), "demo-client-2017"),
)


@dataclass(frozen=True, slots=True)
class DemoResult:
    """Where everything is."""

    workspace: Path
    editions: tuple[str, ...]
    files: tuple[Path, ...]
    mailbox: Path
    receipt: str
    people: tuple[DemoPerson, ...]
    hints: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """As data."""
        return asdict(self)


def run(target: Path, progress: Progress = silent) -> DemoResult:
    """Make the demo in ``target``, or finish it: what is done already is left as it is."""
    from kvitto.workspace.creation import create_workspace

    progress("Copying the workspace", 0, 8)
    if not (target / "kvitto.yml").is_file():
        create_workspace(target, source=EXAMPLE)
    house = open_house(target)
    who = Who(MANAGER, Role.owner, Scope.of(MANAGER, *house.workspace.clients))
    sync(house, who, progress=lambda step, done, total: progress(step, 1, 8))
    editions = tuple(_seal(house, who, report, progress) for report in REPORTS)
    files: list[Path] = []
    for done, edition in enumerate(editions):
        progress(f"Writing {edition}", 4 + done, 8)
        files += render(house, who, edition, FORMS, target / "out")
    progress("Delivering", 7, 8)
    deliver(house, who, _of(editions, SENT), "file")
    _add_people(house, who)
    progress("Done", 8, 8)
    return _result(house, who, target, editions, tuple(files))


def _seal(house: House, who: Who, report: str, progress: Progress) -> str:
    """The sealed edition of the period: the one that is there, or a new one."""
    from kvitto.report.series import sealed_editions

    for name in sealed_editions(editions_root(house), CLIENT, report):
        if name.split("/")[2] == PERIOD:
            return name
    step = 2 + REPORTS.index(report)
    progress(f"Drafting {report}", step, 8)
    edition = editing.draft(house, who, CLIENT, report, PERIOD)
    editing.approve(house, who, edition.id, "Read through for the demo.")
    progress(f"Sealing {report}", step, 8)
    return editing.seal(house, who, edition.id).edition


def _add_people(house: House, who: Who) -> None:
    from kvitto.store.person import find_person

    for person in PEOPLE:
        if find_person(house.store, person.email) is None:
            create_person(
                house,
                who,
                name=person.name,
                email=person.email,
                role=Role(person.role),
                clients=person.clients,
                password=person.password,
            )


def _of(editions: tuple[str, ...], report: str) -> str:
    return next(name for name in editions if name.split("/")[1] == report)


def _result(
    house: House, who: Who, target: Path, editions: tuple[str, ...], files: tuple[Path, ...]
) -> DemoResult:
    sealed = editing.get(house, who, _of(editions, SENT))
    code = next(
        code
        for code, one in sealed.receipts.items()
        if one.metric == "bookings_amount"
        and one.period == PERIOD
        and not one.question.get("dimensions")
    )
    return DemoResult(
        target,
        editions,
        files,
        target / ".kvitto" / "mail" / "new",
        code,
        PEOPLE,
        (
            f"kvitto receipt {code} --rerun -w {target}",
            f"kvitto ask bookings_amount close_rate -c {CLIENT} -p 2017-Q4 --by region"
            f" --compare previous -w {target}",
            f"kvitto serve -w {target}",
        ),
    )
