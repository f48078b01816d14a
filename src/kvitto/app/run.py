"""The month's run of one client, readable on one screen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.app import deliver as delivering
from kvitto.app import edition as editing
from kvitto.app.gate import gate
from kvitto.app.house import House
from kvitto.app.progress import Progress, silent
from kvitto.app.render import render
from kvitto.app.sync import SyncResult, sync
from kvitto.app.who import Who, require_team
from kvitto.errors import WrongState
from kvitto.store.row import DeliveryRow, DeliveryState

if TYPE_CHECKING:
    from kvitto.report.lint import LintProblem


@dataclass(frozen=True, slots=True)
class ReportRun:
    """How far one report came."""

    edition: str
    state: str
    problems: tuple[LintProblem, ...]
    files: tuple[Path, ...] = ()
    deliveries: tuple[DeliveryRow, ...] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """The whole run. ``fine`` where no source failed, nothing blocks, all is sent."""

    sync: SyncResult
    reports: tuple[ReportRun, ...]

    @property
    def fine(self) -> bool:
        blocked = any(problem.blocks for step in self.reports for problem in step.problems)
        sent = all(
            row.state is DeliveryState.sent for step in self.reports for row in step.deliveries
        )
        return not self.sync.failed and not blocked and sent

    def document(self) -> dict[str, object]:
        """As data."""
        return {"sync": self.sync.document(), "reports": [_plain(one) for one in self.reports]}


def run(
    house: House,
    who: Who,
    client: str,
    period: str,
    *,
    approve_as: str | None = None,
    channel: str | None = None,
    progress: Progress = silent,
) -> RunResult:
    """Sync, draft every report that the client gets, check it; stop before the approval.

    With ``approve_as`` what nothing blocks is approved in that name, sealed,
    written and delivered. A period that is sealed already is left as it is, and
    a report that the gate holds is not drafted: its problems say what to do.
    """
    from kvitto.report.lint.gate import check_gate

    require_team(who, "run the month", client)
    synced = sync(house, who, sources_of(house, client), progress=progress)
    signer = None if approve_as is None else Who(approve_as, who.role, who.scope)
    steps: list[ReportRun] = []
    for series in house.client(client).reports:
        name = sealed_already(house, client, series.template, period)
        problems: tuple[LintProblem, ...] = ()
        if name is None:
            found = gate(house, who, client, series.template, period)
            if found.holding:
                held = tuple(one for one in check_gate(found) if one.blocks)
                steps.append(
                    ReportRun("/".join((client, series.template, found.period)), "held", held)
                )
                continue
            drafted = editing.draft(house, who, client, series.template, period, progress=progress)
            name = drafted.id
            problems = editing.lint(house, who, name)
            if signer is None or any(problem.blocks for problem in problems):
                steps.append(ReportRun(name, "draft", problems))
                continue
            editing.approve(house, signer, name)
            editing.seal(house, signer, name, progress=progress)
        steps.append(_leave(house, signer, name, problems, channel, progress))
    return RunResult(synced, tuple(steps))


def _leave(
    house: House,
    signer: Who | None,
    name: str,
    problems: tuple[LintProblem, ...],
    channel: str | None,
    progress: Progress,
) -> ReportRun:
    """Write and deliver what is sealed, where somebody signs for it.

    A report for managers that nobody is named for is written only.
    """
    if signer is None:
        return ReportRun(name, "sealed", problems)
    files = render(house, signer, name, progress=progress)
    edition = editing.get(house, signer, name)
    if edition.audience != "client" and not delivering.addressees(house, edition):
        return ReportRun(name, "sealed", problems, files)
    rows = delivering.deliver(house, signer, name, channel, progress=progress)
    return ReportRun(name, "sealed", problems, files, rows)


def sealed_already(house: House, client: str, report: str, period: str) -> str | None:
    """The sealed edition of the period; a correction of it is a person's decision."""
    from kvitto.app.ask import period_for
    from kvitto.app.place import editions_root
    from kvitto.report.place import edition_id
    from kvitto.report.series import last_number

    when = period_for(house, client, period)
    number = last_number(editions_root(house), client, report, when)
    return edition_id(client, report, when.label, number) if number else None


def sources_of(house: House, client: str) -> tuple[str, ...]:
    """The client's sources. Raises :class:`WrongState` where there are none."""
    found = tuple(
        name for name, source in house.workspace.sources.items() if client in source.serves
    )
    if not found:
        raise WrongState.of(
            f"run the month of {client}", "no source is the client's", "Add a file to sources/."
        )
    return found


def _plain(step: ReportRun) -> dict[str, object]:
    return {
        "edition": step.edition,
        "state": step.state,
        "problems": [
            {"code": one.code, "where": one.where, "message": one.message, "blocks": one.blocks}
            for one in step.problems
        ],
        "files": [str(path) for path in step.files],
        "deliveries": [{"recipient": r.recipient, "state": r.state.value} for r in step.deliveries],
    }
