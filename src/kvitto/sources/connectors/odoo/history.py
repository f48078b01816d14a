"""The tracked changes of deals: the stages that they went through, and their other fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from kvitto.sources.connectors.odoo.entity import Row, Way, instant, plain
from kvitto.sources.connectors.odoo.service import Service

_VALUES = "mail.tracking.value"
_LEAD = "crm.lead"

NEEDS: Mapping[Way, str] = MappingProxyType({"stage_history": _VALUES, "field_history": _VALUES})
"""The model whose rights decide whether a history can be read."""

LEAD_FIELDS = (
    "stage_id",
    "create_date",
    "date_conversion",
    "date_last_stage_update",
    "write_date",
)
VALUE_FIELDS = (
    "mail_message_id",
    "field_id",
    "old_value_char",
    "new_value_char",
    "old_value_integer",
    "new_value_integer",
    "old_value_float",
    "new_value_float",
    "old_value_text",
    "new_value_text",
    "old_value_datetime",
    "new_value_datetime",
    "create_date",
    "create_uid",
)

_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "integer": "integer",
        "boolean": "integer",
        "float": "float",
        "monetary": "float",
        "date": "datetime",
        "datetime": "datetime",
        "text": "text",
    }
)
"""Which column of a tracked change holds a type's value; it is the written one for all others."""


def stages(service: Service, deals: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Every stay in a stage of these deals, the whole history of each.

    The first stage is the one that the first change left, from the day on which
    the deal was opened. A change of stage that was not tracked is dated by the
    deal's own last change of stage.
    """
    moves = _moves(service, [int(deal["id"]) for deal in deals])
    rows: list[Row] = []
    for deal in deals:
        rows += _stays(deal, moves.get(int(deal["id"]), []))
    return rows


def _moves(service: Service, deals: list[int]) -> dict[int, list[Mapping[str, Any]]]:
    domain = (
        ("mail_message_id.model", "=", _LEAD),
        ("mail_message_id.res_id", "in", deals),
        ("field_id.name", "=", "stage_id"),
    )
    values = service.records(_VALUES, domain, VALUE_FIELDS, order="id")
    whose = _subjects(service, values)
    found: dict[int, list[Mapping[str, Any]]] = {}
    for value in values:
        deal = whose.get(_message_of(value))
        if deal is not None:
            found.setdefault(deal, []).append(value)
    return found


def _stays(deal: Mapping[str, Any], moves: Sequence[Mapping[str, Any]]) -> list[Row]:
    began = str(plain(deal, "date_conversion", "instant") or plain(deal, "create_date", "instant"))
    now = plain(deal, "stage_id", "text")
    first = moves[0]["old_value_integer"] if moves else now
    stays: list[tuple[object, object, str, object]] = [(0, first, "", None)]
    for move in moves:
        moved = instant(str(move["create_date"]))
        stays.append(
            (move["id"], move["new_value_integer"], moved, plain(move, "create_uid", "text"))
        )
    if now is not None and stays[-1][1] != now:
        moved = str(plain(deal, "date_last_stage_update", "instant") or stays[-1][2] or began)
        stays.append(("now", now, moved, None))
    # What was over before the lead became a deal is no part of the deal's history.
    while len(stays) > 1 and stays[1][2] <= began:
        stays.pop(0)
    stays[0] = (stays[0][0], stays[0][1], began, stays[0][3])
    return [
        {
            "entry": f"{deal['id']}-{entry}",
            "deal_id": deal["id"],
            "stage_id": stage or None,
            "seq": number,
            "entered_at": entered,
            "changed_by_id": who,
            "write_date": plain(deal, "write_date", "instant"),
        }
        for number, (entry, stage, entered, who) in enumerate(stays, start=1)
    ]


def fields(service: Service, values: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Tracked changes of deals; those of leads that are no deals are left out."""
    whose = _subjects(service, values)
    numbers = sorted(set(whose.values()))
    domain = (("id", "in", numbers), ("type", "=", "opportunity"))
    deals = set(service.search(_LEAD, domain)) if numbers else set()
    names = _names(service, values)
    types = service.fields(_LEAD)
    rows: list[Row] = []
    for value in values:
        deal = whose.get(_message_of(value))
        if deal not in deals:
            continue
        name = names.get(_number(value.get("field_id")), "")
        column = _COLUMNS.get(str(types.get(name, {}).get("type")), "char")
        rows.append(
            {
                "id": value["id"],
                "deal_id": deal,
                "field": name or None,
                "old_value": _written(value, f"old_value_{column}"),
                "new_value": _written(value, f"new_value_{column}"),
                "create_date": plain(value, "create_date", "instant"),
                "create_uid": plain(value, "create_uid", "text"),
            }
        )
    return rows


def _written(value: Mapping[str, Any], column: str) -> object:
    held = plain(value, column, "instant")
    return held.normalize() if isinstance(held, Decimal) and held else held


def _names(service: Service, values: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Names of the changed fields by their numbers."""
    numbers = sorted({_number(value.get("field_id")) for value in values} - {0})
    if not numbers:
        return {}
    found = service.records("ir.model.fields", (("id", "in", numbers),), ["name"])
    return {int(one["id"]): str(one["name"]) for one in found}


def _subjects(service: Service, values: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """The record that each message is about, by the message's number."""
    numbers = sorted({_message_of(value) for value in values} - {0})
    if not numbers:
        return {}
    found = service.records("mail.message", (("id", "in", numbers),), ["res_id"])
    return {int(one["id"]): int(one["res_id"]) for one in found if one.get("res_id")}


def _message_of(value: Mapping[str, Any]) -> int:
    return _number(value.get("mail_message_id"))


def _number(reference: object) -> int:
    return int(reference[0]) if isinstance(reference, list) and reference else 0
