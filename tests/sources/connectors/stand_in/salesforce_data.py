"""The objects and the first records of the stand-in organisation."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sources.connectors.stand_in.salesforce import Organisation

_TYPES = {
    "datetime": "CreatedDate SystemModstamp LastModifiedDate LastStageChangeDate ClosedDate"
    " CompletedDateTime StartDateTime EndDateTime ActivatedDate EmailBouncedDate LastLoginDate",
    "date": "CloseDate PrevCloseDate ActivityDate LastActivityDate ConvertedDate StartDate EndDate"
    " FirstRespondedDate EffectiveDate ServiceDate NextStartDate",
    "currency": "Amount ExpectedRevenue PrevAmount AnnualRevenue BudgetedCost ActualCost UnitPrice"
    " ListPrice TotalPrice TotalAmount",
    "double": "ConversionRate Quantity NumberSent",
    "percent": "Probability DefaultProbability Discount",
    "int": "NumberOfEmployees SortOrder CallDurationInSeconds DurationInMinutes",
    "boolean": "IsDeleted IsClosed IsWon IsActive IsConverted IsSandbox IsCorporate HasResponded"
    " HasOptedOutOfEmail IsAllDayEvent IsEscalated",
    "address": "BillingAddress",
}
TYPE_OF = {name: kind for kind, names in _TYPES.items() for name in names.split()}

_STANDARD = {
    "Organization": "Id Name TimeZoneSidKey OrganizationType IsSandbox",
    "User": "Id Name Email Title Department ManagerId UserRoleId UserType IsActive CreatedDate"
    " LastLoginDate SystemModstamp",
    "UserRole": "Id Name ParentRoleId SystemModstamp",
    "Group": "Id Name Type SystemModstamp",
    "RecordType": "Id Name DeveloperName SobjectType IsActive SystemModstamp",
    "OpportunityStage": "Id ApiName MasterLabel DefaultProbability SortOrder ForecastCategory"
    " IsActive IsClosed IsWon SystemModstamp",
    "Account": "Id IsDeleted MasterRecordId Name Type ParentId Industry Rating AccountSource"
    " Website Phone BillingCountry BillingState BillingCity BillingAddress AnnualRevenue"
    " NumberOfEmployees OwnerId CreatedDate LastModifiedDate SystemModstamp",
    "Contact": "Id IsDeleted MasterRecordId AccountId Name Email Phone MobilePhone Title"
    " Department LeadSource HasOptedOutOfEmail EmailBouncedDate OwnerId CreatedDate SystemModstamp",
    "Lead": "Id IsDeleted MasterRecordId Name Company Email Phone LeadSource Status Industry"
    " Rating Country State OwnerId IsConverted ConvertedDate ConvertedAccountId"
    " ConvertedContactId ConvertedOpportunityId CreatedDate SystemModstamp",
    "Opportunity": "Id IsDeleted AccountId ContactId CampaignId RecordTypeId Name Type StageName"
    " Amount ExpectedRevenue Probability CloseDate IsClosed IsWon ForecastCategory LeadSource"
    " NextStep LastActivityDate LastStageChangeDate OwnerId CreatedDate SystemModstamp Region__c",
    "OpportunityHistory": "Id IsDeleted OpportunityId StageName ForecastCategory Amount"
    " ExpectedRevenue PrevAmount Probability CloseDate PrevCloseDate CreatedById CreatedDate"
    " SystemModstamp",
    "OpportunityFieldHistory": "Id IsDeleted OpportunityId Field DataType OldValue NewValue"
    " CreatedById CreatedDate",
    "OpportunityLineItem": "Id IsDeleted OpportunityId Product2Id Name Quantity UnitPrice"
    " ListPrice TotalPrice Discount ServiceDate CreatedDate SystemModstamp",
    "Product2": "Id IsDeleted Name ProductCode Family IsActive CreatedDate SystemModstamp",
    "Campaign": "Id IsDeleted Name Type Status ParentId BudgetedCost ActualCost StartDate EndDate"
    " IsActive OwnerId CreatedDate SystemModstamp",
    "CampaignMember": "Id IsDeleted CampaignId LeadId ContactId LeadOrContactId Status"
    " HasResponded FirstRespondedDate CreatedDate SystemModstamp",
    "Task": "Id IsDeleted AccountId WhatId WhoId OwnerId Subject Status Type TaskSubtype CallType"
    " CallDisposition CallDurationInSeconds ActivityDate CompletedDateTime IsClosed CreatedDate"
    " SystemModstamp",
    "Event": "Id IsDeleted AccountId WhatId WhoId OwnerId Subject Type EventSubtype"
    " DurationInMinutes StartDateTime EndDateTime IsAllDayEvent CreatedDate SystemModstamp",
    "Case": "Id IsDeleted MasterRecordId AccountId ContactId OwnerId CaseNumber Type Status Reason"
    " Origin Priority IsClosed IsEscalated CreatedDate ClosedDate SystemModstamp",
    "CaseHistory": "Id IsDeleted CaseId Field OldValue NewValue CreatedById CreatedDate",
    "Order": "Id IsDeleted AccountId OpportunityId OrderNumber Status StatusCode TotalAmount"
    " EffectiveDate ActivatedDate CreatedDate SystemModstamp",
}

OBJECTS = {
    name: {field: TYPE_OF.get(field, "string") for field in fields.split()}
    for name, fields in _STANDARD.items()
}

_STAGES = (
    ("Prospecting", 10, "Pipeline", False, False),
    ("Qualification", 20, "Pipeline", False, False),
    ("Proposal/Price Quote", 65, "BestCase", False, False),
    ("Negotiation/Review", 90, "Forecast", False, False),
    ("Closed Won", 100, "Closed", True, True),
    ("Closed Lost", 0, "Omitted", True, False),
)


def seed(org: Organisation) -> None:
    """A small organisation with a record of everything."""
    org.put(
        "Organization",
        Id="00D000000000001",
        Name="Lindqvist Maskin AB",
        TimeZoneSidKey="Europe/Stockholm",
        OrganizationType="Enterprise Edition",
        IsSandbox=False,
    )
    _people(org)
    for order, (name, chance, category, closed, won) in enumerate(_STAGES, start=1):
        org.put(
            "OpportunityStage",
            Id=f"01J{order:015d}",
            ApiName=name,
            MasterLabel=name,
            DefaultProbability=float(chance),
            SortOrder=order,
            ForecastCategory=category,
            IsActive=True,
            IsClosed=closed,
            IsWon=won,
        )
    for count in range(1, 6):
        org.put(
            "Account",
            Id=f"001{count:015d}",
            Name=f"Kund {count}",
            OwnerId="005A",
            Website=f"https://kund{count}.example",
            AnnualRevenue=1e16 if count == 1 else 1500000.5,
        )
    _deals(org)
    _around(org)


def _people(org: Organisation) -> None:
    org.put("UserRole", Id="00E1", Name="Sales")
    org.put("Group", Id="00G1", Name="Web leads", Type="Queue")
    org.put("Group", Id="00G2", Name="Everybody", Type="Organization")
    org.put("User", Id="005A", Name="Elin", Email="elin@example.com", UserRoleId="00E1")
    org.put("User", Id="005B", Name="Olle", ManagerId="005A", UserRoleId="00E1", IsActive=True)


def _deals(org: Organisation) -> None:
    for count in range(1, 31):
        row = org.put(
            "Opportunity",
            Id=f"006{count:015d}",
            AccountId=f"001{count % 5 + 1:015d}",
            Name=f"Affär {count}",
            StageName="Prospecting",
            Amount=None if count == 7 else 1000.0 * count,
            Probability=10.0,
            CloseDate="2026-12-01",
            ForecastCategory="Pipeline",
            OwnerId="005B",
            IsClosed=False,
            IsWon=False,
        )
        org.put(
            "OpportunityHistory",
            Id=f"008{count + 500:015d}",
            OpportunityId=row["Id"],
            StageName="Prospecting",
            Amount=row["Amount"],
            CloseDate="2026-12-01",
            CreatedById="005B",
        )
    org.stage(f"006{1:015d}", "Qualification", closed=False, won=False)
    org.stage(f"006{1:015d}", "Closed Won", closed=True, won=True)


def _around(org: Organisation) -> None:
    deal, person, lead = f"006{2:015d}", "003000000000000001", "00Q000000000000001"
    org.put("Contact", Id=person, AccountId="001000000000000001", Name="Åsa", OwnerId="005A")
    org.put("Lead", Id=lead, Name="Bo", Status="Open - Not Contacted", OwnerId="00G1")
    org.put("Lead", Id=f"{lead[:-1]}2", Name="Cia", Status="Eget", OwnerId="005A", IsConverted=True)
    org.put("Task", Id="00T1", WhatId=deal, WhoId=person, TaskSubtype="Call", OwnerId="005A")
    org.put("Task", Id="00T2", WhatId="001000000000000002", WhoId=lead, TaskSubtype="Email")
    meeting = {"Subject": "Genomgång", "DurationInMinutes": 60, "OwnerId": "005A"}
    past = {"StartDateTime": "2026-10-01T08:00:00.000+0000"}
    coming = {"StartDateTime": "2026-12-01T08:00:00.000+0000"}
    org.put("Event", Id="00U1", EndDateTime="2026-10-01T09:00:00.000+0000", **meeting, **past)
    org.put("Event", Id="00U2", EndDateTime="2026-12-01T09:00:00.000+0000", **meeting, **coming)
    org.put("Product2", Id="01t1", Name="Service", Family="Tjänst")
    org.put(
        "OpportunityLineItem",
        Id="00k1",
        OpportunityId=deal,
        Product2Id="01t1",
        Quantity=2.0,
        TotalPrice=1999.9,
    )
    org.put("Campaign", Id="7011", Name="Höstmässa", Status="In Progress", BudgetedCost=5000.0)
    org.put("CampaignMember", Id="00v1", CampaignId="7011", LeadId=lead, LeadOrContactId=lead)
    org.put("Case", Id="5001", OwnerId="00G1", Status="Working", Origin="Web", Priority="High")
    org.put("CaseHistory", Id="0171", CaseId="5001", Field="Status", NewValue="Working")
    org.put("CaseHistory", Id="0172", CaseId="5001", Field="Owner", NewValue="00G1")
    org.put(
        "OpportunityFieldHistory",
        Id="0173",
        OpportunityId=deal,
        Field="Amount",
        OldValue="1000",
        NewValue="2000",
    )
    org.put("Order", Id="8011", AccountId="001000000000000001", StatusCode="Activated")


def add_currencies(org: Organisation) -> None:
    """Make it an organisation with several currencies and dated rates."""
    kinds = {"Id": "id", "IsoCode": "string", "ConversionRate": "double", "IsCorporate": "boolean"}
    org.objects["CurrencyType"] = {**kinds, "IsActive": "boolean"}
    org.objects["DatedConversionRate"] = {
        "Id": "id",
        "IsoCode": "string",
        "ConversionRate": "double",
        "StartDate": "date",
        "NextStartDate": "date",
    }
    org.rows.update(CurrencyType=[], DatedConversionRate=[])
    for name in ("Opportunity", "OpportunityLineItem", "Account"):
        org.objects[name]["CurrencyIsoCode"] = "picklist"
    org.put("CurrencyType", Id="01L1", IsoCode="SEK", ConversionRate=1.0, IsCorporate=True)
    org.put("CurrencyType", Id="01L2", IsoCode="EUR", ConversionRate=0.1, IsCorporate=False)
    rate = {"IsoCode": "EUR", "NextStartDate": "2026-07-01"}
    org.put("DatedConversionRate", Id="04w1", StartDate="2026-01-01", ConversionRate=0.08, **rate)
    for row in org.rows["Opportunity"]:
        row["CurrencyIsoCode"] = "SEK"
    org.put("Opportunity", Id=f"006{4:015d}", CurrencyIsoCode="EUR")


@lru_cache(maxsize=1)
def keys() -> tuple[str, str]:
    """A pair of keys in PEM: private, public."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public.decode()


def public_key() -> str:
    """The key by which the organisation checks a signed sign-in."""
    return keys()[1]
