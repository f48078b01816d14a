"""Columns and relations as the database's own catalogue describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from kvitto.sources.format import ColumnFormat
from kvitto.sources.stream import DELETED, FieldKind

Kind = Literal[
    "text", "word", "integer", "number", "flag", "day", "instant", "local", "json", "bytes"
]
"""What the database says of a column. ``text`` says nothing: its values decide, as in a file.
``word`` is text that is nothing else (a UUID, an enum); ``instant`` has a zone, ``local`` has
none and means the source's; ``bytes`` cannot be read."""

FORMATS: Mapping[Kind, ColumnFormat] = MappingProxyType(
    {
        "word": ColumnFormat("text"),
        "json": ColumnFormat("text"),
        "integer": ColumnFormat("integer"),
        "number": ColumnFormat("number"),
        "flag": ColumnFormat("bool"),
        "day": ColumnFormat("date", "ymd"),
        "instant": ColumnFormat("instant", "ymd", zoned=True),
        "local": ColumnFormat("instant", "ymd"),
    }
)
"""How the columns that the database has types for are read."""

FIELD_KINDS: Mapping[Kind, FieldKind] = MappingProxyType({"instant": "instant"})
"""What streams declare; everything else is text until it is staged. With a zone or without one
is told apart here because the kept text of a column changes with it."""

TIMES = ("day", "instant", "local")

ROW = "_content"
"""The key of rows that have none: what they hold, and the how-manieth of that."""

REMOVED = "_removed"
"""Whether a row counts as deleted, where the database says so by a time."""

_OURS = frozenset({DELETED, ROW, REMOVED, "_row", "_k", "_p", "_n", "_h", "file_row_number"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``type`` in the database's words, ``sql`` gives its value as it is kept."""

    name: str
    type: str
    kind: Kind
    sql: str
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, a view or a query.

    ``sql`` stands behind FROM. ``key`` is the primary key, ``unique`` are other
    sets of columns that identify a row, ``sorted_by`` those that lead an index.
    ``refused`` says why it may not be read.
    """

    name: str
    sql: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    unique: tuple[frozenset[str], ...] = ()
    sorted_by: frozenset[str] = frozenset()
    refused: str | None = None
    fields: Mapping[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        """Name the columns as they are kept."""
        object.__setattr__(self, "fields", MappingProxyType(_fields(self.columns)))

    def column(self, name: str) -> Column | None:
        """The column of that name; letters count as they are written, then by sound."""
        exact = next((one for one in self.columns if one.name == name), None)
        if exact is not None:
            return exact
        alike = [one for one in self.columns if one.name.casefold() == name.casefold()]
        return alike[0] if len(alike) == 1 else None

    def field_of(self, column: Column) -> str:
        """The name under which the column is kept."""
        return next(name for name, one in self.fields.items() if one is column)

    def identifies(self, key: Iterable[str]) -> bool:
        """Whether the database itself sees to it that no two rows share that key."""
        asked = frozenset(key)
        return any(known <= asked for known in (*self.unique, frozenset(self.key)) if known)


def _fields(columns: Iterable[Column]) -> dict[str, Column]:
    """Names that are told apart by more than capitals and are not ours."""
    named: dict[str, Column] = {}
    taken = {name.casefold() for name in _OURS}
    for column in columns:
        name, number = column.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{column.name}_{number}"
        taken.add(name.casefold())
        named[name] = column
    return named
