"""The streams around selling: activities, campaigns, cases, products, orders, people of theirs."""

from __future__ import annotations

from decimal import Decimal

from kvitto.sources.connectors.salesforce.shape import changing, fields_of, listed, written
from kvitto.sources.stream import Stream
from kvitto.workspace.definition import ColumnMap

_CASE_STATUS = {
    "New": "new",
    "Working": "open",
    "Escalated": "open",
    "In Progress": "open",
    "Waiting on Customer": "pending",
    "On Hold": "on_hold",
    "Closed": "closed",
}

TASKS = changing(
    "tasks",
    fields_of(
        "Id AccountId WhatId WhoId WhatOpportunityId WhoContactId WhoLeadId OwnerId Subject Status"
        " Type TaskSubtype CallType CallDisposition",
        number="CallDurationInSeconds",
        day="ActivityDate",
        instant="CreatedDate CompletedDateTime",
        flag="IsClosed",
    ),
    {
        "activities": {
            "activity_id": "Id",
            "type": "TaskSubtype",
            "direction": "CallType",
            "owner_id": "OwnerId",
            "account_id": "AccountId",
            "contact_id": "WhoContactId",
            "lead_id": "WhoLeadId",
            "deal_id": "WhatOpportunityId",
            "created_at": "CreatedDate",
            "scheduled_at": "ActivityDate",
            "done_at": "CompletedDateTime",
            "outcome": "CallDisposition",
            "duration_sec": "CallDurationInSeconds",
        }
    },
    "Calls, mails and things to do, archived ones too",
)

EVENTS = changing(
    "events",
    fields_of(
        "Id AccountId WhatId WhoId WhatOpportunityId WhoContactId WhoLeadId OwnerId Subject Type"
        " EventSubtype",
        number="DurationInMinutes",
        instant="CreatedDate StartDateTime EndDateTime HeldAt",
        flag="IsAllDayEvent",
    ),
    {
        "activities": {
            "activity_id": "Id",
            "type": ColumnMap(constant="meeting"),
            "owner_id": "OwnerId",
            "account_id": "AccountId",
            "contact_id": "WhoContactId",
            "lead_id": "WhoLeadId",
            "deal_id": "WhatOpportunityId",
            "created_at": "CreatedDate",
            "scheduled_at": "StartDateTime",
            "done_at": "HeldAt",
            "duration_sec": ColumnMap(column="DurationInMinutes", factor=Decimal(60)),
        }
    },
    "Meetings",
)

CAMPAIGNS = changing(
    "campaigns",
    fields_of(
        "Id Name Type Status ParentId OwnerId",
        money="BudgetedCost ActualCost",
        day="StartDate EndDate",
        instant="CreatedDate",
        flag="IsActive",
    ),
    {
        "campaigns": {
            "campaign_id": "Id",
            "name": "Name",
            "type": "Type",
            "channel": "Type",
            "parent_campaign_id": "ParentId",
            "started_on": "StartDate",
            "ended_on": "EndDate",
            "status": ColumnMap(
                column="Status",
                values={
                    "Planned": "planned",
                    "In Progress": "active",
                    "Completed": "done",
                    "Aborted": "cancelled",
                },
            ),
            "budget_amount": "BudgetedCost",
            "owner_id": "OwnerId",
        }
    },
    "Campaigns",
)

MEMBERS = changing(
    "campaign_members",
    fields_of(
        "Id CampaignId LeadId ContactId LeadOrContactId Status",
        day="FirstRespondedDate",
        instant="CreatedDate",
        flag="HasResponded",
    ),
    {
        "campaign_members": {
            "campaign_id": "CampaignId",
            "contact_id": "ContactId",
            "lead_id": "LeadId",
            "person_id": "LeadOrContactId",
            "added_at": "CreatedDate",
            "status": "Status",
            "first_response_at": "FirstRespondedDate",
        }
    },
    "Who was addressed by a campaign, and who answered",
)

CASES = changing(
    "cases",
    fields_of(
        "Id MasterRecordId AccountId ContactId OwnerId OwnerUserId OwnerQueueId CaseNumber Type"
        " Status Reason Origin Priority",
        instant="CreatedDate ClosedDate",
        flag="IsClosed IsEscalated",
    ),
    {
        "tickets": {
            "ticket_id": "Id",
            "account_id": "AccountId",
            "contact_id": "ContactId",
            "owner_id": "OwnerUserId",
            "team_id": "OwnerQueueId",
            "kind": ColumnMap(
                column="Type", values={"Problem": "incident", "Feature Request": "request"}
            ),
            "priority": ColumnMap(
                column="Priority",
                values={
                    "High": "high",
                    "Medium": "normal",
                    "Low": "low",
                    "Critical": "urgent",
                },
            ),
            "channel": "Origin",
            "category": "Reason",
            "created_at": "CreatedDate",
            "closed_at": "ClosedDate",
            "status": ColumnMap(column="Status", values=_CASE_STATUS),
            "merged_into_id": "MasterRecordId",
        }
    },
    "Cases of the help desk",
)

CASE_HISTORY = written(
    "case_status_history",
    fields_of("Id CaseId Field OldValue NewValue CreatedById"),
    {
        "ticket_status_history": {
            "ticket_id": "CaseId",
            "status": ColumnMap(column="NewValue", values=_CASE_STATUS),
            "entered_at": "CreatedDate",
        }
    },
    "Changes of a case's status, where the organisation tracks it",
)

PRODUCTS = changing(
    "products",
    fields_of("Id Name ProductCode Family", instant="CreatedDate", flag="IsActive"),
    {"products": {"product_id": "Id", "name": "Name", "family": "Family"}},
    "Products",
)

LINES = changing(
    "opportunity_lines",
    fields_of(
        "Id OpportunityId Product2Id Name",
        money="UnitPrice ListPrice TotalPrice",
        number="Quantity Discount",
        day="ServiceDate",
        instant="CreatedDate",
    ),
    {
        "deal_line_items": {
            "line_id": "Id",
            "deal_id": "OpportunityId",
            "product_id": "Product2Id",
            "quantity": "Quantity",
            "total_amount_base": "TotalPrice",
        }
    },
    "Products of a deal",
)

ORDERS = changing(
    "orders",
    fields_of(
        "Id AccountId OpportunityId OrderNumber Status StatusCode",
        money="TotalAmount",
        day="EffectiveDate",
        instant="CreatedDate ActivatedDate",
    ),
    {
        "orders": {
            "order_id": "Id",
            "account_id": "AccountId",
            "deal_id": "OpportunityId",
            "ordered_at": "ActivatedDate",
            "status": ColumnMap(
                column="StatusCode", values={"Activated": "placed", "Canceled": "cancelled"}
            ),
            "amount_base": "TotalAmount",
        }
    },
    "Orders; drafts have no instant of activation",
)

USERS = Stream(
    "users",
    key=("Id",),
    fields={
        **fields_of(
            "Id Name Email Title Department ManagerId UserRoleId UserType",
            instant="CreatedDate LastLoginDate",
            flag="IsActive",
        ),
        "SystemModstamp": "instant",
    },
    fill={
        "users": {
            "user_id": "Id",
            "name": "Name",
            "email": "Email",
            "team_id": "UserRoleId",
            "manager_id": "ManagerId",
            "role": "Title",
            "is_active": "IsActive",
        }
    },
    keeping="changes",
    cursor="SystemModstamp",
    ordered=True,
    # A user is made inactive and never removed.
    deleting="never",
    about="Users of the organisation",
)

ROLES = listed(
    "user_roles",
    fields_of("Id Name ParentRoleId"),
    {"teams": {"team_id": "Id", "name": "Name", "parent_team_id": "ParentRoleId"}},
    "The role hierarchy, as teams",
)

QUEUES = listed(
    "queues",
    fields_of("Id Name Type"),
    {"teams": {"team_id": "Id", "name": "Name"}},
    "Queues that own leads and cases, as teams",
)

RECORD_TYPES = listed(
    "record_types",
    fields_of("Id Name DeveloperName SobjectType", flag="IsActive"),
    {},
    "Kinds of records that the organisation tells apart",
)

CURRENCIES = listed(
    "currencies",
    fields_of("Id IsoCode", number="ConversionRate RateToBase", flag="IsActive IsCorporate"),
    {
        "fx_rates": {
            # Rates without dates hold for all time.
            "rate_on": ColumnMap(constant="1970-01-01"),
            "currency_code": "IsoCode",
            "rate_to_base": "RateToBase",
        }
    },
    "Currencies of an organisation with several, at their one rate",
)

DATED_RATES = listed(
    "dated_rates",
    fields_of("Id IsoCode", number="ConversionRate RateToBase", day="StartDate NextStartDate"),
    {
        "fx_rates": {
            "rate_on": "StartDate",
            "currency_code": "IsoCode",
            "rate_to_base": "RateToBase",
        }
    },
    "Rates by date, where the organisation keeps them",
)


def _history(name: str, parent: str, table: str) -> Stream:
    """The field history of an object other than deals and cases."""
    fields = fields_of(f"Id {parent} Field OldValue NewValue CreatedById")
    columns: dict[str, str | ColumnMap] = {
        "change_id": "Id",
        "user_id": "CreatedById",
        "object": ColumnMap(constant=table),
        "record_id": parent,
        "field": "Field",
        "change_type": ColumnMap(constant="update"),
        "changed_at": "CreatedDate",
    }
    return written(name, fields, {"record_changes": columns}, f"Changes of tracked {table} fields")


ACCOUNT_HISTORY = _history("account_field_history", "AccountId", "accounts")
CONTACT_HISTORY = _history("contact_field_history", "ContactId", "contacts")
LEAD_HISTORY = _history("lead_field_history", "LeadId", "leads")
