"""Dynamics 365's export to Excel: workbooks with the record's id in a "do not modify" column."""

from __future__ import annotations

from collections.abc import Iterable

from kvitto.app.agency.layout import FileLayout, Setting, guid
from kvitto.app.agency.record import Account, Contact, Deal, Lead, Record
from kvitto.app.agency.sheet import Form, Row

STAGES = ("Qualify", "Develop", "Propose", "Close")
_STATUS = {
    "open": ("Open",),
    "won": ("Won", "won", "Vunnen", "WON"),
    "lost": ("Lost", "lost", "Förlorad", "LOST"),
}
_PROBABILITY = (20, 40, 65, 85)
_FORM = Form(kind="xlsx")
_LEAD = {"disqualified": "Disqualified", "converted": "Qualified"}


def ident(kind: str, number: int) -> str:
    """A GUID."""
    return guid("dynamics", kind, number)


def files() -> tuple[FileLayout, ...]:
    """Accounts, contacts, leads and opportunities, each a workbook."""
    return (
        FileLayout("Active Accounts", Account, _ACCOUNTS, _account, _FORM),
        FileLayout("Active Contacts", Contact, _CONTACTS, _contact, _FORM),
        FileLayout("All Leads", Lead, _LEADS, _lead, _FORM),
        FileLayout("All Opportunities", Deal, _OPPORTUNITIES, _deal, _FORM),
    )


_ACCOUNTS = (
    "(Do Not Modify) Account",
    "(Do Not Modify) Row Checksum",
    "(Do Not Modify) Modified On",
    "Account Name",
    "Website",
    "Industry",
    "Address 1: City",
    "Address 1: Country/Region",
    "Owner",
    "Created On",
)
_CONTACTS = (
    "(Do Not Modify) Contact",
    "(Do Not Modify) Row Checksum",
    "(Do Not Modify) Modified On",
    "Full Name",
    "Email",
    "Business Phone",
    "Job Title",
    "Company Name",
    "Owner",
    "Created On",
)
_LEADS = (
    "(Do Not Modify) Lead",
    "(Do Not Modify) Row Checksum",
    "(Do Not Modify) Modified On",
    "Name",
    "Topic",
    "Email",
    "Company Name",
    "Lead Source",
    "Source Campaign",
    "Status",
    "Owner",
    "Created On",
)
_OPPORTUNITIES = (
    "(Do Not Modify) Opportunity",
    "(Do Not Modify) Row Checksum",
    "(Do Not Modify) Modified On",
    "Topic",
    "Account",
    "Contact",
    "Est. Revenue",
    "Currency",
    "Probability",
    "Pipeline Phase",
    "Status",
    "Status Reason",
    "Est. Close Date",
    "Actual Close Date",
    "Lead Source",
    "Owner",
    "Created On",
)


def _account(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Account)
    key = ident("account", record.id)
    yield (
        key,
        guid("sum", key)[:20],
        record.created,
        record.name,
        f"www.{record.domain}",
        record.industry,
        record.city,
        record.country,
        setting.owner(record.owner).name,
        record.created,
    )


def _contact(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Contact)
    key = ident("contact", record.id)
    yield (
        key,
        guid("sum", key)[:20],
        record.created,
        f"{record.given} {record.family}",
        record.email,
        record.phone,
        record.title,
        record.company,
        setting.owner(record.owner).name,
        record.created,
    )


def _lead(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Lead)
    key = ident("lead", record.id)
    person = record.contact
    yield (
        key,
        guid("sum", key)[:20],
        record.converted or record.created,
        f"{person.given} {person.family}",
        record.product,
        person.email,
        person.company,
        record.source,
        record.campaign,
        _LEAD.get(record.status, "Open"),
        setting.owner(person.owner).name,
        record.created,
    )


def _deal(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Deal)
    key = ident("deal", record.id)
    reached = len(record.entered) - 1
    ended = {"won": 100, "lost": 0}.get(record.outcome)
    labels = _STATUS[record.outcome]
    reason = {"open": "In Progress", "won": "Won"}.get(record.outcome, record.loss_reason)
    yield (
        key,
        guid("sum", key)[:20],
        record.closed or record.entered[-1],
        record.name,
        record.company,
        f"{record.contact.given} {record.contact.family}",
        record.shown,
        record.currency,
        _PROBABILITY[reached] if ended is None else ended,
        f"{reached + 1}-{STAGES[reached]}",
        labels[record.label % len(labels)],
        reason,
        record.expected,
        record.closed.date() if record.closed else None,
        record.source,
        setting.owner(record.owner).name,
        record.created,
    )
