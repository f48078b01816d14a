"""Syncing: read every source, conform, audit, publish; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from kvitto.app.audit import published_findings
from kvitto.app.audited import is_audited, write_audited
from kvitto.app.health import (
    Health,
    read_health,
    stamp_of,
    states_of,
    trouble_of,
    write_health,
)
from kvitto.app.house import House, require_known
from kvitto.app.log import note
from kvitto.app.progress import Progress, silent
from kvitto.app.register import keep_registers
from kvitto.app.who import Who, require_team
from kvitto.errors import KvittoError, NeedsAnswer, WarehouseFailed, WrongState
from kvitto.model.finding import Finding, Severity
from kvitto.workspace.label import LabelBook, standing

if TYPE_CHECKING:
    from kvitto.conform import ConformReport
    from kvitto.sources import Staged
    from kvitto.warehouse import Building, SourceState, Version

Failures = dict[str, KvittoError]


@dataclass(slots=True)
class _Gathered:
    """What the sources gave: staged, failed, or known to be as they were.

    ``stamps`` say which data each staged source showed, where that is known.
    """

    staged: dict[str, Staged]
    failed: Failures
    unchanged: list[str]
    stamps: dict[str, str]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync came to, as far as the person who asked for it may see.

    ``version`` is the id of what readers see now; ``is_new`` whether it was
    published by this sync. ``sources`` are the states of the sources in it, and
    ``findings`` what is wrong, both of the clients in scope alone. ``failed`` are
    the sources that could not be read, with their errors: what was known of them
    before is kept. ``unchanged`` are those that had nothing new and were left as
    they are.
    """

    version: str
    is_new: bool
    sources: tuple[SourceState, ...]
    findings: tuple[Finding, ...]
    failed: tuple[tuple[str, KvittoError], ...]
    rows_in: int
    unchanged: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many canonical rows the sources in it have."""
        return sum(state.rows for state in self.sources)

    @property
    def fine(self) -> bool:
        """Whether every source could be read."""
        return not self.failed

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "version": self.version,
            "published": self.is_new,
            "rows_read": self.rows_in,
            "unchanged": list(self.unchanged),
            "rows": self.rows,
            "sources": [
                {
                    "name": state.name,
                    "client": state.client,
                    "rows": state.rows,
                    "synced_at": state.synced_at,
                    "complete_to": None
                    if state.complete_to is None
                    else state.complete_to.isoformat(),
                }
                for state in self.sources
            ],
            "failed": [
                {"source": name, "code": error.code, "problems": [str(p) for p in error.problems]}
                for name, error in self.failed
            ],
            "findings": [finding.model_dump(mode="json") for finding in self.findings],
        }


def sync(
    house: House,
    who: Who,
    sources: Sequence[str] = (),
    progress: Progress = silent,
    *,
    again: tuple[date, date] | None = None,
) -> SyncResult:
    """Read the sources (all, or the named ones) and publish the next version of the data.

    A source with nothing new is left as it is, and where none has anything new
    nothing is published. ``again`` is a range of days to be read once more,
    both included. Where no source at all can be read nothing is published, and
    all errors are raised together. Raises :class:`Busy` where another sync
    runs, :class:`NeedsAnswer` where every source waits for a person's answer.
    """
    require_team(who, "sync")
    names = _chosen(house, who, sources)
    current = _current(house)
    with ExitStack() as stack:
        gathered = _gather(house, names, current, stack, progress, again)
        try:
            version, rows_in = _published(house, gathered, current, progress)
        finally:
            _remember_failed(house, gathered)
    _remember(house, gathered, version)
    details = {
        "sources": list(names),
        "failed": sorted(gathered.failed),
        "unchanged": gathered.unchanged,
    }
    note(house, who, "data.sync", version.id, details=details)
    progress("Published", len(names), len(names))
    return SyncResult(
        version.id,
        current is None or version.id != current.id,
        tuple(state for state in version.sources if state.client in who.scope),
        published_findings(house, version.id, who.scope.clients),
        tuple(sorted(gathered.failed.items())),
        rows_in,
        tuple(gathered.unchanged),
    )


def _published(
    house: House, gathered: _Gathered, current: Version | None, progress: Progress
) -> tuple[Version, int]:
    """The version that readers see now, and how many rows were read for it."""
    while True:
        quiet = not gathered.staged and not gathered.failed
        if quiet and current is not None and is_audited(house, current):
            return current, 0
        _require_some(gathered)
        built = _build(house, gathered, progress)
        if built is not None:
            write_audited(house, built[0])
            return built


def _current(house: House) -> Version | None:
    try:
        return house.warehouse.current()
    except WarehouseFailed:
        return None


def _remember_failed(house: House, gathered: _Gathered) -> None:
    """Write down what ails the sources that could not be read."""
    now = house.now().isoformat(timespec="seconds")
    for name, error in gathered.failed.items():
        before = read_health(house, name)
        write_health(house, name, replace(before, tried_at=now, trouble=trouble_of(error)))


def _remember(house: House, gathered: _Gathered, version: Version) -> None:
    """Write down that the others are well, and which data readers see of them."""
    now = house.now().isoformat(timespec="seconds")
    for name in gathered.unchanged:
        write_health(house, name, replace(read_health(house, name), tried_at=now, good_at=now))
    for name in gathered.staged:
        synced = states_of(version, name)
        write_health(house, name, Health(now, now, gathered.stamps.get(name), synced))


def labels_for(house: House, client: str) -> LabelBook:
    """What the rules say about labels, for this client, on its day."""
    return standing(house.workspace.rules.values(), client, house.today_of(client))


def _chosen(house: House, who: Who, sources: Sequence[str]) -> tuple[str, ...]:
    known = house.workspace.sources
    for name in sources:
        require_known(name, known, "source")
        for client in known[name].serves:
            who.scope.require(client)
    chosen = [
        name
        for name in sources or sorted(known)
        if all(client in who.scope for client in known[name].serves)
    ]
    if not chosen:
        raise WrongState.of(
            "sync", "the workspace has no sources", "Add a file to sources/, see the tutorial."
        )
    return tuple(dict.fromkeys(chosen))


def _gather(
    house: House,
    names: Sequence[str],
    current: Version | None,
    stack: ExitStack,
    progress: Progress,
    again: tuple[date, date] | None,
) -> _Gathered:
    gathered = _Gathered({}, {}, [], {})
    for done, name in enumerate(names):
        progress(f"Reading {name}", done, len(names))
        try:
            known = None if again is not None else _known_stamp(house, name, current)
            seen = _fingerprint(house, name)
            if seen is not None and seen == known:
                gathered.unchanged.append(name)
                continue
            found = _read(house, name, progress, again)
            stack.callback(found.close)
            stamp = seen or (found.revision and stamp_of(house, name, found.revision))
            if stamp and stamp == known:
                gathered.unchanged.append(name)
                continue
        except KvittoError as error:
            gathered.failed[name] = error
            continue
        gathered.staged[name] = found
        if stamp:
            gathered.stamps[name] = stamp
    return gathered


def _known_stamp(house: House, name: str, current: Version | None) -> str | None:
    """The stamp of the data that readers see; ``None`` where that is not known or was bad."""
    health = read_health(house, name)
    states = states_of(current, name)
    if health.trouble or not states or states != health.synced:
        return None
    return health.stamp


def _fingerprint(house: House, name: str) -> str | None:
    from kvitto.sources import fingerprint

    definition = house.workspace.sources[name]
    data = fingerprint(name, definition, house.root)
    return None if data is None else stamp_of(house, name, data)


def _read(house: House, name: str, progress: Progress, again: tuple[date, date] | None) -> Staged:
    from kvitto.sources import read_source

    definition = house.workspace.sources[name]
    connection = house.workspace.connections.get(definition.connection or "")
    return read_source(
        name, definition, house.root, connection, progress=progress, now=house.now, again=again
    )


def _build(house: House, gathered: _Gathered, progress: Progress) -> tuple[Version, int] | None:
    """The next version, or ``None`` where a source has to be left out and all begun again."""
    from kvitto.audit import audit
    from kvitto.audit.monitor import arrival_of

    defined, staged, failed = house.workspace.sources, gathered.staged, gathered.failed
    house.readers.close()
    with house.warehouse.building(rebuild=tuple(staged), keep=tuple(defined)) as building:
        reports = _conform_all(house, building, gathered, progress)
        if reports is None:
            return None
        progress("Auditing", len(staged), len(staged))
        missing = [
            _source_failed(name, client, failed[name])
            for name in failed
            for client in defined[name].serves
        ]
        found = [finding for report in reports for finding in report.findings]
        audited = audit(
            building.connection,
            house.workspace.clients,
            house.workspace.rules,
            (*found, *missing),
            today=house.today,
            decisions=house.workspace.decisions,
            arrival=arrival_of(
                [report.state for report in reports],
                () if building.previous is None else building.previous.sources,
            ),
        )
        keep_registers(house, building, audited.findings, [report.state for report in reports])
        progress("Publishing", len(staged), len(staged))
        version = building.publish([report.state for report in reports])
    return version, sum(report.rows_in for report in reports)


def _conform_all(
    house: House, building: Building, gathered: _Gathered, progress: Progress
) -> list[ConformReport] | None:
    """``None`` where a source did not conform: it is taken out of what is staged then."""
    reports: list[ConformReport] = []
    for done, (name, found) in enumerate(list(gathered.staged.items())):
        progress(f"Conforming {name}", done, len(gathered.staged))
        try:
            reports += _conform(house, building, name, found)
        except KvittoError as error:
            gathered.failed[name] = error
            del gathered.staged[name]
            return None
    return reports


def _conform(house: House, building: Building, name: str, staged: Staged) -> list[ConformReport]:
    """One source, for each of its clients alone."""
    from kvitto.conform import conform, nobodys, share, understand

    definition = house.workspace.sources[name]
    connection = building.connection
    reports = []
    rest = nobodys(connection, staged, definition.clients, definition.serves)
    for client in definition.serves:
        mine = definition.model_copy(update={"client": client, "clients": None})
        part = share(connection, staged, definition.clients, client)
        part = replace(part, findings=(*part.findings, *(r for r in rest if r.client == client)))
        reports.append(
            conform(
                connection,
                name,
                mine,
                part,
                understand(part, mine),
                house.client(client),
                f"{house.now():%Y%m%dT%H%M%SZ}",
                labels=labels_for(house, client),
                today=house.today_of(client),
                synced_at=house.now().isoformat(timespec="seconds"),
                client_id=client,
            )
        )
    return reports


def _require_some(gathered: _Gathered) -> None:
    failed = gathered.failed
    if gathered.staged or gathered.unchanged:
        return
    problems = tuple(problem for error in failed.values() for problem in error.problems)
    kinds = {type(error) for error in failed.values()}
    kind = kinds.pop() if len(kinds) == 1 else KvittoError
    if kind is KvittoError and all(isinstance(error, NeedsAnswer) for error in failed.values()):
        kind = NeedsAnswer
    raise kind(*problems)


def _source_failed(name: str, client: str, error: KvittoError) -> Finding:
    first = error.problems[0]
    return Finding(
        code="source_failed",
        severity=Severity.error,
        client=client,
        source=name,
        table="",
        rows=0,
        message=f"The source {name} could not be read: {first.found}.",
        todo=first.todo,
    )
