"""Rows of our own into canonical tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kvitto.audit.register.given import OURS
from kvitto.model.table import canonical_table
from kvitto.warehouse.carry import carry_table, has_previous
from kvitto.warehouse.quoting import named, named_all, quoted, quoted_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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
    """Add rows, which all have the same columns; each has a ``client_id``.

    They go over as one text: the engine takes long to look at each of many
    single parameters.
    """
    if not rows:
        return
    definition = canonical_table(table)
    columns = [*rows[0], "_source"]
    kinds = {name: definition.column(name).sql_type for name in columns}
    text = json.dumps([{**row, "_source": OURS} for row in rows], default=str)
    chosen = ", ".join(f"r.{named(name)}" for name in columns)
    connection.execute(
        f"INSERT INTO {named(table)} ({named_all(columns)}) SELECT {chosen}"
        f" FROM (SELECT unnest(from_json(?, {quoted(json.dumps([kinds]))})) AS r)",
        [text],
    )
