"""What a figure can be split by, and how each table reaches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from kvitto.metrics.relation import Path, links
from kvitto.model.period import Grain
from kvitto.model.table import canonical_table


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension. ``grain`` is set for those of time; ``names`` by language."""

    id: str
    names: Mapping[str, str]
    grain: Grain | None = None

    def name(self, language: str) -> str:
        """The name in that language, in English where it has none."""
        return self.names.get(language, self.names["en"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dimension is found from a table: ``column`` at the end of ``path``.

    ``named_by`` is the table (with its key) that says what a member is called;
    ``None`` where the column's own text is the name.
    """

    path: Path
    column: str
    named_by: str | None = None


_NAMES: dict[str, tuple[str, str]] = {
    "owner": ("Owner", "Ägare"),
    "manager": ("Manager", "Chef"),
    "team": ("Team", "Team"),
    "region": ("Region", "Region"),
    "product": ("Product", "Produkt"),
    "product_family": ("Product family", "Produktfamilj"),
    "source": ("Source", "Källa"),
    "stage": ("Stage", "Fas"),
    "pipeline": ("Pipeline", "Pipeline"),
    "account": ("Account", "Kund"),
    "industry": ("Industry", "Bransch"),
    "outcome": ("Outcome", "Utfall"),
    "kind": ("Kind", "Slag"),
    "loss_reason": ("Loss reason", "Förlustorsak"),
    "activity_type": ("Activity type", "Aktivitetstyp"),
    "channel": ("Channel", "Kanal"),
    "platform": ("Platform", "Plattform"),
    "object": ("Records", "Poster"),
    "field": ("Field", "Fält"),
    "system": ("System", "System"),
    "day": ("Day", "Dag"),
    "week": ("Week", "Vecka"),
    "month": ("Month", "Månad"),
    "quarter": ("Quarter", "Kvartal"),
    "year": ("Year", "År"),
}

_DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        name: Dimension(
            name,
            MappingProxyType({"en": english, "sv": swedish}),
            Grain(name) if name in Grain.__members__ else None,
        )
        for name, (english, swedish) in _NAMES.items()
    }
)

_OWNER_COLUMNS = ("owner_id", "assignee_id", "user_id")

_OWN: dict[str, str] = {
    "region": "region",
    "product": "product",
    "source": "source",
    "outcome": "outcome",
    "kind": "kind",
    "industry": "industry",
    "channel": "channel",
    "platform": "platform",
    "object": "object",
    "field": "field",
}
"""Dimensions whose text stands in a column of that name."""

_NAMED: dict[str, str] = {
    "stage": "stage_id",
    "pipeline": "pipeline_id",
    "account": "account_id",
    "loss_reason": "loss_reason_id",
    "system": "system_id",
}
"""Dimensions that are the name of the record that a column points to."""

_NAMED_BY: dict[str, str] = {"system": "data_systems"}
"""Tables that name a dimension's members and are not called after it."""

_BY_WAY_OF = ("deal", "account", "lead", "task")
"""Links over which a table reaches a dimension that it does not hold itself, in order."""

_SPECIAL: dict[tuple[str, str], Place | None] = {
    ("deal_stage_history", "outcome"): Place(("stage",), "outcome"),
    ("deal_stage_history", "loss_reason"): None,
    ("deal_snapshots", "loss_reason"): None,
}
"""Where the deal of today would answer for a day of the past, and must not."""


def known_dimensions() -> Mapping[str, Dimension]:
    """All dimensions by id, those of time last."""
    return _DIMENSIONS


@lru_cache(maxsize=1024)
def place(table: str, dimension: str) -> Place | None:
    """Where a table finds the dimension; ``None`` if it does not reach it."""
    if (table, dimension) in _SPECIAL:
        return _SPECIAL[(table, dimension)]
    found = _own_place(table, dimension)
    if found is not None:
        return found
    known = links(table)
    for step in _BY_WAY_OF:
        if step not in known or known[step].target == table or known[step].sql is not None:
            continue
        further = place(known[step].target, dimension)
        if further is not None:
            return Place((step, *further.path), further.column, further.named_by)
    return None


def reached(table: str) -> tuple[str, ...]:
    """The dimensions, other than those of time, that a table reaches."""
    return tuple(
        name
        for name, dimension in _DIMENSIONS.items()
        if dimension.grain is None and place(table, name) is not None
    )


def _own_place(table: str, dimension: str) -> Place | None:
    if dimension in ("owner", "manager", "team"):
        return _person_place(table, dimension)
    if dimension == "activity_type":
        return Place((), "type") if table == "activities" else None
    if dimension == "product_family":
        return Place(("catalogue_product",), "family") if _has_product(table) else None
    if dimension in _NAMED and canonical_table(table).has(_NAMED[dimension]):
        named_by = _NAMED_BY.get(dimension, f"{dimension}s")
        return Place((), _NAMED[dimension], named_by)
    if dimension in _OWN and canonical_table(table).has(_OWN[dimension]):
        return Place((), _OWN[dimension])
    return None


def _has_product(table: str) -> bool:
    return "catalogue_product" in links(table)


def _person_place(table: str, dimension: str) -> Place | None:
    column = next((name for name in _OWNER_COLUMNS if canonical_table(table).has(name)), None)
    if column is None or (table == "users" and column == "user_id"):
        return None
    step = column.removesuffix("_id")
    if dimension == "owner":
        return Place((), column, "users")
    if dimension == "manager":
        return Place((step,), "manager_id", "users")
    return Place((step,), "team_id", "teams")
