"""Searching by last change without an end at the ten-thousandth hit.

The search counts at most 10,000 hits and its pages shift while records change.
So no page after the first is ever asked for: the next question begins at the
last change that came, and where more records than a page holds share one
instant, they are taken in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kvitto.errors import BadAnswer

PAGE = 200
"""Records that a search gives at most."""

Filter = Mapping[str, object]
Ask = Callable[[Sequence[Filter], str], Mapping[str, Any]]
"""Filters and the property to sort by (rising), to the answer of the search."""

Found = list[Mapping[str, Any]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def changed(
    ask: Ask, cursor: str, since: datetime | None, until: datetime | None, has: str | None = None
) -> Iterator[Found]:
    """The records changed from ``since`` on, in the order of their changes, page by page.

    Raises ``BadAnswer`` where the answers are not in the order asked for.
    """
    fixed: list[Filter] = []
    if has is not None:
        fixed.append({"propertyName": has, "operator": "HAS_PROPERTY"})
    if until is not None:
        fixed.append(_compared(cursor, "LTE", _milliseconds(until)))
    low = None if since is None else _milliseconds(since)
    known: set[tuple[str, int]] = set()
    while True:
        filters = fixed if low is None else [*fixed, _compared(cursor, "GTE", low)]
        page, more = _page(ask(filters, cursor))
        instants = [_instant(record, cursor) for record in page]
        if instants != sorted(instants) or (low is not None and instants and instants[0] < low):
            raise _disordered(cursor)
        marks = [(str(record.get("id")), at) for record, at in zip(page, instants, strict=True)]
        fresh = [one for one, mark in zip(page, marks, strict=True) if mark not in known]
        if fresh:
            yield fresh
        if not more:
            return
        if not page:
            raise _disordered(cursor)
        if instants[-1] == low:
            yield from _of_one_instant(ask, cursor, low, fixed)
            low, known = low + 1, set()
        else:
            low, known = instants[-1], {mark for mark in marks if mark[1] == instants[-1]}


def _of_one_instant(ask: Ask, cursor: str, at: int, fixed: Sequence[Filter]) -> Iterator[Found]:
    """All records of one instant, in the order of their ids."""
    here = [*fixed, _compared(cursor, "GTE", at), _compared(cursor, "LTE", at)]
    last = 0
    while True:
        page, more = _page(ask([*here, _compared("hs_object_id", "GT", last)], "hs_object_id"))
        ids = [int(str(record.get("id"))) for record in page]
        if ids != sorted(set(ids)) or (ids and ids[0] <= last) or (more and not ids):
            raise _disordered("hs_object_id")
        if page:
            yield page
            last = ids[-1]
        if not more:
            return


def _page(answer: Mapping[str, Any]) -> tuple[Found, bool]:
    found = answer.get("results") if isinstance(answer, Mapping) else None
    if not isinstance(found, list):
        raise BadAnswer.of(
            "results of HubSpot's search",
            "an answer without results",
            "Look whether the version in the source's settings still exists.",
        )
    paging = answer.get("paging")
    return found, isinstance(paging, Mapping) and bool(paging.get("next"))


def _instant(record: Mapping[str, Any], cursor: str) -> int:
    text = str((record.get("properties") or {}).get(cursor))
    try:
        return _milliseconds(datetime.fromisoformat(text))
    except ValueError:
        raise BadAnswer.of(
            f"the last change ({cursor}) of a record of HubSpot",
            f"'{text[:40]}' on record {record.get('id')}",
            "Give the private app the right to read all properties.",
        ) from None


def _milliseconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def _compared(name: str, operator: str, value: int) -> Filter:
    return {"propertyName": name, "operator": operator, "value": str(value)}


def _disordered(name: str) -> Exception:
    return BadAnswer.of(
        f"records of HubSpot in the order of {name}",
        "they came in another order, or there was no end to them",
        "What was read is kept; run again.",
    )
