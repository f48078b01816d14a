"""What is asked of a stream this time, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kvitto.sources.landing import StreamState
from kvitto.sources.stream import Stream, Wanted

HISTORY = timedelta(days=3 * 365 + 1)
"""How far back days are read where the definition does not say."""

SLICE = timedelta(days=92)
"""Days are fetched in slices of at most this length, each kept as soon as it is there."""


@dataclass(frozen=True, slots=True)
class Again:
    """A range of days that a person wants read again, both included."""

    first: date
    last: date


def slices(
    stream: Stream,
    state: StreamState,
    today: date,
    since: date | None,
    fields: tuple[str, ...],
    again: Again | None = None,
) -> Iterator[Wanted]:
    """What to ask, in order. ``today`` is the day now in the source's time zone."""
    if stream.keeping == "replace":
        yield Wanted(fields=fields)
    elif stream.keeping == "days":
        yield from _days(stream, state, today, since, fields, again)
    elif again is not None:
        yield Wanted(since=_start(again.first), until=_start(again.last, 1), fields=fields)
    else:
        yield Wanted(since=_cursor(stream, state, since), fields=fields)


def _days(
    stream: Stream,
    state: StreamState,
    today: date,
    since: date | None,
    fields: tuple[str, ...],
    again: Again | None,
) -> Iterator[Wanted]:
    first, last = since or today - HISTORY, today
    if again is not None:
        first, last = again.first, min(again.last, today)
    elif state.reached is not None:
        # The last day that was read was not over when it was read.
        first = max(first, date.fromisoformat(state.reached) - timedelta(days=stream.settles_days))
    while first <= last:
        end = min(last, first + SLICE - timedelta(days=1))
        yield Wanted(first=first, last=end, fields=fields)
        first = end + timedelta(days=1)


def _cursor(stream: Stream, state: StreamState, since: date | None) -> datetime | None:
    if state.cursor is not None:
        return instant_of(state.cursor) - stream.overlap
    return None if since is None else _start(since)


def instant_of(text: str) -> datetime:
    """The instant in UTC; one without a zone is taken to be in UTC."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _start(day: date, later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=later), datetime.min.time(), UTC)
