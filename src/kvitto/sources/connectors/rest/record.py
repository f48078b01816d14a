"""What is sent, and what a record becomes: placeholders, paths, times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import quote

from kvitto.sources.connectors.rest.settings import (
    PLACEHOLDER,
    FieldDefinition,
    StreamDefinition,
)
from kvitto.sources.stream import Record, Wanted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT = object()


def values_of(stream: StreamDefinition, wanted: Wanted, parent: Record | None) -> dict[str, str]:
    """The placeholders that have a value this time, written as the stream's dates are."""
    found: dict[str, str] = {}
    for name in ("since", "until"):
        instant = getattr(wanted, name)
        if instant is not None:
            found[name] = _written(instant.astimezone(UTC), stream.dates)
    for name in ("first", "last"):
        day: date | None = getattr(wanted, name)
        if day is not None:
            midnight = datetime.combine(day, time(), UTC)
            found[name] = (
                day.isoformat() if stream.dates == "iso" else _written(midnight, stream.dates)
            )
    for name, value in (parent or {}).items():
        if value is not None:
            found[f"parent.{name}"] = str(value)
    return found


def _written(instant: datetime, how: str) -> str:
    if how == "iso":
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    if how == "day":
        return instant.date().isoformat()
    if how in ("seconds", "milliseconds"):
        unit = timedelta(seconds=1) if how == "seconds" else timedelta(milliseconds=1)
        return str((instant - _EPOCH) // unit)
    return instant.strftime(how)


def filled(given: object, values: Mapping[str, str]) -> object:
    """``given`` with its placeholders replaced; what lacks a value is left out of its mapping."""
    result = _filled(given, values)
    return None if result is _ABSENT else result


def _filled(given: object, values: Mapping[str, str]) -> object:
    if isinstance(given, Mapping):
        parts = {name: _filled(value, values) for name, value in given.items()}
        return {name: value for name, value in parts.items() if value is not _ABSENT}
    if isinstance(given, list):
        return [value for value in (_filled(one, values) for one in given) if value is not _ABSENT]
    if not isinstance(given, str):
        return given
    names = [name for name in PLACEHOLDER.findall(given) if _is_ours(name)]
    if any(name not in values for name in names):
        return _ABSENT
    return PLACEHOLDER.sub(lambda m: values.get(m[1], m[0]), given)


def _is_ours(name: str) -> bool:
    return name in ("since", "until", "first", "last") or name.startswith("parent.")


def path_of(given: str, values: Mapping[str, str]) -> str:
    """A path with its placeholders replaced, written so that they cannot leave their place."""
    return PLACEHOLDER.sub(lambda m: quote(values.get(m[1], ""), safe=""), given)


def find(data: object, path: str, otherwise: object = None) -> object:
    """The value at a dotted path; ``otherwise`` where there is none.

    A field whose own name holds the dots comes first.
    """
    if isinstance(data, Mapping) and path in data:
        return data[path]
    for part in path.split(".") if path else ():
        if isinstance(data, Mapping) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return otherwise
    return data


def flattened(
    stream: StreamDefinition, record: Record, parent: Record | None, further: tuple[str, ...]
) -> Record:
    """The record's declared and asked fields, and under their own names those nobody declared."""
    flat: dict[str, object] = {}
    read: set[str] = set()
    for name in (*stream.fields, *further):
        field = stream.field(name) if name in stream.fields else FieldDefinition()
        path = field.path or name
        read.add(path.split(".", 1)[0])
        flat[name] = _value(field, find(record, path))
    for ours, theirs in (stream.parent.keep if stream.parent is not None else {}).items():
        flat[ours] = (parent or {}).get(theirs)
    for name, value in record.items():
        if name not in read and name not in flat:
            flat[name] = value
    return flat


def _value(field: FieldDefinition, value: object) -> object:
    if field.true_for:
        return None if value is None else str(value) in field.true_for
    if value is None or field.kind not in ("instant", "day") or field.written == "iso":
        return value
    if field.written == "utc":
        text = str(value).strip()
        zoned = re.search(r"(Z|[+-]\d\d:?\d\d)$", text)
        return text if zoned or not text else f"{text.replace(' ', 'T', 1)}Z"
    return _from_epoch(value, Decimal(1 if field.written == "seconds" else 1000))


def _from_epoch(value: object, unit: Decimal) -> object:
    """An instant in ISO 8601; what cannot be one is left as it came, to be reported."""
    try:
        seconds = Decimal(str(value)) / unit
        moment = _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
    except (InvalidOperation, OverflowError, ValueError):
        return value
    return moment.isoformat().replace("+00:00", "Z")
