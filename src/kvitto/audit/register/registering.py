"""Every register, brought up to the day of the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from kvitto.audit.reading import write_findings
from kvitto.audit.register.duplicate import duplicate_states
from kvitto.audit.register.field import field_values, keep_usage
from kvitto.audit.register.fill import Fill, measure_fill
from kvitto.audit.register.given import Checked, Given
from kvitto.audit.register.health import health_states
from kvitto.audit.register.inventory import keep_inventory
from kvitto.audit.register.issue import keep_issues, missing_field_states
from kvitto.audit.register.quality import address_states, label_states
from kvitto.audit.register.state import State
from kvitto.audit.register.writing import add, renew
from kvitto.model.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def register(
    connection: DuckDBPyConnection, findings: Sequence[Finding], given: Given
) -> tuple[Finding, ...]:
    """Fill the registers of a version that was audited; what they find comes back.

    ``findings`` are those of the audit. States of earlier days are taken over from
    the version before and never worked out again: where none was kept, there is none.
    """
    found, states = keep_inventory(connection, given)
    write_findings(connection, found, ())
    every = (*findings, *found)
    issues = keep_issues(connection, every, given.days)
    fills = measure_fill(lambda sql: connection.execute(sql).fetchall())
    duplicates = tuple(
        one for one in duplicate_states(connection, every) if one.client in given.days
    )
    known = {client: given.labels.get(client, ()) for client in given.days}
    values = field_values(fills, given)
    _keep_states(
        connection,
        (
            *_audited(fills, given.days),
            *duplicates,
            *address_states(connection, given.days),
            *missing_field_states(issues),
            *label_states(connection, known),
            *keep_usage(connection, values, given),
            *states,
            *health_states(fills, every, duplicates, given.states, given.days),
        ),
        given.days,
    )
    _keep_checks(connection, given)
    _keep_conflicts(connection, given)
    return found


def _audited(fills: Sequence[Fill], days: Mapping[str, date]) -> list[State]:
    """A line for each client that says that it was audited, and how many rows counted."""
    rows = dict.fromkeys(sorted(days), 0)
    for fill in fills:
        if fill.client in rows:
            rows[fill.client] += fill.rows
    return [State(client, "audited", count, count) for client, count in rows.items()]


def _keep_states(
    connection: DuckDBPyConnection, states: Sequence[State], days: Mapping[str, date]
) -> None:
    kept = [
        f"(client_id = '{client}' AND snapshot_on <> DATE '{day}')"
        for client, day in sorted(days.items())
    ]
    renew(connection, "data_states", sorted(days), " OR ".join(kept) or "FALSE")
    rows = [one.row(days[one.client]) for one in states if one.client in days]
    add(connection, "data_states", rows)


def _keep_checks(connection: DuckDBPyConnection, given: Given) -> None:
    renew(connection, "data_checks", ())
    rows = [
        _check(client, one) for client in sorted(given.days) for one in given.checks.get(client, ())
    ]
    add(connection, "data_checks", rows)


def _keep_conflicts(connection: DuckDBPyConnection, given: Given) -> None:
    """Write the days that were compared, beside those of earlier days."""
    earlier = []
    for client in sorted(given.days):
        days = [str(row["compared_on"]) for row in given.conflicts.get(client, ())]
        before = f" AND compared_on < DATE '{min(days)}'" if days else ""
        earlier.append(f"(client_id = '{client}'{before})")
    renew(connection, "data_conflicts", sorted(given.days), " OR ".join(earlier) or "FALSE")
    for client in sorted(given.days):
        add(connection, "data_conflicts", given.conflicts.get(client, ()))


def _check(client: str, one: Checked) -> dict[str, object]:
    return {
        "client_id": client,
        "check_id": f"{one.sample}/{one.record}/{one.column}",
        "object": one.table,
        "record_id": one.record,
        "field": one.column,
        "checked_at": datetime.combine(one.on, time()),
        "checked_on": one.on,
        "is_correct": one.correct,
        "_source_id": one.sample,
    }
