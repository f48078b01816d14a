"""HubSpot's objects as flat records."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from kvitto.sources.stream import Record

_EXPONENT = re.compile(r"-?\d+(\.\d+)?[eE][+-]?\d+")
_ALWAYS = frozenset(
    {"hs_object_id", "createdate", "hs_createdate", "hs_lastmodifieddate", "lastmodifieddate"}
)
_NOT_HELD = frozenset({"SCHEDULED", "RESCHEDULED", "NO_SHOW", "CANCELED"})
_NOT_SENT = frozenset({"FAILED", "BOUNCED", "SENDING", "SCHEDULED"})
_NOT_CALLED = frozenset({"QUEUED", "RINGING", "IN_PROGRESS", "CANCELED", "FAILED"})


def flat(found: Mapping[str, Any], asked: Collection[str]) -> dict[str, object]:
    """An object's properties beside its id; numbers written out, ``1.2E7`` as 12000000.

    Those that HubSpot adds to every answer are left out where nobody asked.
    """
    properties = found.get("properties") or {}
    return {
        "id": found.get("id"),
        **{
            name: _plain(text)
            for name, text in properties.items()
            if name in asked or name not in _ALWAYS
        },
    }


def _plain(text: object) -> object:
    if isinstance(text, str) and _EXPONENT.fullmatch(text):
        return Decimal(text)
    return text


def finished(kind: str, record: dict[str, object], closed: Mapping[str, str]) -> Record:
    """The record with the fields that several of its properties make together.

    ``closed`` are the ids of stages in which a deal (a ticket) is closed, with
    the property of the instant at which it was entered.
    """
    if kind == "deals":
        made = _deal(record, closed)
        record = {name: value for name, value in record.items() if name not in closed.values()}
        return record | made
    if kind == "contacts":
        names = (record.get("firstname"), record.get("lastname"))
        record["full_name"] = " ".join(str(name) for name in names if name) or None
    elif kind == "tickets":
        record["status"] = "closed" if record.get("hs_pipeline_stage") in closed else "open"
    elif kind in ("calls", "emails", "meetings"):
        record["done_at"] = _done(kind, record)
    return record


def _deal(record: Record, closed: Mapping[str, str]) -> dict[str, object]:
    """Open, won or lost; when a closed deal entered its stage; when an open one should close."""
    is_closed = record.get("hs_is_closed") == "true"
    won = record.get("hs_is_closed_won") == "true"
    entered = record.get(closed.get(str(record.get("dealstage")), ""))
    return {
        "outcome": ("won" if won else "lost") if is_closed else "open",
        "closed_at": (entered or record.get("closedate")) if is_closed else None,
        "closes_at": None if is_closed else record.get("closedate"),
    }


def _done(kind: str, record: Record) -> object:
    """When it took place, unless its state says that it did not."""
    state = {"calls": "hs_call_status", "emails": "hs_email_status"}.get(kind, "hs_meeting_outcome")
    undone = {"calls": _NOT_CALLED, "emails": _NOT_SENT}.get(kind, _NOT_HELD)
    if record.get(state) in undone:
        return None
    return record.get("hs_meeting_end_time") or record.get("hs_timestamp")


def owner(found: Mapping[str, Any]) -> Record:
    """An owner; the team is the primary one."""
    names = (found.get("firstName"), found.get("lastName"))
    teams = found.get("teams") or []
    first = next((team for team in teams if team.get("primary")), teams[0] if teams else {})
    return {
        "id": found.get("id"),
        "email": found.get("email"),
        "name": " ".join(str(name) for name in names if name) or found.get("email"),
        "type": found.get("type"),
        "userId": found.get("userIdIncludingInactive") or found.get("userId"),
        "team_id": first.get("id"),
        "archived": bool(found.get("archived")),
    }


def teams(owners: Iterable[Mapping[str, Any]]) -> list[Record]:
    """The teams that the owners are in, each once."""
    found: dict[str, Record] = {}
    for one in owners:
        for team in one.get("teams") or []:
            found[str(team.get("id"))] = {"id": team.get("id"), "name": team.get("name")}
    return list(found.values())


def stages(pipeline: Mapping[str, Any]) -> list[Record]:
    """The stages of a pipeline in their order; closed at 1 is won, closed below is lost."""
    listed = sorted(pipeline.get("stages") or [], key=lambda one: one.get("displayOrder") or 0)
    return [
        {
            "id": stage.get("id"),
            "pipeline_id": pipeline.get("id"),
            "label": stage.get("label"),
            "position": place,
            "probability": _metadata(stage).get("probability"),
            "outcome": _outcome(_metadata(stage)),
        }
        for place, stage in enumerate(listed, start=1)
    ]


def _metadata(stage: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = stage.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _outcome(metadata: Mapping[str, Any]) -> str:
    if str(metadata.get("isClosed")).lower() != "true":
        return "open"
    return "won" if str(metadata.get("probability")) in ("1", "1.0") else "lost"


def is_closed(stage: Mapping[str, Any]) -> bool:
    """Whether a deal or a ticket in this stage is closed."""
    metadata = _metadata(stage)
    closed = str(metadata.get("isClosed")).lower() == "true"
    return closed or metadata.get("ticketState") == "CLOSED"


def changes(found: Mapping[str, Any], wanted: Iterable[str], modified: object) -> list[Record]:
    """What a deal's properties were, oldest first, each with the value before it."""
    listed: list[Record] = []
    histories = found.get("propertiesWithHistory") or {}
    for name in wanted:
        before: object = None
        for version in sorted(histories.get(name) or [], key=lambda one: str(one["timestamp"])):
            listed.append(
                {
                    "deal_id": found.get("id"),
                    "property": name,
                    "value": version.get("value"),
                    "old_value": before,
                    "timestamp": version.get("timestamp"),
                    "source_type": version.get("sourceType"),
                    "updated_by_user_id": version.get("updatedByUserId"),
                    "deal_modified_at": modified,
                }
            )
            before = version.get("value")
    return listed
