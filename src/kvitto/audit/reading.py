"""Findings in and out of a version of the warehouse."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.model.table import TENANT
from kvitto.warehouse.schema import (
    APPLIED,
    CANDIDATES,
    EXTRA_TABLES,
    FINDINGS,
    RESOLVED,
    SOURCE_FINDINGS,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = ", ".join(name for name, _ in EXTRA_TABLES[FINDINGS])
_NO_DAYS = "SELECT NULL::DATE AS first_day, NULL::DATE AS last_day WHERE FALSE"
"""Versions of older programs know no days."""

_ORDER = {Severity.error: 0, Severity.warning: 1, Severity.notice: 2}


class Queried(Protocol):
    """An open version that can be asked."""

    def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """The rows that the SQL gives."""


def read_findings(reader: Queried, clients: Collection[str]) -> tuple[Finding, ...]:
    """The findings of a version about these clients, the gravest first; none for nobody.

    They include what reading and conforming the sources found.
    """
    kept = f"WHERE list_contains($clients, {TENANT})"
    rows = reader.query(
        f"SELECT DISTINCT {_COLUMNS} FROM (SELECT * FROM {FINDINGS} {kept}"
        f" UNION ALL BY NAME SELECT * FROM {SOURCE_FINDINGS} {kept}"
        f" UNION ALL BY NAME {_NO_DAYS})",
        {"clients": sorted(clients)},
    )
    return in_order([_finding(row) for row in rows])


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The gravest first, then the largest, then by place: the same each time."""
    return tuple(
        sorted(
            findings,
            key=lambda one: (
                _ORDER[one.severity],
                -one.rows,
                one.client,
                one.table,
                one.column or "",
                one.code,
                one.source,
                one.message,
            ),
        )
    )


def prepare(connection: DuckDBPyConnection) -> None:
    """Make the tables that are filled here, and empty those that the audit fills anew."""
    for name in (FINDINGS, SOURCE_FINDINGS, APPLIED, CANDIDATES, RESOLVED):
        columns = ", ".join(f"{column} {kind}" for column, kind in EXTRA_TABLES[name])
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
    connection.execute(f"DELETE FROM {FINDINGS}")
    connection.execute(f"DELETE FROM {APPLIED}")
    connection.execute(f"DELETE FROM {CANDIDATES}")


def write_findings(
    connection: DuckDBPyConnection, found: Sequence[Finding], extra: Sequence[Finding]
) -> None:
    """Write what the audit found, and what sources found if it is not there yet."""
    _insert(connection, FINDINGS, found)
    there = connection.execute(f"SELECT {_COLUMNS} FROM {SOURCE_FINDINGS}").fetchall()
    known = {_finding(row) for row in there}
    _insert(connection, SOURCE_FINDINGS, [one for one in dict.fromkeys(extra) if one not in known])


def source_findings(connection: DuckDBPyConnection) -> tuple[Finding, ...]:
    """What reading and conforming found, carried on from earlier syncs too."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM {SOURCE_FINDINGS}").fetchall()
    return tuple(_finding(row) for row in rows)


def _insert(connection: DuckDBPyConnection, table: str, findings: Sequence[Finding]) -> None:
    if findings:
        marks = ", ".join("?" for _ in EXTRA_TABLES[table])
        connection.executemany(
            f"INSERT INTO {table} ({_COLUMNS}) VALUES ({marks})",
            [_row(finding) for finding in findings],
        )


def _row(finding: Finding) -> list[object]:
    return [
        finding.code,
        finding.severity.value,
        finding.client,
        finding.source,
        finding.table,
        finding.column,
        finding.rows,
        json.dumps(finding.records, ensure_ascii=False),
        finding.message,
        finding.todo,
        finding.resolution.value,
        finding.decides,
        finding.first_day,
        finding.last_day,
    ]


def _finding(row: Sequence[Any]) -> Finding:
    return Finding(
        code=row[0],
        severity=Severity(row[1]),
        client=row[2],
        source=row[3],
        table=row[4],
        column=row[5],
        rows=row[6],
        records=tuple(json.loads(row[7] or "[]")),
        message=row[8],
        todo=row[9],
        resolution=Resolution(row[10]),
        decides=row[11],
        first_day=row[12],
        last_day=row[13],
    )
