"""Rows that came again: a day's batch under other ids, or one day's totals as another's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kvitto.audit.monitor.event import Event, Watch
from kvitto.audit.monitor.profile import Profile, content_of
from kvitto.audit.monitor.series import LEVEL_WEEKS, WEEK, Series
from kvitto.model.table import canonical_table

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

ROWS = 6
"""A day with fewer rows may hold the same twice by chance."""

AGAIN = 0.8
"""So large a part of a day's rows must be there twice: both the row and its copy count."""

CHANCE = -16.1
"""So unlikely it must be that two days agree in all their figures: 1 in 10 million."""

SUSPECT = 1.6
"""A day with so many times its usual rows is looked at."""


def find_repeats(watch: Watch) -> Iterator[Event]:
    """Days of totals that equal the day before in every figure."""
    profile = watch.profile
    if not profile.watched.totals:
        return
    start: int | None = None
    for index in range(1, len(profile.rows) + 1):
        same = index < len(profile.rows) and _repeats(watch, index)
        if same and start is None:
            start = index
        elif not same and start is not None:
            if index > watch.start:
                yield watch.event("duplicated_batch", start, index, evidence=("the day before",))
            start = None


def _repeats(watch: Watch, index: int) -> bool:
    profile = watch.profile
    rows = profile.rows[index]
    if rows != profile.rows[index - 1] or profile.prints[index] != profile.prints[index - 1]:
        return False
    return rows > 0 and rows * _log_chance_of_same(profile, index, rows) < CHANCE


def _log_chance_of_same(profile: Profile, index: int, rows: int) -> float:
    """The chance that one row shows the same figures as the day before, as a logarithm.

    Two counts around ``n`` are equal with a chance of about 1 in ``2 sqrt(pi n)``.
    """
    means = (values[index] / rows for values in profile.sums.values())
    return -sum(math.log(2 * math.sqrt(math.pi * mean)) for mean in means if mean >= 1)


def suspects(watch: Watch) -> list[date]:
    """Days of single records whose rows may be there twice; cheap to tell, to be looked at."""
    profile = watch.profile
    if profile.watched.totals or len(canonical_table(profile.watched.table).key) > 1:
        return []
    series = watch.rows()
    found = []
    for index in range(watch.start, len(profile.rows)):
        rows = profile.rows[index]
        if rows < ROWS:
            continue
        if profile.prints[index] == 0 or _is_many(series, index, rows):
            found.append(profile.day(index))
    return found


def _is_many(series: Series, index: int, rows: int) -> bool:
    """Whether a day has so many more rows than usual that a part of them may be copies."""
    if index < WEEK or rows <= series.total(index - WEEK * LEVEL_WEEKS, index) / (
        WEEK * LEVEL_WEEKS
    ):
        return index < WEEK
    return rows > SUSPECT * max(series.level(index) * series.shares(index)[0], 1.0)


def find_batches(connection: DuckDBPyConnection, watches: Sequence[Watch]) -> list[Event]:
    """Of the suspected days of one table those whose rows are there twice, in one query."""
    asked = {(w.profile.client, w.profile.source): w for w in watches}
    days = [(*place, day) for place, watch in asked.items() for day in suspects(watch)]
    if not days:
        return []
    watched = watches[0].profile.watched
    values = ", ".join("(?, ?, CAST(? AS DATE))" for _ in days)
    rows = connection.execute(
        f"WITH asked(c, s, d) AS (VALUES {values}), each AS ("
        f" SELECT c, s, d, {content_of(canonical_table(watched.table), watched)} AS h,"
        f' count(*) AS n FROM "{watched.table}" JOIN asked ON client_id = c'
        f" AND COALESCE(_source, '') = s AND CAST(\"{watched.day}\" AS DATE) = d"
        " WHERE _excluded IS NULL GROUP BY 1, 2, 3, 4)"
        " SELECT c, s, d, sum(n), COALESCE(sum(n) FILTER (WHERE n > 1), 0),"
        " COALESCE(sum(n - 1), 0), count(*) FROM each"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        [part for day in days for part in day],
    ).fetchall()
    found = []
    for client, source, day, whole, twice, copies, kinds in rows:
        if twice >= AGAIN * whole and copies >= ROWS / 2 and kinds >= ROWS / 2:
            watch = asked[(client, source)]
            index = (day - watch.profile.first).days
            found.append(watch.event("duplicated_batch", index, index + 1, observed=float(copies)))
    return found
