"""Rows into canonical tables, and what the audit found about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import duckdb

from kvitto.audit import AuditResult, audit
from kvitto.workspace.definition import ClientDefinition, RulesDefinition

CLIENTS = {
    "a": ClientDefinition(name="A", currency="EUR", country="SE"),
    "b": ClientDefinition(name="B", currency="EUR", country="FI"),
}
TODAY = date(2018, 1, 2)


def put(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert the rows; they are of client a and source crm unless they say otherwise."""
    for row in rows:
        full = {"client_id": "a", "_source": "crm"} | row
        marks = ", ".join("?" for _ in full)
        columns = ", ".join(full)
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [*full.values()])


def audited(connection: duckdb.DuckDBPyConnection, **rules: Any) -> AuditResult:
    """The audit with these sections as its one rule file."""
    definition = RulesDefinition.model_validate(rules)
    return audit(connection, CLIENTS, {"ours": definition}, today=TODAY)


def told(result: AuditResult, code: str) -> dict[tuple[str, str | None], int]:
    """Rows of the findings of that code, by client and column."""
    return {(one.client, one.column): one.rows for one in result.findings if one.code == code}


def lines(connection: duckdb.DuckDBPyConnection, *columns: str) -> list[tuple[Any, ...]]:
    """The lines of ``_applied``."""
    return connection.execute(f"SELECT {', '.join(columns)} FROM _applied ORDER BY ALL").fetchall()
