"""The gate before a report: may its figures be shown, and if not, who has to do what.

It judges what is known of the data behind the metrics that the report really
uses. It reads nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from kvitto.model.edition import Edition, Vouch
from kvitto.model.finding import Finding, Severity
from kvitto.model.period import Period

ALLOWANCE_DAYS = 3
"""So many days at the end of a period may be missing before its report is held."""

OVERRIDE = "gate"
"""Under this name an edition holds for what a person let it pass."""


class GateState(StrEnum):
    """``hold``: not shown to a client; ``provisional``: shown, with the remark; ``green``."""

    green = "green"
    provisional = "provisional"
    hold = "hold"


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody let a held report pass, in their name and for a reason."""

    by: str
    at: str
    reason: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class GateReason:
    """Why a report is not green: what concerns which of its metrics, and what to do.

    ``level`` is ``hold`` or ``provisional``. ``passed`` is who let it pass.
    """

    code: str
    level: GateState
    message: str
    todo: str
    metrics: tuple[str, ...]
    source: str = ""
    table: str = ""
    first_day: date | None = None
    last_day: date | None = None
    passed: Passed | None = None

    @property
    def key(self) -> str:
        """What an override of it names; a new reason needs a new one."""
        parts = (self.code, self.source, self.table, self.first_day, self.last_day)
        return "|".join("" if part is None else str(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Gate:
    """How the gate stands for one report. ``owner`` is whose task the reasons are."""

    client: str
    report: str
    period: str
    owner: str
    reasons: tuple[GateReason, ...] = ()

    @property
    def state(self) -> GateState:
        levels = {
            GateState.provisional if reason.passed else reason.level for reason in self.reasons
        }
        if GateState.hold in levels:
            return GateState.hold
        return GateState.provisional if levels else GateState.green

    @property
    def holding(self) -> tuple[GateReason, ...]:
        """The reasons that hold it and that nobody let pass."""
        return tuple(
            one for one in self.reasons if one.level is GateState.hold and one.passed is None
        )

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "client": self.client,
            "report": self.report,
            "period": self.period,
            "state": self.state.value,
            "owner": self.owner,
            "reasons": [_plain(reason) for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Feed:
    """One source of a table that a metric is made of, as it stands.

    ``complete_to`` is the last day shown in full, ``settled_to`` the last that
    changes no more; ``trouble`` why the last try to read it failed, with what to do.
    ``question`` says that it waits for a person's answer.
    """

    source: str
    complete_to: date | None = None
    settled_to: date | None = None
    allowance_days: int = ALLOWANCE_DAYS
    trouble: tuple[str, str] | None = None
    question: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What a metric reads: a table, what it says about its rows, and the sources of it.

    Without feeds nothing is connected. ``agreed`` are KPIs promised to the client.
    """

    metric: str
    table: str
    agreed: bool
    feeds: tuple[Feed, ...] = ()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Used:
    """A source of a table with the metrics that it is behind."""

    feed: Feed
    tables: tuple[str, ...]
    metrics: tuple[str, ...] = field(default=())


HOLDING: Mapping[str, bool] = MappingProxyType(
    {
        "gap": True,
        "late_arrival": True,
        "sudden_zero": True,
        "duplicated_batch": True,
        "reconciliation": True,
        "label_renamed": False,
        "volume_low": False,
        "volume_high": False,
        "distribution_shift": False,
        "schema_drift": False,
    }
)
"""Findings that the gate looks at: those that hold a report, and those that make it provisional."""

_NAMED = ("web_key_events", "web_events")
"""Tables whose rows count by their name: a new name that nobody counts holds the report."""

_OF_COLUMN = ("sudden_zero", "distribution_shift", "volume_low", "volume_high", "schema_drift")
"""These may concern one column alone: a metric that does not read it is not concerned."""


def judge(
    needs: Iterable[Need],
    findings: Iterable[Finding],
    period: Period,
    today: date,
) -> tuple[GateReason, ...]:
    """All reasons against showing the report, what holds it first."""
    asked = tuple(needs)
    reasons = [
        *_unconnected(asked),
        *(reason for used in _used(asked) for reason in _of_feed(used, period, today)),
        *(reason for finding in findings for reason in _of_finding(finding, asked, period)),
    ]
    known = {reason.key: reason for reason in reasons}
    return tuple(sorted(known.values(), key=lambda one: (one.level is not GateState.hold, one.key)))


def with_overrides(edition: Edition, gate: Gate) -> Edition:
    """The edition, naming who let it pass the gate, for what and why."""
    kept = tuple(one for one in edition.vouches if one.text_id != OVERRIDE)
    passed = tuple(
        Vouch(
            text_id=OVERRIDE,
            phrase=reason.message,
            by=reason.passed.by,
            at=reason.passed.at,
            reason=reason.passed.reason,
        )
        for reason in gate.reasons
        if reason.passed is not None
    )
    return edition.model_copy(update={"vouches": (*kept, *passed)})


def _unconnected(needs: tuple[Need, ...]) -> Iterator[GateReason]:
    missing: dict[str, list[str]] = {}
    for need in needs:
        if need.agreed and not need.feeds:
            missing.setdefault(need.table, []).append(need.metric)
    for table, metrics in missing.items():
        yield GateReason(
            "not_connected",
            GateState.hold,
            f"no source of {table.replace('_', ' ')} is connected, which agreed KPIs need",
            "Connect one (kvitto source add), or agree on other KPIs.",
            _names(metrics),
            table=table,
        )


def _used(needs: tuple[Need, ...]) -> Iterator[_Used]:
    feeds: dict[str, Feed] = {}
    tables: dict[str, list[str]] = {}
    metrics: dict[str, list[str]] = {}
    for need in needs:
        for feed in need.feeds:
            feeds[feed.source] = feed
            tables.setdefault(feed.source, []).append(need.table)
            metrics.setdefault(feed.source, []).append(need.metric)
    for name in sorted(feeds):
        yield _Used(feeds[name], _names(tables[name]), _names(metrics[name]))


def _of_feed(used: _Used, period: Period, today: date) -> Iterator[GateReason]:
    feed = used.feed
    wanted = min(period.last, today - timedelta(days=1))
    reached = feed.complete_to
    lag = 0 if reached is None else max((wanted - reached).days, 0)
    settled = reached is None or (feed.settled_to or reached) >= period.last
    if feed.trouble is not None:
        found, todo = feed.trouble
        whole = reached is not None and settled
        yield _reason(
            used,
            "question" if feed.question else "source_failed",
            GateState.provisional if whole else GateState.hold,
            f"{feed.source} could not be read: {found}"
            + (" (what was read before has the whole period)" if whole else ""),
            todo,
        )
    if lag:
        yield _reason(
            used,
            "stale",
            GateState.hold if lag > feed.allowance_days else GateState.provisional,
            f"{feed.source} ends on {reached}, {lag} days before what the report is about",
            f"Sync it (kvitto sync {feed.source}), or wait until it has the days.",
        )
    elif period.last >= today:
        yield _reason(used, "open_period", GateState.provisional, f"{period.label} is not over", "")
    elif not settled:
        yield _reason(
            used,
            "not_settled",
            GateState.provisional,
            f"days of {feed.source} after {feed.settled_to} may still change",
            "Wait until they have settled, or let the remark stand in the report.",
        )


def _reason(used: _Used, code: str, level: GateState, message: str, todo: str) -> GateReason:
    table = used.tables[0] if len(used.tables) == 1 else ""
    return GateReason(code, level, message, todo, used.metrics, used.feed.source, table)


def _of_finding(finding: Finding, needs: tuple[Need, ...], period: Period) -> Iterator[GateReason]:
    if finding.code not in HOLDING or not _falls_in(finding, period):
        return
    metrics = [need.metric for need in needs if _reads(need, finding)]
    if metrics:
        yield GateReason(
            finding.code,
            _level(finding),
            f"{finding.source}: {finding.message}",
            finding.todo,
            _names(metrics),
            finding.source,
            finding.table,
            finding.first_day,
            finding.last_day,
        )


def _level(finding: Finding) -> GateState:
    renamed = finding.code == "label_renamed" and finding.table in _NAMED
    holds = HOLDING[finding.code] and finding.severity is not Severity.notice
    return GateState.hold if holds or renamed else GateState.provisional


def _falls_in(finding: Finding, period: Period) -> bool:
    first, last = finding.first_day, finding.last_day
    return (first is None or first <= period.last) and (last is None or last >= period.start)


def _reads(need: Need, finding: Finding) -> bool:
    if need.table != finding.table or finding.source not in {one.source for one in need.feeds}:
        return False
    return (
        finding.code not in _OF_COLUMN
        or finding.column is None
        or bool(_columns(finding) & need.words)
    )


def _columns(finding: Finding) -> set[str]:
    """The columns that a finding names; one about several lists them in its message."""
    return {str(finding.column), *re.findall(r"[a-z_]+", finding.message)}


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _plain(reason: GateReason) -> dict[str, object]:
    return {
        "code": reason.code,
        "level": reason.level.value,
        "source": reason.source,
        "table": reason.table,
        "metrics": list(reason.metrics),
        "message": reason.message,
        "todo": reason.todo,
        "first_day": None if reason.first_day is None else reason.first_day.isoformat(),
        "last_day": None if reason.last_day is None else reason.last_day.isoformat(),
        "passed_by": None if reason.passed is None else reason.passed.by,
        "passed_because": None if reason.passed is None else reason.passed.reason,
    }
