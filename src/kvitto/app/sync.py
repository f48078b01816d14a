"""Syncing: read every source, conform, audit, publish; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.app.house import House, require_known
from kvitto.app.log import note
from kvitto.app.progress import Progress, silent
from kvitto.app.who import Who, require_team
from kvitto.errors import KvittoError, NeedsAnswer, WrongState
from kvitto.model.finding import Finding, Severity

if TYPE_CHECKING:
    from kvitto.conform import ConformReport
    from kvitto.sources import Staged
    from kvitto.warehouse import Building, Version

Failures = dict[str, KvittoError]


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync came to.

    ``version`` is what readers see now; ``is_new`` whether it was published by
    this sync. ``failed`` are the sources that could not be read, with their
    errors: what was known of them before is kept.
    """

    version: Version
    is_new: bool
    findings: tuple[Finding, ...]
    failed: tuple[tuple[str, KvittoError], ...]
    rows_in: int

    @property
    def fine(self) -> bool:
        """Whether every source could be read."""
        return not self.failed

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "version": self.version.id,
            "published": self.is_new,
            "rows_read": self.rows_in,
            "rows": dict(self.version.rows),
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
                for state in self.version.sources
            ],
            "failed": [
                {"source": name, "code": error.code, "problems": [str(p) for p in error.problems]}
                for name, error in self.failed
            ],
            "findings": [finding.model_dump(mode="json") for finding in self.findings],
        }


def sync(
    house: House, who: Who, sources: Sequence[str] = (), progress: Progress = silent
) -> SyncResult:
    """Read the sources (all, or the named ones) and publish the next version of the data.

    Where no source at all can be read nothing is published, and all errors are
    raised together. Raises :class:`Busy` where another sync runs,
    :class:`NeedsAnswer` where every source waits for a person's answer.
    """
    require_team(who, "sync")
    names = _chosen(house, who, sources)
    with ExitStack() as stack:
        failed: Failures = {}
        staged = _read_all(house, names, failed, stack, progress)
        while True:
            _require_some(staged, failed)
            result = _build(house, staged, failed, progress)
            if result is not None:
                break
    details = {"sources": list(names), "failed": [name for name, _ in result.failed]}
    note(house, who, "data.sync", result.version.id, details=details)
    progress("Published", len(names), len(names))
    return result


def labels_for(house: House, client: str) -> Mapping[str, Mapping[str, str]]:
    """What the rules say about spellings, for this client."""
    merged: dict[str, dict[str, str]] = {}
    for rules in house.workspace.rules.values():
        if not rules.clients or client in rules.clients:
            for place, words in rules.labels.items():
                merged.setdefault(place, {}).update(words)
    return merged


def _chosen(house: House, who: Who, sources: Sequence[str]) -> tuple[str, ...]:
    known = house.workspace.sources
    for name in sources:
        require_known(name, known, "source")
        who.scope.require(known[name].client)
    chosen = [name for name in sources or sorted(known) if known[name].client in who.scope]
    if not chosen:
        raise WrongState.of(
            "sync", "the workspace has no sources", "Add a file to sources/, see the tutorial."
        )
    return tuple(dict.fromkeys(chosen))


def _read_all(
    house: House, names: Sequence[str], failed: Failures, stack: ExitStack, progress: Progress
) -> dict[str, Staged]:
    from kvitto.sources import read_source

    staged: dict[str, Staged] = {}
    for done, name in enumerate(names):
        progress(f"Reading {name}", done, len(names))
        try:
            found = read_source(name, house.workspace.sources[name], house.root)
        except KvittoError as error:
            failed[name] = error
            continue
        stack.callback(found.close)
        staged[name] = found
    return staged


def _build(
    house: House, staged: dict[str, Staged], failed: Failures, progress: Progress
) -> SyncResult | None:
    """The next version, or ``None`` where a source has to be left out and all begun again."""
    from kvitto.audit import audit

    defined = house.workspace.sources
    house.readers.close()
    with house.warehouse.building(rebuild=tuple(staged), keep=tuple(defined)) as building:
        reports = _conform_all(house, building, staged, failed, progress)
        if reports is None:
            return None
        progress("Auditing", len(staged), len(staged))
        missing = [_source_failed(name, defined[name].client, failed[name]) for name in failed]
        found = [finding for report in reports for finding in report.findings]
        audited = audit(
            building.connection,
            house.workspace.clients,
            house.workspace.rules,
            (*found, *missing),
            today=house.today,
        )
        before = building.previous
        progress("Publishing", len(staged), len(staged))
        version = building.publish([report.state for report in reports])
    return SyncResult(
        version,
        before is None or version.id != before.id,
        audited.findings,
        tuple(sorted(failed.items())),
        sum(report.rows_in for report in reports),
    )


def _conform_all(
    house: House,
    building: Building,
    staged: dict[str, Staged],
    failed: Failures,
    progress: Progress,
) -> list[ConformReport] | None:
    """``None`` where a source did not conform: it is taken out of ``staged`` then."""
    from kvitto.conform import conform, understand

    batch = f"{house.now():%Y%m%dT%H%M%SZ}"
    reports: list[ConformReport] = []
    for done, (name, found) in enumerate(list(staged.items())):
        progress(f"Conforming {name}", done, len(staged))
        definition = house.workspace.sources[name]
        client = house.client(definition.client)
        try:
            understanding = understand(found, definition)
            reports.append(
                conform(
                    building.connection,
                    name,
                    definition,
                    found,
                    understanding,
                    client,
                    batch,
                    labels=labels_for(house, definition.client),
                    today=house.today_of(definition.client),
                    synced_at=house.now().isoformat(timespec="seconds"),
                )
            )
        except KvittoError as error:
            failed[name] = error
            del staged[name]
            return None
    return reports


def _require_some(staged: Mapping[str, Staged], failed: Failures) -> None:
    if staged:
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
