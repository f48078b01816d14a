"""Periods and the calendar they are read in.

A period is half-open, ``[start, end)``, in whole local days of the client. It
says nothing about hours: facts carry a local date that was made once, while
conforming, so a day of 23 or 25 hours is still one day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from kvitto.errors import BadPeriod


class Grain(StrEnum):
    """The natural size of a period; ``span`` is any run of days."""

    day = "day"
    week = "week"
    month = "month"
    quarter = "quarter"
    year = "year"
    span = "span"


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a client counts time.

    ``week_start`` is 1 (Monday) to 7 (Sunday); ``fiscal_start`` the month in
    which the fiscal year begins; ``country`` picks public holidays.
    """

    timezone: str = "UTC"
    week_start: int = 1
    fiscal_start: int = 1
    country: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """``[start, end)`` in local days; ``label`` is how a person asked for it."""

    start: date
    end: date
    label: str = ""
    grain: Grain = Grain.span

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise BadPeriod.of(
                f"the period {self.label or self.start}",
                f"it starts on {self.start} and ends before it has a day",
                "Give a first day that is not after the last day.",
            )
        if not self.label:
            object.__setattr__(self, "label", f"{self.start}..{self.last}")

    @property
    def last(self) -> date:
        """The last day that belongs to the period."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return self.label

    def until(self, day: date) -> Period | None:
        """The part up to and including ``day``; ``None`` if nothing is left."""
        if day >= self.last:
            return self
        if day < self.start:
            return None
        return Period(self.start, day + timedelta(days=1), f"{self.label} to {day}", Grain.span)


def parse_period(text: str, calendar: Calendar, today: date) -> Period:
    """Read what people write.

    ``2017``, ``2017-Q4``, ``2017-11``, ``2017-W46``, ``2017-11-03``,
    ``2017-01-01..2017-02-15`` (both days included), ``today``, ``yesterday``,
    ``this_week|month|quarter|year``, ``last_week|month|quarter|year``,
    ``wtd``, ``mtd``, ``qtd``, ``ytd`` (up to and including ``today``).

    Raises :class:`BadPeriod` for anything else.
    """
    word = text.strip()
    for reader in (_absolute, _range, _relative):
        found = reader(word, calendar, today)
        if found is not None:
            return found
    raise BadPeriod.of(
        f"the period '{text}'",
        "it is none of the forms that are understood",
        "Write 2017, 2017-Q4, 2017-11, 2017-W46, 2017-11-03, 2017-01-01..2017-02-15,"
        " last_month or ytd.",
    )


def period_of(day: date, grain: Grain, calendar: Calendar) -> Period:
    """The natural period of that grain that holds the day."""
    if grain is Grain.day or grain is Grain.span:
        return Period(day, day + timedelta(days=1), day.isoformat(), Grain.day)
    if grain is Grain.week:
        start = day - timedelta(days=(day.isoweekday() - calendar.week_start) % 7)
        middle = start + timedelta(days=3)
        year, week, _ = middle.isocalendar()
        return Period(start, start + timedelta(days=7), f"{year}-W{week:02d}", grain)
    if grain is Grain.month:
        start = day.replace(day=1)
        return Period(start, add_months(start, 1), f"{day.year}-{day.month:02d}", grain)
    fiscal = add_months(day.replace(day=1), 1 - calendar.fiscal_start)
    year = fiscal.year
    if grain is Grain.quarter:
        quarter = (fiscal.month - 1) // 3 + 1
        start = add_months(date(year, 3 * quarter - 2, 1), calendar.fiscal_start - 1)
        return Period(start, add_months(start, 3), f"{year}-Q{quarter}", grain)
    start = add_months(date(year, 1, 1), calendar.fiscal_start - 1)
    return Period(start, add_months(start, 12), f"{year}", grain)


def previous(period: Period, calendar: Calendar) -> Period:
    """The natural period before; for a span, the equally long run before it."""
    if period.grain is Grain.span:
        span = timedelta(days=period.days)
        return Period(period.start - span, period.start)
    return period_of(period.start - timedelta(days=1), period.grain, calendar)


def following(period: Period, calendar: Calendar) -> Period:
    """The natural period after; for a span, the equally long run after it."""
    if period.grain is Grain.span:
        return Period(period.end, period.end + timedelta(days=period.days))
    return period_of(period.end, period.grain, calendar)


def last_year(period: Period, calendar: Calendar) -> Period:
    """The same period one year earlier; a week keeps its number where it can.

    29 February becomes 28 February. A week 53 that the year before lacks
    becomes its week 52.
    """
    if period.grain in (Grain.week, Grain.day, Grain.span):
        if period.grain is Grain.week:
            year, _, week = period.label.partition("-W")
            return period_of(_thursday(int(year) - 1, int(week)), Grain.week, calendar)
        start = add_months(period.start, -12)
        if period.grain is Grain.day:
            return period_of(start, Grain.day, calendar)
        return Period(start, add_months(period.last, -12) + timedelta(days=1))
    return period_of(add_months(period.start, -12), period.grain, calendar)


def _thursday(year: int, week: int) -> date:
    """The Thursday of an ISO week; of the year's last one where it has no such week."""
    try:
        return date.fromisocalendar(year, week, 4)
    except ValueError:
        return date.fromisocalendar(year, week - 1, 4)


def tile(period: Period, grain: Grain, calendar: Calendar) -> tuple[Period, ...]:
    """Natural periods that cover ``period`` in order, the first and last cut to it."""
    parts: list[Period] = []
    day = period.start
    while day < period.end:
        whole = period_of(day, grain, calendar)
        start, end = max(whole.start, period.start), min(whole.end, period.end)
        cut = whole if (start, end) == (whole.start, whole.end) else Period(start, end)
        parts.append(cut)
        day = end
    return tuple(parts)


def add_months(day: date, months: int) -> date:
    """Calendar arithmetic; a day that the month lacks becomes its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    try:
        length = 31 if month == 11 else (date(year, month + 2, 1) - timedelta(days=1)).day
        return date(year, month + 1, min(day.day, length))
    except ValueError as error:
        raise BadPeriod.of(
            f"the date {months} months from {day}",
            "it lies outside the calendar (years 1 to 9999)",
            "Ask for a period nearer to today.",
        ) from error


_YEAR = re.compile(r"^(\d{4})$")
_QUARTER = re.compile(r"^(\d{4})-Q([1-4])$", re.IGNORECASE)
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_WEEK = re.compile(r"^(\d{4})-W(\d{2})$", re.IGNORECASE)
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def _absolute(word: str, calendar: Calendar, today: date) -> Period | None:
    try:
        if match := _YEAR.match(word):
            start = add_months(date(int(match[1]), 1, 1), calendar.fiscal_start - 1)
            return period_of(start, Grain.year, calendar)
        if match := _QUARTER.match(word):
            start = date(int(match[1]), 3 * int(match[2]) - 2, 1)
            start = add_months(start, calendar.fiscal_start - 1)
            return period_of(start, Grain.quarter, calendar)
        if match := _MONTH.match(word):
            return period_of(date(int(match[1]), int(match[2]), 1), Grain.month, calendar)
        if match := _WEEK.match(word):
            thursday = date.fromisocalendar(int(match[1]), int(match[2]), 4)
            return period_of(thursday, Grain.week, calendar)
        if _DAY.match(word):
            return period_of(date.fromisoformat(word), Grain.day, calendar)
    except (ValueError, OverflowError) as error:
        raise BadPeriod.of(
            f"the period '{word}'", str(error), "Give a period that the calendar has."
        ) from error
    return None


def _range(word: str, calendar: Calendar, today: date) -> Period | None:
    if ".." not in word:
        return None
    first, _, last = word.partition("..")
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
        return Period(start, end + timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise BadPeriod.of(
            f"the period '{word}'", str(error), "Write both days as 2017-01-01..2017-02-15."
        ) from error


def _relative(word: str, calendar: Calendar, today: date) -> Period | None:
    if word in ("today", "yesterday"):
        day = today if word == "today" else today - timedelta(days=1)
        return period_of(day, Grain.day, calendar)
    to_date = {"wtd": Grain.week, "mtd": Grain.month, "qtd": Grain.quarter, "ytd": Grain.year}
    if word in to_date:
        whole = period_of(today, to_date[word], calendar)
        return Period(whole.start, today + timedelta(days=1))
    which, _, name = word.partition("_")
    if which not in ("this", "last") or name not in ("week", "month", "quarter", "year"):
        return None
    whole = period_of(today, Grain(name), calendar)
    return whole if which == "this" else previous(whole, calendar)
