"""Local days and instants, from rules made in Python.

No engine is asked to convert a time zone: each knows another year's rules.
The rules become one expression, a search by halves through the moments at
which the clock was moved. It costs a fifth of looking into a list of days and
a fiftieth of a join, which would copy every text of the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

FIRST = date(1990, 1, 1)
"""The first day whose rules are known; days before it are taken as days of UTC."""

_DAYS = 365 * 61

Kind = Literal["midnight", "local", "utc"]

_Step = tuple[datetime, int]
"""From when on, and how many seconds east of UTC."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days with one rule: seconds east of UTC at their start, and after ``change`` seconds."""

    first: date
    days: int
    offset: int
    change: int | None
    after: int


def offset_sql(timezone: str, kind: Kind, value: str) -> str:
    """The interval east of UTC as SQL over ``value``, a column; zero beyond the known days.

    "midnight" takes a local day and gives what holds at its first instant,
    also where the clock skips midnight. "local" takes what a clock there
    showed, "utc" an instant.
    """
    return _search(_steps(timezone, kind), 0, kind, value)


def _search(steps: tuple[_Step, ...], before: int, kind: Kind, value: str) -> str:
    """The CASE over the steps; ``before`` is what holds before the first of them."""
    if not steps:
        return f"INTERVAL ({before}) SECOND"
    middle = len(steps) // 2
    moment, offset = steps[middle]
    border = f"DATE '{moment.date()}'" if kind == "midnight" else f"TIMESTAMP '{moment}'"
    earlier = _search(steps[:middle], before, kind, value)
    later = _search(steps[middle + 1 :], offset, kind, value)
    return f"CASE WHEN {value} < {border} THEN {earlier} ELSE {later} END"


@lru_cache(maxsize=32)
def _steps(timezone: str, kind: Kind) -> tuple[_Step, ...]:
    """The moments at which the offset becomes another, from nothing to nothing."""
    found: list[_Step] = []
    for stretch in _utc(timezone) if kind == "utc" else _local(timezone):
        begin = datetime.combine(stretch.first, datetime.min.time())
        found.append((begin, stretch.offset))
        if stretch.change is not None and kind != "midnight":
            found.append((begin + timedelta(seconds=stretch.change), stretch.after))
    end = datetime.combine(FIRST + timedelta(days=_DAYS), datetime.min.time())
    steps: list[_Step] = []
    for step in (*found, (end, 0)):
        if step[1] != (steps[-1][1] if steps else 0):
            steps.append(step)
    return tuple(steps)


def midnight_of(day: date, timezone: str) -> datetime:
    """The first instant of the local day, in UTC and without a zone."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return start.astimezone(UTC).replace(tzinfo=None)


@lru_cache(maxsize=16)
def _local(timezone: str) -> tuple[_Stretch, ...]:
    zone = ZoneInfo(timezone)
    days = [FIRST + timedelta(days=number) for number in range(_DAYS + 1)]
    offsets = [_local_offset(day, zone) for day in days]
    rules = []
    for day, start, end in zip(days, offsets, offsets[1:], strict=False):
        change = _change_of_local(day, zone, start) if start != end else None
        rules.append((day, start, change, end))
    return _joined(rules)


@lru_cache(maxsize=16)
def _utc(timezone: str) -> tuple[_Stretch, ...]:
    zone = ZoneInfo(timezone)
    begins = [
        datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(days=number)
        for number in range(_DAYS + 1)
    ]
    offsets = [_offset_at(begin, zone) for begin in begins]
    rules = []
    for begin, start, end in zip(begins, offsets, offsets[1:], strict=False):
        change = _last_with(begin, zone, start) if start != end else None
        rules.append((begin.date(), start, change, end))
    return _joined(rules)


def _joined(rules: list[tuple[date, int, int | None, int]]) -> tuple[_Stretch, ...]:
    stretches: list[_Stretch] = []
    for day, start, change, end in rules:
        last = stretches[-1] if stretches else None
        if last is not None and change is None and last.change is None and last.offset == start:
            stretches[-1] = _Stretch(last.first, last.days + 1, start, None, start)
        else:
            stretches.append(_Stretch(day, 1, start, change, end))
    return tuple(stretches)


def _local_offset(day: date, zone: ZoneInfo) -> int:
    """Seconds east of UTC at the first instant of the local day."""
    offset = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _offset_at(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _last_with(begin: datetime, zone: ZoneInfo, offset: int) -> int:
    """Seconds from ``begin`` until the offset is no longer ``offset``."""
    low, high = 0, 86_400
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_at(begin + timedelta(seconds=middle), zone) == offset:
            low = middle
        else:
            high = middle
    return high


def _change_of_local(day: date, zone: ZoneInfo, offset: int) -> int:
    """Seconds on the clock, from midnight, at which the day's second rule begins."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(seconds=offset)
    if _offset_at(begin, zone) != offset:
        return 0
    return _last_with(begin, zone, offset)
