"""Questions in the Google Ads query language, and their answers as flat records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from kvitto.errors import BadAnswer
from kvitto.sources.connectors.google_ads.stream import DAY

_ADDRESS = "resourceName"


def question(
    resource: str, fields: Sequence[str], first: date | None = None, last: date | None = None
) -> str:
    """The query; ``first`` and ``last`` are days, both included."""
    text = f"SELECT {', '.join(fields)} FROM {resource}"
    if first is not None and last is not None:
        text += f" WHERE {DAY} BETWEEN '{first}' AND '{last}'"
    order = [name for name in (DAY, f"{resource}.id") if name in fields]
    return f"{text} ORDER BY {', '.join(order)}" if order else text


def flat(row: object, fields: Sequence[str]) -> dict[str, object]:
    """A row as a record by the names of the query language.

    A field that the server left out is ``None``. What it sends beyond the
    asked fields comes along, but for its addresses of the objects.
    """
    if not isinstance(row, Mapping):
        raise BadAnswer.of(
            "read a row of Google Ads", "it is not an object", "Look at endpoint in the settings."
        )
    asked = {camel(name): name for name in fields}
    record: dict[str, object] = dict.fromkeys(fields)
    for path, value in _leaves(row, ""):
        if path in asked:
            record[asked[path]] = value
        elif path.rsplit(".", 1)[-1] != _ADDRESS:
            record[path] = value
    return record


def camel(name: str) -> str:
    """The name as it stands in JSON: ``metrics.cost_micros`` is ``metrics.costMicros``."""
    return ".".join(_camel(part) for part in name.split("."))


def _camel(part: str) -> str:
    first, *rest = part.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _leaves(value: Mapping[str, Any], above: str) -> Iterator[tuple[str, object]]:
    for name, held in value.items():
        if isinstance(held, Mapping):
            yield from _leaves(held, f"{above}{name}.")
        else:
            yield f"{above}{name}", held
