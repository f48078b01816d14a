"""Parts that end, begin, or get another name: a campaign, a channel, an event."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.monitor.chance import log_chance_of_none
from kvitto.audit.monitor.event import LOG_CHANCE, Event, Watch
from kvitto.audit.monitor.series import WEEK, Series, runs

HISTORY = 8 * WEEK
SHARE = 0.05
"""A part smaller than this of the whole is not spoken of."""

NEAR = 3
"""A new name that begins within so many days of the end of an old one may be the same thing."""

BESIDE = 0.4
"""A new name beside it is evidence of its own: so much of the usual surprise is enough then."""

THROUGHOUT = 0.6
"""On so many of the days there must be rows of the new name."""

ENDED = 2 * WEEK
"""A part that brings nothing for so long has ended."""


def find_labels(watch: Watch) -> Iterator[Event]:
    """Labels that ended: renamed where another began in their place, else left off."""
    for name in watch.profile.labels:
        series = watch.label(name)
        for start, end in runs(series.values, watch.start):
            if start >= watch.end or not _ends(watch, series, start, end, BESIDE):
                continue
            expected = series.span(start, end).low
            new = _successor(watch, name, start, end)
            if new is None and not _ends(watch, series, start, end, 1.0):
                continue
            if new is not None:
                yield watch.event(
                    "label_renamed",
                    *_days_of(watch, new, start, end),
                    column=watch.profile.watched.label,
                    label=name,
                    other=new,
                    expected=expected,
                    observed=watch.label(new).total(start, end),
                    evidence=(_how_much(watch.label(new).total(start, end)),),
                )
            elif end - start >= ENDED and _others_go_on(watch, name, start, end):
                yield watch.event(
                    "business_change",
                    start,
                    end,
                    column=watch.profile.watched.label,
                    label=name,
                    expected=expected,
                    business=True,
                    evidence=("the other parts went on",),
                )


def _days_of(watch: Watch, new: str, start: int, end: int) -> tuple[int, int]:
    """The days on which the new name stood in for the old one: those of its rows."""
    rows = watch.profile.label_rows[new]
    days = [index for index in range(max(start - NEAR, 0), end) if rows[index]]
    return days[0], days[-1] + 1


def _how_much(brought: float) -> str:
    return "it brings about as much" if brought else "its rows come, and nothing is counted by them"


def _ends(watch: Watch, series: Series, start: int, end: int, part: float) -> bool:
    """Whether a part that mattered brings nothing, while rows come.

    ``part`` is how much of the usual surprise is needed.
    """
    limit = LOG_CHANCE[watch.rule.sensitivity] * part
    if start < HISTORY or -series.at_most(start, end) > limit:
        return False
    if not any(watch.profile.rows[start:end]):
        return False
    whole = sum(each.level(start) for each in map(watch.label, watch.profile.labels))
    if not whole or series.level(start) < SHARE * whole:
        return False
    span = series.span(start, end)
    return log_chance_of_none(span.low, span.scatter) < limit


def _successor(watch: Watch, name: str, start: int, end: int) -> str | None:
    """The label whose rows began when this one ended, and brings about as much.

    Or nothing at all: then its rows come, and nobody counts them.
    """
    expected = watch.label(name).level(start) * (end - start) / WEEK
    for other, rows in watch.profile.label_rows.items():
        before, near = max(start - HISTORY, 0), max(start - NEAR, 0)
        if other == name or any(rows[before:near]) or not any(rows[near : start + NEAR + 1]):
            continue
        if sum(map(bool, rows[start:end])) < THROUGHOUT * (end - start):
            continue
        brought = watch.label(other).total(start, end)
        if brought == 0 or 0.4 <= brought / expected <= 2.5:
            return other
    return None


def _others_go_on(watch: Watch, name: str, start: int, end: int) -> bool:
    others = [each for each in watch.profile.labels if each != name]
    usual = sum(watch.label(each).level(start) for each in others) * (end - start) / WEEK
    seen = sum(watch.label(each).total(start, end) for each in others)
    return usual > 0 and seen >= 0.4 * usual
