"""Rows without an id: no receipt could name them, so they do not count."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting, row_column
from kvitto.model.finding import Resolution, Severity
from kvitto.model.table import CanonicalTable

TOTALS = ("web_sessions",)
"""Tables whose rows may be totals that stand for no single record."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """The first column of the key, which every row must have."""
    if table.name in TOTALS:
        return
    key = table.key[0]
    yield Probe(
        code="missing_key",
        severity=Severity.error,
        table=table.name,
        column=key,
        condition=f"{row_column(key)} IS NULL",
        what=f"have no {key} and are left out",
        todo=f"Map a column to {table.name}.{key}, or complete the export.",
        subject=table.name.replace("_", " "),
        resolution=Resolution.exclude,
        rule=f"{table.name}.{key}: every row needs one",
        excluded=f"no {key}",
    )
