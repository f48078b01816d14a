"""Answers to surveys: an NPS tool's workbook, a satisfaction tool's CSV."""

from __future__ import annotations

from collections.abc import Iterable

from kvitto.app.agency.layout import FileLayout, Setting
from kvitto.app.agency.record import Answer, Record
from kvitto.app.agency.sheet import Form, Row

_NPS = (
    "Response ID",
    "Survey type",
    "Responded at",
    "Score",
    "NPS category",
    "Comment",
    "Name",
    "Email",
    "Company",
)
_CSAT = (
    "Response ID",
    "Survey type",
    "Ticket ID",
    "Responded at",
    "Score",
    "Comment",
    "Email",
)


def nps() -> tuple[FileLayout, ...]:
    """Answers from 0 to 10 as a workbook."""
    return (FileLayout("NPS responses", Answer, _NPS, _nps, Form(kind="xlsx")),)


def csat() -> tuple[FileLayout, ...]:
    """Answers from 1 to 5, each to a case, as tab-separated UTF-16."""
    form = Form(encoding="utf-16", delimiter="\t")
    return (FileLayout("csat-responses", Answer, _CSAT, _csat, form),)


def _nps(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Answer)
    if record.kind != "nps":
        return
    score = record.score
    yield (
        f"R-{record.id:06d}",
        "NPS",
        record.at,
        score,
        "Promoter" if score > 8 else "Passive" if score > 6 else "Detractor",
        record.comment,
        f"{record.contact.given} {record.contact.family}",
        record.contact.email,
        record.contact.company,
    )


def _csat(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Answer)
    if record.kind != "csat":
        return
    yield (
        f"R-{record.id:06d}",
        "CSAT",
        record.ticket,
        record.at.strftime("%Y-%m-%d %H:%M:%S"),
        record.score,
        record.comment,
        record.contact.email,
    )
