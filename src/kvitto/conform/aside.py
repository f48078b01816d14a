"""Rows of a recognised file that are something else: deleted, superseded, of another kind.

They are set aside and counted, each under one reason. What is kept is a
relation over the same file, so that nothing is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kvitto.conform.layout import Computed, Condition, Part
from kvitto.conform.recognition import Headers
from kvitto.model.table import canonical_table
from kvitto.sources import StagedColumn, StagedTable
from kvitto.sources.format import ColumnFormat, day_sql, instant_sql
from kvitto.warehouse.quoting import named, named_all, quoted, quoted_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DELETED = ("is deleted", "fivetran deleted", "deleted")
"""Headers that say whether a record was deleted."""

ACTIVE = ("fivetran active",)
"""Headers that say whether a row is the record's current state."""

FOLLOWING = "next "
"""What stands before a header to name the same column of the record's next row."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows are set aside: a code, a sentence that goes on "they ...", how many."""

    code: str
    why: str
    rows: int


@dataclass(frozen=True, slots=True)
class Split:
    """A file cut into its parts, and what was set aside."""

    tables: tuple[StagedTable, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    code: str
    why: str
    sql: str


def split_rows(
    connection: DuckDBPyConnection,
    table: StagedTable,
    parts: Sequence[Part],
    headers: Headers,
    computed: Sequence[Computed],
    empty: str | None = None,
) -> Split:
    """The file's rows for each part. ``computed`` are columns to be made of others.

    ``empty`` is SQL of rows that are no records at all, such as a total.
    """
    widened = _widened(table, parts, headers, computed)
    rules = list(_rules(parts, headers, empty))
    conditions = [
        None if part.keep is None else condition_sql(part.keep, headers) for part in parts
    ]
    own = [condition for part, condition in zip(parts, conditions, strict=True) if not part.derived]
    if not any(condition is None for condition in own):
        mine = " OR ".join(f"({one})" for one in own if one)
        rules.append(_Rule("rows_not_used", parts[0].why or "are of another kind", f"NOT ({mine})"))
    if not rules and len(parts) == 1 and parts[0].latest is None:
        return Split((widened,), ())
    counts = _counted(connection, widened, rules)
    reasons = [
        Reason(rule.code, rule.why, count)
        for rule, count in zip(rules, counts, strict=True)
        if count
    ]
    tables = []
    for place, (part, condition) in enumerate(zip(parts, conditions, strict=True)):
        kept, older = _part_of(connection, widened, part, headers, rules, condition)
        if older and not part.derived:
            reasons.append(Reason("rows_superseded", "are earlier states of a record", older))
        tables.append(kept if place == 0 else replace(kept, rejected=0))
    return Split(tuple(tables), tuple(reasons))


def condition_sql(condition: Condition, headers: Headers) -> str:
    """The condition over the raw text; a column that is not there answers no."""
    column = headers.find(condition.headers)
    if column is None:
        return "true" if condition.negated else "false"
    text = f"lower(trim({named(column.name)}))"
    if condition.values == ("*",):
        found = f"{named(column.name)} IS NOT NULL"
    else:
        found = f"{text} IN ({quoted_all(condition.values)})"
    return f"NOT coalesce({found}, false)" if condition.negated else f"coalesce({found}, false)"


def _rules(parts: Sequence[Part], headers: Headers, empty: str | None) -> Iterator[_Rule]:
    if empty is not None:
        yield _Rule("total_row", "are totals of the other rows", empty)
    deleted = headers.find(DELETED)
    if deleted is not None and not any(canonical_table(p.table).has("is_deleted") for p in parts):
        text = f"lower({named(deleted.name)}) IN {_TRUE}"
        yield _Rule("rows_deleted", "were deleted in the tool", text)
    active = headers.find(ACTIVE)
    if active is not None and not any(_is_history(part.table) for part in parts):
        text = f"lower({named(active.name)}) IN {_FALSE}"
        yield _Rule("rows_superseded", "are earlier states of a record", text)


_TRUE = "('true', 't', '1', 'yes')"
_FALSE = "('false', 'f', '0', 'no')"


def _is_history(table: str) -> bool:
    return table.endswith("_history")


def _counted(
    connection: DuckDBPyConnection, table: StagedTable, rules: Sequence[_Rule]
) -> list[int]:
    """How many rows each rule takes, a row counting for the first that does."""
    if not rules:
        return []
    asked = []
    for place, rule in enumerate(rules):
        before = [f"NOT coalesce({one.sql}, false)" for one in rules[:place]]
        asked.append(f"count(*) FILTER ({' AND '.join([*before, f'coalesce({rule.sql}, false)'])})")
    row = connection.execute(f"SELECT {', '.join(asked)} FROM {table.relation_sql}").fetchone()
    assert row is not None
    return [int(count) for count in row]


def _part_of(
    connection: DuckDBPyConnection,
    table: StagedTable,
    part: Part,
    headers: Headers,
    rules: Sequence[_Rule],
    condition: str | None,
) -> tuple[StagedTable, int]:
    """The part's rows as a table of their own, and how many older states were left out."""
    kept = [f"NOT coalesce({rule.sql}, false)" for rule in rules]
    if condition is not None:
        kept.append(condition)
    relation = f"SELECT * FROM {table.relation_sql} WHERE {' AND '.join(kept or ['true'])}"
    whole = _rows(connection, relation)
    last = _last(part, headers)
    if last is None:
        return replace(table, relation_sql=f"({relation})", rows=whole), 0
    relation = f"{relation} QUALIFY {last}"
    rows = _rows(connection, relation)
    return replace(table, relation_sql=f"({relation})", rows=rows), whole - rows


def _rows(connection: DuckDBPyConnection, relation: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM ({relation})").fetchone()
    return int(found[0]) if found else 0


def _last(part: Part, headers: Headers) -> str | None:
    """The condition that keeps the last row of each id; rows without an id are all kept."""
    if part.latest is None:
        return None
    ids = [headers.find((one,)) for one in part.latest[0]]
    date = headers.find((part.latest[1],))
    listed = [named(one.name) for one in ids if one is not None]
    if date is None or not listed:
        return None
    day = f"try_cast({named(date.name)} AS TIMESTAMP)"
    order = f"{day} DESC NULLS LAST, {named(date.name)} DESC NULLS LAST"
    window = f"row_number() OVER (PARTITION BY {', '.join(listed)} ORDER BY {order})"
    return f"({listed[0]} IS NULL OR {window} = 1)"


def _widened(
    table: StagedTable, parts: Sequence[Part], headers: Headers, computed: Sequence[Computed]
) -> StagedTable:
    """The table with the columns that are made of others, and with the next row's dates."""
    added: dict[str, tuple[str, StagedColumn]] = {}
    for one in computed:
        form = ColumnFormat("number" if one.kind in "*#:" else "text")
        if one.kind == "+":
            start = headers.columns[one.parts[0]].format
            form = ColumnFormat("instant", "ymd", zoned=start.zoned)
        column = StagedColumn(one.name, one.name, form, (), 0, 0)
        added[one.name] = (_computed_sql(one, headers), column)
    for part in parts:
        found = None if part.following is None else _following_sql(part, headers)
        if part.following is not None and found is not None:
            name = FOLLOWING + part.following[1]
            sql, date = found
            added[name] = (sql, replace(date, name=name, header=name, filled=0, readable=0))
    if not added:
        return table
    listed = ", ".join(f"{sql} AS {named(name)}" for name, (sql, _) in added.items())
    return replace(
        table,
        relation_sql=f"(SELECT *, {listed} FROM {table.relation_sql})",
        columns=(*table.columns, *(column for _, column in added.values())),
    )


def _following_sql(part: Part, headers: Headers) -> tuple[str, StagedColumn] | None:
    assert part.following is not None
    ids = [headers.find((one,)) for one in part.following[0]]
    date = headers.find((part.following[1],))
    listed = named_all(one.name for one in ids if one is not None)
    if date is None or not listed:
        return None
    mine = "true" if part.keep is None else condition_sql(part.keep, headers)
    text = named(date.name)
    window = f"PARTITION BY {listed}, {mine} ORDER BY try_cast({text} AS TIMESTAMP), {text}"
    return f"CASE WHEN {mine} THEN lead({text}) OVER ({window}) END", date


def _computed_sql(computed: Computed, headers: Headers) -> str:
    texts = [
        quoted(part.strip("'")) if part.startswith("'") else named(headers.columns[part].name)
        for part in computed.parts
        if part.startswith("'") or part in headers.columns
    ]
    kind = computed.kind
    if kind == "~":
        return f"nullif(trim(concat_ws(' ', {', '.join(texts)})), '')"
    if kind == "*":
        factors = (f"try_cast(replace({text}, ',', '.') AS DECIMAL(18,6))" for text in texts)
        return f"CAST(CAST({' * '.join(factors)} AS DECIMAL(24,8)) AS VARCHAR)"
    if kind == "#":
        return f"CAST(row_number() OVER (PARTITION BY {', '.join(texts)}) AS VARCHAR)"
    if kind == ":":
        return _hours_sql(texts[0])
    if kind == "+":
        return _later_sql(headers.columns[computed.parts[0]], texts[1])
    if len(texts) > len(computed.headers):
        # A key with a fixed part stands for a reference: none where the number is missing.
        return " || '/' || ".join(texts)
    filled = ", ".join(f"coalesce({text}, '')" for text in texts)
    return f"nullif(concat_ws('/', {filled}), {quoted('/' * (len(texts) - 1))})"


def _hours_sql(text: str) -> str:
    """A duration as a clock shows it, in hours; a plain number stays.

    The sign before "-00:45:00" is that of the whole: there is no number minus zero.
    """
    parts = f"string_split({text}, ':')"
    seconds = " + ".join(
        f"abs(coalesce(try_cast({parts}[{place}] AS DECIMAL(18,6)), 0)) * {each}"
        for place, each in ((1, 3600), (2, 60), (3, 1))
    )
    sign = f"CASE WHEN starts_with(ltrim({text}), '-') THEN -1 ELSE 1 END"
    hours = f"CAST(CAST({sign} * ({seconds}) / 3600 AS DECIMAL(18,6)) AS VARCHAR)"
    return f"CASE WHEN contains({text}, ':') THEN {hours} ELSE {text} END"


def _later_sql(date: StagedColumn, minutes: str) -> str:
    """The time that many minutes after the date, as ISO text; none without both."""
    start = instant_sql(named(date.name), date.format)
    if date.format.kind == "date":
        start = f"CAST({day_sql(named(date.name), date.format)} AS TIMESTAMP)"
    later = f"{start} + to_seconds(try_cast(replace({minutes}, ',', '.') AS DOUBLE) * 60)"
    zone = "+00:00" if date.format.zoned else ""
    return f"strftime({later}, '%Y-%m-%d %H:%M:%S{zone}')"
