"""The demo: an agency of five clients, from thirty sources to sealed reports and a mail."""

from __future__ import annotations

from collections.abc import Callable
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
from kvitto.model.scope import Scope


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who may sign in to the demo. The password is public: for the demo only."""

    name: str
    email: str
    role: str
    clients: tuple[str, ...]
    password: str


@dataclass(frozen=True, slots=True)
class Show:
    """What a demo shows: how its workspace is made, which reports of which period, to whom.

    ``reports`` are pairs of client and template, sealed and written; ``drafts``
    are pairs that wait for a person's review. ``sent`` is the template that goes
    out by mail. ``manager`` approves in this name.
    """

    make: Callable[[Path, Progress], None]
    period: str
    reports: tuple[tuple[str, str], ...]
    sent: str
    manager: str
    people: tuple[DemoPerson, ...]
    question: str
    drafts: tuple[tuple[str, str], ...] = ()


def _make_agency(target: Path, progress: Progress) -> None:
    from kvitto.app.agency import generate

    generate(target, progress=progress)


AGENCY = Show(
    make=_make_agency,
    period="2025-12",
    reports=(
        ("akerstroms", "R01"),
        ("akerstroms", "R06"),
        ("akerstroms", "R13"),
        ("oharafinch", "R13"),
    ),
    drafts=(("jarvilinna", "R13"), ("dellorto", "R13"), ("saobras", "R13")),
    sent="R13",
    manager="Elin Sandberg",
    people=(
        DemoPerson("Maja Lundqvist", "owner@norrsken.example", "owner", (), "demo-owner-2025"),
        DemoPerson(
            "Elin Sandberg",
            "elin@norrsken.example",
            "manager",
            ("akerstroms",),
            "demo-manager-2025",
        ),
        DemoPerson(
            "Kerstin Öhman",
            "kerstin.ohman@example.com",
            "client",
            ("akerstroms",),
            "demo-client-2025",
        ),
    ),
    question="bookings_amount close_rate -c akerstroms -p 2025-Q4 --by source --compare last_year",
)
"""Five clients, each with sources in the layouts of the tools that they use."""


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


def run(target: Path, progress: Progress = silent, show: Show = AGENCY) -> DemoResult:
    """Make the demo in ``target``, or finish it: what is done already is left as it is."""
    steps = 2 * len(show.reports) + len(show.drafts) + 4
    progress("Making the workspace", 0, steps)
    if not (target / "kvitto.yml").is_file():
        show.make(target, lambda step, done, total: progress(step, 0, steps))
    house = open_house(target)
    who = Who(show.manager, Role.owner, Scope.of(show.manager, *house.workspace.clients))
    sync(house, who, progress=lambda step, done, total: progress(step, 1, steps))
    editions: list[str] = []
    for client, report in show.reports:
        progress(f"{report} of {client}", 2 + len(editions), steps)
        editions.append(_seal(house, who, show, client, report))
    files: list[Path] = []
    for done, edition in enumerate(editions):
        progress(f"Writing {edition}", 2 + len(editions) + done, steps)
        files += render(house, who, edition, FORMS, target / "out")
    for done, (client, report) in enumerate(show.drafts):
        progress(f"Drafting {report} of {client}", 2 + 2 * len(editions) + done, steps)
        if not _is_begun(house, who, client, report, show.period):
            editing.draft(house, who, client, report, show.period)
    progress("Delivering", steps - 1, steps)
    for edition in _sent(tuple(editions), show):
        deliver(house, who, edition, "file")
    _add_people(house, who, show)
    progress("Done", steps, steps)
    return _result(house, who, target, show, tuple(editions), tuple(files))


def _seal(house: House, who: Who, show: Show, client: str, report: str) -> str:
    """The sealed edition of the period: the one that is there, or a new one."""
    from kvitto.report.series import sealed_editions

    for name in sealed_editions(editions_root(house), client, report):
        if name.split("/")[2] == show.period:
            return name
    edition = editing.draft(house, who, client, report, show.period)
    editing.approve(house, who, edition.id, "Read through for the demo.")
    return editing.seal(house, who, edition.id).edition


def _is_begun(house: House, who: Who, client: str, report: str, period: str) -> bool:
    begun = f"{client}/{report}/{period}/"
    return any(row.id.startswith(begun) for row in editing.editions(house, who, client))


def _add_people(house: House, who: Who, show: Show) -> None:
    from kvitto.store.person import find_person

    for person in show.people:
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


def _sent(editions: tuple[str, ...], show: Show) -> tuple[str, ...]:
    return tuple(name for name in editions if name.split("/")[1] == show.sent)


def _result(
    house: House,
    who: Who,
    target: Path,
    show: Show,
    editions: tuple[str, ...],
    files: tuple[Path, ...],
) -> DemoResult:
    sealed = editing.get(house, who, _sent(editions, show)[0])
    code = next(
        code
        for code, one in sealed.receipts.items()
        if one.metric == "bookings_amount"
        and one.period == show.period
        and not one.question.get("dimensions")
    )
    return DemoResult(
        target,
        editions,
        files,
        target / ".kvitto" / "mail" / "new",
        code,
        show.people,
        (
            f"kvitto receipt {code} --rerun -w {target}",
            f"kvitto ask {show.question} -w {target}",
            f"kvitto serve -w {target}",
        ),
    )
