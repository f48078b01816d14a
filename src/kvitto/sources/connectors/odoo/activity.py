"""What was done and is planned about leads and deals: calls, meetings, mails, notes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kvitto.sources.connectors.odoo.entity import DEAL, LEAD, Entity, Row, changing
from kvitto.sources.stream import FieldKind
from kvitto.workspace.definition import ColumnMap

_SUBJECT: dict[str, FieldKind] = {LEAD: "text", DEAL: "text"}

ACTIVITIES = Entity(
    changing(
        "activities",
        {
            "res_model": "text",
            "res_id": "text",
            **_SUBJECT,
            "summary": "text",
            "activity_category": "text",
            "user_id": "text",
            "create_date": "instant",
            "date_deadline": "day",
            "date_done": "day",
            "active": "flag",
            "activity": "text",
            "form": "text",
        },
        {
            "activities": {
                "activity_id": "activity",
                "type": "form",
                "owner_id": "user_id",
                LEAD: LEAD,
                DEAL: DEAL,
                "created_at": "create_date",
                "scheduled_at": "date_deadline",
                "done_at": "date_done",
            }
        },
        "planned and done calls, meetings and mails on leads and deals",
    ),
    "mail.activity",
    (
        ("res_model", "=", "crm.lead"),
        ("calendar_event_id", "=", False),
        "|",
        ("activity_type_id.category", "in", ["phonecall", "meeting"]),
        ("activity_type_id.icon", "=", "fa-envelope"),
    ),
    made=(LEAD, DEAL, "activity", "form"),
    make=lambda row: {
        "activity": f"activity-{row['id']}",
        "form": {"phonecall": "call", "meeting": "meeting"}.get(
            str(row["activity_category"]), "email"
        ),
    },
    subject=("res_id",),
)

MEETINGS = Entity(
    changing(
        "meetings",
        {
            "name": "text",
            "opportunity_id": "text",
            **_SUBJECT,
            "user_id": "text",
            "start": "instant",
            "stop": "instant",
            "duration": "number",
            "create_date": "instant",
            "active": "flag",
            "activity": "text",
        },
        {
            "activities": {
                "activity_id": "activity",
                "type": ColumnMap(constant="meeting"),
                "owner_id": "user_id",
                LEAD: LEAD,
                DEAL: DEAL,
                "created_at": "create_date",
                "scheduled_at": "start",
                "duration_sec": ColumnMap(column="duration", factor=Decimal(3600)),
            }
        },
        "calendar entries of leads and deals; Odoo does not say whether they took place",
    ),
    "calendar.event",
    (("opportunity_id", "!=", False),),
    made=(LEAD, DEAL, "activity"),
    make=lambda row: {"activity": f"event-{row['id']}"},
    subject=("opportunity_id",),
)


def _message(row: Row) -> Mapping[str, object]:
    incoming = row["message_type"] == "email"
    note = row["message_type"] == "comment" and row["is_internal"] is True
    return {
        "activity": f"message-{row['id']}",
        "form": "note" if note else "email",
        "direction": None if note else "in" if incoming else "out",
        "sender_id": None if incoming else row["create_uid"],
    }


MESSAGES = Entity(
    changing(
        "messages",
        {
            "model": "text",
            "res_id": "text",
            **_SUBJECT,
            "message_type": "text",
            "is_internal": "flag",
            "create_uid": "text",
            "date": "instant",
            "activity": "text",
            "form": "text",
            "direction": "text",
            "sender_id": "text",
        },
        {
            "activities": {
                "activity_id": "activity",
                "type": "form",
                "direction": "direction",
                "owner_id": "sender_id",
                LEAD: LEAD,
                DEAL: DEAL,
                "created_at": "date",
                "done_at": "date",
            }
        },
        "mails and notes on leads and deals, without their text",
    ),
    "mail.message",
    (
        ("model", "=", "crm.lead"),
        ("message_type", "in", ["email", "email_outgoing", "comment"]),
    ),
    made=(LEAD, DEAL, "activity", "form", "direction", "sender_id"),
    make=_message,
    subject=("res_id",),
)

ACTIVITY = (ACTIVITIES, MEETINGS, MESSAGES)
