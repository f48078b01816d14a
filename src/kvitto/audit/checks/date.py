"""Dates that cannot be meant: before 1990, or more than ten years ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kvitto.audit.probe import YEARS_AHEAD, Probe, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable

FIRST_YEAR = 1990
"""No system of today kept records before."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """Every date and moment that a source fills."""
    ahead = date(min(setting.today.year + YEARS_AHEAD, 9998) + 1, 1, 1)
    for column in table.declared:
        if column.type not in ("date", "ts"):
            continue
        place = row_column(column.name)
        word = "DATE" if column.type == "date" else "TIMESTAMP"
        yield Probe(
            code="date_out_of_range",
            severity=Severity.warning,
            table=table.name,
            column=column.name,
            condition=f"{place} < {word} '{FIRST_YEAR}-01-01' OR {place} >= {word} '{ahead}'",
            what=f"have a date in {column.name} before {FIRST_YEAR} or {YEARS_AHEAD} years ahead",
            todo="Look at the date order in the source, or correct the rows.",
            subject=table.name.replace("_", " "),
        )
