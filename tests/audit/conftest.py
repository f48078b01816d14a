"""Canonical tables in memory, filled with a few rows."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from kvitto.warehouse.schema import create_statements


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """All canonical tables, empty."""
    connection = duckdb.connect()
    for statement in create_statements():
        connection.execute(statement)
    yield connection
    connection.close()
