"""Numbers below zero where there is nothing that could be negative.

Credits, refunds, contractions and recognised corrections may be negative and
are not listed.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import CanonicalTable

NEVER_NEGATIVE: dict[str, tuple[str, ...]] = {
    "ad_spend": ("impressions", "clicks", "spend", "spend_base", "conversions"),
    "activities": ("duration_sec",),
    "budgets": ("amount_base",),
    "calls": ("talk_sec", "hold_sec", "wrap_sec"),
    "campaigns": ("budget_amount",),
    "content_items": ("cost_base",),
    "data_systems": ("people_with_access",),
    "deal_snapshots": ("amount_base",),
    "deals": ("amount", "amount_base", "list_amount_base", "reopened_count"),
    "fx_rates": ("rate_to_base",),
    "goals": ("target_value",),
    "meetings": ("duration_min",),
    "milestones": ("weight",),
    "products": ("unit_cost_base",),
    "projects": ("budget_hours", "budget_amount"),
    "proposals": ("amount_base", "version"),
    "report_runs": ("prep_minutes",),
    "search_positions": ("impressions", "clicks", "position"),
    "source_syncs": ("rows",),
    "subscriptions": ("mrr_base", "term_months"),
    "tasks": ("estimate_hours",),
    "tickets": ("reopened_count", "interactions_count"),
    "time_logs": ("hours",),
    "web_key_events": ("events",),
    "users": ("capacity_hours_week", "hourly_cost"),
    "web_sessions": ("duration_sec", "engaged_sec", "page_views"),
    "web_traffic": ("sessions", "engaged_sessions", "engaged_sec", "page_views", "visitors"),
}


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """The columns of this table that are counts, durations, prices or spend."""
    for name in NEVER_NEGATIVE.get(table.name, ()):
        yield Probe(
            code="negative_number",
            severity=Severity.warning,
            table=table.name,
            column=name,
            condition=f"{row_column(name)} < 0",
            what=f"have a number below zero in {name}",
            todo="Correct the sign in the source.",
            subject=table.name.replace("_", " "),
        )
