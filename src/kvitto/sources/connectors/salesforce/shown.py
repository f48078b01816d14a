"""The streams as one organisation shows them: its own fields, its currencies, what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kvitto.sources.connectors.salesforce.entity import Entity, needs
from kvitto.sources.connectors.salesforce.settings import SalesforceSettings
from kvitto.sources.connectors.salesforce.value import KINDS
from kvitto.sources.stream import FieldKind, Stream
from kvitto.workspace.definition import ColumnMap


@dataclass(frozen=True, slots=True)
class Described:
    """The fields of an object that the signed-in user may see: name -> type.

    ``parents`` are the names by which fields of other records are reached.
    """

    types: Mapping[str, str]
    parents: frozenset[str] = frozenset()

    def sees(self, path: str) -> bool:
        """Whether the field, or the parent that leads to it, is there."""
        first, sign, _ = path.partition(".")
        return first in self.parents if sign else path in self.types

    def kind(self, path: str) -> FieldKind:
        """How its values are written; text for a field of another record."""
        return KINDS.get(self.types.get(path, ""), "text")


def asked_fields(
    stream: Stream, entity: Entity, described: Described, extra: tuple[str, ...]
) -> tuple[str, ...]:
    """The fields to ask for: declared and wanted ones that may be seen, and what parts need."""
    wanted: dict[str, None] = {}
    for name in (*stream.fields, *extra):
        part = entity.parts.get(name)
        for field in (name,) if part is None else needs(part):
            wanted[field] = None
    return tuple(name for name in wanted if described.sees(name))


def unseen(
    stream: Stream, entity: Entity, described: Described, extra: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Declared or wanted fields that the user may not see or the organisation does not have."""
    return tuple(
        name
        for name in dict.fromkeys((*stream.fields, *extra))
        if name not in entity.parts and not described.sees(name)
    )


def shown(
    stream: Stream, entity: Entity, described: Described, settings: SalesforceSettings
) -> Stream:
    """The stream with the organisation's own fields, filling what they can fill."""
    fields: dict[str, FieldKind] = dict(stream.fields)
    fill: dict[str, dict[str, str | ColumnMap]] = {
        table: dict(columns) for table, columns in stream.fill.items()
    }
    for name, (kind, columns) in entity.seen.items():
        if described.sees(name):
            fields[name] = kind
            for table, column in columns.items():
                fill[table][column] = name
    for name in settings.fields.get(stream.name, ()):
        fields.setdefault(name, described.kind(name))
    if described.sees("CurrencyIsoCode"):
        for table, column in entity.base:
            fill[table].pop(column, None)
    if "deals" in fill and settings.closing == "close_date":
        fill["deals"]["closed_at"] = "ClosedOn"
    return replace(stream, fields=fields, fill=fill)
