"""Rows of our own into canonical tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kvitto.audit.register.given import OURS
from kvitto.warehouse.carry import carry_table, has_previous
from kvitto.warehouse.quoting import named, named_all, quoted, quoted_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AT_ONCE = 200


def renew(
    connection: DuckDBPyConnection, table: str, clients: Sequence[str], keep: str | None = None
) -> None:
    """Take our rows of the table out, and those of earlier days over from the version before.

    ``keep`` is the SQL condition on what is taken over; without it nothing is.
    """
    connection.execute(f"DELETE FROM {named(table)} WHERE _source = {quoted(OURS)}")
    if keep is None or not clients or not has_previous(connection):
        return
    mine = f"_source = {quoted(OURS)} AND client_id IN ({quoted_all(clients)})"
    carry_table(connection, table, f"{mine} AND ({keep})")


def add(connection: DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows, which all have the same columns; each has a ``client_id``."""
    if not rows:
        return
    columns = [*rows[0], "_source"]
    marks = f"({', '.join('?' for _ in columns)})"
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        values = [value for row in part for value in (*row.values(), OURS)]
        connection.execute(
            f"INSERT INTO {named(table)} ({named_all(columns)})"
            f" VALUES {', '.join(marks for _ in part)}",
            values,
        )
