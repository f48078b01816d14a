"""The streams of Salesforce and what each of them reads."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kvitto.sources.connectors.salesforce import sale, service
from kvitto.sources.connectors.salesforce.entity import Entity, Part, Reference
from kvitto.sources.stream import FieldKind, Stream

STREAMS: tuple[Stream, ...] = (
    service.USERS,
    service.ROLES,
    service.QUEUES,
    service.RECORD_TYPES,
    service.CURRENCIES,
    service.DATED_RATES,
    sale.STAGES,
    sale.ACCOUNTS,
    sale.CONTACTS,
    service.CAMPAIGNS,
    service.PRODUCTS,
    sale.LEADS,
    sale.OPPORTUNITIES,
    sale.OPPORTUNITY_HISTORY,
    sale.OPPORTUNITY_FIELDS,
    service.LINES,
    service.MEMBERS,
    service.TASKS,
    service.EVENTS,
    service.CASES,
    service.CASE_HISTORY,
    service.ORDERS,
    service.ACCOUNT_HISTORY,
    service.CONTACT_HISTORY,
    service.LEAD_HISTORY,
)

_WHO: Mapping[str, Part] = {
    "WhatOpportunityId": Reference("WhatId", "Opportunity"),
    "WhoContactId": Reference("WhoId", "Contact"),
    "WhoLeadId": Reference("WhoId", "Lead"),
}
_OWNERS: Mapping[str, Part] = {
    "OwnerUserId": Reference("OwnerId", "User"),
    "OwnerQueueId": Reference("OwnerId", "Group"),
}
_CURRENCY: Mapping[str, tuple[FieldKind, Mapping[str, str]]] = {"CurrencyIsoCode": ("text", {})}
_RATE: Mapping[str, Part] = {"RateToBase": "rate"}

ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {
        "users": Entity("User"),
        "user_roles": Entity("UserRole"),
        "queues": Entity("Group", where="Type = 'Queue'"),
        "record_types": Entity("RecordType"),
        "currencies": Entity("CurrencyType", parts=_RATE, quiet=True),
        "dated_rates": Entity("DatedConversionRate", parts=_RATE, quiet=True),
        "opportunity_stages": Entity(
            "OpportunityStage", parts={"Outcome": "outcome", "StageKey": "stage_key"}
        ),
        "accounts": Entity(
            "Account",
            seen={
                **_CURRENCY,
                "BillingCountryCode": ("text", {"accounts": "country_code"}),
            },
        ),
        "contacts": Entity("Contact"),
        "campaigns": Entity("Campaign", seen=_CURRENCY, base=(("campaigns", "budget_amount"),)),
        "products": Entity("Product2"),
        "leads": Entity("Lead", parts={"Standing": "standing", **_OWNERS}),
        "opportunities": Entity(
            "Opportunity",
            parts={"Outcome": "outcome", "ClosedAt": "closed_at", "ClosedOn": "closed_on"},
            seen={"CurrencyIsoCode": ("text", {"deals": "currency_code"})},
        ),
        "opportunity_history": Entity("OpportunityHistory", seen=_CURRENCY),
        "opportunity_field_history": Entity("OpportunityFieldHistory"),
        "opportunity_lines": Entity(
            "OpportunityLineItem",
            seen=_CURRENCY,
            base=(("deal_line_items", "total_amount_base"),),
        ),
        "campaign_members": Entity("CampaignMember"),
        "tasks": Entity("Task", parts=_WHO),
        "events": Entity("Event", parts={**_WHO, "HeldAt": "held_at"}),
        "cases": Entity("Case", parts=_OWNERS),
        "case_status_history": Entity("CaseHistory", where="Field = 'Status'"),
        "orders": Entity("Order", seen=_CURRENCY, base=(("orders", "amount_base"),)),
        "account_field_history": Entity("AccountHistory", quiet=True),
        "contact_field_history": Entity("ContactHistory", quiet=True),
        "lead_field_history": Entity("LeadHistory", quiet=True),
    }
)
"""What each stream reads, by the stream's name."""
