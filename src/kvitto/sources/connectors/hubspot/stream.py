"""The streams of HubSpot and the canonical tables that they fill."""

from __future__ import annotations

from collections.abc import Mapping

from kvitto.sources.connectors.hubspot.entity import ENTITIES
from kvitto.sources.stream import FieldKind, Stream
from kvitto.workspace.definition import ColumnMap

Fill = Mapping[str, Mapping[str, str | ColumnMap]]

_TURNED = ColumnMap(column="archived", values={"true": "false", "false": "true"})
_WAYS = {"INBOUND": "in", "OUTBOUND": "out"}
_MAIL_WAYS = {"EMAIL": "out", "FORWARDED_EMAIL": "out", "INCOMING_EMAIL": "in"}
_FIELDS = {
    "dealstage": "stage_id",
    "amount": "amount",
    "closedate": "expected_close_on",
    "hubspot_owner_id": "owner_id",
    "pipeline": "pipeline_id",
}
# The dispositions that every account has; those of one's own come with their id.
_DISPOSITIONS = {
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "connected",
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "connected",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "voicemail",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "no_answer",
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "no_answer",
    "17b47fee-58de-441e-a44c-c6300d46f273": "no_answer",
}
_MEETINGS = {
    "COMPLETED": "held",
    "NO_SHOW": "no_show",
    "CANCELED": "cancelled",
    "SCHEDULED": "",
    "RESCHEDULED": "cancelled",
}
_TASKS = {
    "NOT_STARTED": "todo",
    "IN_PROGRESS": "doing",
    "WAITING": "blocked",
    "DEFERRED": "blocked",
    "COMPLETED": "done",
}
_PRIORITIES = {"LOW": "low", "MEDIUM": "normal", "HIGH": "high", "URGENT": "urgent", "NONE": ""}


def _activity(kind: str, **columns: str | ColumnMap) -> Fill:
    shared: dict[str, str | ColumnMap] = {
        "activity_id": "id",
        "type": ColumnMap(constant=kind),
        "owner_id": "hubspot_owner_id",
        "account_id": "company_id",
        "contact_id": "contact_id",
        "deal_id": "deal_id",
        "created_at": "hs_createdate",
        "scheduled_at": "hs_timestamp",
    }
    return {"activities": {**shared, **columns}}


_FILLS: Mapping[str, Fill] = {
    "deals": {
        "deals": {
            "deal_id": "id",
            "account_id": "company_id",
            "primary_contact_id": "contact_id",
            "pipeline_id": "pipeline",
            "stage_id": "dealstage",
            "kind": "dealtype",
            "amount": "amount",
            "currency_code": "deal_currency_code",
            "probability": "hs_deal_stage_probability",
            "forecast_category": "hs_manual_forecast_category",
            "owner_id": "hubspot_owner_id",
            "source": "hs_analytics_source",
            "campaign_id": "hs_campaign",
            "created_at": "createdate",
            "expected_close_on": "closes_at",
            "closed_at": "closed_at",
            "outcome": "outcome",
            "loss_reason_id": "closed_lost_reason",
            "next_step": "hs_next_step",
            "next_activity_at": "notes_next_activity_date",
            "last_activity_at": "notes_last_contacted",
        }
    },
    "companies": {
        "accounts": {
            "account_id": "id",
            "name": "name",
            "domain": "domain",
            "parent_account_id": "hs_parent_company_id",
            "industry": "industry",
            "region": "state",
            "country_code": "country",
            "owner_id": "hubspot_owner_id",
            "lifecycle_stage": "lifecyclestage",
            "source": "hs_analytics_source",
            "created_at": "createdate",
        }
    },
    "contacts": {
        "contacts": {
            "contact_id": "id",
            "account_id": "company_id",
            "email": "email",
            "phone": "phone",
            "full_name": "full_name",
            "job_title": "jobtitle",
            "lifecycle_stage": "lifecyclestage",
            "source": "hs_analytics_source",
            "owner_id": "hubspot_owner_id",
            "created_at": "createdate",
        }
    },
    "leads": {
        "leads": {
            "lead_id": "id",
            "contact_id": "id",
            "account_id": "company_id",
            "source": "hs_analytics_source",
            "source_detail": "hs_analytics_source_data_1",
            "owner_id": "hubspot_owner_id",
            "status": "hs_lead_status",
            "created_at": "hs_v2_date_entered_lead",
            "first_response_at": "hs_sa_first_engagement_date",
            "mql_at": "hs_v2_date_entered_marketingqualifiedlead",
            "sql_at": "hs_v2_date_entered_salesqualifiedlead",
            "converted_at": "hs_v2_date_entered_opportunity",
        }
    },
    "tickets": {
        "tickets": {
            "ticket_id": "id",
            "account_id": "company_id",
            "contact_id": "contact_id",
            "owner_id": "hubspot_owner_id",
            "priority": ColumnMap(column="hs_ticket_priority", values=_PRIORITIES),
            "channel": "source_type",
            "category": "hs_ticket_category",
            "created_at": "createdate",
            "first_response_at": "first_agent_reply_date",
            "closed_at": "closed_date",
            "status": "status",
        }
    },
    "calls": _activity(
        "call",
        done_at="done_at",
        direction=ColumnMap(column="hs_call_direction", values=_WAYS),
        outcome=ColumnMap(column="hs_call_disposition", values=_DISPOSITIONS),
        duration_sec=ColumnMap.model_validate({"column": "hs_call_duration", "factor": "0.001"}),
    ),
    "emails": _activity(
        "email",
        done_at="done_at",
        direction=ColumnMap(column="hs_email_direction", values=_MAIL_WAYS),
    ),
    "meetings": _activity(
        "meeting",
        done_at="done_at",
        outcome=ColumnMap(column="hs_meeting_outcome", values=_MEETINGS),
    ),
    "notes": _activity("note", done_at="hs_timestamp"),
    "tasks": {
        "tasks": {
            "task_id": "id",
            "title": "hs_task_subject",
            "assignee_id": "hubspot_owner_id",
            "status": ColumnMap(column="hs_task_status", values=_TASKS),
            "priority": ColumnMap(column="hs_task_priority", values=_PRIORITIES),
            "created_at": "hs_createdate",
            "due_on": "hs_timestamp",
            "done_at": "hs_task_completion_date",
        }
    },
}

_HISTORY: dict[str, FieldKind] = {
    "deal_id": "text",
    "property": "text",
    "value": "text",
    "old_value": "text",
    "timestamp": "instant",
    "source_type": "text",
    "updated_by_user_id": "text",
    "deal_modified_at": "instant",
}


def _entity(name: str) -> Stream:
    entity = ENTITIES[name]
    return Stream(
        name,
        key=("id",),
        fields=entity.fields,
        fill=_FILLS[name],
        cursor=entity.cursor,
        ordered=True,
        deleting="ids",
        optional=name != "deals",
    )


def _table(name: str, fields: dict[str, FieldKind], fill: Fill, *key: str) -> Stream:
    return Stream(name, key=key or ("id",), fields=fields, fill=fill, keeping="replace")


def _history(name: str, fill: Fill, about: str) -> Stream:
    return Stream(
        name,
        key=("deal_id", "property", "timestamp"),
        fields=_HISTORY,
        fill=fill,
        cursor="deal_modified_at",
        ordered=True,
        about=about,
    )


STREAMS: tuple[Stream, ...] = (
    _table(
        "owners",
        {
            "id": "text",
            "email": "text",
            "name": "text",
            "type": "text",
            "userId": "text",
            "team_id": "text",
            "archived": "flag",
        },
        {
            "users": {
                "user_id": "id",
                "name": "name",
                "email": "email",
                "team_id": "team_id",
                "is_active": _TURNED,
            }
        },
    ),
    _table(
        "teams",
        {"id": "text", "name": "text"},
        {"teams": {"team_id": "id", "name": "name"}},
    ),
    _table(
        "pipelines",
        {"id": "text", "label": "text", "archived": "flag"},
        {"pipelines": {"pipeline_id": "id", "name": "label", "is_active": _TURNED}},
    ),
    _table(
        "stages",
        {
            "id": "text",
            "pipeline_id": "text",
            "label": "text",
            "position": "number",
            "probability": "number",
            "outcome": "text",
        },
        {
            "stages": {
                "stage_id": "id",
                "pipeline_id": "pipeline_id",
                "name": "label",
                "position": "position",
                "default_probability": "probability",
                "outcome": "outcome",
            }
        },
        "pipeline_id",
        "id",
    ),
    *(_entity(name) for name in ENTITIES),
    _history(
        "deal_stages",
        {
            "deal_stage_history": {
                "deal_id": "deal_id",
                "stage_id": "value",
                "entered_at": "timestamp",
            }
        },
        "the history that HubSpot keeps of each deal's stage",
    ),
    _history(
        "deal_changes",
        {
            "deal_field_history": {
                "deal_id": "deal_id",
                "field": ColumnMap(column="property", values=_FIELDS),
                "old_value": "old_value",
                "new_value": "value",
                "changed_at": "timestamp",
            }
        },
        "the history that HubSpot keeps of each deal's amount, date and owner",
    ),
)
