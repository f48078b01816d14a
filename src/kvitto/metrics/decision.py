"""The audit's decisions that touched a figure: rows left out, filled, merged, in review.

What was decided is read once per version and kept: it is little beside the
data, and each figure picks its own from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlglot import exp

from kvitto.metrics.compiler import Key, Member, keep_members
from kvitto.metrics.fact import Facts
from kvitto.metrics.frame import Frame, Reading, Span
from kvitto.metrics.place import Places
from kvitto.metrics.plan import Read
from kvitto.model.metric import Part
from kvitto.model.receipt import Applied
from kvitto.model.table import TENANT, canonical_table

RECORDS = 10
"""How many ids a receipt names per decision."""

_DECIDED_WITH: dict[str, tuple[str, str]] = {
    "deal_snapshots": ("deals", "deal_id"),
    "deal_stage_history": ("deals", "deal_id"),
}
"""Tables whose rows stand or fall with a record of another one."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One row that something was decided about: where it belongs, and what."""

    member: Key
    day: date | None
    counts: bool
    record: str
    action: str
    rule: str
    why: str


def decisions(facts: Facts, places: Places, read: Read, member: Key) -> tuple[Applied, ...]:
    """The decisions about rows of this read, of one member of the split."""
    part, span = read.measure.part, read.span
    if not facts.applied_count(_subject(part.table)[0]):
        return ()
    by, where = places.by(part.table), places.where(part.table)
    # A state is read for one day, so its rows are kept per day; dates are told apart here.
    state = span if part.as_of else None
    key = ("decided", Reading.of(part), part.where, by, where, state)
    rows: tuple[Decided, ...] = facts.once(key, lambda: _read(facts, places, part, where, state))
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in rows:
        inside = part.as_of or (row.day is not None and span.first <= row.day < span.after)
        if inside and row.counts and row.member == member:
            found.setdefault((row.action, row.rule, row.why), {})[row.record] = None
    return tuple(
        Applied(
            action=action,
            rule=rule,
            rows=len(records),
            records=tuple(sorted(records))[:RECORDS],
            why=why,
        )
        for (action, rule, why), records in sorted(found.items())
    )


def _subject(table: str) -> tuple[str, str]:
    return _DECIDED_WITH.get(table, (table, canonical_table(table).key[0]))


def _read(
    facts: Facts, places: Places, part: Part, where: tuple[Member, ...], state: Span | None
) -> tuple[Decided, ...]:
    subject, key = _subject(part.table)
    frame = Frame(Reading.of(part), facts.client, everything=True)
    keep_members(frame, where)
    by = [frame.at(place) for _, place in places.by(part.table)]
    counts: exp.Expr = exp.true()
    if part.where is not None:
        counts = exp.func("COALESCE", frame.read(part.where), exp.false())
    record = exp.column(key, table=part.table)
    applied = [exp.column(name, table="_applied") for name in ("action", "rule", "why")]
    frame.keep(exp.column("table_name", table="_applied").eq(exp.Literal.string(subject)))
    day = frame.use(frame.reading.date())
    selected = [*by, day, counts, record, *applied]
    query = frame.build(selected, () if state is None else (state,), more=_join(part.table, key))
    rows = facts.reader.query(query.sql("duckdb"))
    return tuple(_decided(row, len(by)) for row in rows)


def _join(table: str, key: str) -> tuple[str, exp.Expr]:
    same = exp.column("record_id", table="_applied").eq(exp.column(key, table=table))
    mine = exp.column(TENANT, table="_applied").eq(exp.column(TENANT, table=table))
    return "_applied", exp.and_(same, mine)


def _decided(row: tuple[Any, ...], keys: int) -> Decided:
    day, counts, record, action, rule, why = row[keys:]
    return Decided(tuple(row[:keys]), day, bool(counts), record, action, rule or "", why or "")
