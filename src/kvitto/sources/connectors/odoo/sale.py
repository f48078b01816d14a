"""Leads and deals, which are one model in Odoo, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kvitto.sources.connectors.odoo.entity import (
    ACCOUNT,
    CONTACT,
    Entity,
    Row,
    changing,
    looked_up,
    short,
)
from kvitto.sources.stream import FieldKind, Stream
from kvitto.workspace.definition import ColumnMap

PIPELINE = "crm"
"""Odoo has one pipeline; a stage may be limited to some teams."""

IS_DEAL = ("type", "=", "opportunity")
_WAS_LEAD = ("|", ("type", "=", "lead"), ("date_conversion", "!=", False))
_PERCENT = Decimal("0.01")

_LEAD: dict[str, FieldKind] = {
    "name": "text",
    "type": "text",
    "active": "flag",
    "partner_id": "text",
    ACCOUNT: "text",
    CONTACT: "text",
    "partner_name": "text",
    "contact_name": "text",
    "email_from": "text",
    "user_id": "text",
    "team_id": "text",
    "stage_id": "text",
    "won_status": "text",
    "lost_reason_id": "text",
    "source_id": "text",
    "medium_id": "text",
    "campaign_id": "text",
    "country_id.name": "text",
    "tag_ids": "json",
    "create_date": "instant",
    "date_open": "instant",
    "date_conversion": "instant",
    "date_closed": "instant",
}


def standing(row: Row) -> Mapping[str, object]:
    """How far a lead has come, from its type, its loss and whether somebody was set on it."""
    if row["type"] == "opportunity":
        word = "converted"
    elif row["won_status"] == "lost" or row["active"] is False:
        word = "disqualified"
    else:
        word = "working" if row["date_open"] else "new"
    ended = row["date_closed"] if word == "disqualified" else None
    converted = row["id"] if word == "converted" else None
    return {"standing": word, "disqualified_at": ended, "converted_deal_id": converted}


def opened(row: Row) -> Mapping[str, object]:
    """When a deal began and how it ended; one put away without a loss counts as disqualified."""
    outcome = {"won": "won", "lost": "lost"}.get(str(row["won_status"]), "open")
    if outcome == "open" and row["active"] is False:
        outcome = "disqualified"
    was_lead = row["id"] if row["date_conversion"] else None
    began = row["date_conversion"] or row["create_date"]
    return {"opened_at": began, "outcome": outcome, "was_lead_id": was_lead}


LEADS = Entity(
    changing(
        "leads",
        {**_LEAD, "standing": "text", "disqualified_at": "instant", "converted_deal_id": "text"},
        {
            "leads": {
                "lead_id": "id",
                "contact_id": CONTACT,
                "account_id": ACCOUNT,
                "source": looked_up("sources", "source_id"),
                "source_detail": looked_up("mediums", "medium_id"),
                "campaign_id": "campaign_id",
                "owner_id": "user_id",
                "status": "standing",
                "created_at": "create_date",
                "assigned_at": "date_open",
                "disqualified_at": "disqualified_at",
                "disqualify_reason": looked_up("lost_reasons", "lost_reason_id"),
                "converted_at": "date_conversion",
                "converted_deal_id": "converted_deal_id",
                "region": "country_id.name",
            }
        },
        "leads, and the deals that were leads before",
    ),
    "crm.lead",
    _WAS_LEAD,
    made=(ACCOUNT, CONTACT, "standing", "disqualified_at", "converted_deal_id"),
    make=standing,
)

DEALS = Entity(
    changing(
        "deals",
        {
            **_LEAD,
            "expected_revenue": "money",
            "recurring_revenue_monthly": "money",
            "company_currency.name": "text",
            "probability": "number",
            "priority": "text",
            "date_deadline": "day",
            "date_last_stage_update": "instant",
            "opened_at": "instant",
            "outcome": "text",
            "was_lead_id": "text",
        },
        {
            "deals": {
                "deal_id": "id",
                "account_id": ACCOUNT,
                "primary_contact_id": CONTACT,
                "lead_id": "was_lead_id",
                "pipeline_id": ColumnMap(constant=PIPELINE),
                "stage_id": "stage_id",
                "amount": "expected_revenue",
                "currency_code": "company_currency.name",
                "probability": ColumnMap(column="probability", factor=_PERCENT),
                "owner_id": "user_id",
                "source": looked_up("sources", "source_id"),
                "campaign_id": "campaign_id",
                "region": "country_id.name",
                "created_at": "opened_at",
                "expected_close_on": "date_deadline",
                "closed_at": "date_closed",
                "outcome": "outcome",
                "loss_reason_id": "lost_reason_id",
            }
        },
        "opportunities, lost and archived ones too",
    ),
    "crm.lead",
    (IS_DEAL,),
    made=(ACCOUNT, CONTACT, "opened_at", "outcome", "was_lead_id"),
    make=opened,
    unset=("expected_revenue", "recurring_revenue_monthly"),
)

STAGES = Entity(
    short(
        "stages",
        {
            "name": "text",
            "sequence": "number",
            "is_won": "flag",
            "team_ids": "json",
            "fold": "flag",
        },
        {
            "stages": {
                "stage_id": "id",
                "pipeline_id": ColumnMap(constant=PIPELINE),
                "name": "name",
                "position": "sequence",
                "outcome": ColumnMap(column="is_won", values={"true": "won", "false": "open"}),
            }
        },
        "the stages of the pipeline",
    ),
    "crm.stage",
)

PIPELINES = Entity(
    Stream(
        "pipelines",
        key=("id",),
        fields={"id": "text", "name": "text"},
        fill={"pipelines": {"pipeline_id": "id", "name": "name"}},
        keeping="replace",
        optional=True,
        about="the one pipeline, which Odoo has no record of",
    ),
    "crm.stage",
    made=("id", "name"),
    make=lambda _row: {"id": PIPELINE, "name": "Pipeline"},
    way="constant",
)

LOST_REASONS = Entity(
    short(
        "lost_reasons",
        {"name": "text", "active": "flag"},
        {"loss_reasons": {"loss_reason_id": "id", "name": "name"}},
        "reasons for loss",
    ),
    "crm.lost.reason",
)

STAGE_HISTORY = Entity(
    Stream(
        "stage_history",
        key=("entry",),
        fields={
            "entry": "text",
            "deal_id": "text",
            "stage_id": "text",
            "seq": "number",
            "entered_at": "instant",
            "changed_by_id": "text",
            "write_date": "instant",
        },
        fill={
            "deal_stage_history": {
                "deal_id": "deal_id",
                "seq": "seq",
                "pipeline_id": ColumnMap(constant=PIPELINE),
                "stage_id": "stage_id",
                "entered_at": "entered_at",
                "changed_by_id": "changed_by_id",
            }
        },
        cursor="write_date",
        ordered=True,
        optional=True,
        about="the stages that each deal went through, from its tracked changes",
    ),
    "crm.lead",
    (IS_DEAL,),
    way="stage_history",
)

FIELD_HISTORY = Entity(
    Stream(
        "field_history",
        key=("id",),
        fields={
            "id": "text",
            "deal_id": "text",
            "field": "text",
            "old_value": "text",
            "new_value": "text",
            "create_date": "instant",
            "create_uid": "text",
        },
        fill={
            "deal_field_history": {
                "deal_id": "deal_id",
                "field": ColumnMap(
                    column="field",
                    values={
                        "expected_revenue": "amount",
                        "user_id": "owner_id",
                        "stage_id": "stage_id",
                        "partner_id": "account_id",
                        "won_status": "outcome",
                        "lost_reason_id": "loss_reason_id",
                        "date_deadline": "expected_close_on",
                    },
                ),
                "old_value": "old_value",
                "new_value": "new_value",
                "changed_at": "create_date",
                "changed_by_id": "create_uid",
            }
        },
        cursor="create_date",
        ordered=True,
        optional=True,
        about="tracked changes of a deal's fields",
    ),
    "mail.tracking.value",
    (("mail_message_id.model", "=", "crm.lead"),),
    way="field_history",
)

SALE = (
    PIPELINES,
    STAGES,
    LOST_REASONS,
    LEADS,
    DEALS,
    STAGE_HISTORY,
    FIELD_HISTORY,
)
