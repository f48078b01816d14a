"""A small Odoo: models with records over JSON-2, as Odoo 19 answers it.

It keeps the traits that matter to a reader: ``False`` for nothing, references
as [number, label], times in UTC without a zone, archived records hidden unless
asked for, tracked changes of deals, one ``write_date`` per second for many. The
fields and their types are those that Odoo 19 gives for its demo data
(``odoo_fields.json``); a live test asks both the same questions.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.sources.connectors.stand_in.odoo_data import fill
from tests.sources.http.serving import Answering, listening

FIELDS: Mapping[str, Mapping[str, str]] = json.loads(
    Path(__file__).with_name("odoo_fields.json").read_text()
)
KEY = "0123456789abcdef0123456789abcdef01234567"
DATABASE = "acme"
VERSION = {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}
TRACKED = ("stage_id", "expected_revenue", "user_id", "won_status", "lost_reason_id", "active")
NO_DATABASE = (
    "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
    "<p>No database is selected and the requested URL was not found.</p>\n"
)
_EMPTY: Mapping[str, object] = {
    "integer": 0,
    "float": 0.0,
    "monetary": 0.0,
    "many2many": [],
    "one2many": [],
    "many2one_reference": 0,
}

Record = dict[str, Any]


class Refusal(Exception):
    """An error as Odoo writes it."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.name, self.message = status, name, message


@dataclass
class Odoo:
    """The server's state. ``requests`` are the calls that were made: (model, method)."""

    url: str = ""
    key: str = KEY
    version: Mapping[str, object] | None = field(default_factory=lambda: dict(VERSION))
    now: datetime = datetime(2026, 11, 2, 8, 0, 0, tzinfo=UTC)
    tables: dict[str, dict[int, Record]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    requests: list[tuple[str, str]] = field(default_factory=list)
    busy: int = 0
    revoke_after: int | None = None
    web_page: bool = False
    stuck: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def settings(self) -> dict[str, object]:
        """The settings of a source that reads this server."""
        return {"url": self.url, "database": DATABASE}

    @property
    def secrets(self) -> dict[str, str]:
        """Its credentials."""
        return {"api_key": KEY}

    def tick(self, seconds: float = 1) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def create(self, model: str, /, **values: object) -> int:
        """A new record; its number."""
        table = self.tables.setdefault(model, {})
        number = max(table, default=0) + 1
        moment = _spoken(self.now)
        record: Record = {"id": number, "create_date": moment, "write_date": moment, **values}
        if "active" in FIELDS[model]:
            record.setdefault("active", True)
        table[number] = record
        return number

    def write(self, model: str, number: int, /, **values: object) -> None:
        """Change a record; what Odoo tracks of a deal is tracked."""
        record = self.tables[model][number]
        before = dict(record)
        record.update(values, write_date=_spoken(self.now))
        if model == "crm.lead":
            if "stage_id" in values:
                record["date_last_stage_update"] = _spoken(self.now)
            self._track(number, before, record)

    def remove(self, model: str, number: int) -> None:
        """Remove a record for good; its messages and tracked changes go with it."""
        del self.tables[model][number]
        messages = self.tables.get("mail.message", {})
        gone = [n for n, m in messages.items() if (m["model"], m["res_id"]) == (model, number)]
        for message in gone:
            del messages[message]
        values = self.tables.get("mail.tracking.value", {})
        for value in [n for n, v in values.items() if v["mail_message_id"] in gone]:
            del values[value]

    def change(self) -> None:
        """Move a deal on, a while after it was made."""
        self.tick(3600)
        self.write("crm.lead", 20, stage_id=2)

    def delete(self) -> None:
        """Take a deal away."""
        self.remove("crm.lead", 21)

    def expire(self) -> None:
        """Revoke the key."""
        self.key = "revoked"

    def throttle(self, times: int) -> None:
        """Turn the next requests away."""
        self.busy = times

    def _track(self, number: int, before: Record, after: Record) -> None:
        changed = [name for name in TRACKED if before.get(name) != after.get(name)]
        if not changed:
            return
        message = self.create(
            "mail.message", model="crm.lead", res_id=number, message_type="notification",
            date=_spoken(self.now), create_uid=2,
        )  # fmt: skip
        for name in changed:
            values: Record = {"mail_message_id": message, "create_uid": 2}
            values["field_id"] = self._field(name)
            for side, record in (("old", before), ("new", after)):
                self._track_side(values, side, name, record.get(name))
            self.create("mail.tracking.value", **values)

    def _track_side(self, values: Record, side: str, name: str, value: Any) -> None:
        kind, _, relation = FIELDS["crm.lead"][name].partition(":")
        if kind in ("monetary", "float"):
            values[f"{side}_value_float"] = value or 0.0
        elif kind == "many2one":
            values[f"{side}_value_integer"] = value or 0
            values[f"{side}_value_char"] = self._label(relation, value) if value else False
        elif kind == "boolean":
            values[f"{side}_value_integer"] = int(bool(value))
        else:
            values[f"{side}_value_char"] = value or False

    def _field(self, name: str) -> int:
        known = self.tables.setdefault("ir.model.fields", {})
        for number, one in known.items():
            if one["name"] == name:
                return number
        return self.create("ir.model.fields", name=name, model="crm.lead")

    def answer(self, model: str, method: str, body: Mapping[str, Any]) -> object:
        """What Odoo gives for a call."""
        self.requests.append((model, method))
        if model not in FIELDS or model in self.absent:
            raise Refusal(
                404, "werkzeug.exceptions.NotFound", f"the model {model!r} does not exist"
            )
        context = body.get("context", {})
        if method == "context_get":
            return {"lang": "en_US", "tz": "Europe/Brussels", "uid": 2}
        if method == "has_access":
            return model not in self.refused
        if method == "fields_get":
            return self._fields_of(model, body)
        if model in self.refused:
            raise Refusal(
                403,
                "odoo.exceptions.AccessError",
                f"You are not allowed to access '{model}' ({model}) records.\n\nContact somebody.",
            )
        if method in ("search", "search_read"):
            found = self._search(model, body, context)
            if method == "search":
                return [record["id"] for record in found]
            names = body.get("fields") or list(FIELDS[model])
            return [self._shown(model, record, names) for record in found]
        raise Refusal(
            404,
            "werkzeug.exceptions.NotFound",
            f"The method '{model}.{method}' does not exist",
        )

    def _fields_of(self, model: str, body: Mapping[str, Any]) -> object:
        wanted = body.get("allfields") or FIELDS[model]
        return {
            name: {"type": FIELDS[model][name].partition(":")[0]}
            for name in wanted
            if name in FIELDS[model] and (model, name) not in self.hidden
        }

    def _search(
        self, model: str, body: Mapping[str, Any], context: Mapping[str, Any]
    ) -> list[Record]:
        records = list(self.tables.get(model, {}).values())
        if "active" in FIELDS[model] and context.get("active_test", True):
            records = [record for record in records if record.get("active")]
        holds = partial(self._holds, model, tuple(_term(t) for t in body.get("domain", ())))
        records = [record for record in records if holds(record)]
        if self.stuck:
            records = list(self.tables.get(model, {}).values())
        for part in reversed((body.get("order") or "id").split(",")):
            name, *way = part.split()
            records.sort(key=lambda one: one.get(name) or 0, reverse=way == ["desc"])
        end = None if body.get("limit") is None else body.get("offset", 0) + body["limit"]
        return records[body.get("offset", 0) : end]

    def _holds(self, model: str, domain: Sequence[Any], record: Record) -> bool:
        """The domain in prefix notation; terms side by side are joined by 'and'."""
        rest = list(domain)

        def take() -> bool:
            term = rest.pop(0)
            if term == "|":
                left, right = take(), take()
                return left or right
            if term == "&":
                left, right = take(), take()
                return left and right
            return self._fits(model, record, *term)

        results = []
        while rest:
            results.append(take())
        return all(results)

    def _fits(self, model: str, record: Record, name: str, sign: str, value: Any) -> bool:
        base, _, further = name.partition(".")
        kind, _, relation = FIELDS[model][base].partition(":")
        held = record.get(base, _EMPTY.get(kind, False))
        if further:
            target = self.tables.get(relation, {}).get(held)
            return target is not None and self._fits(relation, target, further, sign, value)
        if sign == "in":
            return held in value
        if sign in ("=", "!="):
            same = held == value or (value is False and not held)
            return same if sign == "=" else not same
        if not held and held != 0:
            return False
        return bool({">": held > value, ">=": held >= value, "<": held < value}[sign])

    def _shown(self, model: str, record: Record, names: Sequence[str]) -> Record:
        shown: Record = {"id": record["id"]}
        for name in names:
            if name not in FIELDS[model] or (model, name) in self.hidden:
                raise Refusal(500, "builtins.ValueError", f"Invalid field {name!r} on {model!r}")
            kind, _, relation = FIELDS[model][name].partition(":")
            value = record.get(name, _EMPTY.get(kind, False))
            if name == "display_name":
                value = self._label(model, record["id"])
            if kind == "many2one" and value:
                value = [value, self._label(relation, value)]
            shown[name] = value
        return shown

    def _label(self, model: str, number: int) -> object:
        record = self.tables.get(model, {}).get(number, {})
        return record.get("name") or record.get("display_name") or False


def _term(term: Any) -> Any:
    return tuple(term) if isinstance(term, list) else term


def _spoken(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


class _Handler(Answering):
    """One request; everything under one lock, like a server with one worker."""

    odoo: Odoo

    def serve(self) -> None:
        body = self.taken()
        with self.odoo.lock:
            if self.command == "GET":
                self._get()
            else:
                self._post(json.loads(body or b"{}"))

    def _get(self) -> None:
        version = self.odoo.version
        if self.path == "/web/version" and version is not None:
            self.send_json(200, version)
        else:
            self._page(404, NO_DATABASE)

    def _post(self, body: Mapping[str, Any]) -> None:
        odoo, parts = self.odoo, self.path.strip("/").split("/")
        if self.path == "/web/webclient/version_info":
            older = {"server_version": "17.0", "server_version_info": [17, 0, 0, "final", 0, ""]}
            self.send_json(200, {"jsonrpc": "2.0", "result": older})
        elif odoo.version is None or self.headers.get("X-Odoo-Database") != DATABASE:
            self._page(404, NO_DATABASE)
        elif odoo.web_page:
            self._page(200, "<html><body>Sign in to the network first</body></html>")
        elif odoo.busy:
            odoo.busy -= 1
            self.send_json(429, {"name": "Too Many Requests"}, {"Retry-After": "0"})
        else:
            self._call(parts[2], parts[3], body)

    def _call(self, model: str, method: str, body: Mapping[str, Any]) -> None:
        try:
            self._check_key()
            self.send_json(200, self.odoo.answer(model, method, body))
        except Refusal as refusal:
            told = {
                "name": refusal.name,
                "message": refusal.message,
                "arguments": [],
                "context": {},
                "debug": "Traceback (most recent call last): ...",
            }
            self.send_json(refusal.status, told)

    def _check_key(self) -> None:
        odoo = self.odoo
        if odoo.revoke_after is not None:
            odoo.revoke_after -= 1
            if odoo.revoke_after < 0:
                odoo.key = "revoked"
        if self.headers.get("Authorization") != f"bearer {odoo.key}":
            raise Refusal(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")

    def _page(self, status: int, text: str) -> None:
        self.send(status, text.encode(), "text/html; charset=utf-8")


@contextmanager
def stand_in() -> Iterator[Odoo]:
    """A filled server on loopback."""
    odoo = Odoo()
    fill(odoo)
    with listening(type("Handler", (_Handler,), {"odoo": odoo})) as odoo.url:
        yield odoo
