"""Columns that came or went since the version before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from kvitto.audit.monitor.plan import WATCHED
from kvitto.model.finding import Finding, Severity
from kvitto.model.table import CanonicalTable, canonical_table
from kvitto.warehouse.carry import PREVIOUS, has_previous, previous_columns
from kvitto.warehouse.schema import FINDINGS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CODE = "schema_drift"
ROWS = 20
"""A source that brings, or brought, fewer rows shows nothing by an empty column."""

_Filled = dict[tuple[str, str], tuple[int, tuple[int, ...]]]


def find_drift(connection: DuckDBPyConnection, fresh: Sequence[str] | None = None) -> list[Finding]:
    """Columns of watched tables that a source filled before and does not now, and new ones.

    ``fresh`` names the sources that were read anew; the others cannot have
    changed. What was told of the version before is told again while it still
    holds, so that a second sync does not make it forgotten.
    """
    if not has_previous(connection):
        return []
    found: list[Finding] = []
    for name in WATCHED:
        table = canonical_table(name)
        columns = _columns(table, previous_columns(connection, name))
        if not columns:
            continue
        before = _filled(connection, table, columns, f"{PREVIOUS}.", fresh)
        now = _filled(connection, table, columns, "", fresh) if before else {}
        for place in sorted(before.keys() & now.keys()):
            found += _compared(table, columns, place, before[place], now[place])
    known = {(one.client, one.source, one.table, one.column) for one in found}
    found += [
        one
        for one in _told(connection)
        if (one.client, one.source, one.table, one.column) not in known
        and _still_empty(connection, one)
    ]
    return found


def _compared(
    table: CanonicalTable,
    columns: Sequence[str],
    place: tuple[str, str],
    before: tuple[int, tuple[int, ...]],
    now: tuple[int, tuple[int, ...]],
) -> list[Finding]:
    if min(before[0], now[0]) < ROWS:
        return []
    found = []
    for column, was, is_now in zip(columns, before[1], now[1], strict=True):
        if bool(was) == bool(is_now) or max(was, is_now) < ROWS:
            continue
        went = was > 0
        found.append(
            Finding(
                code=CODE,
                severity=Severity.warning if went else Severity.notice,
                client=place[0],
                source=place[1],
                table=table.name,
                column=column,
                rows=now[0] if went else is_now,
                message=f"{column} of {table.name} was filled in {was:,} rows and is empty now"
                if went
                else f"{column} of {table.name} was empty and is filled in {is_now:,} rows now",
                todo="Ask whether the column was renamed or left out, and map it again: kvitto map."
                if went
                else "Look whether it is what its name says: kvitto map.",
            )
        )
    return found


def _columns(table: CanonicalTable, before: Collection[str]) -> tuple[str, ...]:
    """Those that the version before has too; it may be an older program's."""
    return tuple(column.name for column in table.declared if column.name in before)


def _filled(
    connection: DuckDBPyConnection,
    table: CanonicalTable,
    columns: Sequence[str],
    prefix: str,
    fresh: Sequence[str] | None,
) -> _Filled:
    """How many rows of each source have a value, column by column."""
    asked = ", ".join(f'count("{name}")' for name in columns)
    only = "" if fresh is None else " AND list_contains($fresh, _source)"
    rows = connection.execute(
        f'SELECT client_id, _source, count(*), {asked} FROM {prefix}"{table.name}"'
        f" WHERE client_id IS NOT NULL AND _source IS NOT NULL{only} GROUP BY 1, 2",
        {} if fresh is None else {"fresh": list(fresh)},
    ).fetchall()
    return {(row[0], row[1]): (int(row[2]), tuple(row[3:])) for row in rows}


def _told(connection: DuckDBPyConnection) -> list[Finding]:
    """What the version before said went missing."""
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT client_id, source, table_name, column_name, row_count, message, todo"
        f" FROM {PREVIOUS}.{FINDINGS} WHERE code = ? AND severity = ?",
        [CODE, Severity.warning.value],
    ).fetchall()
    return [
        Finding(
            code=CODE,
            severity=Severity.warning,
            client=row[0],
            source=row[1],
            table=row[2],
            column=row[3],
            rows=row[4],
            message=row[5],
            todo=row[6],
        )
        for row in rows
        if row[2] in WATCHED and canonical_table(row[2]).has(row[3] or "")
    ]


def _still_empty(connection: DuckDBPyConnection, finding: Finding) -> bool:
    rows, filled = connection.execute(
        f'SELECT count(*), count("{finding.column}") FROM "{finding.table}"'
        " WHERE client_id = ? AND _source = ?",
        [finding.client, finding.source],
    ).fetchall()[0]
    return bool(rows > 0 and filled == 0)
