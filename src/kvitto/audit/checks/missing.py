"""Required fields that are empty: what the rules say, and what is expected anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvitto.audit.probe import FieldDecision, Probe, Setting, row_column
from kvitto.model.finding import Resolution, Severity
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted_all


@dataclass(frozen=True, slots=True)
class Expected:
    """A field that figures need. Where no rule speaks of it, it is only reported."""

    table: str
    column: str
    subject: str
    severity: Severity
    needed_for: str
    among: str | None = None


_OPEN = "t.outcome = 'open'"
_WON = "t.outcome = 'won'"
_CLOSED = "t.outcome <> 'open'"

EXPECTED: tuple[Expected, ...] = (
    Expected("deals", "account_id", "open deals", Severity.notice, "figures by account", _OPEN),
    Expected(
        "deals", "account_id", "closed deals", Severity.warning, "figures by account", _CLOSED
    ),
    Expected("deals", "owner_id", "deals", Severity.warning, "figures by owner"),
    Expected("deals", "stage_id", "open deals", Severity.warning, "figures by stage", _OPEN),
    Expected("deals", "outcome", "deals", Severity.error, "won, lost and open deals"),
    Expected("deals", "created_at", "open deals", Severity.warning, "deals created, age", _OPEN),
    Expected("deals", "created_at", "closed deals", Severity.warning, "sales cycle", _CLOSED),
    Expected("deals", "closed_at", "closed deals", Severity.error, "won and lost deals", _CLOSED),
    Expected("deals", "amount", "open deals", Severity.warning, "pipeline value", _OPEN),
    Expected("deals", "amount", "won deals", Severity.error, "won value", _WON),
    Expected("accounts", "name", "accounts", Severity.warning, "figures by account"),
    Expected("users", "name", "users", Severity.warning, "figures by owner"),
    Expected("leads", "created_at", "leads", Severity.error, "leads per period"),
    Expected("leads", "source", "leads", Severity.notice, "leads by source"),
    Expected("leads", "owner_id", "leads", Severity.notice, "leads by owner"),
    Expected("activities", "owner_id", "activities", Severity.warning, "activity by owner"),
    Expected("activities", "type", "activities", Severity.warning, "activity by type"),
    Expected("tickets", "created_at", "tickets", Severity.error, "tickets per period"),
    Expected("orders", "ordered_at", "orders", Severity.error, "orders per period"),
    Expected("orders", "amount_base", "orders", Severity.error, "revenue"),
    Expected("invoices", "issued_on", "invoices", Severity.error, "billing per period"),
    Expected("ad_spend", "spend_base", "days of spend", Severity.error, "ad spend"),
    Expected("time_logs", "hours", "time logs", Severity.error, "hours"),
)
"""Fields that the reports lean on."""

_SEVERITY = {
    Resolution.review: Severity.warning,
    Resolution.default: Severity.notice,
    Resolution.exclude: Severity.error,
    Resolution.keep: Severity.notice,
}


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """The rules of this table, and the expected fields where no rule speaks."""
    decisions = [one for one in setting.decisions if one.table == table.name]
    for decision in decisions:
        yield _decided(decision)
    for expected in EXPECTED:
        if expected.table == table.name:
            yield _expected(expected, [d for d in decisions if d.column == expected.column])


def _decided(decision: FieldDecision) -> Probe:
    done = {
        Resolution.review: "wait for review; figures that need it leave them out",
        Resolution.default: f"count with the default {decision.default}",
        Resolution.exclude: "are left out of all figures",
        Resolution.keep: "are kept as they are",
    }[decision.resolution]
    where = f" (where {decision.shown_condition})" if decision.shown_condition else ""
    return Probe(
        code="missing_field",
        severity=_SEVERITY[decision.resolution],
        table=decision.table,
        column=decision.column,
        condition=f"{row_column(decision.column)} IS NULL",
        what=f"have no {decision.column}{where} and {done}",
        todo=f"Fill in {decision.column} in the source, or change the rule.",
        subject=decision.table.replace("_", " "),
        among=decision.condition,
        clients=decision.clients,
        resolution=decision.resolution,
        rule=decision.name,
        default=decision.default,
        excluded=f"no {decision.column}" if decision.resolution is Resolution.exclude else None,
        decides="account manager" if decision.resolution is Resolution.review else "analyst",
    )


def _expected(expected: Expected, decisions: list[FieldDecision]) -> Probe:
    condition = f"{row_column(expected.column)} IS NULL"
    for decision in decisions:
        condition += f" AND NOT ({_covered(decision)})"
    return Probe(
        code="missing_field",
        severity=expected.severity,
        table=expected.table,
        column=expected.column,
        condition=condition,
        what=f"have no {expected.column}, which is needed for {expected.needed_for}",
        todo=f"Fill in or map {expected.column}, or give it a rule in rules/.",
        subject=expected.subject,
        among=expected.among,
    )


def _covered(decision: FieldDecision) -> str:
    parts = []
    if decision.condition is not None:
        parts.append(f"COALESCE({decision.condition}, FALSE)")
    if decision.clients is not None:
        listed = quoted_all(decision.clients)
        parts.append(f"t.client_id IN ({listed})" if listed else "FALSE")
    return " AND ".join(parts) or "TRUE"
