"""Kept rows as staged tables that are understood like files, with the database's own types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kvitto.sources.column import decide_columns
from kvitto.sources.connectors.sql.column import FORMATS, REMOVED, ROW, Relation
from kvitto.sources.format import NOTHING
from kvitto.sources.staged import Decision, StagedColumn, StagedTable
from kvitto.warehouse.quoting import named, named_all, quoted_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SAMPLE = 1000


def as_file(connection: DuckDBPyConnection, table: StagedTable, relation: Relation) -> StagedTable:
    """The table with nothing declared: types where the database has them, else by the values."""
    shown = [column for column in table.columns if column.name not in (ROW, REMOVED)]
    open_names = [column.name for column in shown if _is_open(relation, column.name)]
    texts = ", ".join(_value(column.name, column.name in open_names) for column in shown)
    sql = f"(SELECT {texts} FROM {table.relation_sql})"
    decided = _decided(connection, sql, open_names, table.file)
    columns = tuple(
        decided[column.name] if column.name in decided else _typed(column, relation)
        for column in shown
    )
    return replace(table, columns=columns, relation_sql=sql, declared=False)


def _is_open(relation: Relation, name: str) -> bool:
    column = relation.fields.get(name)
    return column is not None and column.kind == "text"


def _value(name: str, is_open: bool) -> str:
    """Words for "nothing" count only where the database does not know the type."""
    if not is_open:
        return named(name)
    text = named(name)
    return f"CASE WHEN {text} NOT IN ({quoted_all(NOTHING)}) THEN {text} END AS {text}"


def _typed(column: StagedColumn, relation: Relation) -> StagedColumn:
    known = relation.fields.get(column.name)
    if known is None:
        return column
    how = Decision("type", known.type, "found", "the database says so")
    form = FORMATS[known.kind]
    return replace(column, format=form, decisions=(how,))


def _decided(
    connection: DuckDBPyConnection, relation: str, names: Sequence[str], file: str
) -> dict[str, StagedColumn]:
    if not names:
        return {}
    listed = named_all(names)
    rows = connection.execute(f"SELECT {listed} FROM {relation} LIMIT {_SAMPLE}").fetchall()
    samples = [[str(row[n]) for row in rows if row[n] is not None] for n in range(len(names))]
    columns, _, _ = decide_columns(connection, relation, names, names, samples, file)
    return {column.name: column for column in columns}
