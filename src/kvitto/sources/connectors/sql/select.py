"""What is asked of a database for a stream, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kvitto.sources.connectors.sql.column import REMOVED, ROW, Column, Relation
from kvitto.sources.connectors.sql.database import Database, ticked
from kvitto.sources.connectors.sql.settings import TableSettings
from kvitto.sources.stream import Stream, Wanted
from kvitto.warehouse.quoting import named


def rows_sql(
    database: Database,
    relation: Relation,
    table: TableSettings,
    stream: Stream,
    wanted: Wanted,
    fields: Sequence[str],
) -> str:
    """The rows asked for, each field as text, in the order of ``fields``."""
    texts = [
        f"{_text(database, relation, table, field)} AS c{place}"
        for place, field in enumerate(fields)
    ]
    return (
        f"SELECT {', '.join(texts)} FROM {relation.sql}"
        f" WHERE {_condition(database, relation, table, wanted)}"
        f"{_order(database, relation, table, stream)}"
    )


def kept_sql(database: Database, relation: Relation, table: TableSettings, wanted: Wanted) -> str:
    """How many rows of a stream of days have no day, or one after those that are read."""
    assert wanted.last is not None
    column = relation.column(table.cursor or "")
    assert column is not None
    name = _named(database, column)
    until = database.days_sql(column, date.min, wanted.last)
    return f"SELECT count(*) FROM {relation.sql} WHERE {name} IS NULL OR NOT ({until})"


def ids_sql(database: Database, relation: Relation, stream: Stream) -> str:
    """The keys of all rows."""
    texts = [f"{relation.fields[field].sql} AS c{place}" for place, field in enumerate(stream.key)]
    return f"SELECT {', '.join(texts)} FROM {relation.sql}"


def _text(database: Database, relation: Relation, table: TableSettings, field: str) -> str:
    if field == REMOVED:
        column = relation.column(table.deleted_field or "")
        assert column is not None
        return f"CASE WHEN {_named(database, column)} IS NOT NULL THEN 'true' END"
    assert field != ROW
    return relation.fields[field].sql


def _condition(database: Database, relation: Relation, table: TableSettings, wanted: Wanted) -> str:
    column = relation.column(table.cursor) if table.cursor is not None else None
    if column is None:
        return "1 = 1"
    if wanted.first is not None and wanted.last is not None:
        return database.days_sql(column, wanted.first, wanted.last)
    if wanted.since is None:
        return "1 = 1"
    return database.changed_sql(column, wanted.since, wanted.until)


def _order(database: Database, relation: Relation, table: TableSettings, stream: Stream) -> str:
    if not stream.ordered or table.cursor is None:
        return ""
    column = relation.column(table.cursor)
    assert column is not None
    # Rows without a time come first: what is read later may be left for the next run.
    nulls = " NULLS FIRST" if database.dialect == "postgres" else ""
    return f" ORDER BY {_named(database, column)}{nulls}"


def _named(database: Database, column: Column) -> str:
    return ticked(column.name) if database.dialect == "mysql" else named(column.name)
