"""How full every field is: one scan of each table, all its columns at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kvitto.model.table import TENANT, CanonicalTable, canonical_tables
from kvitto.warehouse.quoting import named, quoted

Query = Callable[[str], list[tuple[Any, ...]]]

REGISTERS = (
    "data_issues",
    "field_usage",
    "data_systems",
    "data_access",
    "data_states",
    "data_conflicts",
    "data_checks",
)
"""Tables that tell about the data; they are not judged themselves."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One client's rows of a table from one source, and how many of them have each column."""

    client: str
    source: str
    table: str
    rows: int
    filled: Mapping[str, int]


def judged_tables() -> tuple[CanonicalTable, ...]:
    """The canonical tables that hold the client's own data."""
    return tuple(table for name, table in canonical_tables().items() if name not in REGISTERS)


def measure_fill(query: Query, client: str | None = None) -> tuple[Fill, ...]:
    """Every table's fill, by client and source, over the rows that count.

    ``query`` asks the version, about one client or all. An empty table costs one look.
    """
    found: list[Fill] = []
    for table in judged_tables():
        if not query(f"SELECT 1 FROM {named(table.name)} LIMIT 1"):
            continue
        columns = [column.name for column in table.declared if column.name != TENANT]
        for whose, source, count, *filled in query(fill_sql(table, client)):
            counts = dict(zip(columns, filled, strict=True))
            found.append(Fill(str(whose or ""), str(source or ""), table.name, count, counts))
    return tuple(found)


def fill_sql(table: CanonicalTable, client: str | None = None) -> str:
    """The one question that is asked of a table."""
    columns = [column.name for column in table.declared if column.name != TENANT]
    whose = "" if client is None else f" AND {TENANT} = {quoted(client)}"
    counted = "".join(f", count({named(name)})" for name in columns)
    return (
        f"SELECT {TENANT}, _source, count(*){counted} FROM {named(table.name)}"
        f" WHERE _excluded IS NULL{whose} GROUP BY 1, 2 ORDER BY 1, 2"
    )
