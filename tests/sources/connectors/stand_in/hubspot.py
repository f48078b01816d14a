"""A HubSpot account over loopback: objects, search with its cap, histories, associations, archive.

Written after the public documents of the interface; paths by number (v3, v4)
and by date. It keeps its own clock, so that a test can say what changed when.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.sources.http.serving import Answering, listening

Json = dict[str, Any]
TOKEN = "pat-eu1-5a1f0c3e77"
CURSORS = {"contacts": "lastmodifieddate"}
KINDS = ("deals", "companies", "contacts", "tickets", "calls", "emails", "meetings", "notes")
STAGES = [("appointmentscheduled", "0.2", False), ("contractsent", "0.9", False)]
STAGES += [("closedwon", "1.0", True), ("closedlost", "0.0", True)]
PEOPLE = [("11", "Elin", "Ek", False), ("12", "Olli", "Oja", True)]


class Wrong(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers


@dataclass
class Account:
    """What the account holds, and how a test changes it."""

    objects: dict[str, dict[str, Json]] = field(
        default_factory=lambda: {kind: {} for kind in (*KINDS, "tasks")}
    )
    ties: dict[tuple[str, str, str], list[tuple[str, bool]]] = field(default_factory=dict)
    clock: datetime = datetime(2026, 11, 1, 8, tzinfo=UTC)
    step: timedelta = timedelta(minutes=1)
    token: str = TOKEN
    refresh_token: str = "refresh-1"
    issued: int = 0
    refused: set[str] = field(default_factory=set)
    own: dict[str, str] = field(default_factory=lambda: {"margin": "number", "renewal": "date"})
    cap: int = 10_000
    turned_away: int = 0
    disordered: bool = False
    url: str = ""
    asked: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def settings(self) -> Json:
        return {"base": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        return {"token": TOKEN}

    def put(self, kind: str, number: int, **values: str) -> None:
        """An object as it is from now on; its history keeps what it was."""
        self.clock += self.step
        at = stamp(self.clock)
        held = self.objects[kind].setdefault(
            str(number), {"id": str(number), "createdAt": at, "properties": {}, "history": {}}
        )
        held |= {"updatedAt": at, "archived": False}
        created = held["createdAt"]
        values |= {CURSORS.get(kind, "hs_lastmodifieddate"): at, "hs_object_id": str(number)}
        values |= {"createdate": created, "hs_createdate": created}
        for name, value in values.items():
            if held["properties"].get(name) != value:
                held["properties"][name] = value
                past = held["history"].setdefault(name, [])
                past.insert(0, {"value": value, "timestamp": at, "sourceType": "CRM_UI"})

    def tie(self, kind: str, number: int, other: str, target: int, primary: bool = False) -> None:
        self.ties.setdefault((kind, str(number), other), []).append((str(target), primary))

    def change(self, number: int = 1, **values: str) -> None:
        """Change a deal, a minute later than all before."""
        self.put("deals", number, **(values or {"amount": f"{number}.5"}))

    def engage(self) -> None:
        """Add a ticket and one of each activity, all about deal 7."""
        self.put("tickets", 70, subject="Help", hs_pipeline_stage="4", hs_ticket_priority="HIGH")
        for place, kind in enumerate(("calls", "emails", "meetings", "notes", "tasks"), start=80):
            self.put(kind, place, hs_timestamp=stamp(self.clock), hubspot_owner_id="11")
            self.tie(kind, place, "deals", 7)
        self.put("calls", 80, hs_call_duration="65000", hs_call_direction="INBOUND")

    def delete(self, number: int = 1) -> None:
        """Archive a deal: lists and search know it no more."""
        self.objects["deals"][str(number)]["archived"] = True

    def expire(self) -> None:
        """End the token."""
        self.token = "another"

    def throttle(self, times: int) -> None:
        """Turn away the next requests."""
        self.turned_away = times

    def live(self, kind: str, archived: bool = False) -> list[Json]:
        found = [one for one in self.objects[kind].values() if one["archived"] is archived]
        return sorted(found, key=lambda one: int(one["id"]))


def stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def seeded() -> Account:
    """Forty deals of four companies with contacts."""
    account = Account()
    for number in range(1, 5):
        account.put("companies", 500 + number, name=f"Company {number}", domain=f"c{number}.se")
        lead = {"hs_v2_date_entered_lead": "2026-10-01T10:00:00.000Z"} if number < 3 else {}
        account.put("contacts", 900 + number, email=f"p{number}@c.se", firstname="Pia", **lead)
        account.tie("contacts", 900 + number, "companies", 500 + number)
    for number in range(1, 41):
        values = {"dealname": f"Deal {number}", "amount": f"{number}00.50", "pipeline": "default"}
        account.put("deals", number, dealstage="appointmentscheduled", **values)
        account.tie("deals", number, "companies", 501 + number % 4)
        account.tie("deals", number, "companies", 502, primary=True)
        account.tie("deals", number, "contacts", 901 + number % 4)
    won = {"hs_is_closed": "true", "hs_is_closed_won": "true", "closedate": stamp(account.clock)}
    account.put("deals", 7, dealstage="closedwon", amount="1.2E7", **won)
    return account


def answer(account: Account, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
    """The answer to one request."""
    plain = re.sub(r"^/crm/(v3|v4)/(\w+)", r"/\2", path)
    plain = re.sub(r"^/crm/(\w+)/\d{4}-\d{2}", r"/\1", plain)
    plain = re.sub(r"^/account-info/[^/]+", "/account", plain)
    match (method, *plain.strip("/").split("/")):
        case ("GET", "account", "details"):
            place = {"timeZone": "Europe/Stockholm", "companyCurrency": "SEK"}
            return {"portalId": 4711, "uiDomain": "app-eu1.hubspot.com", **place}
        case ("GET", "owners"):
            return _page([_owner(*one) for one in PEOPLE if one[3] is _flag(query)], query)
        case ("GET", "pipelines", kind):
            return {"results": [_pipeline(kind)]}
        case ("GET", "properties", kind):
            names = dict.fromkeys(("amount", "dealstage", "email"), "string") | account.own
            return {"results": [{"name": name, "type": of} for name, of in names.items()]}
        case ("GET", "objects", kind):
            _allowed(account, kind)
            asked = ",".join(query.get("properties") or []).split(",")
            return _page([_shown(one, asked) for one in account.live(kind, _flag(query))], query)
        case ("POST", "objects", kind, "search"):
            _allowed(account, kind)
            return _searched(account, kind, body)
        case ("POST", "objects", kind, "batch", "read"):
            past = body["propertiesWithHistory"]
            if len(body["inputs"]) > (50 if past else 100):
                raise Wrong(400, "too many inputs")
            found = [account.objects[kind].get(one["id"]) for one in body["inputs"]]
            shown = [_shown(one, body["properties"], past) for one in found if one is not None]
            return {"status": "COMPLETE", "results": shown[::-1]} | _times(account)
        case ("POST", "associations", kind, other, "batch", "read"):
            _allowed(account, other)
            ids = [one["id"] for one in body["inputs"]]
            tied = [(one, account.ties.get((kind, one, other))) for one in ids]
            return {
                "status": "COMPLETE",
                "results": [_tied(one, to) for one, to in tied if to is not None],
            } | _times(account)
    raise Wrong(404, f"no such path: {path}")


def _flag(query: dict[str, list[str]]) -> bool:
    return query.get("archived", ["false"])[0].lower() == "true"


def _allowed(account: Account, kind: str) -> None:
    if kind in account.refused:
        raise Wrong(403, f"This app hasn't been granted crm.objects.{kind}.read")


def _times(account: Account) -> Json:
    return {"startedAt": stamp(account.clock), "completedAt": stamp(account.clock)}


def _shown(one: Json, names: list[str], past: list[str] | None = None) -> Json:
    """An object as it is sent: asked properties, empty ones as null; histories newest first."""
    always = ("hs_object_id", "createdate", "hs_lastmodifieddate", "lastmodifieddate")
    wanted = [name for name in (*always, *names) if name]
    properties = {name: one["properties"].get(name) for name in wanted}
    shown = {key: one[key] for key in ("id", "createdAt", "updatedAt", "archived")}
    history = {name: one["history"].get(name, []) for name in past or []}
    return {**shown, "properties": properties} | (
        {"propertiesWithHistory": history} if past else {}
    )


def _page(found: list[Json], query: dict[str, list[str]]) -> Json:
    size = int(query.get("limit", ["10"])[0])
    if size > 100:
        raise Wrong(400, "limit must be at most 100")
    after = int(query.get("after", ["0"])[0])
    later = [one for one in found if int(one["id"]) > after]
    more = {"paging": {"next": {"after": later[size - 1]["id"]}}} if len(later) > size else {}
    return {"results": later[:size], **more}


def _searched(account: Account, kind: str, body: Json) -> Json:
    size, after = body.get("limit") or 10, int(body.get("after") or 0)
    if size > 200 or after + size > account.cap:
        raise Wrong(400, "the search has a limit of 200 and of 10,000 hits")
    groups = body.get("filterGroups") or []
    found = [
        one
        for one in account.live(kind)
        if not groups or any(all(_fits(one, f) for f in group["filters"]) for group in groups)
    ]
    for sort in body.get("sorts") or []:
        found.sort(key=lambda one: _rank(one["properties"].get(sort["propertyName"])))
    if account.disordered:
        found.reverse()
    shown = [_shown(one, body.get("properties") or []) for one in found[after : after + size]]
    end = after + size
    more = {"paging": {"next": {"after": str(end)}}} if end < len(found) else {}
    return {"total": len(found), "results": shown, **more}


def _rank(text: str | None) -> int:
    """Values as the search compares them: numbers, instants in milliseconds."""
    if text is None or text.isdigit():
        return int(text or 0)
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _fits(one: Json, asked: Json) -> bool:
    held = one["properties"].get(asked["propertyName"])
    if asked["operator"] == "HAS_PROPERTY":
        return held is not None
    there, wanted = _rank(held), _rank(asked["value"])
    sides = {"GTE": there >= wanted, "LTE": there <= wanted, "GT": there > wanted}
    return held is not None and sides[asked["operator"]]


def _tied(source: str, to: list[tuple[str, bool]]) -> Json:
    def kinds(primary: bool) -> list[Json]:
        plain = {"category": "HUBSPOT_DEFINED", "typeId": 341, "label": None}
        return [plain, {**plain, "typeId": 5, "label": "Primary"}] if primary else [plain]

    ends = [{"toObjectId": one, "associationTypes": kinds(primary)} for one, primary in to]
    return {"from": {"id": source}, "to": ends}


def _owner(number: str, first: str, last: str, archived: bool) -> Json:
    team = {"id": "3", "name": "Sales", "primary": True}
    at = "2025-01-01T00:00:00.000Z"
    who = {"firstName": first, "lastName": last, "email": f"{first.lower()}@example.com"}
    more = {"type": "PERSON", "archived": archived, "createdAt": at, "updatedAt": at}
    return {"id": number, "userId": int(number) + 100, "teams": [team], **who, **more}


def _pipeline(kind: str) -> Json:
    at = {"createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:00.000Z"}
    tickets = [("1", "OPEN"), ("4", "CLOSED")]
    stages: list[Json] = [
        {"id": name, "metadata": {"probability": chance, "isClosed": str(closed).lower()}}
        for name, chance, closed in STAGES
    ]
    if kind == "tickets":
        stages = [{"id": name, "metadata": {"ticketState": state}} for name, state in tickets]
    shared = {"archived": False, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT", **at}
    listed = [
        {**stage, "label": str(stage["id"]).title(), "displayOrder": place, **shared}
        for place, stage in enumerate(stages)
    ]
    whole = {"id": "default", "label": "Sales", "displayOrder": 0, "archived": False, **at}
    return {**whole, "stages": listed[::-1]}


def issue(account: Account, form: dict[str, list[str]]) -> Json:
    """An access token for a refresh token."""
    if form["refresh_token"][0] != account.refresh_token:
        raise Wrong(400, f"refresh token {form['refresh_token'][0]} is invalid")
    account.issued += 1
    account.token = f"access-{account.issued}"
    return {"access_token": account.token, "expires_in": 1800, "token_type": "bearer"}


@contextmanager
def stand_in() -> Iterator[Account]:
    """The seeded account, on a free port of 127.0.0.1."""
    account = seeded()

    class Handler(Answering):
        def serve(self) -> None:
            parts = urlsplit(self.path)
            raw = self.taken().decode()
            try:
                if parts.path == "/oauth/v1/token":
                    self.send_json(200, issue(account, parse_qs(raw)))
                    return
                body = json.loads(raw) if raw else None
                path = parts.path.rstrip("/")
                account.asked.append((f"{self.command} {path}", body))
                if account.turned_away > 0:
                    account.turned_away -= 1
                    wait = {"X-HubSpot-RateLimit-Interval-Milliseconds": "10"}
                    raise Wrong(429, "You have reached your ten_secondly_rolling limit.", **wait)
                if self.headers.get("Authorization") != f"Bearer {account.token}":
                    raise Wrong(401, "Authentication credentials not found or expired")
                found = answer(account, self.command, path, parse_qs(parts.query), body)
                self.send_json(200, found)
            except Wrong as wrong:
                said = {"status": "error", "message": wrong.message, "correlationId": "0"}
                self.send_json(wrong.status, said, wrong.headers)

    with listening(Handler) as account.url:
        yield account
