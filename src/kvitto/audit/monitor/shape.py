"""Weeks in which columns are empty that never were, sizes jump, or one label takes over."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from kvitto.audit.monitor.chance import median, spread
from kvitto.audit.monitor.event import DISTANCE, Event, Watch
from kvitto.audit.monitor.series import WEEK

BACK = 26
"""So many weeks are held against a week."""

HISTORY = 8
"""And so many of them must say something."""

ROWS = 20
"""A week with fewer rows says nothing about shares."""

POINTS = 0.4
"""So much a share must move."""

FACTOR = 5.0
"""So many times a usual size must change."""


def find_shapes(watch: Watch) -> Iterator[Event]:
    """All three, the first of adjoining weeks standing for all of them."""
    rows = [float(n) for n in watch.profile.rows]
    for name, filled in watch.profile.filled.items():
        yield from _shares(watch, name, "", [float(n) for n in filled], rows, only_down=True)
    label = watch.profile.watched.label
    whole = [sum(day) for day in zip(*watch.profile.labels.values(), strict=True)]
    for name, values in watch.profile.labels.items():
        yield from _shares(watch, label or "", name, values, whole, only_down=False)
    for name, days in watch.profile.sizes.items():
        yield from _sizes(watch, name, days)


def _shares(
    watch: Watch,
    column: str,
    label: str,
    parts: Sequence[float],
    wholes: Sequence[float],
    *,
    only_down: bool,
) -> Iterator[Event]:
    weeks = list(_weeks(watch))
    shares = {
        start: sum(parts[start : start + WEEK]) / whole
        for start in weeks
        if (whole := sum(wholes[start : start + WEEK])) >= ROWS
    }
    for start, end, usual, now in _moved(watch, weeks, shares, POINTS):
        if only_down and now > usual:
            continue
        what = "its share of all" if label else "how many rows have a value"
        yield watch.event(
            "distribution_shift",
            start,
            end,
            column=column,
            label=label,
            observed=now,
            expected=usual,
            business=bool(label),
            evidence=(what,),
        )


def _sizes(watch: Watch, column: str, days: Sequence[tuple[float, int]]) -> Iterator[Event]:
    weeks = list(_weeks(watch))
    means = {}
    for start in weeks:
        logs, count = 0.0, 0
        for each, n in days[start : start + WEEK]:
            logs, count = logs + each, count + n
        if count >= ROWS:
            means[start] = logs / count
    for start, end, usual, now in _moved(watch, weeks, means, math.log(FACTOR)):
        yield watch.event(
            "distribution_shift",
            start,
            end,
            column=column,
            observed=math.exp(now),
            expected=math.exp(usual),
            evidence=("its usual size",),
        )


def _moved(
    watch: Watch, weeks: Sequence[int], values: dict[int, float], least: float
) -> Iterator[tuple[int, int, float, float]]:
    """Stretches of weeks that lie off from the half year before: start, end, usual, now."""
    limit = DISTANCE[watch.rule.sensitivity] + 1
    held: tuple[int, int, float, float] | None = None
    known: list[float] = []
    for start in weeks:
        if start not in values:
            continue
        now, before = values[start], known[-BACK:]
        known.append(now)
        if len(before) < HISTORY or start < watch.start - BACK * WEEK:
            continue
        usual = held[2] if held else median(before)
        off = abs(now - usual)
        if off >= least and (held or off > limit * spread(before)):
            held = (held[0] if held else start, start + WEEK, usual, held[3] if held else now)
        elif held:
            if held[1] > watch.start:
                yield held
            held = None
    if held and held[1] > watch.start:
        yield held


def _weeks(watch: Watch) -> Iterator[int]:
    first = (-watch.profile.first.weekday()) % WEEK
    yield from range(first, watch.end - WEEK + 1, WEEK)
