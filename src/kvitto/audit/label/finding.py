"""What the audit says about labels: too many of them, and one event that two sources count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from kvitto.audit.label.occurrence import read_labels
from kvitto.audit.label.pattern import shapes
from kvitto.audit.label.queue import too_many
from kvitto.audit.label.suggestion import Asked, Suggestion, suggest
from kvitto.model.finding import Finding, Severity
from kvitto.model.table import canonical_tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EVENTS = (
    ("web_key_events", "occurred_on", "sum(events)"),
    ("web_events", "occurred_on", "count(*)"),
)


_ALMOST = 0.9
"""The score from which two names of events are told to a person."""


class _Connected:
    """A connection as something that can be asked."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection

    def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, parameters).fetchall()


def label_findings(connection: DuckDBPyConnection, clients: Sequence[str]) -> tuple[Finding, ...]:
    """Everything about labels that a person should see, of these clients."""
    if not clients:
        return ()
    return (*_too_many(connection, clients), *_same_event_twice(connection, clients))


def _too_many(connection: DuckDBPyConnection, clients: Sequence[str]) -> list[Finding]:
    labels, rest = read_labels(_Connected(connection), clients)
    found = []
    for one in too_many(rest):
        mine = [
            label for label in labels if (label.client, label.concept) == (one.client, one.concept)
        ]
        offered = shapes((label.raw, label.rows) for label in mine)
        listed = "; ".join(f"'{shape.pattern}' (as '{shape.example}')" for shape in offered)
        place = mine[0].places[0] if mine else None
        found.append(
            Finding(
                code="too_many_labels",
                severity=Severity.warning,
                client=one.client,
                source=mine[0].sources[0] if mine else "",
                table=place.table if place else "",
                column=place.column if place else None,
                rows=one.rows,
                message=f"{one.concept} has {one.labels:,} labels beyond the {len(mine):,} most"
                f" frequent ones; they stand in {one.rows:,} rows and are not compared",
                todo=f"Bring them together by patterns under 'concepts: {one.concept}: rules:' in"
                f" rules/: {listed or 'no pattern takes up several of them'}.",
            )
        )
    return found


def _same_event_twice(connection: DuckDBPyConnection, clients: Sequence[str]) -> list[Finding]:
    """One canonical event that several sources count on the same days."""
    known = {
        row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }
    parts = [
        f"SELECT client_id, name, _source, {day} AS day, {count} AS times FROM {table}"
        f" WHERE _excluded IS NULL AND name IS NOT NULL GROUP BY ALL"
        for table, day, count in _EVENTS
        if table in known and table in canonical_tables()
    ]
    if not parts:
        return []
    rows = connection.execute(
        f"SELECT client_id, name, _source, min(day), max(day), sum(times)"
        f" FROM ({' UNION ALL '.join(parts)}) WHERE list_contains(?, client_id)"
        " GROUP BY ALL ORDER BY ALL",
        [list(clients)],
    ).fetchall()
    by_event: dict[tuple[str, str], list[tuple[str, date, date, Any]]] = {}
    for client, name, source, first, last, times in rows:
        by_event.setdefault((client, name), []).append((source, first, last, times))
    found = [
        finding
        for (client, name), sides in by_event.items()
        if (finding := _twice(client, name, sides)) is not None
    ]
    return [*found, *_perhaps_one(by_event)]


def _twice(client: str, name: str, sides: Sequence[tuple[str, date, date, Any]]) -> Finding | None:
    first, last = max(side[1] for side in sides), min(side[2] for side in sides)
    if len(sides) < 2 or first > last:
        return None
    figures = ", ".join(f"{source} counts {_plain(times)}" for source, _, _, times in sides)
    return Finding(
        code="same_event_twice",
        severity=Severity.warning,
        client=client,
        source=sides[0][0],
        table="web_key_events",
        column="name",
        rows=len(sides),
        message=f"'{name}' is counted by {len(sides)} sources from {first} to {last}: {figures};"
        " added up it is counted twice",
        todo="Say which source counts it with a source priority in rules/, or count it in"
        " meanings/ from one of them.",
    )


def _perhaps_one(
    by_event: dict[tuple[str, str], list[tuple[str, date, date, Any]]],
) -> list[Finding]:
    """Events of different names and sources that usually mean the same."""
    found = []
    for client in sorted({client for client, _ in by_event}):
        mine = {name: sides for (whose, name), sides in by_event.items() if whose == client}
        counts = {name: int(sum(side[3] or 0 for side in sides)) for name, sides in mine.items()}
        for name, proposed in sorted(suggest(Asked("conversion_event", counts)).items()):
            best = proposed[0] if proposed else None
            if best is None or best.score < _ALMOST:
                continue
            sources, others = ({side[0] for side in mine[one]} for one in (name, best.canonical))
            if sources.isdisjoint(others):
                shown = (
                    f"{min(sources)} counts {counts[name]}, {min(others)} {counts[best.canonical]}"
                )
                found.append(_may_be_one(client, name, best, min(sources), shown))
    return found


def _may_be_one(client: str, name: str, best: Suggestion, source: str, figures: str) -> Finding:
    return Finding(
        code="events_may_be_one",
        severity=Severity.notice,
        client=client,
        source=source,
        table="web_key_events",
        column="name",
        rows=1,
        message=f"'{name}' and '{best.canonical}' may be one event ({best.why}): {figures}",
        todo=f"If so: kvitto label set {client} conversion_event '{name}'"
        f" '{best.canonical}' --by NAME",
    )


def _plain(times: Any) -> str:
    return f"{float(times or 0):,.0f}"
