"""Salesforce's weekly export: object files with API names, times in UTC, stage history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from kvitto.app.agency.layout import FileLayout, Setting
from kvitto.app.agency.record import Account, Contact, Deal, Lead, Record, User
from kvitto.app.agency.sale import told
from kvitto.app.agency.sheet import Form, Row

STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review")
_PROBABILITY = (10, 30, 60, 80)
_CATEGORY = ("Pipeline", "Pipeline", "Best Case", "Commit")
_ENDS = {"won": ("Closed Won", 100, "Closed"), "lost": ("Closed Lost", 0, "Omitted")}
_PREFIX = {"account": "001", "contact": "003", "deal": "006", "lead": "00Q", "user": "005"}
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SALT = 916_132_832
_FORM = Form(is_quoted=True, end="\n")
_STATUS = {
    "new": "Open - Not Contacted",
    "working": "Working - Contacted",
    "qualified": "Working - Contacted",
    "disqualified": "Closed - Not Converted",
    "converted": "Closed - Converted",
}


def ident(kind: str, number: int) -> str:
    """An id of 18 signs: prefix of the object, instance, number, check signs."""
    rest, text = number * 31 + _SALT, ""
    while rest:
        rest, digit = divmod(rest, 62)
        text = _SIGNS[digit] + text
    short = f"{_PREFIX.get(kind, 'a00')}8d{text.rjust(10, '0')}"
    return short + "".join(_check(short[start : start + 5]) for start in (0, 5, 10))


def files() -> tuple[FileLayout, ...]:
    """User, Account, Contact, Lead, Opportunity and OpportunityHistory as CSV."""
    return (
        FileLayout("User", User, _USER, _user, _FORM),
        FileLayout("Account", Account, _ACCOUNT, _account, _FORM),
        FileLayout("Contact", Contact, _CONTACT, _contact, _FORM),
        FileLayout("Lead", Lead, _LEAD, _lead, _FORM),
        FileLayout("Opportunity", Deal, _OPPORTUNITY, _deal, _FORM),
        FileLayout("OpportunityHistory", Deal, _HISTORY, _history, _FORM),
    )


def older(as_of: date) -> tuple[FileLayout, ...]:
    """The opportunities as an export of an earlier day showed them."""
    return (FileLayout("Opportunity", Deal, _OPPORTUNITY, _deal, _FORM, as_of=as_of),)


_USER = ("Id", "Name", "Email", "Title", "UserRoleId", "IsActive")
_ACCOUNT = (
    "Id",
    "IsDeleted",
    "Name",
    "Type",
    "BillingCity",
    "BillingCountry",
    "Website",
    "Industry",
    "AccountSource",
    "OwnerId",
    "CreatedDate",
)
_CONTACT = (
    "Id",
    "IsDeleted",
    "AccountId",
    "LastName",
    "FirstName",
    "Name",
    "Title",
    "Email",
    "Phone",
    "LeadSource",
    "OwnerId",
    "CreatedDate",
)
_LEAD = (
    "Id",
    "IsDeleted",
    "Name",
    "Company",
    "Email",
    "Status",
    "LeadSource",
    "OwnerId",
    "CreatedDate",
    "ConvertedDate",
    "ConvertedAccountId",
    "ConvertedContactId",
    "ConvertedOpportunityId",
)
_OPPORTUNITY = (
    "Id",
    "IsDeleted",
    "AccountId",
    "ContactId",
    "Name",
    "StageName",
    "Amount",
    "Probability",
    "CloseDate",
    "Type",
    "LeadSource",
    "IsClosed",
    "IsWon",
    "ForecastCategoryName",
    "OwnerId",
    "CreatedDate",
    "Loss_Reason__c",
)
_HISTORY = (
    "Id",
    "OpportunityId",
    "CreatedById",
    "CreatedDate",
    "StageName",
    "Amount",
    "Probability",
    "CloseDate",
    "IsDeleted",
)


def _check(signs: str) -> str:
    bits = sum(1 << place for place, sign in enumerate(signs) if "A" <= sign <= "Z")
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]


def _time(setting: Setting, at: datetime | None) -> str:
    return "" if at is None else setting.utc(at).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _user(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, User)
    key = ident("user", record.id)
    yield (key, record.name, record.email, record.role, record.team, "true")


def _account(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Account)
    kind = "Prospect"
    if record.customer_on is not None:
        kind = "Customer" if record.churned_on is None else "Former Customer"
    yield (
        ident("account", record.id),
        "false",
        record.name,
        kind,
        record.city,
        record.country,
        f"https://www.{record.domain}",
        record.industry,
        record.channel,
        ident("user", record.owner + 1),
        _time(setting, record.created),
    )


def _contact(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Contact)
    yield (
        ident("contact", record.id),
        "false",
        ident("account", record.account),
        record.family,
        record.given,
        f"{record.given} {record.family}",
        record.title,
        record.email,
        record.phone,
        record.channel,
        ident("user", record.owner + 1),
        _time(setting, record.created),
    )


def _lead(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Lead)
    person = record.contact
    is_converted = record.deal is not None
    yield (
        ident("lead", record.id),
        "false",
        f"{person.given} {person.family}",
        person.company,
        person.email,
        _STATUS[record.status],
        record.source,
        ident("user", person.owner + 1),
        _time(setting, record.created),
        record.converted.date() if record.converted else "",
        ident("account", person.account) if is_converted else "",
        ident("contact", person.id) if is_converted else "",
        ident("deal", record.deal) if record.deal is not None else "",
    )


def _deal(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Deal)
    deal = told(record, setting.as_of)
    reached = len(deal.entered) - 1
    stage, probability, category = STAGES[reached], _PROBABILITY[reached], _CATEGORY[reached]
    if deal.outcome != "open":
        stage, probability, category = _ENDS[deal.outcome]
    yield (
        ident("deal", deal.id),
        "false",
        ident("account", deal.account),
        ident("contact", deal.contact.id),
        deal.name,
        stage,
        deal.shown,
        probability,
        deal.closed.date() if deal.closed else deal.expected,
        "New Business",
        deal.source,
        str(deal.outcome != "open").lower(),
        str(deal.outcome == "won").lower(),
        category,
        ident("user", deal.owner + 1),
        _time(setting, deal.created),
        deal.loss_reason,
    )


def _history(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Deal)
    moves: list[tuple[datetime, str, int]] = [
        (at, STAGES[place], _PROBABILITY[place]) for place, at in enumerate(record.entered)
    ]
    if record.reopened_from is not None:
        moves.append((record.reopened_from, *_ENDS["won"][:2]))
    if record.closed is not None:
        moves.append((record.closed, *_ENDS[record.outcome][:2]))
    for place, (at, stage, probability) in enumerate(moves):
        yield (
            ident("history", record.id * 10 + place),
            ident("deal", record.id),
            ident("user", record.owner + 1),
            _time(setting, at),
            stage,
            record.shown,
            probability,
            record.closed.date() if record.closed else record.expected,
            "false",
        )
