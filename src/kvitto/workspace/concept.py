"""Concepts: columns of several tables whose labels mean the same kind of thing.

"Source" stands in leads, accounts, contacts and deals. What is decided about a
label of a concept holds wherever the concept occurs. A column that belongs to
no concept is one of its own, named after its place: ``leads.status``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from kvitto.model.table import CanonicalColumn, canonical_tables

LABEL_TYPES = ("text", "enum", "id")
"""Types of columns that may hold labels; an id does where a record is only named."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A canonical column."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def definition(self) -> CanonicalColumn:
        """What the column is."""
        return canonical_tables()[self.table].column(self.column)


_WEB = ("web_sessions", "web_traffic", "web_key_events")

_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "source": tuple((table, "source") for table in ("leads", "accounts", "contacts", "deals")),
    "channel": tuple(
        (table, "channel") for table in ("campaigns", "touchpoints", "budgets", *_WEB)
    ),
    "traffic_source": tuple((table, "source") for table in _WEB),
    "medium": tuple((table, "medium") for table in _WEB),
    "stage": (
        ("deals", "stage_id"),
        ("deal_stage_history", "stage_id"),
        ("stages", "name"),
    ),
    "outcome": (("deals", "outcome"), ("stages", "outcome")),
    "loss_reason": (("deals", "loss_reason_id"), ("loss_reasons", "name")),
    "disqualify_reason": (("leads", "disqualify_reason"),),
    "country": (("accounts", "country_code"), ("web_sessions", "country_code")),
    "industry": (("accounts", "industry"),),
    "segment": (("accounts", "segment"),),
    "region": (("accounts", "region"), ("leads", "region"), ("deals", "region")),
    "product": (("leads", "product"), ("deals", "product")),
    "competitor": (("deals", "competitor"),),
    "conversion_event": (("web_key_events", "name"), ("web_events", "name")),
    "service_channel": (("tickets", "channel"),),
}


@lru_cache(maxsize=1)
def concepts() -> Mapping[str, tuple[Place, ...]]:
    """The named concepts and the canonical columns in which each occurs."""
    return MappingProxyType(
        {
            name: tuple(Place(table, column) for table, column in places)
            for name, places in _PLACES.items()
        }
    )


@lru_cache(maxsize=4096)
def concept_of(table: str, column: str) -> str:
    """The concept of a canonical column: a named one, or ``table.column`` itself."""
    place = Place(table, column)
    return next((name for name, places in concepts().items() if place in places), str(place))


def places_of(concept: str) -> tuple[Place, ...]:
    """The columns of a concept; none where there is no such concept or column."""
    if concept in concepts():
        return concepts()[concept]
    table, _, column = concept.partition(".")
    tables = canonical_tables()
    if table not in tables or not tables[table].has(column):
        return ()
    return (Place(table, column),)


def closed_values(concept: str) -> tuple[str, ...]:
    """The only values that every column of the concept takes; empty where any text may stand.

    Where several columns have closed lists, a value must be in each of them.
    """
    lists = [place.definition.values for place in places_of(concept) if place.definition.values]
    if not lists:
        return ()
    return tuple(value for value in lists[0] if all(value in other for other in lists[1:]))
