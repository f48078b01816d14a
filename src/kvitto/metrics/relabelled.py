"""Rules about labels that touched a figure: rows that stand where another label would not.

A figure that is split by a dimension holds the rows that a rule gave that
label; one that is filtered, or counts by a label, is touched where a row is in
it by its label and would not be by what the source wrote, or the reverse.
Rows are counted by the engine, never brought here: a rule may name a million.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlglot import exp

from kvitto.metrics.compiler import Key, Member
from kvitto.metrics.dimension import Place
from kvitto.metrics.expression import add_path, alias_of
from kvitto.metrics.fact import Facts
from kvitto.metrics.fence import fenced, from_table
from kvitto.metrics.frame import Frame, Reading, Span, members
from kvitto.metrics.place import Places
from kvitto.metrics.plan import Read
from kvitto.metrics.relation import Path, follow
from kvitto.model.metric import Part
from kvitto.model.receipt import Applied

RELABELLED = "relabelled"
"""The action of a rule about labels on a receipt."""

_ROWS = "_relabelled"
_Rules = Mapping[tuple[str, str, str, str], tuple[str, str, str, date | None]]


@dataclass(frozen=True, slots=True)
class _Touched:
    member: Key
    day: date | None
    source: str
    raw: str
    rows: int


def relabellings(facts: Facts, places: Places, read: Read, member: Key) -> tuple[Applied, ...]:
    """The rules about labels that touched this read, of one member of the split."""
    part, span = read.measure.part, read.span
    found: dict[tuple[str, str], int] = {}
    for table, column in facts.once(("relabelled",), lambda: _columns(facts)):
        for path in _ways(places, part, table, column):
            for one in _rows(facts, places, part, (path, table, column), span):
                inside = part.as_of or (one.day is not None and span.first <= one.day < span.after)
                if inside and one.member == member:
                    rule, why = _said(_rules(facts), (one.source, table, column, one.raw))
                    found[(rule, why)] = found.get((rule, why), 0) + one.rows
    return tuple(
        Applied(action=RELABELLED, rule=rule, rows=rows, why=why)
        for (rule, why), rows in sorted(found.items())
    )


def _columns(facts: Facts) -> tuple[tuple[str, str], ...]:
    """The columns in which rules gave this client's rows another label."""
    there = facts.reader.query(
        "SELECT 1 FROM duckdb_tables() WHERE table_name = '_relabelled'"
        " UNION ALL SELECT 1 FROM duckdb_views() WHERE view_name = '_relabelled'"
    )
    if not there:
        return ()
    names = [exp.column(name, table=_ROWS) for name in ("table_name", "column_name")]
    query = fenced(from_table(_ROWS).select(*names).distinct(), facts.client)
    return tuple(sorted((str(t), str(c)) for t, c in facts.reader.query(query.sql("duckdb"))))


def _rules(facts: Facts) -> _Rules:
    """(source, table, column, raw) -> canonical label, rule, who decided it, from when."""

    def read() -> dict[tuple[str, str, str, str], tuple[str, str, str, date | None]]:
        names = ("source", "table_name", "column_name", "raw", "canonical", "rule", "decided_by")
        columns = [exp.column(name, table="_labels") for name in (*names, "valid_from")]
        query = from_table("_labels").select(*columns)
        query = query.where(exp.column("rule", table="_labels").is_(exp.null()).not_())
        query = query.where(exp.column("kind", table="_labels").neq(exp.Literal.string("rest")))
        rows = facts.reader.query(fenced(query, facts.client).sql("duckdb"))
        return {
            (source, table, column, raw): (canonical, rule, by or "", since)
            for source, table, column, raw, canonical, rule, by, since in rows
        }

    return facts.once(("label_rules",), read)


def _said(rules: _Rules, key: tuple[str, str, str, str]) -> tuple[str, str]:
    canonical, rule, by, since = rules.get(key, ("", "", "", None))
    ground = ", ".join(text for text in (by, f"from {since}" if since else "") if text)
    why = f"'{key[3]}' is read as '{canonical}'" if canonical else f"'{key[3]}' is read otherwise"
    return rule or "a rule about labels", f"{why} ({ground})" if ground else why


def _ways(places: Places, part: Part, table: str, column: str) -> tuple[Path, ...]:
    """The ways from the part's rows to that column that this figure takes, each once."""
    found: dict[Path, None] = {}
    used = [place for _, place in places.by(part.table)]
    used += [where.place for where in places.where(part.table)]
    for place in used:
        if place.column == column and _holder(part.table, place.path) == table:
            found[place.path] = None
    if table == part.table and part.where is not None and column in _named(part):
        found[()] = None
    return tuple(found)


def _holder(table: str, path: Path) -> str:
    return follow(table, path).target if path else table


def _named(part: Part) -> set[str]:
    import sqlglot

    tree = sqlglot.parse_one(part.where or "TRUE", read="duckdb")
    return {column.name for column in tree.find_all(exp.Column) if not column.table}


def _rows(
    facts: Facts,
    places: Places,
    part: Part,
    at: tuple[Path, str, str],
    span: Span,
) -> tuple[_Touched, ...]:
    # A state is read for one day, so its rows are kept per day; dates are told apart later.
    state = span if part.as_of else None
    by, where = places.by(part.table), places.where(part.table)
    key = (RELABELLED, Reading.of(part), part.where, by, where, at, state)
    read: tuple[_Touched, ...] = facts.once(key, lambda: _read(facts, places, part, at, state))
    return read


def _read(
    facts: Facts, places: Places, part: Part, at: tuple[Path, str, str], state: Span | None
) -> tuple[_Touched, ...]:
    path, table, column = at
    frame = Frame(Reading.of(part), facts.client)
    add_path(frame.paths, path)
    alias = alias_of(part.table, path)
    by = [frame.at(place) for _, place in places.by(part.table)]
    split = any(_is(part.table, place, at) for _, place in places.by(part.table))
    now, before = _inside(frame, places, part, at, alias)
    frame.keep(now if split else exp.NEQ(this=now, expression=before))
    raw, source, row = (exp.column(name, table=_ROWS) for name in ("raw", "source", "row_key"))
    frame.keep(exp.column("table_name", table=_ROWS).eq(exp.Literal.string(table)))
    frame.keep(exp.column("column_name", table=_ROWS).eq(exp.Literal.string(column)))
    same = exp.and_(
        row.eq(exp.column("_source_id", table=alias)),
        source.copy().eq(exp.column("_source", table=alias)),
    )
    frame.keep(same)
    day = frame.use(frame.reading.date())
    counted = exp.Count(this=exp.Star())
    keys = [*by, day, source.copy(), raw]
    query = frame.build(
        [*(one.copy() for one in keys), counted],
        () if state is None else (state,),
        more=((exp.to_table(_ROWS), exp.true() if path else same.copy()),),
    ).group_by(*(one.copy() for one in keys))
    return tuple(_one(found, len(by)) for found in facts.reader.query(query.sql("duckdb")))


def _inside(
    frame: Frame, places: Places, part: Part, at: tuple[Path, str, str], alias: str
) -> tuple[exp.Expr, exp.Expr]:
    """Whether a row is in the figure by its label, and by what the source wrote."""
    wheres = [_member(frame, where) for where in places.where(part.table)]
    if part.where is not None:
        wheres.append(frame.read(part.where))
    now = exp.func("COALESCE", exp.and_(exp.true(), *wheres), exp.false())
    column = at[2]

    def raw(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and (node.name, node.table) == (column, alias):
            return exp.column("raw", table=_ROWS)
        return node

    return now, now.copy().transform(raw)


def _member(frame: Frame, where: Member) -> exp.Expr:
    return members(frame.at(where.place), where.keys, where.negated)


def _is(table: str, place: Place, at: tuple[Path, str, str]) -> bool:
    return (place.path, _holder(table, place.path), place.column) == at


def _one(found: tuple[Any, ...], keys: int) -> _Touched:
    day, source, raw, rows = found[keys:]
    return _Touched(tuple(found[:keys]), day, str(source), str(raw), int(rows))
