"""From what a file was recognised as to the canonical columns it fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from kvitto.conform.aside import DELETED, FOLLOWING, Reason, split_rows
from kvitto.conform.entered import entered_stages
from kvitto.conform.layout import Layout, LayoutColumn, Part, columns_of
from kvitto.conform.recognition import (
    Headers,
    Recognised,
    fills_of,
    headers_of,
    side_fills,
)
from kvitto.conform.suggestion import with_key
from kvitto.conform.understanding import FileUnderstanding, Fill, Unknown
from kvitto.model.table import CanonicalColumn, canonical_table
from kvitto.sources import StagedColumn, StagedTable
from kvitto.warehouse.quoting import named
from kvitto.workspace.definition import ColumnMap, LookupMap

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CODE = "currency_code"
HISTORY = "deal_stage_history"
"""What changes of a field also tell of, where no file of the source is made of it."""
CURRENCY = "*currency"
"""The pseudo column of a layout that holds the currency of a row's amounts."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """One recognised file: what it fills, and the rows that were set aside."""

    files: tuple[FileUnderstanding, ...]
    reasons: tuple[Reason, ...]


def assemble(
    connection: DuckDBPyConnection, found: Recognised, beside: Sequence[Recognised]
) -> Assembled:
    """The fills of each part of the file. ``beside`` are all files of the source."""
    layout = found.layout
    assert layout is not None
    table = found.table
    aside = found.instead or layout.aside
    if aside:
        empty = FileUnderstanding(table, (), _all_unknown(table), layout.id)
        return Assembled((empty,), (Reason("file_set_aside", aside, table.rows),))
    headers = headers_of(table)
    side_tables = side_fills(layout, headers)
    layout = _without_worse(layout, beside)
    chosen = {part.table: _columns(layout, part, headers) for part in layout.parts}
    sides = [column for side in side_tables for column in fills_of(layout, side, headers).values()]
    computed = [
        column.computed
        for column in (*(one for columns in chosen.values() for one in columns), *sides)
        if column.computed is not None
    ]
    total = _total_sql(layout, headers)
    split = split_rows(connection, table, layout.parts, headers, computed, total)
    files = []
    for place, (part, kept) in enumerate(zip(layout.parts, split.tables, strict=True)):
        if part.derived and part.table == HISTORY and not kept.rows:
            # Nothing tells of stages here, so that the history is made of what is dated.
            continue
        columns = [*chosen[part.table], *(sides if place == 0 else ())]
        fills = _fills(columns, part, headers, found, beside)
        files.append(_understood(found, part, kept, fills, headers))
    files += _derived(connection, found, files, headers)
    return Assembled(tuple(files), split.reasons)


def _without_worse(layout: Layout, beside: Sequence[Recognised]) -> Layout:
    """The layout without stage entries on the side where another file is made of them."""
    better = any(
        part.table == HISTORY and not part.derived
        for other in beside
        if other.layout is not None and not other.instead
        for part in other.layout.parts
    )
    if not better:
        return layout
    kept = tuple(part for part in layout.parts if not (part.derived and part.table == HISTORY))
    return replace(layout, parts=kept)


def _columns(layout: Layout, part: Part, headers: Headers) -> tuple[LayoutColumn, ...]:
    """The part's columns; the mark of deleted records is known without being listed."""
    made = dict(fills_of(layout, part.table, headers))
    has_mark = canonical_table(part.table).has("is_deleted") and "is_deleted" not in made
    if has_mark and headers.find(DELETED) is not None:
        made["is_deleted"] = LayoutColumn(part.table, "is_deleted", DELETED)
    if headers.currency and canonical_table(part.table).has(_CODE) and _CODE not in made:
        made[_CODE] = LayoutColumn(part.table, _CODE, constant=headers.currency)
    if part.following is not None:
        column = _ends(part.table)
        made[column] = LayoutColumn(part.table, column, (FOLLOWING + part.following[1],))
    return tuple(made.values())


def _ends(table: str) -> str:
    return "unsubscribed_at" if table == "list_memberships" else "left_at"


def _fills(
    columns: Sequence[LayoutColumn],
    part: Part,
    headers: Headers,
    found: Recognised,
    beside: Sequence[Recognised],
) -> tuple[Fill, ...]:
    made: dict[str, dict[str, Fill]] = {}
    for column in columns:
        chosen = _map(column, part, headers, found, beside)
        if chosen is not None:
            fill = Fill(column.table, column.column, chosen, "guessed", found.why)
            made.setdefault(column.table, {})[column.column] = fill
    return tuple(fill for table, fills in made.items() for fill in with_key(table, fills))


def _map(
    column: LayoutColumn,
    part: Part,
    headers: Headers,
    found: Recognised,
    beside: Sequence[Recognised],
) -> ColumnMap | None:
    if column.constant is not None:
        return ColumnMap(constant=column.constant)
    if column.computed is not None:
        return ColumnMap(column=column.computed.name, factor=column.factor)
    if column.lookup is not None:
        return _lookup(column.lookup, headers, found, beside)
    if part.following is not None and column.headers == (FOLLOWING + part.following[1],):
        return ColumnMap(column=column.headers[0])
    staged = headers.find(column.headers)
    if staged is None:
        return None
    mark, order = _evident(found.table, staged, canonical_table(column.table).column(column.column))
    return ColumnMap(column=staged.name, factor=column.factor, decimal=mark, date_order=order)


def _evident(
    table: StagedTable, staged: StagedColumn, column: CanonicalColumn
) -> tuple[Literal[",", "."] | None, Literal["ymd", "dmy", "mdy"] | None]:
    """The answer to a column's question that the other columns of the export give.

    A tool writes all numbers and dates of one export in one way. What is
    counted has no decimals, so that a sign in it separates thousands.
    """
    question = staged.question
    if question is None:
        return None, None
    others = [one.format for one in table.columns if one.question is None]
    if question.key == "decimal":
        marks = {form.decimal for form in others if form.decimal is not None}
        if len(marks) == 1:
            return marks.pop(), None
        shown = "".join(staged.samples)
        if column.type == "int" and ("," in shown) != ("." in shown):
            return ("." if "," in shown else ","), None
        return None, None
    orders: set[Literal["dmy", "mdy"]] = set()
    for form in others:
        if form.kind in ("date", "instant") and (form.order == "dmy" or form.order == "mdy"):
            orders.add(form.order)
    return None, (orders.pop() if len(orders) == 1 else None)


def _lookup(
    lookup: tuple[str, str, str, str],
    headers: Headers,
    found: Recognised,
    beside: Sequence[Recognised],
) -> ColumnMap | None:
    """The other file's column, where the source has that file."""
    wanted, column, ours, theirs = lookup
    vendor = found.layout.vendor if found.layout else ""
    for other in beside:
        if other.layout is None or other.layout.id != f"{vendor}.{wanted}":
            continue
        there = headers_of(other.table)
        value, key, mine = there.find((column,)), there.find((theirs,)), headers.find((ours,))
        if value is not None and key is not None and mine is not None:
            return ColumnMap(
                lookup=LookupMap(
                    table=other.table.file, column=value.name, on=mine.name, key=key.name
                )
            )
    return None


def _understood(
    found: Recognised, part: Part, kept: StagedTable, fills: tuple[Fill, ...], headers: Headers
) -> FileUnderstanding:
    layout = found.layout
    assert layout is not None
    money = columns_of(layout.vendor, layout.name, part.table).get(CURRENCY)
    column = None if money is None else headers.find(money.headers)
    return FileUnderstanding(
        kept,
        fills,
        _unknown(found.table, fills),
        layout.id,
        part.table,
        part.derived,
        currency=headers.currency,
        currency_column=None if column is None else column.name,
    )


def _derived(
    connection: DuckDBPyConnection,
    found: Recognised,
    files: Sequence[FileUnderstanding],
    headers: Headers,
) -> list[FileUnderstanding]:
    """Stage entries that stand as columns in an export of deals."""
    deals = next((file for file in files if file.main == "deals"), None)
    if deals is None:
        return []
    made = entered_stages(connection, deals, headers)
    return [] if made is None else [made]


def _total_sql(layout: Layout, headers: Headers) -> str | None:
    """Rows that are totals: nothing stands in the columns that every record has."""
    columns = [headers.find((one,)) for one in layout.total]
    listed = [f"{named(column.name)} IS NULL" for column in columns if column is not None]
    return " AND ".join(listed) or None


def _unknown(table: StagedTable, fills: Sequence[Fill]) -> tuple[Unknown, ...]:
    used = {fill.map.column for fill in fills}
    used |= {fill.map.lookup.on for fill in fills if fill.map.lookup is not None}
    return tuple(
        Unknown(column.header, column.samples[:3])
        for column in table.columns
        if column.name not in used
    )


def _all_unknown(table: StagedTable) -> tuple[Unknown, ...]:
    return tuple(Unknown(column.header, column.samples[:3]) for column in table.columns)
