"""Instants in UTC and local days."""

from __future__ import annotations

from dataclasses import dataclass

from kvitto.conform.context import Context
from kvitto.conform.expression import Read
from kvitto.conform.zone import offset_sql
from kvitto.warehouse.quoting import named

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
        midnight = f"CAST({value} AS TIMESTAMP) - {offset_sql(zone, 'midnight', value)}"
        return Timed(midnight, value)
    day = f"CAST({value} AS DATE)"
    if not read.zoned and context.timezone == zone:
        return Timed(f"{value} - {offset_sql(zone, 'local', value)}", day)
    early = None
    if not read.zoned and context.timezone != UTC:
        below = f"b.{named(column)}"
        early = f"{below} - {offset_sql(context.timezone, 'local', below)}"
    if zone == UTC:
        return Timed(value, day, early)
    return Timed(value, f"CAST({value} + {offset_sql(zone, 'utc', value)} AS DATE)", early)
