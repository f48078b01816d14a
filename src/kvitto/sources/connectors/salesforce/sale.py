"""The streams of selling: companies, people, enquiries, deals, their history and stages."""

from __future__ import annotations

from decimal import Decimal

from kvitto.sources.connectors.salesforce.shape import changing, fields_of, listed, written
from kvitto.workspace.definition import ColumnMap

_PERCENT = Decimal("0.01")

_DEAL_FIELDS = {
    "StageName": "stage_id",
    "Amount": "amount",
    "CloseDate": "expected_close_on",
    "Probability": "probability",
    "Owner": "owner_id",
    "ForecastCategoryName": "forecast_category",
    "NextStep": "next_step",
    "LeadSource": "source",
    "Account": "account_id",
    "Type": "kind",
}
"""Names in the field history -> canonical columns; others keep the name they have."""


ACCOUNTS = changing(
    "accounts",
    fields_of(
        "Id MasterRecordId Name Type ParentId Industry Rating AccountSource Website Phone"
        " BillingCountry BillingState BillingCity OwnerId",
        money="AnnualRevenue",
        number="NumberOfEmployees",
        instant="CreatedDate",
    ),
    {
        "accounts": {
            "account_id": "Id",
            "name": "Name",
            "domain": "Website",
            "parent_account_id": "ParentId",
            "industry": "Industry",
            "region": "BillingState",
            "owner_id": "OwnerId",
            "source": "AccountSource",
            "created_at": "CreatedDate",
            "is_deleted": "IsDeleted",
            "merged_into_id": "MasterRecordId",
        }
    },
    "Companies",
    optional=False,
)

CONTACTS = changing(
    "contacts",
    fields_of(
        "Id MasterRecordId AccountId Name Email Phone MobilePhone Title Department LeadSource"
        " OwnerId",
        instant="CreatedDate EmailBouncedDate",
        flag="HasOptedOutOfEmail",
    ),
    {
        "contacts": {
            "contact_id": "Id",
            "account_id": "AccountId",
            "email": "Email",
            "phone": "Phone",
            "full_name": "Name",
            "job_title": "Title",
            "source": "LeadSource",
            "owner_id": "OwnerId",
            "created_at": "CreatedDate",
            # That nobody opted out is not consent.
            "consent_status": ColumnMap(
                column="HasOptedOutOfEmail", values={"true": "opted_out", "false": "unknown"}
            ),
            "is_deleted": "IsDeleted",
            "merged_into_id": "MasterRecordId",
        }
    },
    "People at companies",
)

LEADS = changing(
    "leads",
    fields_of(
        "Id MasterRecordId Name Company Email Phone LeadSource Status Standing Industry Rating"
        " Country State OwnerId OwnerUserId OwnerQueueId ConvertedAccountId ConvertedContactId"
        " ConvertedOpportunityId",
        day="ConvertedDate",
        instant="CreatedDate",
        flag="IsConverted",
    ),
    {
        "leads": {
            "lead_id": "Id",
            "contact_id": "ConvertedContactId",
            "account_id": "ConvertedAccountId",
            "source": "LeadSource",
            "owner_id": "OwnerUserId",
            "status": "Standing",
            "created_at": "CreatedDate",
            "converted_at": "ConvertedDate",
            "converted_deal_id": "ConvertedOpportunityId",
            "region": "State",
            "is_deleted": "IsDeleted",
            "merged_into_id": "MasterRecordId",
        }
    },
    "Enquiries, until and after they are converted",
)

OPPORTUNITIES = changing(
    "opportunities",
    fields_of(
        "Id AccountId ContactId CampaignId RecordTypeId Name Type StageName Outcome"
        " ForecastCategory LeadSource NextStep OwnerId",
        money="Amount ExpectedRevenue",
        number="Probability",
        day="CloseDate ClosedOn LastActivityDate",
        instant="CreatedDate LastStageChangeDate ClosedAt",
        flag="IsClosed IsWon",
    ),
    {
        "deals": {
            "deal_id": "Id",
            "account_id": "AccountId",
            "primary_contact_id": "ContactId",
            "campaign_id": "CampaignId",
            "kind": ColumnMap(column="Type", values={"Existing Customer - Upgrade": "upsell"}),
            "stage_id": "StageName",
            "outcome": "Outcome",
            "amount": "Amount",
            "probability": ColumnMap(column="Probability", factor=_PERCENT),
            "forecast_category": ColumnMap(
                column="ForecastCategory",
                values={
                    "Omitted": "omitted",
                    "Pipeline": "pipeline",
                    "BestCase": "best_case",
                    "MostLikely": "best_case",
                    "Forecast": "commit",
                    "Closed": "closed",
                },
            ),
            "owner_id": "OwnerId",
            "source": "LeadSource",
            "created_at": "CreatedDate",
            "expected_close_on": "CloseDate",
            "closed_at": "ClosedAt",
            "next_step": "NextStep",
            "last_activity_at": "LastActivityDate",
            "is_deleted": "IsDeleted",
        }
    },
    "Deals",
    optional=False,
)

OPPORTUNITY_HISTORY = written(
    "opportunity_history",
    fields_of(
        "Id OpportunityId CreatedById StageName ForecastCategory",
        money="Amount ExpectedRevenue PrevAmount",
        number="Probability",
        day="CloseDate PrevCloseDate",
    ),
    {
        "deal_stage_history": {
            "deal_id": "OpportunityId",
            "stage_id": "StageName",
            "entered_at": "CreatedDate",
            "changed_by_id": "CreatedById",
        }
    },
    "A line whenever stage, amount, probability or close date of a deal changed",
)

OPPORTUNITY_FIELDS = written(
    "opportunity_field_history",
    fields_of("Id OpportunityId Field DataType OldValue NewValue CreatedById"),
    {
        "deal_field_history": {
            "deal_id": "OpportunityId",
            "field": ColumnMap(column="Field", values=_DEAL_FIELDS),
            "old_value": "OldValue",
            "new_value": "NewValue",
            "changed_at": "CreatedDate",
            "changed_by_id": "CreatedById",
        }
    },
    "Changes of the deal fields that the organisation tracks; 18 to 24 months",
)

STAGES = listed(
    "opportunity_stages",
    fields_of(
        "Id StageKey ApiName MasterLabel Outcome ForecastCategory",
        number="DefaultProbability SortOrder",
        flag="IsActive IsClosed IsWon",
    ),
    {
        "stages": {
            "stage_id": "StageKey",
            "name": "MasterLabel",
            "position": "SortOrder",
            "default_probability": ColumnMap(column="DefaultProbability", factor=_PERCENT),
            "outcome": "Outcome",
            "pipeline_id": ColumnMap(constant="default"),
        },
        "pipelines": {
            "pipeline_id": ColumnMap(constant="default"),
            "name": ColumnMap(constant="Sales"),
            "is_active": ColumnMap(constant="true"),
        },
    },
    "The stages of all sales processes, with their default probability",
)
