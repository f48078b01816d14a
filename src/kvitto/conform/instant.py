"""Instants in UTC and local days, joined from the tables of days."""

from __future__ import annotations

from dataclasses import dataclass

from kvitto.conform.context import Context
from kvitto.conform.expression import Read, named
from kvitto.conform.zone import make_days

UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Timed:
    """A ts column in SQL: its instant, its local day and the joins they need.

    ``early`` is a conversion that must stand one level below, where a time of
    another zone is first brought to UTC: (join, expression).
    """

    at: str
    on: str
    joins: tuple[str, ...]
    early: tuple[str, str] | None = None


def timed(context: Context, column: str, read: Read) -> Timed:
    """How ``t.<column>`` becomes an instant and a local day of the client.

    A day without a time is that day for the client, whatever the zone: its
    instant is the client's midnight. A time without a zone is the source's.
    """
    value, alias = f"t.{named(column)}", f"z_{column}"
    zone = context.client.timezone
    if read.day_only:
        local = f"{make_days(context.connection, zone)}_local"
        join = f"LEFT JOIN {local} AS {alias} ON {alias}.day = {value}"
        return Timed(f"coalesce({alias}.midnight, CAST({value} AS TIMESTAMP))", value, (join,))
    if not read.zoned and context.timezone == zone:
        join, instant = _to_utc(context, value, f"CAST({value} AS DATE)", alias, zone)
        return Timed(instant, f"CAST({value} AS DATE)", (join,))
    early = None
    if not read.zoned and context.timezone != UTC:
        below = f"b.{named(column)}"
        early = _to_utc(context, below, f"CAST({below} AS DATE)", f"e_{column}", context.timezone)
    if zone == UTC:
        return Timed(value, f"CAST({value} AS DATE)", (), early)
    days = f"{make_days(context.connection, zone)}_utc"
    join = f"LEFT JOIN {days} AS {alias} ON {alias}.day = CAST({value} AS DATE)"
    return Timed(value, f"CAST({value} + {_offset(value, alias)} AS DATE)", (join,), early)


def _to_utc(context: Context, value: str, day: str, alias: str, zone: str) -> tuple[str, str]:
    """(join, expression) that bring a clock's time of that zone to UTC."""
    local = f"{make_days(context.connection, zone)}_local"
    join = f"LEFT JOIN {local} AS {alias} ON {alias}.day = {day}"
    return join, f"{value} - {_offset(value, alias)}"


def _offset(value: str, alias: str) -> str:
    """The interval east of UTC that holds at the value, zero beyond the tables of days."""
    changed = f"{value} >= CAST({alias}.day AS TIMESTAMP) + to_seconds({alias}.change_s)"
    return (
        f"to_seconds(coalesce(CASE WHEN {changed} THEN {alias}.after_s"
        f" ELSE {alias}.offset_s END, 0))"
    )
