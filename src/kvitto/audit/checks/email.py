"""E-mail addresses that no mail can reach."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable

ADDRESS = r"[^@\s<>,;:()\[\]\\\"]+@([^@\s.<>,;:()\[\]_]+\.)+[^@\s.<>,;:()\[\]_0-9]{2,}"
"""The form of an address, in any script; whether it is reachable is not asked."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """Every column that holds an address."""
    for column in table.columns:
        if column.type != "text" or not (column.name == "email" or column.name.endswith("_email")):
            continue
        place = row_column(column.name)
        yield Probe(
            code="invalid_email",
            severity=Severity.notice,
            table=table.name,
            column=column.name,
            condition=f"NOT regexp_full_match(trim({place}), '{ADDRESS}') OR {place} LIKE '%..%'",
            what=f"have no valid address in {column.name}",
            todo="Correct the address in the source.",
            subject=table.name.replace("_", " "),
        )
