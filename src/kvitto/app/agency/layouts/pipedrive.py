"""Pipedrive's export of deals, organizations, people and leads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kvitto.app.agency.layout import FileLayout, Setting
from kvitto.app.agency.record import Account, Contact, Deal, Lead, Record
from kvitto.app.agency.sheet import Form, Row

STAGES = ("Qualificado", "Reunião", "Proposta enviada", "Negociação")
PIPELINE = "Vendas"
_OUTCOMES = {"won": "Won", "lost": "Lost", "open": "Open"}
_FORM = Form(encoding="utf-8-sig", is_quoted=True)


def ident(kind: str, number: int) -> str:
    """Pipedrive counts from 1; a lead has a longer id."""
    return f"{number:08x}-7b1c-11ee-a506-0242ac120002" if kind == "lead" else str(number)


def files() -> tuple[FileLayout, ...]:
    """Organizations, people, leads and deals as CSV."""
    return (
        FileLayout("organizations-9812", Account, _ORGANIZATIONS, _account, _FORM),
        FileLayout("people-9812", Contact, _PEOPLE, _contact, _FORM),
        FileLayout("leads-9812", Lead, _LEADS, _lead, _FORM),
        FileLayout("deals-9812", Deal, _DEALS, _deal, _FORM),
    )


_ORGANIZATIONS = (
    "Organization - ID",
    "Organization - Name",
    "Organization - Owner",
    "Organization - Address",
    "Organization - Country of Address",
    "Organization - Industry",
    "Organization - Organization created",
)
_PEOPLE = (
    "Person - ID",
    "Person - Name",
    "Person - Email - Work",
    "Person - Phone - Work",
    "Person - Organization",
    "Person - Owner",
    "Person - Person created",
)
_LEADS = (
    "Lead - ID",
    "Lead - Title",
    "Lead - Owner",
    "Lead - Source",
    "Lead - Source channel",
    "Lead - Contact person",
    "Lead - Organization",
    "Person - Email",
    "Lead - Lead created",
)
_DEALS = (
    "Deal - ID",
    "Deal - Title",
    "Deal - Value",
    "Deal - Currency of Value",
    "Deal - Organization",
    "Deal - Contact person",
    "Deal - Owner",
    "Deal - Pipeline",
    "Deal - Stage",
    "Deal - Status",
    "Deal - Source channel",
    "Deal - Lost reason",
    "Deal - Deal created",
    "Deal - Expected close date",
    "Deal - Deal closed on",
    "Deal - Won time",
    "Deal - Lost time",
)


def _time(at: datetime | None) -> str:
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def _account(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Account)
    yield (
        record.id,
        record.name,
        setting.owner(record.owner).name,
        record.city,
        record.country,
        record.industry,
        _time(record.created),
    )


def _contact(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Contact)
    yield (
        record.id,
        f"{record.given} {record.family}",
        record.email,
        record.phone,
        record.company,
        setting.owner(record.owner).name,
        _time(record.created),
    )


def _lead(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Lead)
    person = record.contact
    yield (
        ident("lead", record.id),
        f"{record.product} ({person.company})",
        setting.owner(person.owner).name,
        record.source,
        record.campaign,
        f"{person.given} {person.family}",
        person.company,
        person.email,
        _time(record.created),
    )


def _deal(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Deal)
    yield (
        record.id,
        record.name,
        record.shown,
        record.currency,
        record.company,
        f"{record.contact.given} {record.contact.family}",
        setting.owner(record.owner).name,
        PIPELINE,
        STAGES[len(record.entered) - 1],
        _OUTCOMES[record.outcome],
        record.source,
        record.loss_reason,
        _time(record.created),
        record.expected,
        _time(record.closed),
        _time(record.closed if record.outcome == "won" else None),
        _time(record.closed if record.outcome == "lost" else None),
    )
