"""Local days and instants, from one table of days made in Python.

No engine is asked to convert a time zone: each knows another year's rules.
For every local day the table holds the instant of its midnight, and for every
UTC day the offset, with the moment it changes on the two days a year it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FIRST = date(1990, 1, 1)
_DAYS = 365 * 61


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days with one rule: seconds east of UTC at their start, and after ``change`` seconds."""

    first: date
    days: int
    offset: int
    change: int | None
    after: int


def make_days(connection: DuckDBPyConnection, timezone: str) -> str:
    """Make the tables of a zone once per connection; gives their common name.

    ``<name>_local`` is keyed by the local day, ``<name>_utc`` by the UTC day.
    Both have ``day, offset_s, change_s, after_s``; ``_local`` has ``midnight``
    (UTC) too: the day's first instant, also where the clock skips midnight.
    """
    name = "zone_" + "".join(sign if sign.isalnum() else "_" for sign in timezone).lower()
    for kind, stretches in (("local", _local(timezone)), ("utc", _utc(timezone))):
        made = connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [f"{name}_{kind}"]
        ).fetchone()
        if made is None:
            connection.execute(_table_sql(f"{name}_{kind}", stretches))
    return name


def _table_sql(name: str, stretches: tuple[_Stretch, ...]) -> str:
    rows = ", ".join(
        f"(DATE '{s.first}', {s.days}, {s.offset}, {'NULL' if s.change is None else s.change},"
        f" {s.after})"
        for s in stretches
    )
    return (
        f"CREATE TEMP TABLE {name} AS SELECT CAST(first + CAST(i AS INTEGER) AS DATE) AS day,"
        " offset_s, change_s, after_s,"
        " CAST(first + CAST(i AS INTEGER) AS TIMESTAMP) - to_seconds(offset_s) AS midnight"
        f" FROM (VALUES {rows}) AS v(first, days, offset_s, change_s, after_s),"
        " LATERAL (SELECT unnest(range(days)) AS i)"
    )


@lru_cache(maxsize=16)
def _local(timezone: str) -> tuple[_Stretch, ...]:
    zone = ZoneInfo(timezone)
    rules = []
    for number in range(_DAYS):
        day = _FIRST + timedelta(days=number)
        start = _offset_of_local(datetime(day.year, day.month, day.day, tzinfo=zone))
        following = day + timedelta(days=1)
        end = _offset_of_local(
            datetime(following.year, following.month, following.day, tzinfo=zone)
        )
        change = _change_of_local(day, zone, start) if start != end else None
        rules.append((day, start, change, end if change is not None else start))
    return _joined(rules)


@lru_cache(maxsize=16)
def _utc(timezone: str) -> tuple[_Stretch, ...]:
    zone = ZoneInfo(timezone)
    rules = []
    for number in range(_DAYS):
        day = _FIRST + timedelta(days=number)
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        start, end = (_offset_at(moment, zone) for moment in (begin, begin + timedelta(days=1)))
        change = None
        if start != end:
            change = _last_with(begin, zone, start)
        rules.append((day, start, change, end))
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


def _offset_of_local(moment: datetime) -> int:
    """Seconds east of UTC at the first instant that the clock shows the moment or later."""
    shown = moment.replace(fold=0)
    offset = shown.utcoffset()
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
