"""Instants in UTC and local days, from the lists of days."""

from __future__ import annotations

from dataclasses import dataclass

from kvitto.conform.context import Context
from kvitto.conform.expression import Read, named
from kvitto.conform.zone import entry, make_days

UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Timed:
    """A ts column in SQL: its instant and its local day, over ``t``.

    ``early`` is a conversion over ``b`` that must stand one level below, where
    a time of another zone is first brought to UTC.
    """

    at: str
    on: str
    early: str | None = None


def timed(context: Context, column: str, read: Read) -> Timed:
    """How ``t.<column>`` becomes an instant and a local day of the client.

    A day without a time is that day for the client, whatever the zone: its
    instant is the client's midnight. A time without a zone is the source's.
    """
    value = f"t.{named(column)}"
    zone = context.client.timezone
    if read.day_only:
        days = make_days(context.connection, zone, "midnight")
        midnight = entry(f"{days}_midnight", value)
        return Timed(f"coalesce({midnight}, CAST({value} AS TIMESTAMP))", value)
    day = f"CAST({value} AS DATE)"
    if not read.zoned and context.timezone == zone:
        days = make_days(context.connection, zone, "local")
        return Timed(f"{value} - {_offset(days, value)}", day)
    early = None
    if not read.zoned and context.timezone != UTC:
        theirs = make_days(context.connection, context.timezone, "local")
        below = f"b.{named(column)}"
        early = f"{below} - {_offset(theirs, below)}"
    if zone == UTC:
        return Timed(value, day, early)
    days = make_days(context.connection, zone, "utc")
    return Timed(value, f"CAST({value} + {_offset(days, value)} AS DATE)", early)


def _offset(days: str, value: str) -> str:
    """The interval east of UTC that holds at the value, zero beyond the lists."""
    day = f"CAST({value} AS DATE)"
    start, change, after = (entry(f"{days}_{part}", day) for part in ("offset", "change", "after"))
    changed = f"{value} >= CAST({day} AS TIMESTAMP) + to_seconds({change})"
    return f"to_seconds(coalesce(CASE WHEN {changed} THEN {after} ELSE {start} END, 0))"
