"""Daily data for the monitors: a warehouse of one table, and profiles without one."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb

from kvitto.audit.monitor.event import Event, Watch
from kvitto.audit.monitor.monitoring import joined, judge
from kvitto.audit.monitor.plan import WATCHED
from kvitto.audit.monitor.profile import Profile
from kvitto.audit.monitor.series import Closed
from kvitto.warehouse.schema import create_statements
from kvitto.workspace.monitor import MonitorRule

FIRST = date(2024, 1, 1)
"""A Monday."""


def warehouse() -> duckdb.DuckDBPyConnection:
    """An empty version in memory."""
    connection = duckdb.connect()
    for statement in create_statements():
        connection.execute(statement)
    return connection


def add(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, object]]
) -> None:
    """Rows as a source would have given them; what a row does not say is null."""
    for row in rows:
        whole = {"client_id": "north", "_source": "feed", **row}
        named = ", ".join(f'"{name}"' for name in whole)
        marks = ", ".join("?" for _ in whole)
        connection.execute(f'INSERT INTO "{table}" ({named}) VALUES ({marks})', [*whole.values()])


def counts(days: int, mean: float, seed: int = 1, weekend: float = 0.4) -> list[int]:
    """So many records a day, fewer on Saturday and Sunday, by chance alone."""
    chance = random.Random(seed)
    found = []
    for index in range(days):
        wanted = mean * (weekend if index % 7 > 4 else 1.0)
        found.append(sum(chance.random() < wanted / 50 for _ in range(50)))
    return found


def records(rows: Sequence[int], client: str = "north", source: str = "feed") -> Profile:
    """The profile of a table of single records."""
    count = len(rows)
    return Profile(
        client,
        source,
        WATCHED["leads"],
        FIRST,
        tuple(rows),
        {},
        {},
        {},
        tuple(range(1, count + 1)),
        {},
        {},
    )


def totals(
    parts: Mapping[str, Sequence[float]], table: str = "web_traffic", source: str = "feed"
) -> Profile:
    """The profile of daily totals: a row for each part, where it brings anything or not."""
    days = len(next(iter(parts.values())))
    whole = tuple(float(sum(values[index] for values in parts.values())) for index in range(days))
    rows = tuple(sum(values[index] >= 0 for values in parts.values()) for index in range(days))
    watched = WATCHED[table]
    return Profile(
        "north",
        source,
        watched,
        FIRST,
        rows,
        {watched.measures[0]: whole},
        {watched.measures[0]: rows},
        {},
        tuple(range(1, days + 1)),
        {name: tuple(float(value) for value in values) for name, values in parts.items()},
        dict.fromkeys(parts, (1.0,) * days),
    )


def watching(
    profile: Profile,
    *,
    rule: MonitorRule | None = None,
    closed: Closed | None = None,
    days: int = 400,
) -> Watch:
    """All that is known, judged over its last days."""
    return Watch(
        profile,
        rule or MonitorRule(),
        closed or Closed(),
        max(profile.last - timedelta(days=days), profile.first),
        profile.last,
    )


def events(*watches: Watch) -> list[Event]:
    """What is noticed."""
    return joined(judge(watches))
