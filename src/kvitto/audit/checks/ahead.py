"""What has happened cannot lie ahead: a deal created next year, an answer given tomorrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from kvitto.audit.probe import YEARS_AHEAD, Probe, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable

HAPPENED = frozenset(
    [
        "created_at",
        "assigned_at",
        "first_response_at",
        "first_contact_at",
        "first_resolved_at",
        "qualified_at",
        "mql_at",
        "sql_at",
        "converted_at",
        "disqualified_at",
        "closed_at",
        "done_at",
        "held_at",
        "sent_at",
        "occurred_at",
        "responded_at",
        "answered_at",
        "ended_at",
        "left_at",
        "entered_at",
        "changed_at",
        "ordered_at",
        "subscribed_at",
        "unsubscribed_at",
        "paid_on",
        "spend_on",
        "visited_on",
        "occurred_on",
        "worked_on",
        "measured_on",
    ]
)
"""Columns of what has happened, whatever the table; a day more is left for time zones."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """Every day and moment of something that has happened."""
    if setting.today.year + YEARS_AHEAD >= 9998:
        return
    tomorrow = setting.today + timedelta(days=2)
    far = date(setting.today.year + YEARS_AHEAD + 1, 1, 1)
    for column in table.declared:
        if column.name not in HAPPENED:
            continue
        place = row_column(column.name)
        word = "DATE" if column.type == "date" else "TIMESTAMP"
        yield Probe(
            code="date_ahead",
            severity=Severity.warning,
            table=table.name,
            column=column.name,
            condition=f"{place} >= {word} '{tomorrow}' AND {place} < {word} '{far}'",
            what=f"have a date in {column.name} that lies ahead",
            todo="Look at the order of day and month in the source, or correct the rows.",
            subject=table.name.replace("_", " "),
        )
