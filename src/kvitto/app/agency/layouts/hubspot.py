"""HubSpot's export of deals, companies and contacts, with the dates of the deal's stages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kvitto.app.agency.layout import FileLayout, Setting
from kvitto.app.agency.record import Account, Contact, Deal, Lead, Record
from kvitto.app.agency.sheet import Form, Row

STAGES = ("Appointment Scheduled", "Qualified To Buy", "Presentation Scheduled", "Contract Sent")
PIPELINE = "Sales Pipeline"
_PROBABILITY = ("0.2", "0.4", "0.6", "0.9")
_ENDS = {"won": "Closed Won", "lost": "Closed Lost"}
_FORM = Form(encoding="utf-8-sig")
_NUMBERS = {"account": 4_100_000_000, "contact": 51_000_000, "deal": 9_200_000_000}
_STATUS = {
    "new": "New",
    "working": "In progress",
    "qualified": "Connected",
    "disqualified": "Unqualified",
    "converted": "Open deal",
}


def ident(kind: str, number: int) -> str:
    """HubSpot's own number of a record."""
    return str(_NUMBERS.get(kind, 70_000_000) + number * 7)


def files() -> tuple[FileLayout, ...]:
    """Companies, contacts, leads and deals as CSV."""
    return (
        FileLayout("hubspot-crm-exports-companies", Account, _COMPANIES, _company, _FORM),
        FileLayout("hubspot-crm-exports-contacts", Contact, _CONTACTS, _contact, _FORM),
        FileLayout("hubspot-crm-exports-leads", Lead, _LEADS, _lead, _FORM),
        FileLayout("hubspot-crm-exports-deals", Deal, _DEALS, _deal, _FORM),
    )


_COMPANIES = (
    "Record ID",
    "Company name",
    "Company Domain Name",
    "Industry",
    "City",
    "Country/Region",
    "Company owner",
    "Original Traffic Source",
    "Lifecycle Stage",
    "Create Date",
)
_CONTACTS = (
    "Record ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone Number",
    "Job Title",
    "Associated Company IDs",
    "Associated Company",
    "Contact owner",
    "Lifecycle Stage",
    "Original Traffic Source",
    "Create Date",
)
_LEADS = (
    "Record ID",
    "Lead Name",
    "Lead Status",
    "Email",
    "Associated Contact IDs",
    "Lead owner",
    "Original Traffic Source",
    "Original Traffic Source Drill-Down 1",
    "Create Date",
)
_DEALS = (
    "Record ID",
    "Deal Name",
    "Deal Stage",
    "Pipeline",
    "Amount",
    "Currency",
    "Deal probability",
    "Deal owner",
    "Deal Type",
    "Original Traffic Source",
    "Closed Lost Reason",
    "Create Date",
    "Close Date",
    "Associated Company IDs",
    "Associated Company",
    "Associated Contact IDs",
    *(f'Date entered "{stage} ({PIPELINE})"' for stage in (*STAGES, "Closed Won", "Closed Lost")),
)


def _time(at: datetime | None) -> str:
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M")


def _company(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Account)
    stage = "Lead"
    if record.customer_on is not None:
        stage = "Customer" if record.churned_on is None else "Former customer"
    yield (
        ident("account", record.id),
        record.name,
        record.domain,
        record.industry,
        record.city,
        record.country,
        setting.owner(record.owner).name,
        record.channel,
        stage,
        _time(record.created),
    )


def _contact(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Contact)
    yield (
        ident("contact", record.id),
        record.given,
        record.family,
        record.email,
        record.phone,
        record.title,
        ident("account", record.account),
        record.company,
        setting.owner(record.owner).name,
        "Customer" if record.is_customer else "Lead",
        record.channel,
        _time(record.created),
    )


def _lead(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Lead)
    person = record.contact
    yield (
        ident("lead", record.id),
        f"{person.given} {person.family}, {record.product}",
        _STATUS[record.status],
        person.email,
        ident("contact", person.id),
        setting.owner(person.owner).name,
        record.source,
        record.campaign,
        _time(record.created),
    )


def _deal(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Deal)
    entered: list[datetime | None] = [*record.entered]
    entered += [None] * (len(STAGES) - len(entered))
    entered += [record.closed if record.outcome == end else None for end in ("won", "lost")]
    reached = len(record.entered) - 1
    if record.outcome == "open":
        stage, probability = STAGES[reached], _PROBABILITY[reached]
    else:
        stage = _ENDS[record.outcome]
        probability = "1" if record.outcome == "won" else "0"
    yield (
        ident("deal", record.id),
        record.name,
        stage,
        PIPELINE,
        record.shown,
        record.currency,
        probability,
        setting.owner(record.owner).name,
        "newbusiness",
        record.source,
        record.loss_reason,
        _time(record.created),
        _time(record.closed) if record.closed else f"{record.expected} 12:00",
        ident("account", record.account),
        record.company,
        ident("contact", record.contact.id),
        *(_time(at) for at in entered),
    )
