"""Findings of reading and conforming, kept in the building beside the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kvitto.model.finding import Finding
from kvitto.warehouse.schema import SOURCE_FINDINGS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def write_findings(connection: DuckDBPyConnection, findings: Sequence[Finding]) -> None:
    """Keep the findings in ``_source_findings``, from where later versions carry them on."""
    connection.execute("BEGIN")
    for finding in findings:
        connection.execute(
            f"INSERT INTO {SOURCE_FINDINGS} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                finding.code,
                finding.severity.value,
                finding.client,
                finding.source,
                finding.table,
                finding.column,
                finding.rows,
                json.dumps(list(finding.records)),
                finding.message,
                finding.todo,
                finding.resolution.value,
                finding.decides,
                finding.first_day,
                finding.last_day,
            ],
        )
    connection.execute("COMMIT")
