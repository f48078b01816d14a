"""Values of a record as the text that is staged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from kvitto.sources.stream import Record


def text_of(value: object) -> str | None:
    """The value as it is staged: nothing for null and for empty text.

    A decimal is written out without an exponent; lists and objects as JSON;
    a moment in ISO 8601.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_inner)
    return str(value)


def key_of(record: Record, key: tuple[str, ...]) -> tuple[str | None, ...]:
    """The record's key as staged."""
    return tuple(text_of(record.get(name)) for name in key)


def _inner(value: object) -> str:
    return text_of(value) or ""
