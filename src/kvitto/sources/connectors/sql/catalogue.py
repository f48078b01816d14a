"""PostgreSQL's types, and how a value of each becomes text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kvitto.sources.connectors.sql.column import Column, Kind
from kvitto.warehouse.quoting import named

_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(("int2", "int4", "int8", "oid"), "integer"),
        **dict.fromkeys(("numeric", "float4", "float8", "money"), "number"),
        "bool": "flag",
        "date": "day",
        "timestamp": "local",
        "timestamptz": "instant",
        "json": "json",
        "jsonb": "json",
        "uuid": "word",
        "bytea": "bytes",
    }
)


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type with its domain taken away: name, form (enum, composite) and category (array)."""

    name: str
    form: str
    category: str


def column_of(name: str, kind: TypeName, *, readable: bool) -> Column:
    """The column, with the SQL that gives its value as the text that is kept."""
    column = named(name)
    if kind.category == "A" or kind.form == "c":
        return Column(name, kind.name, "json", f"to_json({column})::text", readable)
    if kind.form == "e":
        return Column(name, kind.name, "word", f"{column}::text", readable)
    if kind.name == "money":
        return Column(name, kind.name, "number", f"{column}::numeric::text", readable)
    return Column(name, kind.name, _KINDS.get(kind.name, "text"), f"{column}::text", readable)
