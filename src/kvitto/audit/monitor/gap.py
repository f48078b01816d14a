"""Days without rows where rows are expected, and rows whose measures are all zero."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.monitor.chance import log_chance_of_none, median
from kvitto.audit.monitor.event import LOG_CHANCE, Event, Watch
from kvitto.audit.monitor.series import WEEK, Series, runs

HISTORY = 4 * WEEK
"""So many days must be known before a missing one says anything."""

STEADY_DAYS = 8 * WEEK
"""A feed of totals that brought rows on each of these days does not leave one out by chance."""

STEADY_LEAST = 5.0
STEADY_PART = 0.2
"""A measure is steady that never came near zero: neither by itself nor by its usual size."""


def find_gaps(watch: Watch) -> Iterator[Event]:
    """Stretches without rows; one that lasts to the end of what is known is a late arrival."""
    series = watch.rows()
    for start, end in series.runs_of_none(watch.start):
        if _surprises(watch, series, start, end, steady=float(watch.profile.watched.totals)):
            late = end == len(series)
            yield watch.event(
                "late_arrival" if late else "gap",
                start,
                end,
                expected=series.span(start, end).low,
            )


def find_zeros(watch: Watch) -> Iterator[Event]:
    """Stretches in which rows came and a measure was nothing, though it never is.

    Measures that fell to zero on the same days are one event.
    """
    found: dict[tuple[int, int], list[str]] = {}
    rows = watch.rows().values
    for name in watch.profile.sums:
        series = watch.measure(name)
        counted = [
            value if rows[index] else 1.0 for index, value in enumerate(series.values[: watch.end])
        ]
        for start, end in runs(counted, watch.start):
            if _surprises(watch, series, start, end, steady=STEADY_LEAST):
                found.setdefault((start, end), []).append(name)
    filled = len(watch.profile.sums)
    for (start, end), names in sorted(found.items()):
        rest = "others of the same rows are not" if len(names) < filled else "all measures at once"
        yield watch.event(
            "sudden_zero",
            start,
            end,
            column=names[0],
            label=", ".join(names),
            expected=watch.measure(names[0]).span(start, end).low,
            evidence=(rest,),
        )


def _surprises(watch: Watch, series: Series, start: int, end: int, *, steady: float) -> bool:
    """Whether nothing in these days is more than chance, season and closed days.

    Where every day of the last eight weeks brought ``steady`` or more, a single day is enough.
    """
    if start < HISTORY:
        return False
    limit = LOG_CHANCE[watch.rule.sensitivity]
    never = steady > 0 and end - start >= (2 if watch.rule.sensitivity == "low" else 1)
    if never:
        before = series.values[max(start - STEADY_DAYS, 0) : start]
        never = min(before) >= max(steady, STEADY_PART * median(before))
    if not never and -series.at_most(start, end) > limit:
        return False
    span = series.span(start, end)
    return span.low > 0 and (never or log_chance_of_none(span.low, span.scatter) < limit)
