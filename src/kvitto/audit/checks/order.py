"""Dates in an order that cannot have happened; durations between them are negative."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting, row_column
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
    ),
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
            condition=f"{row_column(second)} < {row_column(first)}",
            what=f"have {second} before {first}",
            todo="Correct one of the two dates in the source.",
            subject=table.name.replace("_", " "),
        )
