"""Many records changed by one actor within minutes: an import, a rule, or a slip of the hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kvitto.audit.probe import Look, Setting
from kvitto.model.finding import Finding, Severity
from kvitto.model.table import CanonicalTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECORDS = 50
"""From so many records on it is a bulk change."""

PAUSE_MINUTES = 5
"""A longer pause ends it; nobody changes fifty records by hand without one."""

MOST_MINUTES = 60
"""What goes on for longer is a day's work, unless it is faster than a hand."""

PER_MINUTE = 10
"""Faster than a hand."""

MOST = 20
"""How many are told of each client, the largest first."""

CHANGES = {
    "record_changes": (
        "SELECT client_id, _source, user_id AS actor, object, record_id AS record, field,"
        " change_type AS kind, changed_at AS done, is_automated FROM record_changes"
    ),
    "deal_field_history": (
        "SELECT client_id, _source, changed_by_id AS actor, 'deals' AS object, deal_id AS record,"
        " field, 'update' AS kind, changed_at AS done, NULL::BOOLEAN AS is_automated"
        " FROM deal_field_history"
    ),
    "deal_stage_history": (
        "SELECT client_id, _source, changed_by_id AS actor, 'deals' AS object, deal_id AS record,"
        " 'stage_id' AS field, 'update' AS kind, entered_at AS done, NULL::BOOLEAN AS is_automated"
        " FROM deal_stage_history WHERE changed_by_id IS NOT NULL"
    ),
}
"""Tables that say who changed what and when."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Look]:
    """The tables that say who changed what."""
    if table.name in CHANGES:
        yield Look(table.name, _Bulk(table.name))


@dataclass(frozen=True, slots=True)
class _Bulk:
    table: str

    def __call__(self, connection: DuckDBPyConnection) -> Iterator[Finding]:
        """Bursts, looked for only where an hour holds that many changes of one kind."""
        what = "client_id, _source, actor, object, field, kind"
        changes = f"(FROM ({CHANGES[self.table]}) WHERE done IS NOT NULL AND record IS NOT NULL)"
        hours = " UNION ALL ".join(
            f"SELECT hash({what}) AS who FROM {changes}"
            f" GROUP BY who, (epoch(done)::BIGINT + {shift}) // 7200 HAVING count(*) >= {RECORDS}"
            for shift in (0, 3600)
        )
        bursts = connection.execute(
            f"WITH busy AS (SELECT *, coalesce(done - lag(done) OVER w > INTERVAL {PAUSE_MINUTES}"
            f" MINUTE, TRUE) AS begins FROM {changes} WHERE hash({what}) IN ({hours})"
            f" WINDOW w AS (PARTITION BY {what} ORDER BY done)),"
            " numbered AS (SELECT *, count(*) FILTER (WHERE begins) OVER"
            f" (PARTITION BY {what} ORDER BY done) AS burst FROM busy)"
            f" SELECT {what}, min(done), max(done), count(DISTINCT record),"
            " min(DISTINCT record, 5), coalesce(bool_and(is_automated), FALSE) FROM numbered"
            f" GROUP BY {what}, burst HAVING count(DISTINCT record) >= {RECORDS}"
            f" AND (max(done) - min(done) <= INTERVAL {MOST_MINUTES} MINUTE"
            f" OR count(DISTINCT record) >= {PER_MINUTE} * epoch(max(done) - min(done)) / 60)"
            " ORDER BY client_id, count(DISTINCT record) DESC, min(done), actor, field"
        ).fetchall()
        seen: dict[str, int] = {}
        for row in bursts:
            burst = _Burst(*row)
            seen[burst.client] = seen.get(burst.client, 0) + 1
            if seen[burst.client] <= MOST:
                yield _finding(self.table, burst)


@dataclass(frozen=True, slots=True)
class _Burst:
    """One row of the query: who changed what, and when."""

    client: str
    source: str | None
    actor: str | None
    thing: str | None
    column: str | None
    kind: str | None
    first: datetime
    last: datetime
    count: int
    records: list[str]
    automated: bool


def _finding(table: str, burst: _Burst) -> Finding:
    minutes = max(1, round((burst.last - burst.first).total_seconds() / 60))
    who = burst.actor or "Nobody that is named"
    how = " by an automation" if burst.automated else ""
    verb = {"create": "created", "delete": "deleted"}.get(str(burst.kind), "changed")
    said = f"{verb} {burst.column} of" if burst.column and verb == "changed" else verb
    things = (burst.thing or "records").replace("_", " ")
    return Finding(
        code="bulk_change",
        severity=Severity.notice if burst.automated else Severity.warning,
        client=burst.client,
        source=burst.source or "",
        table=table,
        column=burst.column or None,
        rows=burst.count,
        records=tuple(burst.records),
        message=f"{who} {said} {burst.count:,} {things}{how} within {minutes} minutes"
        f" from {burst.first:%Y-%m-%d %H:%M} (UTC) on",
        todo="Ask whether it was meant; figures of that day and of what was changed may move.",
    )
