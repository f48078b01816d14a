"""Currency codes that ISO 4217 does not have."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted
from kvitto.workspace.address import currencies


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """Every column that holds a currency."""
    for column in table.columns:
        if column.type != "ccy":
            continue
        listed = ", ".join(f"({quoted(code)})" for code in sorted(currencies()))
        place = row_column(column.name)
        yield Probe(
            code="unknown_currency",
            severity=Severity.error,
            table=table.name,
            column=column.name,
            condition=f"{place} IS NOT NULL AND {place} NOT IN (FROM (VALUES {listed}))",
            what=f"have no valid currency in {column.name}; their amounts cannot be converted",
            todo="Write the code of three letters, such as EUR, or map the label.",
            subject=table.name.replace("_", " "),
            shows=column.name,
        )
