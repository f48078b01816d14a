"""A daily series and what is expected of it, from what was known before.

What a stretch of days should bring is not one number but a range: the level of
the last eight weeks as it is, and as it changed in the same weeks of each earlier
year, a week to and fro. Only what no year explains is told. Weekdays, holidays
and closed days of the client are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate

from kvitto.audit.monitor.chance import excess, median

WEEK = 7
LEVEL_WEEKS = 8
YEAR = 52 * WEEK
SCATTER_WEEKS = 26
FIRST_YEAR = (0.35, 3.0)
"""How far a season may lower or raise a series of which no earlier year is known."""


@dataclass(frozen=True)
class Closed:
    """Which days count as quiet: public holidays, and days on which the client was closed."""

    quiet: frozenset[date] = frozenset()
    shut: frozenset[date] = frozenset()
    weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Span:
    """What a stretch of days may bring at least and at most, and its scatter as a count."""

    low: float
    high: float
    scatter: float


@dataclass(frozen=True)
class Series:
    """Daily values from ``first`` on, without holes: a day without rows is 0."""

    first: date
    values: tuple[float, ...]
    closed: Closed = Closed()

    def __len__(self) -> int:
        return len(self.values)

    def day(self, index: int) -> date:
        return self.first + timedelta(days=index)

    def total(self, start: int, end: int) -> float:
        """The sum of the days from ``start`` up to, not with, ``end``."""
        start, end = max(start, 0), min(end, len(self.values))
        return self._sums[end] - self._sums[start] if end > start else 0.0

    @cached_property
    def _sums(self) -> tuple[float, ...]:
        return (0.0, *accumulate(self.values))

    @cached_property
    def _levels(self) -> dict[int, float]:
        return {}

    @cached_property
    def _open(self) -> tuple[tuple[bool, bool], ...]:
        """Of each day: whether rows are expected at all, and whether it is no holiday."""
        shown = []
        for index in range(len(self.values)):
            day = self.day(index)
            expected = day not in self.closed.shut
            if self.closed.weekdays:
                expected = expected and day.isoweekday() in self.closed.weekdays
            shown.append((expected, expected and day not in self.closed.quiet))
        return tuple(shown)

    def level(self, at: int) -> float:
        """The usual total of a week before the day ``at``: the median of eight weeks."""
        if at not in self._levels:
            weeks = min(LEVEL_WEEKS, at // WEEK)
            blocks = [self.total(at - WEEK * (k + 1), at - WEEK * k) for k in range(weeks)]
            self._levels[at] = median(blocks)
        return self._levels[at]

    def at_most(self, start: int, end: int) -> float:
        """More than this is not expected at least of these days; cheap to tell."""
        return self.level(start) * (1 + (end - start - 1) // WEEK)

    def shares(self, at: int) -> tuple[float, ...]:
        """What part of a week each weekday brings, over the eight weeks before ``at``."""
        start = max(at - WEEK * LEVEL_WEEKS, 0)
        sums = [0.0] * WEEK
        for index in range(start, at):
            sums[(index - at) % WEEK] += self.values[index]
        whole = sum(sums)
        return tuple(part / whole for part in sums) if whole else (1 / WEEK,) * WEEK

    def seasons(self, start: int, end: int) -> list[float]:
        """By what factor these days of each earlier year differed from the weeks before them."""
        found: list[float] = []
        length = end - start
        back = YEAR
        while start - back - WEEK * 5 >= 0:
            level = self.level(start - back) * length / WEEK
            if level > 0:
                for shift in (-WEEK, 0, WEEK):
                    left = start - back + shift
                    pad = max(0, (2 * WEEK - length) // 2)
                    whole = self.total(left - pad, left + length + pad)
                    found.append(whole * length / (length + 2 * pad) / level)
            back += YEAR
        return found

    def span(self, start: int, end: int, scatter: float | None = None) -> Span:
        """What the days ``[start, end)`` may bring, known only what lies before ``start``."""
        level, shares = self.level(start), self.shares(start)
        full = quiet = 0.0
        for index in range(start, end):
            expected, usual = self._open[index]
            part = level * shares[(index - start) % WEEK]
            full += part * expected
            quiet += part * usual
        factors = self.seasons(start, end)
        if factors:
            low, high = min(1.0, *factors), max(1.0, *factors)
        else:
            low, high = FIRST_YEAR
        return Span(quiet * low, full * high, self.scatter(start) if scatter is None else scatter)

    def scatter(self, at: int) -> float:
        """How much more than a pure count the weeks before ``at`` scattered around their level."""
        seen: list[float] = []
        expected: list[float] = []
        for back in range(1, SCATTER_WEEKS + 1):
            start = at - WEEK * back
            if start < WEEK * 3:
                break
            level = self.level(start)
            if level > 0:
                seen.append(self.total(start, start + WEEK))
                expected.append(level)
        return excess(seen, expected) if len(seen) >= 4 else 2.0

    def runs_of_none(self, since: int) -> list[tuple[int, int]]:
        """Stretches ``[start, end)`` of zero that end at or after ``since``."""
        return runs(self.values, since)


def runs(values: Sequence[float], since: int = 0) -> list[tuple[int, int]]:
    """Stretches ``[start, end)`` of zero that end after the index ``since``."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for index, value in enumerate(values):
        if value == 0:
            start = index if start is None else start
        elif start is not None:
            found.append((start, index))
            start = None
    if start is not None:
        found.append((start, len(values)))
    return [run for run in found if run[1] > since]
