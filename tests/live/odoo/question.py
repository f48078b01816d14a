"""Questions whose answers must be alike on Odoo and on its stand-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from tests.live.odoo.remote import Remote

ALL = {"active_test": False}
_LEAD = "crm.lead"


def unknown_model(remote: Remote) -> object:
    """A model of an app that is not installed."""
    status, told = remote.ask("helpdesk.ticket", "search", domain=[])
    return status, told["name"], told["message"]


def unknown_method(remote: Remote) -> object:
    """A method that no model has."""
    status, told = remote.ask(_LEAD, "fetch_everything")
    return status, told["name"]


def wrong_key(remote: Remote) -> object:
    """A key that was revoked, or never was."""
    status, told = remote.as_user("0" * 40).ask("res.users", "context_get")
    return status, told["name"], told["message"]


def no_database(remote: Remote) -> object:
    """A server with several databases, and none named."""
    status, text = Remote(remote.url, None, remote.key).ask("res.users", "context_get")
    return status, text.lstrip()[:15], "No database is selected" in text


def unknown_database(remote: Remote) -> object:
    """A database that the server does not have."""
    status, text = Remote(remote.url, "nowhere", remote.key).ask("res.users", "context_get")
    return status, text.lstrip()[:15]


def signed_in(remote: Remote) -> object:
    """Whom the key belongs to."""
    told = remote.call("res.users", "context_get")
    return sorted(told), type(told["uid"])


def version(remote: Remote) -> object:
    """The server's version."""
    told = remote.version()
    return sorted(told), told["version"], told["version_info"][:2]


def archived(remote: Remote) -> object:
    """Archived records are hidden unless they are asked for."""
    shown = set(remote.call("res.users", "search", domain=[]))
    whole = set(remote.call("res.users", "search", domain=[], context=ALL))
    return shown < whole, 1 in shown, 1 in whole


def in_steps(remote: Remote) -> object:
    """Numbers above the last, a few at a time."""
    whole = remote.call(_LEAD, "search", domain=[], order="id", context=ALL)
    taken: list[int] = []
    for _ in range(len(whole)):
        domain = [["id", ">", taken[-1] if taken else 0]]
        taken += remote.call(_LEAD, "search", domain=domain, order="id", limit=7, context=ALL)
        if len(taken) == len(whole):
            break
    return taken == whole, whole == sorted(whole)


def in_seconds(remote: Remote) -> object:
    """Times are compared in whole seconds: nothing falls between two windows."""
    (newest,) = remote.call(
        _LEAD, "search_read", fields=["write_date"], order="write_date desc", limit=1, context=ALL
    )
    moment = datetime.fromisoformat(newest["write_date"])
    after = (moment + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S")
    counts = [
        len(remote.call(_LEAD, "search", domain=[["write_date", sign, text]], context=ALL))
        for sign, text in ((">=", newest["write_date"]), ("<", after), (">=", after))
    ]
    whole = len(remote.call(_LEAD, "search", domain=[], context=ALL))
    return counts[0] > 0, counts[1] == whole, counts[2]


def both_orders(remote: Remote) -> object:
    """By time and then by number, either way."""
    fields = ["write_date"]
    up = remote.call(_LEAD, "search_read", fields=fields, order="write_date, id", context=ALL)
    pairs = [(row["write_date"], row["id"]) for row in up]
    return pairs == sorted(pairs), sorted(up[0])


def either(remote: Remote) -> object:
    """Prefix notation: one or the other, and what stands beside it."""
    kinds = [["type", "=", "lead"], ["type", "=", "opportunity"]]
    counts = [
        len(remote.call(_LEAD, "search", domain=domain, context=ALL))
        for domain in ([], ["|", *kinds], kinds, [kinds[0]], [kinds[1]])
    ]
    return counts[0] == counts[1], counts[2], counts[3] + counts[4] == counts[0]


def unset(remote: Remote) -> object:
    """Records without a partner, and those with one."""
    counts = [
        len(remote.call(_LEAD, "search", domain=domain, context=ALL))
        for domain in ([], [["partner_id", "=", False]], [["partner_id", "!=", False]])
    ]
    return counts[0] == counts[1] + counts[2], all(counts)


def through(remote: Remote) -> object:
    """A condition on the record that a reference points at."""
    domain = [["activity_type_id.category", "in", ["phonecall", "meeting"]]]
    found = remote.call("mail.activity", "search_read", domain=domain, fields=["activity_category"])
    return {row["activity_category"] for row in found} <= {"phonecall", "meeting"}, bool(found)


def refused(remote: Remote) -> object:
    """A user without the right: told beforehand, and when reading."""
    allowed = remote.call("mail.tracking.value", "has_access", operation="read")
    status, told = remote.ask("mail.tracking.value", "search", domain=[])
    return allowed, status, told["name"], told["message"][:29]


OF_ANYBODY: tuple[Callable[[Remote], object], ...] = (
    unknown_model,
    unknown_method,
    wrong_key,
    no_database,
    unknown_database,
    signed_in,
    version,
    archived,
    in_steps,
    in_seconds,
    both_orders,
    either,
    unset,
    through,
)


def shapes(remote: Remote, fields: Mapping[str, Mapping[str, str]]) -> Mapping[str, set[str]]:
    """How values of each type look, over all records of all models."""
    found: dict[str, set[str]] = {}
    for model, kinds in fields.items():
        status, records = remote.ask(model, "search_read", fields=list(kinds), context=ALL)
        if status != 200:
            continue
        for record in records:
            for name, value in record.items():
                kind = kinds.get(name, "integer").partition(":")[0]
                found.setdefault(kind, set()).add(_shape(value))
    return MappingProxyType(found)


def _shape(value: Any) -> str:
    if isinstance(value, list):
        if len(value) == 2 and isinstance(value[1], str):
            return "reference"
        return "numbers" if all(type(one) is int for one in value) else "list"
    if isinstance(value, str):
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
            try:
                datetime.strptime(value, form)
            except ValueError:
                continue
            return form
    if isinstance(value, bool):
        return str(value)
    return type(value).__name__
