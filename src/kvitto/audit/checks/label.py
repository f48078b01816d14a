"""Labels that the model does not know: they would fall out of every split."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """Every column with a closed list of values."""
    for column in table.columns:
        if not column.values:
            continue
        listed = ", ".join(quoted(value) for value in column.values)
        place = row_column(column.name)
        yield Probe(
            code="unknown_value",
            severity=Severity.warning,
            table=table.name,
            column=column.name,
            condition=f"{place} IS NOT NULL AND {place} NOT IN ({listed})",
            what=f"have an unknown label in {column.name}",
            todo=f"Translate it in rules/ under 'labels: {table.name}.{column.name}:' to one of"
            f" {', '.join(column.values)}.",
            subject=table.name.replace("_", " "),
            shows=column.name,
        )
