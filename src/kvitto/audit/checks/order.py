"""Dates in an order that cannot have happened; durations between them are negative."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting, row_column
from kvitto.audit.record import alike
from kvitto.audit.scan import is_of
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable

ORDERS: dict[str, tuple[tuple[str, str], ...]] = {
    "accounts": (("became_customer_on", "churned_on"),),
    "activities": (("created_at", "done_at"),),
    "approvals": (("requested_at", "decided_at"),),
    "budgets": (("period_start", "period_end"),),
    "calls": (("started_at", "answered_at"), ("started_at", "ended_at")),
    "campaigns": (("started_on", "ended_on"),),
    "clients": (("started_on", "ended_on"),),
    "costs": (("period_start", "period_end"),),
    "deals": (("created_at", "qualified_at"), ("created_at", "closed_at")),
    "deal_stage_history": (("entered_at", "left_at"),),
    "forecasts": (("period_start", "period_end"),),
    "goals": (("period_start", "period_end"),),
    "invoices": (("issued_on", "due_on"),),
    "leads": (
        ("created_at", "assigned_at"),
        ("created_at", "first_response_at"),
        ("created_at", "first_contact_at"),
        ("created_at", "converted_at"),
        ("created_at", "disqualified_at"),
    ),
    "list_memberships": (("subscribed_at", "unsubscribed_at"),),
    "projects": (("started_on", "ended_on"), ("started_on", "planned_end_on")),
    "proposals": (("sent_at", "decided_at"),),
    "report_runs": (("period_start", "period_end"), ("started_at", "sent_at")),
    "subscriptions": (("started_on", "ended_on"),),
    "tasks": (("created_at", "done_at"),),
    "ticket_status_history": (("entered_at", "left_at"),),
    "tickets": (
        ("created_at", "first_response_at"),
        ("created_at", "first_resolved_at"),
        ("created_at", "closed_at"),
        ("created_at", "escalated_at"),
    ),
    "users": (("licensed_from", "licensed_to"),),
}
"""Per table: the first must not lie after the second."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """The pairs of this table."""
    for first, second in ORDERS.get(table.name, ()):
        yield Probe(
            code="impossible_order",
            severity=Severity.warning,
            table=table.name,
            column=second,
            condition=f"{row_column(second)} < {row_column(first)}"
            + _but_for_days(table, first, second, setting),
            what=f"have {second} before {first}",
            todo="Correct one of the two dates in the source.",
            subject=table.name.replace("_", " "),
        )


def _but_for_days(table: CanonicalTable, first: str, second: str, setting: Setting) -> str:
    """A day without a time is no moment before the same day's events: its midnight is left out."""
    days = [f"{name[:-3]}_on" for name in (first, second)]
    if table.column(second).type != "ts" or not all(table.has(day) for day in days):
        return ""
    one, other = map(row_column, days)
    after = f"{row_column(second)} - CAST({other} AS TIMESTAMP)"
    parts = []
    for records, clients in alike(setting.records, setting.clients, "midnights"):
        begins = ", ".join(
            f"INTERVAL '{round(gap.total_seconds() / 60)} minutes'" for gap in records.midnights
        )
        if begins:
            parts.append(f"({is_of(clients)} AND {after} IN ({begins}))")
    return f" AND NOT coalesce({other} = {one} AND ({' OR '.join(parts)}), FALSE)" if parts else ""
