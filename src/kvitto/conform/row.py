"""INSERT of many rows from one query."""

from __future__ import annotations

from collections.abc import Mapping

from kvitto.conform.context import Context
from kvitto.warehouse.quoting import named, named_all, quoted


def insert_rows(context: Context, table: str, columns: Mapping[str, str], tail: str) -> int:
    """Insert ``SELECT columns tail`` and give the count of rows.

    ``columns`` are expressions by column, ``tail`` the query from its FROM on.
    """
    listed = named_all(columns)
    values = ", ".join(columns.values())
    found = context.connection.execute(
        f"INSERT INTO {named(table)} ({listed}) SELECT {values} {tail}"
    ).fetchone()
    return int(found[0]) if found else 0


def provenance(context: Context) -> dict[str, str]:
    """Whose rows these are, for rows that stand for no record of the source."""
    return {
        "client_id": quoted(context.client_id),
        "_source": quoted(context.name),
        "_batch": quoted(context.batch),
    }
