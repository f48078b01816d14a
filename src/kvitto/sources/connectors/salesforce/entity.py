"""How a stream stands to Salesforce: its object, its condition, and the parts made of fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from kvitto.sources.stream import FieldKind, Record

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "Account": "001",
        "Contact": "003",
        "User": "005",
        "Opportunity": "006",
        "Group": "00G",
        "Lead": "00Q",
        "Case": "500",
        "Campaign": "701",
    }
)
"""The first three characters of an id tell what it identifies; they are the same everywhere."""

_DIGITS = Decimal("0.000000000001")


@dataclass(frozen=True, slots=True)
class Reference:
    """The id in ``field`` where it identifies an ``object``: WhatId is a deal or something else."""

    field: str
    object: str


Part = (
    Reference
    | Literal["outcome", "closed_at", "closed_on", "standing", "held_at", "rate", "stage_key"]
)
"""A column of ours that is taken from fields of the record, without computing a figure."""

_NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "outcome": ("IsClosed", "IsWon"),
        "closed_at": ("IsClosed", "LastStageChangeDate", "CreatedDate"),
        "closed_on": ("IsClosed", "CloseDate"),
        "standing": ("IsConverted", "Status"),
        "held_at": ("EndDateTime",),
        "rate": ("ConversionRate",),
        "stage_key": ("ApiName", "MasterLabel"),
    }
)


@dataclass(frozen=True, slots=True)
class Entity:
    """What a stream reads.

    ``where`` is a condition in SOQL. ``parts`` are columns of ours. ``seen``
    are fields that only some organisations have, with their kind and the
    canonical columns they fill; they are declared when the server shows them.
    ``base`` are canonical columns in the client's currency, which are left
    empty where the organisation has several. A ``quiet`` object exists only
    where the organisation uses what it is for; its absence is nothing to tell.
    """

    name: str
    where: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    seen: Mapping[str, tuple[FieldKind, Mapping[str, str]]] = field(default_factory=dict)
    base: tuple[tuple[str, str], ...] = ()
    quiet: bool = False


def needs(part: Part) -> tuple[str, ...]:
    """The fields that a part is taken from."""
    return (part.field,) if isinstance(part, Reference) else _NEEDS[part]


def part_of(record: Record, part: Part, now: datetime) -> object:
    """The part of one record; ``None`` where its fields are empty or not visible."""
    if isinstance(part, Reference):
        held = record.get(part.field)
        return held if str(held or "").startswith(PREFIXES[part.object]) else None
    match part:
        case "outcome":
            return _outcome(record)
        case "closed_at":
            moved = record.get("LastStageChangeDate") or record.get("CreatedDate")
            return moved if record.get("IsClosed") is True else None
        case "closed_on":
            return record.get("CloseDate") if record.get("IsClosed") is True else None
        case "standing":
            return "Converted" if record.get("IsConverted") is True else record.get("Status")
        case "held_at":
            return _past(record.get("EndDateTime"), now)
        case "stage_key":
            # Deals carry the stage's name in the interface, which older versions do not list.
            return record.get("ApiName") or record.get("MasterLabel")
        case "rate":
            return _inverse(record.get("ConversionRate"))


def _outcome(record: Record) -> str | None:
    closed, won = record.get("IsClosed"), record.get("IsWon")
    if closed is None or won is None:
        return None
    return ("won" if won else "lost") if closed else "open"


def _past(end: object, now: datetime) -> object:
    """The end of a meeting that is over: one that is to come has not taken place."""
    if end is None:
        return None
    at = datetime.fromisoformat(str(end).replace("Z", "+00:00"))
    return end if at <= now else None


def _inverse(rate: object) -> Decimal | None:
    """Corporate currency for one unit; Salesforce says units for one of the corporate currency."""
    if rate is None or not Decimal(str(rate)):
        return None
    return (1 / Decimal(str(rate))).quantize(_DIGITS)
