"""The INSERT that brings one staged table into one canonical table, set-based, in one scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from kvitto.conform.context import Context
from kvitto.conform.expression import Read, read_column
from kvitto.conform.identity import own_key, prefix
from kvitto.conform.instant import timed
from kvitto.conform.reference import reference_table
from kvitto.conform.relabel import Replaced, relabelled, rules_at
from kvitto.conform.row import insert_rows
from kvitto.conform.understanding import FileUnderstanding, Fill
from kvitto.conform.word import canonical_words
from kvitto.model.table import CanonicalColumn, CanonicalTable, canonical_table
from kvitto.warehouse.quoting import named, quoted

TABLES_WITH_CURRENCY = "currency_code"

BEGINNINGS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("activities", "deals", "leads", "tasks", "tickets"), "created_at"),
        "approvals": "requested_at",
        "calls": "started_at",
        "deal_stage_history": "entered_at",
        "list_memberships": "subscribed_at",
        "proposals": "sent_at",
        "ticket_status_history": "entered_at",
    }
)
"""The column of each table before which none of its other times can lie."""


@dataclass(slots=True)
class _Parts:
    """The pieces of the statement as they are collected, column by column."""

    below: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    early: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filling:
    """One file's way into one canonical table.

    ``reads`` says how each mapped column is read; ``source`` is the SQL of the
    joined staged tables with the alias ``s``; ``key`` the raw key's SQL;
    ``replaced`` are the labels that rules replaced.
    """

    table: CanonicalTable
    file: FileUnderstanding
    reads: Mapping[str, Read]
    source: str
    key: str
    replaced: tuple[Replaced, ...] = ()


def filling(context: Context, file: FileUnderstanding, table: str) -> Filling:
    """How the file fills the table."""
    canonical = canonical_table(table)
    fills = file.fill_of(table)
    joins, columns = _lookups(context, fills)
    reads = {
        name: _read(context, canonical, fill, file, columns.get(name))
        for name, fill in fills.items()
    }
    source = " ".join([f"{file.staged.relation_sql} AS s", *joins])
    own = own_key(table)
    keys = (own,) if own is not None else canonical.key
    raw = [reads[name].raw for name in keys if name in reads]
    key = raw[0] if len(raw) == 1 else "concat_ws('|', " + ", ".join(raw or ["NULL"]) + ")"
    ruled = relabelled(context, canonical, fills, reads, source, key)
    reads.update(ruled.reads)
    source = " ".join([source, *ruled.joins])
    reads.update(canonical_words(context, canonical, reads, source, key))
    return Filling(canonical, file, reads, source, key, ruled.replaced)


def _read(
    context: Context,
    table: CanonicalTable,
    fill: Fill,
    file: FileUnderstanding,
    lookup: str | None,
) -> Read:
    """How one column is read; where rules speak of its labels, as it stands in the source."""
    column = table.column(fill.column)
    if rules_at(context, table, fill.column):
        plain = replace(fill, map=fill.map.model_copy(update={"values": {}}))
        return read_column(plain, column, file.staged, lookup, {})
    words = context.book.words(table.name, fill.column) if context.book else {}
    return read_column(fill, column, file.staged, lookup, words)


def insert_fill(
    context: Context,
    fill: Filling,
    extra: Mapping[str, str],
    joins: tuple[str, ...] = (),
    below: Mapping[str, str] | None = None,
    *,
    folded: bool = False,
    guards: Mapping[str, str] | None = None,
) -> int:
    """Insert the rows and give their count.

    ``extra`` are further columns over ``t``, with their ``joins``; ``below``
    further expressions over ``s``. ``guards`` are conditions without which a
    column stays empty. With ``folded`` one row per key is kept, for a table
    that a file of other records fills on the side.
    """
    parts = _Parts()
    parts.below["_key"] = fill.key
    parts.below.update(below or {})
    for name, read in fill.reads.items():
        _add_column(context, parts, fill, fill.table.column(name), read)
    _after_beginning(parts, fill)
    parts.chosen["_source_id"] = "t._key"
    parts.chosen.update(extra)
    for name, condition in (guards or {}).items():
        parts.chosen[name] = f"CASE WHEN {condition} THEN {parts.chosen[name]} END"
    parts.joins.extend(joins)
    tail = (
        f"FROM {_level(parts, fill.source, folded=folded)} AS t {' '.join(parts.joins)}"
        " WHERE t._key IS NOT NULL AND t._key <> ''"
    )
    return insert_rows(context, fill.table.name, {**parts.chosen, **_fixed(context, fill)}, tail)


def _level(parts: _Parts, source: str, *, folded: bool) -> str:
    """The staged rows, converted; times of another zone are brought to UTC one level up."""
    distinct = "DISTINCT ON (_key) " if folded else ""
    inner = ", ".join(f"{sql} AS {named(name)}" for name, sql in parts.below.items())
    level = f"(SELECT {distinct}{inner} FROM {source})"
    if not parts.early:
        return level
    moved = ", ".join(f"{sql} AS {named(name)}" for name, sql in parts.early.items())
    return f"(SELECT b.* REPLACE ({moved}) FROM {level} AS b)"


def _after_beginning(parts: _Parts, fill: Filling) -> None:
    """A day without a time stands for the whole day, so it is not before its record began.

    Where the record began at a known time of that same day, the day's instant
    is that time and not midnight; the local day stays.
    """
    name = BEGINNINGS.get(fill.table.name, "")
    if name not in fill.reads or fill.reads[name].day_only:
        return
    begins, day = parts.chosen[name], parts.chosen[f"{name[:-3]}_on"]
    for other, read in fill.reads.items():
        if fill.table.column(other).type == "ts" and read.day_only:
            same = f"{parts.chosen[f'{other[:-3]}_on']} = {day}"
            parts.chosen[other] = (
                f"CASE WHEN {same} THEN greatest({parts.chosen[other]}, {begins})"
                f" ELSE {parts.chosen[other]} END"
            )


def _add_column(
    context: Context, parts: _Parts, fill: Filling, column: CanonicalColumn, read: Read
) -> None:
    name, value = column.name, f"t.{named(column.name)}"
    parts.below[name] = read.sql
    if column.type == "ts":
        clock = timed(context, name, read)
        parts.chosen[name] = clock.at
        if name.endswith("_at"):
            parts.chosen[f"{name[:-3]}_on"] = clock.on
        if clock.early is not None:
            parts.early[name] = clock.early
        return
    if column.type == "id":
        parts.chosen[name] = _id(context, parts, fill, column, value)
        return
    if column.type == "ccy":
        parts.chosen[name] = f"upper(coalesce({value}, {quoted(context.currency)}))"
        return
    parts.chosen[name] = value


def _id(context: Context, parts: _Parts, fill: Filling, column: CanonicalColumn, value: str) -> str:
    """The row's own id, or another's: by its id in the source, or by its name."""
    if column.references == "clients":
        return quoted(context.client_id)
    table = fill.table.name
    if column.name == "list_id":
        return f"{quoted(prefix(context.name, 'lists'))} || {value}"
    if column.references is None and column.name != own_key(table):
        return value
    target = column.references or table
    within = fill.file.platform if target == "campaigns" else ""
    made = f"{quoted(prefix(context.name, target) + (within and f'{within}/'))} || {value}"
    if column.references is None or target == table:
        return made
    names = reference_table(context, target, within)
    if names is None:
        return made
    alias = f"r_{column.name}"
    parts.joins.append(f"LEFT JOIN {names} AS {alias} ON {alias}.raw = lower({value})")
    return f"coalesce({alias}.id, {made})"


def _fixed(context: Context, fill: Filling) -> dict[str, str]:
    """The columns that every row has: whose it is and where it came from."""
    fixed = {
        "client_id": quoted(context.client_id),
        "_source": quoted(context.name),
        "_batch": quoted(context.batch),
    }
    if fill.table.has(TABLES_WITH_CURRENCY) and TABLES_WITH_CURRENCY not in fill.reads:
        fixed[TABLES_WITH_CURRENCY] = quoted(context.currency)
    return fixed


def _lookups(context: Context, fills: Mapping[str, Fill]) -> tuple[list[str], dict[str, str]]:
    """Joins to other files of the source, one row per key, so that no row is doubled."""
    joins: list[str] = []
    columns: dict[str, str] = {}
    for name, fill in fills.items():
        lookup = fill.map.lookup
        if lookup is None:
            continue
        other = next(t for t in context.staged.tables if lookup.table in (t.name, t.file))
        value, key = other.column(lookup.column), other.column(lookup.key)
        assert value is not None
        assert key is not None
        alias = f"k_{name}"
        one = (
            f"(SELECT trim({named(key.name)}) AS k, min({named(value.name)}) AS v"
            f" FROM {other.relation_sql} WHERE {named(key.name)} IS NOT NULL GROUP BY 1)"
        )
        here = fill_source(fills, lookup.on)
        joins.append(f"LEFT JOIN {one} AS {alias} ON {alias}.k = trim(s.{named(here)})")
        columns[name] = f"{alias}.v"
    return joins, columns


def fill_source(fills: Mapping[str, Fill], name: str) -> str:
    """The file's own column that a lookup goes by."""
    return name
