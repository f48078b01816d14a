"""What the next version takes over from the previous one.

The audit looks at every row of every version anew, so its marks are not
carried: a carried row counts again (``_excluded`` is empty), a value that was a
default is empty again, and what a merge of records changed is as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.model.table import CanonicalColumn, CanonicalTable, canonical_tables
from kvitto.warehouse.quoting import named, named_all, quoted, quoted_all
from kvitto.warehouse.schema import APPLIED, LABELS, RELABELLED, SOURCE_FINDINGS, SOURCE_STATE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PREVIOUS = "previous"
"""The name under which the previous version is attached."""

_MARKS = ("_excluded", "_was")
"""What the audit writes into a row."""


def attach_previous(connection: DuckDBPyConnection, path: Path) -> None:
    """Attach the version to follow, read-only."""
    connection.execute(f"ATTACH {quoted(path)} AS {PREVIOUS} (READ_ONLY)")


def detach_previous(connection: DuckDBPyConnection) -> None:
    """Let go of the version to follow."""
    connection.execute(f"DETACH {PREVIOUS}")


def has_previous(connection: DuckDBPyConnection) -> bool:
    """Whether this building follows an earlier version."""
    found = connection.execute(
        f"SELECT 1 FROM duckdb_databases() WHERE database_name = '{PREVIOUS}'"
    ).fetchone()
    return found is not None


def carry_rows(
    connection: DuckDBPyConnection,
    sources: Sequence[str],
    pairs: Sequence[tuple[str, str]] = (),
) -> None:
    """Copy every row of these sources, with their findings and states.

    ``pairs`` are sources of which one client's rows alone are copied.
    """
    if not sources and not pairs:
        return
    for table in canonical_tables().values():
        _carry_table(connection, table, _is_of("_source", sources, pairs))
    labels = tuple(
        (name, "source") for name in (LABELS, RELABELLED) if _was_there(connection, name)
    )
    for extra, column in ((SOURCE_FINDINGS, "source"), (SOURCE_STATE, "name"), *labels):
        connection.execute(
            f"INSERT INTO {extra} BY NAME SELECT * FROM {PREVIOUS}.{extra}"
            f" WHERE {_is_of(column, sources, pairs)}"
        )


def _was_there(connection: DuckDBPyConnection, table: str) -> bool:
    """Whether the previous version has that table; those of older programs lack some."""
    found = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = ?",
        [PREVIOUS, table],
    ).fetchone()
    return found is not None


def _is_of(column: str, sources: Sequence[str], pairs: Sequence[tuple[str, str]]) -> str:
    """The condition on rows of these sources, and of these clients of others."""
    either = []
    if sources:
        either.append(f"{column} IN ({quoted_all(sources)})")
    if pairs:
        listed = ", ".join(f"({quoted(name)}, {quoted(client)})" for name, client in pairs)
        either.append(f"({column}, client_id) IN ({listed})")
    return f"({' OR '.join(either)})"


def carry_table(connection: DuckDBPyConnection, table: str, condition: str) -> None:
    """Copy the rows of one table that meet the SQL condition."""
    _carry_table(connection, canonical_tables()[table], condition)


def _carry_table(connection: DuckDBPyConnection, table: CanonicalTable, condition: str) -> None:
    was = f"{PREVIOUS}.{named(table.name)}"
    there = previous_columns(connection, table.name)
    if not there:
        return
    present = connection.execute(f"SELECT 1 FROM {was} WHERE {condition} LIMIT 1").fetchone()
    if present is None:
        return
    defaulted = _defaulted_columns(connection, table.name)
    changed = _changed_columns(connection, table.name) if "_was" in there else set()
    columns = [column for column in table.columns if column.name in there]
    chosen = ", ".join(
        _carried_column(table, column, column.name in defaulted, column.name in changed)
        for column in columns
    )
    listed = named_all(column.name for column in columns)
    connection.execute(
        f"INSERT INTO {named(table.name)} ({listed})"
        f" SELECT {chosen} FROM {was} AS t WHERE {condition}"
    )


def _carried_column(
    table: CanonicalTable, definition: CanonicalColumn, was_defaulted: bool, was_changed: bool
) -> str:
    column = definition.name
    if column in _MARKS:
        return "NULL"
    now = f"t.{named(column)}"
    if was_changed:
        place = quoted(f'$."{column}"')
        now = (
            f"CASE WHEN json_exists(t._was, {place})"
            f" THEN CAST(json_extract_string(t._was, {place}) AS {definition.sql_type})"
            f" ELSE {now} END"
        )
    if not was_defaulted:
        return now
    return (
        f"CASE WHEN EXISTS (SELECT 1 FROM {PREVIOUS}.{APPLIED} AS a"
        f" WHERE a.action = 'defaulted' AND a.table_name = {quoted(table.name)}"
        f" AND a.column_name = {quoted(column)} AND a.client_id = t.client_id"
        f" AND a.record_id = t.{named(table.key[0])}) THEN NULL ELSE {now} END"
    )


def previous_columns(connection: DuckDBPyConnection, table: str) -> set[str]:
    """The columns that the table had in the version to follow, which may be an older program's.

    None where it has no such table. The table itself is asked, because the
    engine's list of all columns takes long to make.
    """
    import duckdb

    try:
        found = connection.execute(f"FROM {PREVIOUS}.{named(table)} LIMIT 0").description or ()
    except duckdb.CatalogException:
        return set()
    return {str(column[0]) for column in found}


def _changed_columns(connection: DuckDBPyConnection, table: str) -> set[str]:
    """The columns of which a merge of records changed any row."""
    found = connection.execute(
        f"SELECT DISTINCT unnest(json_keys(_was)) FROM {PREVIOUS}.{named(table)}"
        " WHERE _was IS NOT NULL"
    ).fetchall()
    return {str(column) for (column,) in found}


def _defaulted_columns(connection: DuckDBPyConnection, table: str) -> set[str]:
    found = connection.execute(
        f"SELECT DISTINCT column_name FROM {PREVIOUS}.{APPLIED}"
        " WHERE action = 'defaulted' AND table_name = ?",
        [table],
    ).fetchall()
    return {str(column) for (column,) in found}
