"""Shares that are not between 0 and 1: most often percentages taken as fractions."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """Every fraction of the table."""
    for column in table.columns:
        if column.type != "frac":
            continue
        place = row_column(column.name)
        yield Probe(
            code="share_out_of_range",
            severity=Severity.warning,
            table=table.name,
            column=column.name,
            condition=f"{place} < 0 OR {place} > 1",
            what=f"have a share outside 0 to 1 in {column.name}",
            todo="If the source gives per cent, write 'factor: 0.01' in its map.",
            subject=table.name.replace("_", " "),
        )
