"""How healthy a source's data is: five shares, each with what it is a share of.

======================  ======  ===========================================================
part                    weight  so many of so many
======================  ======  ===========================================================
completeness            30      expected values that are there, of all that are expected
validity                25      rows without an invalid value, of all rows
uniqueness              20      people and companies that stand once, of all records
consistency             15      references that lead somewhere, of all references
freshness               10      of the last 30 days, those that the source shows in full
======================  ======  ===========================================================

A part without anything to count is missing and takes no part; the weights of the
others are raised in proportion. A client's part is the sum of its sources' parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kvitto.audit.checks.missing import EXPECTED
from kvitto.audit.register.fill import Fill
from kvitto.audit.register.state import State
from kvitto.model.finding import Finding
from kvitto.model.table import TENANT, canonical_tables
from kvitto.warehouse.version import SourceState

WEIGHTS: Mapping[str, int] = {
    "completeness": 30,
    "validity": 25,
    "uniqueness": 20,
    "consistency": 15,
    "freshness": 10,
}
"""Missing values cost most, because nothing downstream can bring them back."""

FRESH_DAYS = 30

INVALID = frozenset(
    {
        "date_ahead",
        "date_out_of_range",
        "impossible_amount",
        "impossible_number",
        "impossible_order",
        "invalid_email",
        "invalid_phone",
        "missing_key",
        "negative_number",
        "placeholder",
        "share_out_of_range",
        "unit_jump",
        "unknown_country",
        "unknown_currency",
        "unknown_value",
    }
)
"""Checks that say that a value cannot be right."""


@dataclass(frozen=True, slots=True)
class HealthPart:
    """``part`` of ``whole``; ``share`` is ``None`` where there is nothing to count."""

    name: str
    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def weight(self) -> int:
        return WEIGHTS[self.name]


def score(parts: Iterable[HealthPart]) -> float | None:
    """The weighted mean of the parts that are there, 0 to 100; ``None`` where none is."""
    there = [(one.weight, one.share) for one in parts if one.share is not None]
    weights = sum(weight for weight, _ in there)
    if not weights:
        return None
    return 100 * sum(weight * share for weight, share in there) / weights


def health_states(
    fills: Sequence[Fill],
    findings: Sequence[Finding],
    duplicates: Sequence[State],
    states: Sequence[SourceState],
    days: Mapping[str, date],
) -> Iterator[State]:
    """The parts of every source of every client, for the day of the audit."""
    yield from _complete(fills, findings)
    yield from _valid(fills, findings)
    for one in duplicates:
        unique = one.whole - one.part
        yield State(one.client, "uniqueness", unique, one.whole, one.object, source=one.source)
    yield from _consistent(fills, findings)
    for state in states:
        if state.client in days and state.complete_to is not None:
            shown = shown_days(state.complete_to, days[state.client])
            yield State(state.client, "freshness", shown, FRESH_DAYS, source=state.name)


def shown_days(complete_to: date, day: date) -> int:
    """Of the 30 days before ``day``, those that data which is complete to then shows."""
    behind = (day - timedelta(days=1) - complete_to).days
    return FRESH_DAYS - min(FRESH_DAYS, max(0, behind))


def _complete(fills: Sequence[Fill], findings: Sequence[Finding]) -> Iterator[State]:
    """Fields that every record of its kind shall have; those of some records only are in issues."""
    for fill in fills:
        columns = {one.column for one in EXPECTED if one.table == fill.table and one.among is None}
        if columns:
            part = sum(fill.filled[column] for column in columns)
            whole = fill.rows * len(columns)
            yield State(fill.client, "completeness", part, whole, fill.table, source=fill.source)


def _valid(fills: Sequence[Fill], findings: Sequence[Finding]) -> Iterator[State]:
    """A row with two faults counts twice, at most as many as there are rows."""
    bad: dict[tuple[str, str, str], int] = {}
    for one in findings:
        if one.code in INVALID:
            place = (one.client, one.source, one.table)
            bad[place] = bad.get(place, 0) + one.rows
    for fill in fills:
        wrong = min(fill.rows, bad.get((fill.client, fill.source, fill.table), 0))
        yield State(
            fill.client, "validity", fill.rows - wrong, fill.rows, fill.table, source=fill.source
        )


def _consistent(fills: Sequence[Fill], findings: Sequence[Finding]) -> Iterator[State]:
    lost: dict[tuple[str, str, str], int] = {}
    for one in findings:
        if one.code == "orphan":
            place = (one.client, one.source, one.table)
            lost[place] = lost.get(place, 0) + one.rows
    for fill in fills:
        whole = sum(fill.filled[name] for name in _references(fill.table))
        if whole:
            gone = min(whole, lost.get((fill.client, fill.source, fill.table), 0))
            yield State(
                fill.client, "consistency", whole - gone, whole, fill.table, source=fill.source
            )


def _references(table: str) -> tuple[str, ...]:
    return tuple(
        column.name
        for column in canonical_tables()[table].declared
        if column.references is not None and column.name != TENANT
    )
