"""What is counted of addresses and labels on the day of the audit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from kvitto.audit.checks.email import ADDRESS
from kvitto.audit.register.state import State
from kvitto.model.table import canonical_tables
from kvitto.warehouse.schema import LABELS
from kvitto.workspace.concept import concept_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DECIDED = ("source", "channel", "loss_reason", "conversion_event")
"""Concepts whose labels a person decides about; others stand for themselves."""

STALE_MONTHS = 24
"""An address that nobody confirmed for so long counts as stale."""


def address_states(connection: DuckDBPyConnection, days: Mapping[str, date]) -> Iterator[State]:
    """Contacts whose address has no valid form, was found dead, or was last confirmed long ago."""
    for client, day in sorted(days.items()):
        rows = connection.execute(
            "SELECT coalesce(_source, ''), count(*), count(*) FILTER (WHERE"
            f" coalesce(email_valid = FALSE, FALSE)"
            f" OR NOT regexp_full_match(trim(email), '{ADDRESS}') OR email LIKE '%..%'"
            f" OR last_verified_on < CAST(? AS DATE) - INTERVAL {STALE_MONTHS} MONTH)"
            " FROM contacts WHERE client_id = ? AND _excluded IS NULL AND email IS NOT NULL"
            " AND NOT coalesce(is_deleted, FALSE) AND NOT coalesce(is_test, FALSE)"
            " AND merged_into_id IS NULL GROUP BY 1 ORDER BY 1",
            [day, client],
        ).fetchall()
        for source, whole, part in rows:
            yield State(client, "invalid_email", part, whole, "contacts", "email", source)


def label_states(
    connection: DuckDBPyConnection, known: Mapping[str, Collection[tuple[str, str]]]
) -> Iterator[State]:
    """Labels about which nobody decided, by place and source; for each client at least a zero.

    They are those that neither a rule nor a vocabulary translates, and in the
    concepts that reports split by those that stand for themselves unasked.
    ``known`` are the clients, each with the labels (concept, label) that its rules
    call canonical.
    """
    rows = connection.execute(
        "SELECT client_id, table_name, column_name, coalesce(source, ''), raw, kind"
        f" FROM {LABELS} WHERE kind IN ('source', 'assumed', 'same') AND raw IS NOT NULL"
        " GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    open_: dict[tuple[str, str, str, str], set[str]] = {}
    for client, table, column, source, raw, kind in rows:
        if kind != "same" or _is_undecided(table, column, raw, known.get(client, ())):
            open_.setdefault((client, table, column, source), set()).add(raw)
    for (client, table, column, source), labels in sorted(open_.items()):
        yield State(client, "unmapped_label", len(labels), len(labels), table, column, source)
    for client in sorted(set(known) - {place[0] for place in open_}):
        yield State(client, "unmapped_label", 0, 0)


def _is_undecided(table: str, column: str, label: str, known: Collection[tuple[str, str]]) -> bool:
    concept = concept_of(table, column)
    closed = canonical_tables()[table].column(column).values
    return concept in DECIDED and not closed and (concept, label) not in known
