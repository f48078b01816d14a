"""Country codes that ISO 3166-1 does not have; most often the country's name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kvitto.audit.probe import Probe, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted

_NO_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)
"""Codes of CLDR that are reserved, made up, or of more than one country."""


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """The codes of two letters, with Kosovo's, which is in use everywhere."""
    from babel import Locale

    known = [str(code) for code in Locale.parse("en").territories]
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - _NO_COUNTRIES


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """Every column that holds a country."""
    for column in table.declared:
        if column.name != "country_code" and not column.name.endswith("_country_code"):
            continue
        listed = ", ".join(f"({quoted(code)})" for code in sorted(countries()))
        place = row_column(column.name)
        yield Probe(
            code="unknown_country",
            severity=Severity.notice,
            table=table.name,
            column=column.name,
            condition=f"{place} IS NOT NULL AND {place} NOT IN (FROM (VALUES {listed}))",
            what=f"have no country of ISO 3166-1 in {column.name}",
            todo="Write the code of two letters, such as SE, or map the label in rules/ under"
            f" 'labels: {table.name}.{column.name}:'.",
            subject=table.name.replace("_", " "),
            shows=column.name,
        )
