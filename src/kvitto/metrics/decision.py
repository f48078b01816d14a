"""The audit's decisions that touched a figure: rows left out, filled, merged, in review.

What was decided is read once per version and kept: it is little beside the
data, and each figure picks its own from it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlglot
from sqlglot import exp

from kvitto.metrics.compiler import Key, Member, keep_members
from kvitto.metrics.expression import alias_of
from kvitto.metrics.fact import Facts
from kvitto.metrics.frame import Frame, Reading, Span
from kvitto.metrics.place import Places
from kvitto.metrics.plan import Read
from kvitto.metrics.relation import Path, follow
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


_ROWS = "made_from"
"""The alias of rows from which a derived table was made."""

WHOLE = frozenset(("excluded", "merged"))
"""What is done to a row as a whole; everything else concerns one of its columns."""


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


@dataclass(frozen=True, slots=True)
class _Reached:
    """A table whose decisions reach a figure: by the rows as a whole, or by these columns."""

    table: str
    place: str
    key: str
    columns: tuple[str, ...]
    by_row: bool
    path: Path = ()
    """Where the table is only reached through what was made of it: the way there."""


def decisions(facts: Facts, places: Places, read: Read, member: Key) -> tuple[Applied, ...]:
    """The decisions about rows of this read, of one member of the split.

    Of what was done to a single column only what the figure is made from: a
    default in ``amount`` stands on the receipt of a sum, not on that of a count.
    """
    part, span = read.measure.part, read.span
    by, where = places.by(part.table), places.where(part.table)
    # A state is read for one day, so its rows are kept per day; dates are told apart here.
    state = span if part.as_of else None
    reached: tuple[_Reached, ...] = facts.once(
        ("reached", part, by, where), lambda: tuple(_reached(facts, places, part, where))
    )
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for one in reached:
        for row in _rows(facts, places, part, where, state, one):
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


def _rows(
    facts: Facts,
    places: Places,
    part: Part,
    where: tuple[Member, ...],
    state: Span | None,
    reached: _Reached,
) -> tuple[Decided, ...]:
    """What was decided about the rows that are reached, read once."""
    key = ("decided", part, places.by(part.table), where, state, reached)
    rows: tuple[Decided, ...] = facts.once(
        key, lambda: _read(facts, places, part, where, state, reached)
    )
    return rows


def _subject(table: str) -> tuple[str, str]:
    return _DECIDED_WITH.get(table, (table, canonical_table(table).key[0]))


def _reached(facts: Facts, places: Places, part: Part, where: tuple[Member, ...]) -> list[_Reached]:
    """The table that is read, and those joined to it, as far as anything was decided there."""
    frame, trees = _framed(facts, places, part, where)
    if part.measure is not None:
        trees.append(frame.read(part.measure))
    used = frame.columns(trees)
    subject, key = _subject(part.table)
    own = used.pop(()) if subject == part.table else set()
    used.pop((), None)
    found = [_Reached(subject, part.table, key, _with_origins(own), True)]
    for path in sorted(used):
        found += _joined(part.table, path, _with_origins(used[path]))
    return [one for one in found if facts.applied_count(one.table)]


def _with_origins(columns: Collection[str]) -> tuple[str, ...]:
    """The columns, and those that conforming makes them from."""
    found = set(columns)
    found |= {f"{name[:-3]}_at" for name in columns if name.endswith("_on")}
    found |= {name.removesuffix("_base") for name in columns}
    return tuple(sorted(found))


def _joined(table: str, path: Path, columns: tuple[str, ...]) -> list[_Reached]:
    link = follow(table, path)
    if link.sql is not None:
        made_of = {one.name for one in sqlglot.parse_one(link.sql).find_all(exp.Column)}
        own = canonical_table(link.target).key[0]
        return [_Reached(link.target, _ROWS, own, _with_origins(made_of), True, path)]
    ((_, key),) = link.on[:1]
    if key != canonical_table(link.target).key[0]:
        return []
    return [_Reached(link.target, alias_of(table, path), key, columns, False)]


def _framed(
    facts: Facts, places: Places, part: Part, where: tuple[Member, ...]
) -> tuple[Frame, list[exp.Expr]]:
    """The rows of the part, and what tells where each belongs: split, day, whether it counts."""
    frame = Frame(Reading.of(part), facts.client, everything=True)
    keep_members(frame, where)
    by = [frame.at(place) for _, place in places.by(part.table)]
    counts: exp.Expr = exp.true()
    if part.where is not None:
        counts = exp.func("COALESCE", frame.read(part.where), exp.false())
    return frame, [*by, frame.use(frame.reading.date()), counts]


def _read(
    facts: Facts,
    places: Places,
    part: Part,
    where: tuple[Member, ...],
    state: Span | None,
    reached: _Reached,
) -> tuple[Decided, ...]:
    frame, trees = _framed(facts, places, part, where)
    if part.measure is not None:
        frame.read(part.measure)
    record = exp.column(reached.key, table=reached.place)
    applied = [exp.column(name, table="_applied") for name in ("action", "rule", "why")]
    frame.keep(exp.column("table_name", table="_applied").eq(exp.Literal.string(reached.table)))
    frame.keep(_concerned(reached))
    query = frame.build(
        [*trees, record, *applied],
        () if state is None else (state,),
        more=[*_rows_behind(frame, reached), _join(part, reached)],
    )
    rows = facts.reader.query(query.sql("duckdb"))
    return tuple(_decided(row, len(trees) - 2) for row in rows)


def _concerned(reached: _Reached) -> exp.Expr:
    """The decisions that reach the figure: about the row, or about a column that it is made of."""
    action, column = (exp.column(name, table="_applied") for name in ("action", "column_name"))
    of_column = _among(column, reached.columns)
    whole = _among(action, WHOLE)
    if reached.by_row:
        return exp.or_(whole, of_column)
    return exp.and_(exp.not_(whole), of_column)


def _among(column: exp.Expr, words: Collection[str]) -> exp.Expr:
    if not words:
        return exp.false()
    listed: list[exp.Expr] = [exp.Literal.string(word) for word in sorted(words)]
    return exp.In(this=column.copy(), expressions=listed)


def _rows_behind(frame: Frame, reached: _Reached) -> list[tuple[exp.Expr, exp.Expr]]:
    """The rows from which a derived table made what is joined to ours."""
    if not reached.path:
        return []
    target = exp.alias_(exp.to_table(reached.table), _ROWS, table=True)
    same = [exp.column(key, table=_ROWS).eq(own) for own, key in frame.keys_of(reached.path)]
    mine = exp.column(TENANT, table=_ROWS).eq(exp.column(TENANT, table=frame.reading.table))
    return [(target, exp.and_(mine, *same))]


def _join(part: Part, reached: _Reached) -> tuple[exp.Expr, exp.Expr]:
    same = exp.column("record_id", table="_applied").eq(
        exp.column(reached.key, table=reached.place)
    )
    mine = exp.column(TENANT, table="_applied").eq(exp.column(TENANT, table=part.table))
    return exp.to_table("_applied"), exp.and_(same, mine)


def _decided(row: tuple[Any, ...], keys: int) -> Decided:
    day, counts, record, action, rule, why = row[keys:]
    return Decided(tuple(row[:keys]), day, bool(counts), record, action, rule or "", why or "")
