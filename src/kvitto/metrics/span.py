"""The periods of a question: what is asked, and what each period is held against.

A question by month has one slot per month; without a dimension of time there
is one slot, the whole period. Each slot is held against a span of its own.
Where the data does not reach the end of a slot, only the days that have
passed are compared, with equally many days of the earlier span.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kvitto.metrics.context import ClientContext
from kvitto.model.period import (
    Grain,
    Period,
    add_months,
    last_year,
    parse_period,
    period_of,
    previous,
    tile,
)
from kvitto.model.question import ComparisonKind


@dataclass(frozen=True, slots=True)
class Slot:
    """One period of the answer and the earlier one; ``label`` goes into the cell."""

    label: str
    period: Period
    earlier: Period | None


@dataclass(frozen=True, slots=True)
class Held:
    """What a slot comes to, given how far the data reaches.

    ``now`` is the slot's own period; ``to_date`` its elapsed part where it is
    not over; ``earlier`` what is compared, cut to as many days.
    """

    now: Period
    to_date: Period | None
    earlier: Period | None


def slots_of(
    period: Period, grain: Grain | None, compare: ComparisonKind | None, context: ClientContext
) -> tuple[Slot, ...]:
    """The slots of a question, in order of time."""
    calendar = context.calendar
    parts = (period,) if grain is None else tile(period, grain, calendar)
    return tuple(Slot(part.label, part, _earlier(part, grain, compare, context)) for part in parts)


def hold(slot: Slot, known_to: date | None) -> Held:
    """Cut a slot to the days up to ``known_to`` (``None``: the data knows no end)."""
    if known_to is None or known_to >= slot.period.last or slot.earlier is None:
        return Held(slot.period, None, slot.earlier)
    to_date = slot.period.until(known_to)
    if to_date is None:
        return Held(slot.period, None, slot.earlier)
    last = slot.earlier.start + timedelta(days=to_date.days - 1)
    return Held(slot.period, to_date, slot.earlier.until(last))


def trailing(period: Period, months: int | None) -> Period:
    """The months up to the period's end; the period itself without ``months``."""
    if months is None:
        return period
    return Period(add_months(period.end, -months), period.end)


def _earlier(
    part: Period, grain: Grain | None, compare: ComparisonKind | None, context: ClientContext
) -> Period | None:
    if compare is ComparisonKind.previous:
        if grain is not None and part.grain is Grain.span:
            return _same_days_before(part, grain, context)
        return previous(part, context.calendar)
    if compare is ComparisonKind.last_year:
        return last_year(part, context.calendar)
    return None


def _same_days_before(part: Period, grain: Grain, context: ClientContext) -> Period:
    """For a month that was cut to some of its days: those days of the month before."""
    whole = period_of(part.start, grain, context.calendar)
    before = previous(whole, context.calendar)
    start = min(before.start + (part.start - whole.start), before.last)
    end = before.end if part.end == whole.end else start + timedelta(days=part.days)
    return Period(start, max(min(end, before.end), start + timedelta(days=1)))


def same_period(text: str, period: Period, context: ClientContext) -> bool:
    """Whether a period that somebody wrote means these days."""
    written = parse_period(text, context.calendar, context.today)
    return (written.start, written.end) == (period.start, period.end)
