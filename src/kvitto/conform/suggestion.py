"""Headers that are known, to the canonical columns they mean.

A vendor's own headers count before those of a language. The table is the one
in which most of the file's headers mean something, with the file's name as a
hint; every guess says which word it rests on.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from kvitto.conform.identity import own_key
from kvitto.conform.label import normal
from kvitto.conform.understanding import Fill
from kvitto.model.table import canonical_table
from kvitto.sources import StagedTable
from kvitto.workspace.definition import ColumnMap

VENDORS = ("hubspot", "salesforce", "dynamics365", "activecampaign", "pipedrive")
"""Vendors whose headers are known."""

_NAME_COLUMNS = ("name", "full_name", "email")
_NUMBERED = ("deals", "activities", "leads", "goals")
"""Tables whose records have no name of their own to be told apart by."""

_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "deal_stage_history": ("deal_id", "stage_id", "entered_at"),
        "ad_spend": ("spend_on", "platform"),
        "list_memberships": ("list_id", "contact_id"),
        "order_lines": ("order_id",),
        "web_traffic": ("visited_on",),
        "web_key_events": ("occurred_on", "name"),
        "search_positions": ("measured_on", "query"),
    }
)
_FROM_NAME = 4.0
_ENOUGH = 4.0


@dataclass(frozen=True, slots=True)
class _Known:
    """A header that is known: what it fills, and where that is from."""

    column: str
    why: str
    weight: float
    factor: Decimal | None = None


def suggest(table: StagedTable, vendor: str | None) -> tuple[Fill, ...]:
    """What the file fills, guessed from its name and headers; empty where nothing is known."""
    best: tuple[float, tuple[Fill, ...]] = (0.0, ())
    for name in _aliases():
        fills, score = _fitted(table, name, vendor)
        if score > best[0] and (score >= _ENOUGH or _mostly(table, fills)):
            best = (score, fills)
    return best[1]


def _mostly(table: StagedTable, fills: tuple[Fill, ...]) -> bool:
    """Whether a small file is understood in most of its columns."""
    used = {fill.map.column for fill in fills}
    return len(used) >= 2 and len(used) * 3 >= len(table.columns) * 2


def _fitted(table: StagedTable, name: str, vendor: str | None) -> tuple[tuple[Fill, ...], float]:
    """The file as that canonical table, and how well it fits."""
    known = _aliases()[name]
    own = _vendor_aliases(vendor).get(name, {}) if vendor else {}
    taken: dict[str, tuple[float, Fill]] = {}
    for column in table.columns:
        found = _find(column.header, name, known, own)
        if found is None:
            continue
        fill = Fill(
            name,
            found.column,
            ColumnMap(column=column.name, factor=found.factor),
            "guessed",
            f"'{column.header}' is {found.why}",
        )
        if found.column not in taken or taken[found.column][0] < found.weight:
            taken[found.column] = (found.weight, fill)
    score = sum(weight for weight, _ in taken.values()) + _name_bonus(table, name)
    fills = {column: fill for column, (_, fill) in taken.items()}
    return (with_key(name, fills), score) if _has_key(name, fills) else ((), 0.0)


def _find(
    header: str, table: str, known: Mapping[str, _Known], own: Mapping[str, _Known]
) -> _Known | None:
    """The meaning of a header: the vendor's, the whole header's, or without the table's noun."""
    plain = normal(header).removeprefix("properties ")
    if plain in own:
        return own[plain]
    if plain in known:
        return known[plain]
    words = [word for word in plain.split() if word not in _nouns().get(table, ())]
    shorter = " ".join(words)
    if words and shorter != plain and shorter in known:
        found = known[shorter]
        return _Known(found.column, found.why, found.weight - 0.5)
    return None


def filled_key(table: str, columns: set[str]) -> bool:
    """Whether these columns tell the table's rows apart; records may go by their name."""
    key = own_key(table)
    if key is None or table in _NEEDED:
        return columns.issuperset(_needed(table))
    named = table not in _NUMBERED and not columns.isdisjoint(_NAME_COLUMNS)
    return key in columns or named


def _has_key(table: str, fills: Mapping[str, Fill]) -> bool:
    key = own_key(table)
    if key is None:
        return all(column in fills for column in _needed(table))
    return key in fills or _named_by(table, fills) is not None


def _needed(table: str) -> tuple[str, ...]:
    """Columns without which the table's rows say nothing; ``seq`` is counted by us."""
    return _NEEDED.get(table, canonical_table(table).key)


def with_key(table: str, fills: dict[str, Fill]) -> tuple[Fill, ...]:
    """The fills, with the key taken from the name where the file has no id."""
    key = own_key(table)
    if key is None or key in fills:
        return tuple(fills.values())
    name = _named_by(table, fills)
    assert name is not None
    why = f"there is no id, so the records are told apart by '{fills[name].map.column}'"
    return (Fill(table, key, fills[name].map, "guessed", why), *fills.values())


def _named_by(table: str, fills: Mapping[str, Fill]) -> str | None:
    if table in _NUMBERED:
        return None
    return next((column for column in _NAME_COLUMNS if column in fills), None)


def _name_bonus(table: StagedTable, name: str) -> float:
    """A file that is called like the table; the longest noun in the name wins."""
    called = normal(f"{table.name} {table.sheet or ''}")
    lengths = {
        other: max((len(noun) for noun in nouns if f" {noun} " in f" {called} "), default=0)
        for other, nouns in _nouns().items()
    }
    longest = max(lengths.values(), default=0)
    return _FROM_NAME if longest and lengths.get(name) == longest else 0.0


@lru_cache(maxsize=1)
def _aliases() -> Mapping[str, Mapping[str, _Known]]:
    """Canonical table -> normalised header -> what it fills, over all languages.

    Where one header may fill two columns the first in the file wins.
    """
    made: dict[str, dict[str, _Known]] = {}
    for row in _rows("headers.csv"):
        words = made.setdefault(row["table"], {})
        for header in row["headers"].split("|"):
            found = _Known(
                row["column"],
                f"a known header for {row['table']}.{row['column']} ({row['language']})",
                _weight(row["table"], row["column"]),
            )
            plain = normal(header)
            if plain not in words or words[plain].weight < found.weight:
                words[plain] = found
    return MappingProxyType(made)


@lru_cache(maxsize=8)
def _vendor_aliases(vendor: str) -> Mapping[str, Mapping[str, _Known]]:
    made: dict[str, dict[str, _Known]] = {}
    for row in _rows("vendors.csv"):
        if row["vendor"] != vendor.lower():
            continue
        factor = Decimal(row["factor"]) if row["factor"] else None
        for place, header in enumerate(row["headers"].split("|")):
            made.setdefault(row["table"], {})[normal(header)] = _Known(
                row["column"],
                f"{row['vendor']}'s {row['table']}.{row['column']}",
                _weight(row["table"], row["column"]) + 1 - place / 100,
                factor,
            )
    return MappingProxyType(made)


@lru_cache(maxsize=1)
def _nouns() -> Mapping[str, frozenset[str]]:
    return MappingProxyType(
        {
            row["table"]: frozenset(normal(word) for word in row["words"].split("|"))
            for row in _rows("nouns.csv")
        }
    )


def _weight(table: str, column: str) -> float:
    """A key says most about what a table is; a name or a date fits nearly anywhere."""
    if column in canonical_table(table).key:
        return 2.0
    return 0.9 if column in ("name", "created_at", "email", "owner_id", "source") else 1.0


def _rows(name: str) -> list[dict[str, str]]:
    text = files("kvitto.conform").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
