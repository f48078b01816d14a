"""Values as Salesforce writes them, the same whether they came as JSON or as CSV."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from kvitto.sources.stream import FieldKind, Record

KINDS: Mapping[str, FieldKind] = MappingProxyType(
    {
        "currency": "money",
        "double": "number",
        "int": "number",
        "long": "number",
        "percent": "number",
        "boolean": "flag",
        "datetime": "instant",
        "date": "day",
        "address": "json",
        "location": "json",
    }
)
"""Type of a field as ``describe`` names it -> our kind; text where it is none of these."""

COMPOUND = frozenset({"address", "location"})
"""Types that a bulk job cannot hand out."""

_OFFSET = re.compile(r"([+-]\d{2}):?(\d{2})$")


def value_of(raw: object, kind: FieldKind) -> object:
    """One value: decimals exact, instants with Z, flags true or false, nothing for empty text."""
    if raw is None or raw == "":
        return None
    if kind == "flag" and isinstance(raw, str):
        return {"true": True, "false": False}.get(raw.lower(), raw)
    if kind in ("money", "number") and isinstance(raw, str):
        try:
            return Decimal(raw)
        except InvalidOperation:
            return raw
    if kind == "instant" and isinstance(raw, str):
        # REST writes +0000, a bulk job Z: one record must not look like two.
        found = _OFFSET.search(raw)
        if found is None:
            return raw
        offset = "Z" if found[1][1:] == found[2] == "00" else f"{found[1]}:{found[2]}"
        return raw[: found.start()] + offset
    return raw


def flat(record: Record, path: str) -> object:
    """The value at ``path``, which may lead through parents: ``Account.Industry``."""
    value: object = record
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    if isinstance(value, Mapping):
        return {name: part for name, part in value.items() if name != "attributes"}
    return value
