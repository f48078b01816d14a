"""A made-up CRM over loopback, which pages in every usual way, and Pipedrive's second interface.

It keeps its own clock, so that a test can say what changed when.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import yaml

from tests.sources.http.serving import Answering, listening

Row = dict[str, Any]
TOKEN = "tok-3f9a77c1e2"
STAGES = [(1, "New"), (2, "Proposal"), (3, "Won")]


@dataclass
class Crm:
    """What the server holds, and how a test changes it."""

    deals: list[Row] = field(default_factory=list)
    clock: datetime = datetime(2026, 11, 1, 8, tzinfo=UTC)
    token: str = TOKEN
    turned_away: int = 0
    broken: str = ""
    url: str = ""
    issued: int = 0
    refresh_token: str = "ref-1"
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    given: list[int] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """A declaration of Pipedrive's second interface, at this server."""
        declared = yaml.safe_load(Path(__file__).with_name("pipedrive.yml").read_text("utf-8"))
        return {**declared, "base": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        return {"token": TOKEN, "key": TOKEN, "user": "me", "password": TOKEN}

    def change(self, number: int = 1, **values: Any) -> None:
        """Change a deal, a minute later than all before."""
        self.clock += timedelta(minutes=1)
        deal = next((one for one in self.deals if one["id"] == number), None)
        if deal is None:
            deal = {"id": number, "title": f"Deal {number}", "value": 100.5, "stage_id": 1}
            deal |= {"add_time": self.now(), "org": {"id": 7, "name": "Acme"}, "is_deleted": False}
            self.deals.append(deal)
        deal |= {**values, "update_time": self.now()}

    def delete(self, number: int = 1) -> None:
        """Remove a deal; only who asks for deleted ones still sees it."""
        self.change(number, is_deleted=True)

    def expire(self) -> None:
        """End the token."""
        self.token = "another one"

    def throttle(self, times: int) -> None:
        """Turn away the next requests."""
        self.turned_away = times

    def now(self) -> str:
        return self.clock.strftime("%Y-%m-%dT%H:%M:%SZ")

    def seed(self, count: int) -> None:
        for number in range(1, count + 1):
            self.change(number, value=number * 10 + 0.25, stage_id=1 + number % 3)


class Wrong(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers


def answer(crm: Crm, method: str, path: str, query: dict[str, str], body: Any) -> tuple[Any, Row]:
    """The answer to one request, and its headers."""
    rows = sorted(crm.deals, key=lambda row: (row["update_time"], row["id"]))
    if "deleted" not in query.get("status", ""):
        rows = [row for row in rows if not row["is_deleted"]]
    since = query.get("updated_since") or (body or {}).get("updated_since")
    if since:
        rows = [row for row in rows if row["update_time"] >= since]
    size = int(query.get("limit") or (body or {}).get("limit") or 10)
    start = int(query.get("start") or 0)
    match path.strip("/").split("/"):
        case ["me"]:
            return {"data": {"name": "Acme AB", "currency": "SEK", "zone": "Europe/Rome"}}, {}
        case ["api", "v2", "stages"]:
            return _v2([{"id": i, "name": n, "order_nr": i} for i, n in STAGES]), {}
        case ["api", "v2", "deals"] | ["cursor", "deals"]:
            start = int(base64.b64decode(query.get("cursor", "")) or 0)
            return _cursored(crm, rows, start, size), {}
        case ["body", "deals"] if method == "POST":
            start = int(body.get("page", {}).get("after") or 0)
            more = start + size < len(rows)
            end = {"after": str(start + size), "more": more}
            return {"found": rows[start : start + size], "page": end}, {}
        case ["link", "deals"]:
            following = f"{crm.url}/link/deals?{urlencode({**query, 'start': start + size})}"
            following = "" if start + size >= len(rows) else following
            return {"deals": rows[start : start + size], "links": {"next": following}}, {}
        case ["header", "deals"]:
            target = f"/header/deals?{urlencode({**query, 'start': start + size})}"
            link = {"Link": f'<{target}>; rel="next"'} if start + size < len(rows) else {}
            return rows[start : start + size], link
        case ["offset", "deals"]:
            return {"data": rows[start : start + size], "total": len(rows)}, {}
        case ["page", "deals"]:
            number = int(query["page"])
            pages = -(-len(rows) // size)
            return {"items": rows[(number - 1) * size : number * size], "pages": pages}, {}
        case ["keyset", "deals"]:
            after = int(query.get("starting_after") or 0)
            later = sorted((row for row in rows if row["id"] > after), key=lambda row: row["id"])
            return {"data": later[:size], "has_more": len(later) > size}, {}
        case ["deals", number, "notes"]:
            if not any(str(row["id"]) == number and not row["is_deleted"] for row in crm.deals):
                raise Wrong(404, "no such deal")
            return {"data": [{"id": f"{number}-{n}", "text": f"note {n}"} for n in range(2)]}, {}
        case ["daily"]:
            first, last = (datetime.fromisoformat(query[end]) for end in ("from", "to"))
            days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            return {"data": [{"day": f"{day:%Y-%m-%d}", "visits": day.day} for day in days]}, {}
    raise Wrong(404, f"no such path: {path}")


def _cursored(crm: Crm, rows: list[Row], start: int, size: int) -> Any:
    following = base64.b64encode(str(start + size).encode()).decode()
    if crm.broken == "endless":
        return _v2(rows[:size], "MA==")
    if crm.broken == "renamed":
        return {"success": True, "deals": rows}
    if crm.broken == "list":
        return {"data": ["a", "b"]}
    return _v2(rows[start : start + size], following if start + size < len(rows) else None)


def _v2(rows: list[Row], cursor: str | None = None) -> Row:
    return {"success": True, "data": rows, "additional_data": {"next_cursor": cursor}}


def issue(crm: Crm, form: dict[str, str]) -> Row:
    """An access token for the program or for a refresh token, which is replaced."""
    if form.get("client_secret") != "app-secret-1":
        raise Wrong(400, f"unknown client, secret {form.get('client_secret')}")
    if form["grant_type"] == "refresh_token":
        if form["refresh_token"] != crm.refresh_token:
            raise Wrong(400, f"invalid_grant {form['refresh_token']}")
        crm.refresh_token = f"ref-{crm.issued + 2}"
    crm.issued += 1
    crm.token = f"access-{crm.issued}"
    return {"access_token": crm.token, "expires_in": 3600, "refresh_token": crm.refresh_token}


def signed(crm: Crm, headers: Any, query: dict[str, str]) -> bool:
    """Whether any of the usual ways carries the token."""
    basic = base64.b64encode(f"me:{crm.token}".encode()).decode()
    return (
        headers.get("Authorization") in (f"Bearer {crm.token}", f"Basic {basic}")
        or headers.get("x-api-token") == crm.token
        or query.get("api_key") == crm.token
    )


@contextmanager
def stand_in(count: int = 25) -> Iterator[Crm]:
    """The server with ``count`` deals, on a free port of 127.0.0.1."""
    crm = Crm()
    crm.seed(count)

    class Handler(Answering):
        def serve(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            raw = self.taken().decode()
            crm.asked.append((f"{self.command} {parts.path}", query, raw))
            try:
                if parts.path == "/token":
                    self.send_json(200, issue(crm, dict(parse_qsl(raw))))
                    return
                if crm.turned_away > 0:
                    crm.turned_away -= 1
                    raise Wrong(429, "slow down", **{"Retry-After": "0"})
                if not signed(crm, self.headers, query):
                    raise Wrong(401, "token unknown or expired")
                body = json.loads(raw) if raw else None
                data, headers = answer(crm, self.command, parts.path, query, body)
                self.send_json(200, data, headers)
            except Wrong as wrong:
                self.send_json(wrong.status, {"error": wrong.message}, wrong.headers)

    with listening(Handler) as crm.url:
        yield crm
