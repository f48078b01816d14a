"""Weeks that bring far too little or far too much, and whether the data or the business did it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from kvitto.audit.monitor.chance import distance
from kvitto.audit.monitor.event import DISTANCE, RATIO, Event, Watch
from kvitto.audit.monitor.series import WEEK, Series, Span

HISTORY = 8 * WEEK
LEAST = 3.0
"""A part of which less is expected in a week says nothing about where a fall lies."""


def find_volumes(watch: Watch, others: Sequence[Watch]) -> Iterator[Event]:
    """Whole weeks, Monday to Sunday, in which rows or measures lie far off.

    ``others`` are what else the same client gets: where those go on, it is more
    likely the data; where one part alone fell, it is more likely the business.
    """
    told: set[tuple[str, int]] = set()
    for column, series in _series(watch):
        for start in _weeks(watch, series):
            code = _far_off(watch, series, start)
            if code is None or (code, start) in told:
                continue
            told.add((code, start))
            span = series.span(start, start + WEEK)
            business, evidence = _cause(watch, others, start)
            yield watch.event(
                code,
                start,
                start + WEEK,
                column=column,
                observed=series.total(start, start + WEEK),
                expected=span.low if code == "volume_low" else span.high,
                business=business,
                evidence=evidence,
            )


def _series(watch: Watch) -> Iterator[tuple[str | None, Series]]:
    yield None, watch.rows()
    if watch.profile.watched.totals:
        for name in watch.profile.sums:
            yield name, watch.measure(name)


def _weeks(watch: Watch, series: Series) -> Iterator[int]:
    """The first days of whole weeks that are judged; none that holds a day without rows."""
    first = max(watch.start, HISTORY)
    first += (-(series.day(first).weekday())) % WEEK
    for start in range(first, watch.end - WEEK + 1, WEEK):
        if series.total(start, start + WEEK) > 0:
            yield start


def _far_off(watch: Watch, series: Series, start: int) -> str | None:
    observed, level = series.total(start, start + WEEK), series.level(start)
    least, most = RATIO[watch.rule.sensitivity]
    if least * level <= observed <= most * level:
        return None
    return judge(observed, series.span(start, start + WEEK), watch)


def judge(observed: float, span: Span, watch: Watch) -> str | None:
    """The code of what is wrong with a week; ``None`` where nothing is."""
    limit, (least, most) = DISTANCE[watch.rule.sensitivity], RATIO[watch.rule.sensitivity]
    root = span.scatter**0.5
    if observed < least * span.low and distance(observed, span.low) / root < -limit:
        return "volume_low"
    if observed > most * span.high and distance(observed, span.high) / root > limit:
        return "volume_high"
    return None


def _cause(watch: Watch, others: Sequence[Watch], start: int) -> tuple[bool, tuple[str, ...]]:
    """Whether it looks like a change of business, and what speaks for that or against."""
    moved, steady = _parts(watch, start)
    if moved and len(steady) >= 1:
        return True, (f"only {', '.join(moved[:3])} changed, {len(steady)} other parts went on",)
    evidence = ["all parts changed at once"] if moved else []
    day = watch.profile.day(start)
    going = [other for other in others if _goes_on(other, day)]
    moved_too = [other for other in others if _moved(other, day)]
    if going:
        evidence.append(f"{going[0].profile.source} went on as usual")
    if moved_too and not going:
        return True, (*evidence, f"{moved_too[0].profile.source} changed too")
    return False, tuple(evidence)


def _parts(watch: Watch, start: int) -> tuple[list[str], list[str]]:
    moved: list[str] = []
    steady: list[str] = []
    for name in watch.profile.labels:
        series = watch.label(name)
        usual = series.level(start)
        if usual >= LEAST:
            seen = series.total(start, start + WEEK)
            (steady if 0.5 <= seen / usual <= 2.0 else moved).append(name)
    return moved, steady


def _ratio(other: Watch, day: date) -> float | None:
    series = other.volume()
    start = (day - series.first).days
    if start < HISTORY or start + WEEK > len(series) or series.level(start) < LEAST:
        return None
    return series.total(start, start + WEEK) / series.level(start)


def _goes_on(other: Watch, day: date) -> bool:
    ratio = _ratio(other, day)
    return ratio is not None and 0.6 <= ratio <= 1.7


def _moved(other: Watch, day: date) -> bool:
    ratio = _ratio(other, day)
    return ratio is not None and not 0.6 <= ratio <= 1.7
