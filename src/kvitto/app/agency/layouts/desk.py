"""Zendesk Explore: cases with their clocks in minutes; "-" stands for nothing."""

from __future__ import annotations

from collections.abc import Iterable

from kvitto.app.agency.layout import FileLayout, Setting
from kvitto.app.agency.record import Record, Ticket
from kvitto.app.agency.sheet import Form, Row

_HEADER = (
    "Ticket ID",
    "Status",
    "Subject",
    "Type",
    "Priority",
    "Via",
    "Created at",
    "Solved at",
    "Assignee",
    "Group",
    "Requester",
    "Requester email",
    "Requester organization",
    "Satisfaction Score",
    "First reply time (min)",
    "Full resolution time (min)",
    "Reopens",
)


def files(form: Form | None = None) -> tuple[FileLayout, ...]:
    """All cases in one file."""
    return (FileLayout("Tickets export", Ticket, _HEADER, _ticket, form or Form()),)


def _ticket(record: Record, setting: Setting) -> Iterable[Row]:
    assert isinstance(record, Ticket)
    solved = record.solved
    status = "Solved" if solved else "Open" if record.reply_minutes is not None else "New"
    if solved is not None and (setting.as_of - solved.date()).days > 28:
        status = "Closed"
    yield (
        record.id,
        status,
        record.subject,
        record.kind.capitalize(),
        record.priority.capitalize(),
        record.via.capitalize(),
        record.created.strftime("%Y-%m-%d %H:%M:%S"),
        solved.strftime("%Y-%m-%d %H:%M:%S") if solved else "-",
        record.agent,
        "Support",
        f"{record.contact.given} {record.contact.family}",
        record.contact.email,
        record.contact.company,
        record.rating.capitalize() or "-",
        "-" if record.reply_minutes is None else record.reply_minutes,
        round((solved - record.created).total_seconds() / 60) if solved else "-",
        record.reopened,
    )
