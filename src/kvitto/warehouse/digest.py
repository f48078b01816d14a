"""What a version holds, as one short text that does not depend on the order of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kvitto.model.table import canonical_tables
from kvitto.warehouse.quoting import named, named_all
from kvitto.warehouse.schema import (
    APPLIED,
    EXTRA_TABLES,
    FINDINGS,
    LABELS,
    RELABELLED,
    SOURCE_FINDINGS,
)
from kvitto.warehouse.version import SourceState

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOT_CONTENT = {"_batch", "_was"}
"""Columns that say when a row came or what it once said, not what it says."""


def count_rows(connection: DuckDBPyConnection) -> dict[str, int]:
    """How many rows each canonical table has; empty ones are left out."""
    parts = [
        f"SELECT '{name}' AS name, count(*) AS n FROM {named(name)}" for name in canonical_tables()
    ]
    found = connection.execute(" UNION ALL ".join(parts)).fetchall()
    return {str(name): int(count) for name, count in found if count}


def content_digest(
    connection: DuckDBPyConnection, rows: Mapping[str, int], sources: Sequence[SourceState]
) -> str:
    """SHA-256 in hex over every table's contents and how far each source is complete.

    Each row is hashed by the engine; the hashes of a table are added and
    xored, so neither the order of the rows nor the run they came in counts.
    """
    lines = [f"{name} {_table_digest(connection, name)}" for name in sorted(rows)]
    lines += [
        f"{name} {_table_digest(connection, name)}"
        for name in (FINDINGS, SOURCE_FINDINGS, APPLIED, LABELS, RELABELLED)
    ]
    lines += sorted(_state_line(state) for state in sources)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _state_line(state: SourceState) -> str:
    """What of a source's state an answer depends on; not when it was synced."""
    known = f"{state.name} {state.kind} {state.client} {state.complete_to} {state.settles_days}"
    return " ".join(("source", known, *sorted(state.tables)))


def _table_digest(connection: DuckDBPyConnection, table: str) -> str:
    columns = named_all(_content_columns(table))
    found = connection.execute(
        f"SELECT count(*), sum(h), bit_xor(h) FROM"
        f" (SELECT hash({columns}) AS h FROM {named(table)})"
    ).fetchone()
    return " ".join(str(part) for part in found or ())


def _content_columns(table: str) -> tuple[str, ...]:
    if table in EXTRA_TABLES:
        return tuple(name for name, _ in EXTRA_TABLES[table])
    every = canonical_tables()[table].columns
    return tuple(column.name for column in every if column.name not in _NOT_CONTENT)
