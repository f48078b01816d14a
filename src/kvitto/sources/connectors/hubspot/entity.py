"""The objects of HubSpot that are read, with their properties and what they are tied to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kvitto.sources.stream import FieldKind

_NO_FIELDS: Mapping[str, FieldKind] = MappingProxyType({})
_NO_LINKS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of object.

    ``type`` is its name in paths, ``cursor`` the property of its last change.
    ``links`` are the objects whose ids are read with it (our field -> their
    type), ``made`` the fields that several properties make together, ``has`` a
    property without which a record is not of this stream.
    """

    type: str
    properties: Mapping[str, FieldKind]
    cursor: str = "hs_lastmodifieddate"
    links: Mapping[str, str] = field(default_factory=lambda: _NO_LINKS)
    made: Mapping[str, FieldKind] = field(default_factory=lambda: _NO_FIELDS)
    has: str | None = None

    @property
    def fields(self) -> dict[str, FieldKind]:
        """The staged columns."""
        ids: dict[str, FieldKind] = dict.fromkeys(self.links, "text")
        return {"id": "text", **self.properties, **ids, **self.made}


_OWNED: dict[str, FieldKind] = {
    "hs_object_id": "text",
    "hubspot_owner_id": "text",
    "createdate": "instant",
    "hs_lastmodifieddate": "instant",
}
_ENGAGED: dict[str, FieldKind] = {
    "hs_object_id": "text",
    "hubspot_owner_id": "text",
    "hs_createdate": "instant",
    "hs_lastmodifieddate": "instant",
    "hs_timestamp": "instant",
}
_PARTIES = {"company_id": "companies", "contact_id": "contacts", "deal_id": "deals"}

DEALS = Entity(
    "deals",
    {
        **_OWNED,
        "dealname": "text",
        "pipeline": "text",
        "dealstage": "text",
        "amount": "money",
        "amount_in_home_currency": "money",
        "deal_currency_code": "text",
        "hs_deal_stage_probability": "number",
        "hs_manual_forecast_category": "text",
        "hs_analytics_source": "text",
        "hs_campaign": "text",
        "dealtype": "text",
        "closedate": "instant",
        "hs_is_closed": "flag",
        "hs_is_closed_won": "flag",
        "closed_lost_reason": "text",
        "hs_next_step": "text",
        "notes_next_activity_date": "instant",
        "notes_last_contacted": "instant",
    },
    links={"company_id": "companies", "contact_id": "contacts"},
    made={"outcome": "text", "closed_at": "instant", "closes_at": "instant"},
)
COMPANIES = Entity(
    "companies",
    {
        **_OWNED,
        "name": "text",
        "domain": "text",
        "industry": "text",
        "country": "text",
        "state": "text",
        "lifecyclestage": "text",
        "hs_analytics_source": "text",
        "hs_parent_company_id": "text",
    },
)
CONTACTS = Entity(
    "contacts",
    {
        "hs_object_id": "text",
        "hubspot_owner_id": "text",
        "createdate": "instant",
        "lastmodifieddate": "instant",
        "email": "text",
        "phone": "text",
        "firstname": "text",
        "lastname": "text",
        "jobtitle": "text",
        "lifecyclestage": "text",
        "hs_analytics_source": "text",
    },
    cursor="lastmodifieddate",
    links={"company_id": "companies"},
    made={"full_name": "text"},
)
LEADS = Entity(
    "contacts",
    {
        "hs_object_id": "text",
        "hubspot_owner_id": "text",
        "lastmodifieddate": "instant",
        "hs_lead_status": "text",
        "hs_analytics_source": "text",
        "hs_analytics_source_data_1": "text",
        "hs_sa_first_engagement_date": "instant",
        "hs_v2_date_entered_lead": "instant",
        "hs_v2_date_entered_marketingqualifiedlead": "instant",
        "hs_v2_date_entered_salesqualifiedlead": "instant",
        "hs_v2_date_entered_opportunity": "instant",
    },
    cursor="lastmodifieddate",
    links={"company_id": "companies"},
    has="hs_v2_date_entered_lead",
)
TICKETS = Entity(
    "tickets",
    {
        **_OWNED,
        "subject": "text",
        "hs_pipeline": "text",
        "hs_pipeline_stage": "text",
        "hs_ticket_priority": "text",
        "hs_ticket_category": "text",
        "source_type": "text",
        "first_agent_reply_date": "instant",
        "closed_date": "instant",
    },
    links={"company_id": "companies", "contact_id": "contacts"},
    made={"status": "text"},
)
CALLS = Entity(
    "calls",
    {
        **_ENGAGED,
        "hs_call_direction": "text",
        "hs_call_disposition": "text",
        "hs_call_duration": "number",
        "hs_call_status": "text",
    },
    links=_PARTIES,
    made={"done_at": "instant"},
)
EMAILS = Entity(
    "emails",
    {**_ENGAGED, "hs_email_direction": "text", "hs_email_status": "text"},
    links=_PARTIES,
    made={"done_at": "instant"},
)
MEETINGS = Entity(
    "meetings",
    {
        **_ENGAGED,
        "hs_meeting_outcome": "text",
        "hs_meeting_start_time": "instant",
        "hs_meeting_end_time": "instant",
    },
    links=_PARTIES,
    made={"done_at": "instant"},
)
NOTES = Entity("notes", _ENGAGED, links=_PARTIES)
TASKS = Entity(
    "tasks",
    {
        **_ENGAGED,
        "hs_task_subject": "text",
        "hs_task_status": "text",
        "hs_task_priority": "text",
        "hs_task_completion_date": "instant",
    },
    links=_PARTIES,
)

ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {
        "deals": DEALS,
        "companies": COMPANIES,
        "contacts": CONTACTS,
        "leads": LEADS,
        "tickets": TICKETS,
        "calls": CALLS,
        "emails": EMAILS,
        "meetings": MEETINGS,
        "notes": NOTES,
        "tasks": TASKS,
    }
)
