"""The canonical tables, read from the two CSV files beside this module.

DDL, documents and validation are made from this data. Every table has, beyond
the columns listed there, the columns of :data:`TENANT` and :data:`PROVENANCE`;
every instant column ``x_at`` (UTC) has a local date ``x_on`` beside it, made
once while conforming in the client's time zone.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from kvitto.errors import UnknownName, did_you_mean

TENANT = "client_id"
"""The column that scope is enforced on; the first column of every table."""

SQL_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "id": "VARCHAR",
        "text": "VARCHAR",
        "enum": "VARCHAR",
        "tz": "VARCHAR",
        "ccy": "VARCHAR",
        "json": "VARCHAR",
        "bool": "BOOLEAN",
        "int": "BIGINT",
        "num": "DECIMAL(20,6)",
        "frac": "DOUBLE",
        "money": "DECIMAL(20,4)",
        "date": "DATE",
        "ts": "TIMESTAMP",
    }
)
"""Type word of a column -> SQL type. Money is never a binary float."""


@dataclass(frozen=True, slots=True)
class CanonicalColumn:
    """One column: ``references`` a table's key, ``values`` of an enumeration.

    ``derived`` columns are made by us (tenant, provenance, local dates).
    """

    name: str
    type: str
    references: str | None = None
    values: tuple[str, ...] = ()
    meaning: str = ""
    derived: bool = False

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]


PROVENANCE: tuple[CanonicalColumn, ...] = (
    CanonicalColumn("_source", "text", meaning="name of the source", derived=True),
    CanonicalColumn("_source_id", "text", meaning="the record's id in the source", derived=True),
    CanonicalColumn("_batch", "text", meaning="the sync that brought the row", derived=True),
    CanonicalColumn(
        "_excluded",
        "text",
        meaning="why the audit leaves the row out of figures; null where it counts",
        derived=True,
    ),
    CanonicalColumn(
        "_was",
        "json",
        meaning="what columns held before records were merged; null where nothing was changed",
        derived=True,
    ),
)
"""Columns at the end of every table."""


@dataclass(frozen=True, slots=True)
class CanonicalTable:
    """One canonical table. ``key`` identifies a row within one client."""

    name: str
    key: tuple[str, ...]
    columns: tuple[CanonicalColumn, ...]
    meaning: str = ""

    def column(self, name: str) -> CanonicalColumn:
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownName.of(
            f"the column {self.name}.{name}",
            "there is none",
            did_you_mean(name, [column.name for column in self.columns]),
        )

    def has(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def declared(self) -> tuple[CanonicalColumn, ...]:
        """The columns that a source may fill."""
        return tuple(column for column in self.columns if not column.derived)


@lru_cache(maxsize=1)
def canonical_tables() -> Mapping[str, CanonicalTable]:
    """All canonical tables by name."""
    here = files("kvitto.model")
    with (here / "canonical.csv").open(encoding="utf-8") as stream:
        by_table: dict[str, list[CanonicalColumn]] = {}
        for row in csv.DictReader(stream):
            by_table.setdefault(row["table"], []).append(
                CanonicalColumn(
                    row["column"],
                    row["type"],
                    row["references"] or None,
                    tuple(value for value in row["values"].split("|") if value),
                    row["meaning"],
                )
            )
    with (here / "canonical_tables.csv").open(encoding="utf-8") as stream:
        tables = {
            row["table"]: CanonicalTable(
                row["table"],
                tuple(row["key"].split("|")),
                _with_derived(tuple(by_table[row["table"]])),
                row["meaning"],
            )
            for row in csv.DictReader(stream)
        }
    return MappingProxyType(tables)


def canonical_table(name: str) -> CanonicalTable:
    """The table of that name. Raises :class:`UnknownName`."""
    tables = canonical_tables()
    if name not in tables:
        raise UnknownName.of(
            f"the canonical table '{name}'", "there is none", did_you_mean(name, list(tables))
        )
    return tables[name]


def _with_derived(declared: tuple[CanonicalColumn, ...]) -> tuple[CanonicalColumn, ...]:
    rest = tuple(column for column in declared if column.name != TENANT)
    tenant = CanonicalColumn(
        TENANT, "id", references="clients", meaning="whose data this is", derived=True
    )
    dates = tuple(
        CanonicalColumn(
            f"{column.name[:-3]}_on",
            "date",
            meaning=f"local date of {column.name} in the client's time zone",
            derived=True,
        )
        for column in rest
        if column.type == "ts" and column.name.endswith("_at")
    )
    taken = {column.name for column in rest}
    return (
        tenant,
        *rest,
        *(column for column in dates if column.name not in taken),
        *PROVENANCE,
    )
