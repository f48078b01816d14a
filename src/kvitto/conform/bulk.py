"""INSERT of many rows, cheap where a table is still empty.

A text column costs the engine the same whether it holds a million names or a
million times nothing, but a column that is added to a full table with a
default costs next to nothing. So a large first INSERT writes only the columns
that vary, and the others are added afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping

from kvitto.conform.context import Context
from kvitto.conform.expression import named
from kvitto.model.table import canonical_table

MANY = 100_000_000
"""Rows from which on the order of work pays."""


def insert_rows(
    context: Context,
    table: str,
    varying: Mapping[str, str],
    fixed: Mapping[str, str],
    tail: str,
    expected: int,
) -> int:
    """Insert ``SELECT varying, fixed tail`` and give the count of rows.

    ``varying`` are expressions by column, ``fixed`` literals; ``tail`` is the
    query from its FROM on. ``expected`` is about how many rows come.
    """
    connection = context.connection
    if expected < MANY or context.count(f"SELECT count(*) FROM {named(table)}"):
        columns = {**varying, **fixed}
        found = connection.execute(_insert(table, columns, tail)).fetchone()
        return int(found[0]) if found else 0
    canonical = canonical_table(table)
    kinds = {column.name: column.sql_type for column in canonical.columns}
    first = ", ".join(f"{named(name)} {kinds[name]}" for name in kinds if name in varying)
    connection.execute(f"DROP TABLE {named(table)}")
    connection.execute(f"CREATE TABLE {named(table)} ({first})")
    found = connection.execute(_insert(table, varying, tail)).fetchone()
    for name, kind in kinds.items():
        if name in varying:
            continue
        default = f" DEFAULT {fixed[name]}" if name in fixed else ""
        connection.execute(f"ALTER TABLE {named(table)} ADD COLUMN {named(name)} {kind}{default}")
        if default:
            connection.execute(
                f"ALTER TABLE {named(table)} ALTER COLUMN {named(name)} DROP DEFAULT"
            )
    return int(found[0]) if found else 0


def _insert(table: str, columns: Mapping[str, str], tail: str) -> str:
    listed = ", ".join(named(name) for name in columns)
    values = ", ".join(columns.values())
    return f"INSERT INTO {named(table)} ({listed}) SELECT {values} {tail}"
