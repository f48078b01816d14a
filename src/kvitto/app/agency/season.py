"""How busy a day is: weekday, public holidays, the country's own seasons, growth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_FIXED: Mapping[str, tuple[tuple[int, int], ...]] = {
    "SE": ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)),
    "FI": ((1, 1), (1, 6), (5, 1), (12, 6), (12, 24), (12, 25), (12, 26)),
    "IT": ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)),
    "BR": ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25)),
    "GB": ((1, 1), (12, 25), (12, 26)),
}
"""Month and day of the holidays that stand still."""

_EASTER: Mapping[str, tuple[int, ...]] = {
    "SE": (-2, 0, 1, 39),
    "FI": (-2, 0, 1, 39),
    "IT": (0, 1),
    "BR": (-48, -47, -2, 60),
    "GB": (-2, 0, 1),
}
"""Days from Easter Sunday of those that move with it."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The shape of a client's year. ``windows`` are months and days with their factor."""

    country: str
    weekday: tuple[float, ...]
    months: tuple[float, ...]
    growth: float
    """Factor per year since the first one."""
    holiday: float = 0.15
    windows: tuple[tuple[tuple[int, int], tuple[int, int], float], ...] = ()


def busy(rhythm: Rhythm, day: date, first: date) -> float:
    """The factor of a day against the mean day of the first year."""
    factor = rhythm.weekday[day.weekday()] * _smooth(rhythm.months, day)
    factor *= math.pow(rhythm.growth, (day - first).days / 365.25)
    if day in holidays(rhythm.country, day.year):
        factor *= rhythm.holiday
    for start, end, by in rhythm.windows:
        if start <= (day.month, day.day) <= end:
            factor *= by
    return factor * _moving(rhythm.country, day)


def is_workday(country: str, day: date) -> bool:
    """Neither a weekend nor a public holiday."""
    return day.weekday() < 5 and day not in holidays(country, day.year)


@lru_cache(maxsize=128)
def holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays on which the country rests."""
    sunday = easter(year)
    found = {date(year, month, day) for month, day in _FIXED[country]}
    found.update(sunday + timedelta(days=days) for days in _EASTER[country])
    if country in ("SE", "FI"):
        eve = midsummer(year)
        found.update((eve, eve + timedelta(days=1)))
    if country == "GB":
        found.update((_monday(year, 5, 1), _monday(year, 6, -1), _monday(year, 9, -1)))
    return frozenset(found)


def easter(year: int) -> date:
    """Easter Sunday of the western church (the Gregorian computus)."""
    golden, century = year % 19, year // 100
    leap = (13 + 8 * century) // 25
    moon = (19 * golden + 15 + century - century // 4 - leap) % 30
    moon -= moon // 28 * (1 - 29 // (moon + 1) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    after = moon - weekday
    month = 3 + (after + 40) // 44
    return date(year, month, after + 28 - 31 * (month // 4))


def midsummer(year: int) -> date:
    """Midsummer Eve, the Friday from 19 to 25 June (Juhannus in Finland)."""
    start = date(year, 6, 19)
    return start + timedelta(days=(4 - start.weekday()) % 7)


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    start = date(year, 11, 1)
    return start + timedelta(days=(3 - start.weekday()) % 7 + 22)


def _moving(country: str, day: date) -> float:
    if country == "BR":
        before = (easter(day.year) - day).days
        if 46 <= before <= 51:
            return 0.35
        if -3 <= (day - black_friday(day.year)).days <= 1:
            return 2.4
    if country in ("SE", "FI") and 0 <= (day - midsummer(day.year)).days <= 2:
        return 0.3
    return 1.0


def _smooth(months: tuple[float, ...], day: date) -> float:
    """The month's factor, led over from the middle of one month to that of the next."""
    share = (day.day - 15) / 30
    other = months[(day.month - 1 + (1 if share > 0 else -1)) % 12]
    return months[day.month - 1] * (1 - abs(share)) + other * abs(share)


def _monday(year: int, month: int, place: int) -> date:
    """The first Monday of a month, or with -1 the last one before that month."""
    start = date(year, month, 1)
    first = start + timedelta(days=-start.weekday() % 7)
    return first if place > 0 else first - timedelta(days=7)
