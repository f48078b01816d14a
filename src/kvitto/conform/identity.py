"""Ids that are unique over all sources: ``<source>:<object>:<id in the source>``."""

from __future__ import annotations

from kvitto.model.table import canonical_table

_IRREGULAR = {
    "activities": "activity",
    "deal_stage_history": "deal",
    "loss_reasons": "loss_reason",
    "web_sessions": "session",
    "web_events": "event",
    "email_events": "event",
    "email_sends": "send",
    "revenue_recognition": "revenue",
    "mrr_movements": "movement",
}

ORDER = (
    "teams",
    "users",
    "accounts",
    "contacts",
    "products",
    "campaigns",
    "loss_reasons",
    "pipelines",
    "stages",
    "fx_rates",
    "leads",
    "deals",
)
"""Tables that others point at come first; the rest follow by name."""


def object_of(table: str) -> str:
    """What one row of the table is called inside an id."""
    return _IRREGULAR.get(table, table.removesuffix("s"))


def prefix(source: str, table: str) -> str:
    """The beginning of every id of that table and source."""
    return f"{source}:{object_of(table)}:"


def own_key(table: str) -> str | None:
    """The column that is the row's own id, ``None`` where the key is made of others."""
    key = canonical_table(table).key
    column = canonical_table(table).column(key[0])
    if column.type != "id" or column.references is not None:
        return None
    return key[0]


def in_order(tables: set[str]) -> tuple[str, ...]:
    """The tables in the order in which they are filled."""
    known = [table for table in ORDER if table in tables]
    return (*known, *sorted(tables.difference(known)))
