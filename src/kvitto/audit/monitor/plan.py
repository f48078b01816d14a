"""What is watched: for each table the day of a row, what it measures, what tells its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.monitor import MonitorRule


@dataclass(frozen=True, slots=True)
class Watched:
    """How one canonical table is watched.

    ``day`` is the local date of a row. ``measures`` are added up by day, the
    first that a source fills is its volume where rows are daily totals
    (``totals``); else rows themselves are counted. ``label`` names its parts.
    ``whole`` are columns that are filled when a row is made, so that an empty
    one means something; ``sizes`` are numbers whose usual size is watched.
    """

    table: str
    day: str
    label: str | None = None
    measures: tuple[str, ...] = ()
    totals: bool = False
    whole: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()


_ALL = (
    Watched(
        "ad_spend",
        "spend_on",
        "campaign_id",
        ("impressions", "clicks", "spend", "conversions"),
        True,
        ("impressions", "clicks", "spend", "campaign_id"),
    ),
    Watched(
        "web_traffic",
        "visited_on",
        "channel",
        ("sessions", "engaged_sessions", "page_views", "visitors"),
        True,
        ("sessions", "engaged_sessions", "page_views", "visitors", "channel", "source"),
    ),
    Watched("web_key_events", "occurred_on", "name", ("events",), True, ("events", "channel")),
    Watched(
        "search_positions", "measured_on", None, ("impressions", "clicks"), True, ("position",)
    ),
    Watched(
        "leads",
        "created_on",
        "source",
        whole=("source", "contact_id", "region", "product", "campaign_id"),
    ),
    Watched(
        "deals",
        "created_on",
        "source",
        whole=("source", "account_id", "owner_id", "currency_code", "region", "product"),
    ),
    Watched("activities", "created_on", "type", whole=("type", "owner_id")),
    Watched("touchpoints", "occurred_on", "channel", whole=("channel", "contact_id")),
    Watched("web_sessions", "started_on", "channel", whole=("channel", "source", "device")),
    Watched("web_events", "occurred_on", "name", whole=("name", "session_id")),
    Watched("email_sends", "sent_on", "kind", whole=("campaign_id", "contact_id")),
    Watched("email_events", "occurred_on", "type", whole=("type", "send_id")),
    Watched("tickets", "created_on", "channel", whole=("channel", "priority", "account_id")),
    Watched("calls", "started_on", "direction", whole=("direction", "owner_id")),
    Watched("survey_responses", "responded_on", "survey_kind", whole=("score",)),
    Watched("orders", "ordered_on", None, whole=("amount_base",), sizes=("amount_base",)),
    Watched("invoices", "issued_on", None, whole=("amount_base",), sizes=("amount_base",)),
    Watched("mrr_movements", "effective_on", "kind", whole=("mrr_delta_base",)),
    Watched("tasks", "created_on", None, whole=("title",)),
    Watched("time_logs", "worked_on", None, whole=("hours", "is_billable"), sizes=("hours",)),
)

WATCHED: Mapping[str, Watched] = MappingProxyType({one.table: one for one in _ALL})
"""Every watched table by name. Tables without a day on which something happens are not here."""


def rule_for(
    rules: Mapping[str, RulesDefinition] | Sequence[RulesDefinition],
    client: str,
    source: str,
    table: str,
) -> MonitorRule:
    """The rule that holds: the most exact one; a client's own before one for all."""
    named = rules.values() if isinstance(rules, Mapping) else rules
    found = [
        (rule.exactness, bool(one.clients), rule)
        for one in named
        if not one.clients or client in one.clients
        for rule in one.monitors
        if rule.concerns(source, table)
    ]
    return max(found, key=lambda each: each[:2])[2] if found else MonitorRule()
