"""Local days and instants, from lists of days made in Python.

No engine is asked to convert a time zone: each knows another year's rules.
For every local day the instant of its midnight is known, and for every day the
offset, with the moment it changes on the two days a year on which it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FIRST = date(1990, 1, 1)
"""The first day whose rules are known; days before it are taken as days of UTC."""

_DAYS = 365 * 61

Kind = Literal["midnight", "local", "utc"]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days with one rule: seconds east of UTC at their start, and after ``change`` seconds."""

    first: date
    days: int
    offset: int
    change: int | None
    after: int


def make_days(connection: DuckDBPyConnection, timezone: str, kind: Kind) -> str:
    """Give the connection the days of a zone, once; gives the beginning of their names.

    They are lists in variables, one entry for each day from :data:`FIRST` on.
    "midnight" is the first instant of each local day, also where the clock
    skips midnight. "local" and "utc" are three lists each: ``_offset``, the
    seconds east of UTC at the start of a local or UTC day, ``_change``, the
    second of that day from which others hold, and those, ``_after``.
    Looking into a list costs a tenth of a join, which would copy every text.
    """
    zone = "".join(sign if sign.isalnum() else "_" for sign in timezone).lower()
    name = f"zone_{zone}_{kind}"
    columns = ("midnight",) if kind == "midnight" else ("offset", "change", "after")
    known = connection.execute(f"SELECT getvariable('{name}_{columns[0]}') IS NOT NULL").fetchone()
    if known is not None and known[0]:
        return name
    stretches = _utc(timezone) if kind == "utc" else _local(timezone)
    values = {
        "midnight": "CAST(day AS TIMESTAMP) - to_seconds(offset_s)",
        "offset": "offset_s",
        "change": "change_s",
        "after": "after_s",
    }
    connection.execute(_days_sql(stretches))
    for column in columns:
        connection.execute(
            f"SET VARIABLE {name}_{column} ="
            f" (SELECT list({values[column]} ORDER BY day) FROM zone_days)"
        )
    connection.execute("DROP TABLE zone_days")
    return name


def entry(name: str, day: str) -> str:
    """The entry of such a list for the day in the SQL expression; NULL beyond the list."""
    number = f"CASE WHEN {day} >= DATE '{FIRST}' THEN {day} - DATE '{FIRST}' + 1 END"
    return f"getvariable('{name}')[{number}]"


def midnight_of(day: date, timezone: str) -> datetime:
    """The first instant of the local day, in UTC and without a zone."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone))
    return start.astimezone(UTC).replace(tzinfo=None)


def _days_sql(stretches: tuple[_Stretch, ...]) -> str:
    rows = ", ".join(
        f"(DATE '{s.first}', {s.days}, {s.offset}, {'NULL' if s.change is None else s.change},"
        f" {s.after})"
        for s in stretches
    )
    return (
        "CREATE OR REPLACE TEMP TABLE zone_days AS"
        " SELECT CAST(first + CAST(i AS INTEGER) AS DATE) AS day,"
        " CAST(offset_s AS BIGINT) AS offset_s, CAST(change_s AS BIGINT) AS change_s,"
        " CAST(after_s AS BIGINT) AS after_s"
        f" FROM (VALUES {rows}) AS v(first, days, offset_s, change_s, after_s),"
        " LATERAL (SELECT unnest(range(days)) AS i)"
    )


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
