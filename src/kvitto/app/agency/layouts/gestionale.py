"""An Italian CRM's export: semicolons, decimal commas, days before months, Windows' encoding."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from kvitto.app.agency.layout import FileLayout, Setting, comma
from kvitto.app.agency.record import Account, Contact, Deal, Lead, Record
from kvitto.app.agency.sheet import Form, Row

STAGES = ("Nuovo contatto", "Analisi dei bisogni", "Offerta", "Trattativa")
_ENDS = {
    "won": ("Vinta", "vinta", "Chiusa vinta", "VINTA"),
    "lost": ("Persa", "persa", "Chiusa persa", "PERSA"),
}
_FORM = Form(encoding="cp1252", delimiter=";")
_LETTERS = {"account": "CLI", "contact": "REF", "lead": "RIC", "deal": "TRA"}
_STATUS = {
    "new": "Nuovo",
    "working": "In lavorazione",
    "qualified": "Qualificato",
    "disqualified": "Non qualificato",
    "converted": "Convertito",
}


def ident(kind: str, number: int) -> str:
    """Letters and a number with leading zeros."""
    return f"{_LETTERS.get(kind, 'X')}-{number:06d}"


def files() -> tuple[FileLayout, ...]:
    """Companies, people, enquiries and deals as CSV."""
    return (
        FileLayout("aziende", Account, _AZIENDE, _account, _FORM),
        FileLayout("contatti", Contact, _CONTATTI, _contact, _FORM),
        FileLayout("richieste", Lead, _RICHIESTE, _lead, _FORM),
        FileLayout("trattative", Deal, _TRATTATIVE, _deal, _FORM),
    )


_AZIENDE = (
    "Codice cliente",
    "Ragione sociale",
    "Settore",
    "Città",
    "Nazione",
    "Sito web",
    "Venditore",
    "Data creazione",
)
_CONTATTI = (
    "Codice contatto",
    "Nome e cognome",
    "E-mail",
    "Telefono",
    "Ruolo",
    "Azienda",
    "Venditore",
    "Data creazione",
)
_RICHIESTE = (
    "Codice richiesta",
    "Nome e cognome",
    "E-mail",
    "Azienda",
    "Prodotto",
    "Fonte",
    "Campagna",
    "Stato",
    "Venditore",
    "Data creazione",
)
_TRATTATIVE = (
    "Codice trattativa",
    "Azienda",
    "Referente",
    "Prodotto",
    "Fase",
    "Valore",
    "Valuta",
    "Fonte",
    "Venditore",
    "Data creazione",
    "Data chiusura prevista",
    "Data chiusura",
    "Motivo perdita",
)


def day(at: date | datetime | None) -> str:
    """A day as Italians write it."""
    return "" if at is None else at.strftime("%d/%m/%Y")


def moment(at: datetime | None) -> str:
    """A moment as Italians write it."""
    return "" if at is None else at.strftime("%d/%m/%Y %H:%M")


def _account(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Account)
    yield (
        ident("account", record.id),
        record.name,
        record.industry,
        record.city,
        record.country,
        f"www.{record.domain}",
        setting.owner(record.owner).name,
        moment(record.created),
    )


def _contact(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Contact)
    yield (
        ident("contact", record.id),
        f"{record.given} {record.family}",
        record.email,
        record.phone,
        record.title,
        record.company,
        setting.owner(record.owner).name,
        moment(record.created),
    )


def _lead(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Lead)
    person = record.contact
    yield (
        ident("lead", record.id),
        f"{person.given} {person.family}",
        person.email,
        person.company,
        record.product,
        record.source,
        record.campaign,
        _STATUS[record.status],
        setting.owner(person.owner).name,
        moment(record.created),
    )


def _deal(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Deal)
    stage = STAGES[len(record.entered) - 1]
    if record.outcome != "open":
        labels = _ENDS[record.outcome]
        stage = labels[record.label % len(labels)]
    yield (
        ident("deal", record.id),
        record.company,
        ident("contact", record.contact.id),
        record.product,
        stage,
        comma(record.shown, "."),
        record.currency,
        record.source,
        setting.owner(record.owner).name,
        moment(record.created),
        day(record.expected),
        moment(record.closed),
        record.loss_reason,
    )
