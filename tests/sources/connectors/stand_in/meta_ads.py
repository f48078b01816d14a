"""Meta's Graph API over loopback: ad accounts, campaigns, insights, reports, throttling.

Written after the public documents of the interface.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.sources.http.serving import Answering, listening

Row = dict[str, Any]
VERSION = "v26.0"
TOKEN = "EAAB-token"
NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
_FIGURES = ("impressions", "reach", "clicks", "inline_link_clicks", "spend")


class Failure(Exception):
    """An answer that is an error."""

    def __init__(
        self, code: int, message: str, subcode: int = 0, status: int = 400, *, passing: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.subcode, self.status, self.passing = code, subcode, status, passing


@dataclass
class Business:
    """What the server knows, and how a test changes it."""

    accounts: dict[str, Row] = field(default_factory=dict)
    campaigns: list[Row] = field(default_factory=list)
    adsets: list[Row] = field(default_factory=list)
    days: list[Row] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    expires_at: int = 0
    refused: set[str] = field(default_factory=set)
    most_days: int = 10_000
    report_most_days: int = 10_000
    page_size: int = 1000
    endless: bool = False
    html: bool = False
    turned_away: int = 0
    passing: int = 0
    used: float = 1.0
    regain: int = 1
    polls: int = 1
    never_ready: bool = False
    reports: dict[str, Row] = field(default_factory=dict)
    asked: list[tuple[str, str, Row]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def put(self, account: str, campaign: str, day: date, **values: Any) -> Row:
        """The figures of a campaign on a day, new or changed."""
        with self.lock:
            found = next(
                (
                    row
                    for row in self.days
                    if (row["campaign_id"], row["date_start"]) == (campaign, str(day))
                ),
                None,
            )
            if found is None:
                found = {
                    "account_id": account,
                    "account_currency": self.accounts[account]["currency"],
                    "campaign_id": campaign,
                    "campaign_name": f"Kampanj {campaign}",
                    "adset_id": f"{campaign}1",
                    "adset_name": "Alla",
                    "ad_id": f"{campaign}11",
                    "ad_name": "Bild",
                    "date_start": str(day),
                    "date_stop": str(day),
                    "attribution_setting": "7d_click_1d_view",
                    **dict.fromkeys(_FIGURES, "0"),
                }
                self.days.append(found)
            found.update(values)
            return found


def action(kind: str, value: str, **windows: str) -> Row:
    """One entry of a list of actions."""
    return {"action_type": kind, "value": value, **windows}


def seed(business: Business) -> None:
    """Two accounts with a campaign or two, and forty days of figures."""
    for number, name, currency in (("101", "Nord", "SEK"), ("202", "Syd", "EUR")):
        business.accounts[number] = {
            "id": f"act_{number}",
            "account_id": number,
            "name": name,
            "currency": currency,
            "timezone_name": "Europe/Stockholm",
            "account_status": 1,
        }
    for identity, account in (("11", "101"), ("12", "101"), ("21", "202")):
        business.campaigns.append(
            {
                "id": identity,
                "account_id": account,
                "name": f"Kampanj {identity}",
                "objective": "OUTCOME_SALES",
                "effective_status": "ARCHIVED" if identity == "12" else "ACTIVE",
                "start_time": "2026-01-01T00:30:00+0100",
                "updated_time": "2026-10-01T00:00:00+0200",
                "lifetime_budget": "500000",
            }
        )
        business.adsets.append({**business.campaigns[-1], "id": f"{identity}1"})
        for back in range(40):
            business.put(
                account,
                identity,
                NOW.date() - timedelta(days=back),
                impressions="1000",
                clicks="50",
                inline_link_clicks="30",
                spend="12.34",
                actions=[
                    action("omni_purchase", "3"),
                    action("offsite_conversion.fb_pixel_purchase", "2", **_WINDOWS),
                    action("lead", "1"),
                ],
                action_values=[action("offsite_conversion.fb_pixel_purchase", "199.90")],
            )


_WINDOWS = {"7d_click": "1", "1d_view": "1", "28d_click": "3"}


@dataclass
class Server:
    """The running stand-in: its address, and what a connector needs to sign in."""

    url: str
    business: Business

    @property
    def settings(self) -> dict[str, object]:
        return {"address": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        return {"access_token": TOKEN}

    def change(self) -> None:
        """Yesterday's purchases are credited late, and the day before gets dearer."""
        late = [action("offsite_conversion.fb_pixel_purchase", "5")]
        self.business.put("101", "11", NOW.date() - timedelta(days=1), actions=late)
        self.business.put("101", "11", NOW.date() - timedelta(days=2), spend="20.00")

    def delete(self) -> None:
        """A campaign is gone from the list; a day of it is taken back."""
        self.business.campaigns = [c for c in self.business.campaigns if c["id"] != "12"]
        gone = str(NOW.date() - timedelta(days=3))
        self.business.days = [
            d for d in self.business.days if (d["campaign_id"], d["date_start"]) != ("12", gone)
        ]

    def expire(self) -> None:
        self.business.tokens.clear()

    def throttle(self, count: int) -> None:
        self.business.turned_away = count


@contextmanager
def stand_in() -> Iterator[Server]:
    """A running Graph API with the accounts of :func:`seed`."""
    business = Business()
    seed(business)
    with listening(type("H", (_Handler,), {"business": business})) as url:
        yield Server(url, business)


class _Handler(Answering):
    business: Business

    def serve(self) -> None:
        method = self.command
        body = self.taken().decode()
        parts = urlsplit(self.path)
        said = {k: v[0] for k, v in parse_qs(parts.query if method == "GET" else body).items()}
        for k, v in parse_qs(parts.query).items():
            said.setdefault(k, v[0])
        path = parts.path.removeprefix(f"/{VERSION}/").strip("/")
        with self.business.lock:
            self.business.asked.append((method, path, said))
            try:
                self._answer(method, path, said)
            except Failure as failure:
                error = {
                    "message": str(failure),
                    "type": "OAuthException",
                    "code": failure.code,
                    "error_subcode": failure.subcode,
                    "is_transient": failure.passing,
                }
                self._send(failure.status, {"error": error})

    def _answer(self, method: str, path: str, said: Row) -> None:
        business = self.business
        if business.html:
            return self.send(
                200, b"<html><body>Sorry, something went wrong.</body></html>", "text/html"
            )
        if not self.path.startswith(f"/{VERSION}/"):
            raise Failure(2635, "You are calling a deprecated version of the Ads API.")
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if said.get("access_token", bearer) not in business.tokens | {"app|secret"}:
            raise Failure(190, "Error validating access token: Session has expired", 463, 401)
        if business.turned_away > 0:
            business.turned_away -= 1
            raise Failure(17, "User request limit reached", 2446079)
        if business.passing > 0:
            business.passing -= 1
            raise Failure(2, "Service temporarily unavailable", passing=True)
        return self._object(method, path, said)

    def _object(self, method: str, path: str, said: Row) -> None:
        business = self.business
        if path == "debug_token":
            data = {"is_valid": True, "expires_at": business.expires_at, "scopes": ["ads_read"]}
            return self._send(200, {"data": data})
        if path == "me/adaccounts":
            return self._list([*business.accounts.values()], said)
        if path in business.reports:
            return self._report(path)
        if found := re.fullmatch(r"(\d+)/insights", path):
            return self._list(business.reports[found[1]]["rows"], said)
        found = re.fullmatch(r"act_(\d+)(?:/(\w+))?", path)
        if found is None or found[1] not in business.accounts:
            raise Failure(100, "Unsupported get request. Object does not exist", 33)
        number, edge = found[1], found[2]
        if number in business.refused:
            raise Failure(200, "(#200) Ad account owner has NOT grant ads_read permission", 0, 403)
        if edge is None:
            return self._send(200, _picked(business.accounts[number], said))
        if edge in ("campaigns", "adsets"):
            held = business.campaigns if edge == "campaigns" else business.adsets
            wanted = json.loads(said.get("effective_status", '["ACTIVE", "PAUSED"]'))
            rows = [r for r in held if r["account_id"] == number]
            return self._list([r for r in rows if r["effective_status"] in wanted], said)
        return self._insights(method, number, said)

    def _insights(self, method: str, number: str, said: Row) -> None:
        business = self.business
        span = json.loads(said["time_range"])
        first, last = date.fromisoformat(span["since"]), date.fromisoformat(span["until"])
        if said.get("time_increment") != "1":
            raise Failure(100, "the stand-in knows days only")
        count = (last - first).days + 1
        if method == "GET" and count > business.most_days:
            raise Failure(100, "Please reduce the amount of data you're asking for", 1487534)
        rows = [
            _figures(row, said)
            for row in business.days
            if row["account_id"] == number
            and first <= date.fromisoformat(row["date_start"]) <= last
        ]
        if method == "GET":
            return self._list(rows, said)
        run = str(600 + len(business.reports))
        failed = count > business.report_most_days
        business.reports[run] = {"rows": rows, "polls": business.polls, "failed": failed}
        return self._send(200, {"report_run_id": run})

    def _report(self, run: str) -> None:
        report = self.business.reports[run]
        report["polls"] -= 1
        ready = report["polls"] < 0 and not self.business.never_ready
        status = ("Job Failed" if report["failed"] else "Job Completed") if ready else "Job Running"
        percent = 100 if ready else 40
        self._send(200, {"id": run, "async_status": status, "async_percent_completion": percent})

    def _list(self, rows: list[Row], said: Row) -> None:
        start = int(base64.b64decode(said["after"])) if "after" in said else 0
        size = min(self.business.page_size, int(said.get("limit", 25)))
        part = rows[start : start + size]
        answer: Row = {"data": [_picked(row, said) for row in part]}
        if part:
            following = 0 if self.business.endless else start + size
            after = base64.b64encode(str(following).encode()).decode()
            answer["paging"] = {"cursors": {"before": "MAZDZD", "after": after}}
            if start + size < len(rows) or self.business.endless:
                host, path = self.headers["Host"], urlsplit(self.path).path
                link = f"http://{host}{path}?access_token={TOKEN}&after={after}&limit={size}"
                for name in ("fields", "level", "time_range", "time_increment"):
                    if name in said:
                        link += f"&{name}={said[name]}"
                answer["paging"]["next"] = link.replace(" ", "")
        self._send(200, answer)

    def _send(self, status: int, data: object) -> None:
        usage = {"acc_id_util_pct": self.business.used, "reset_time_duration": self.business.regain}
        self.send_json(status, data, {"X-Ad-Account-Usage": json.dumps(usage)})


def _picked(row: Row, said: Row) -> Row:
    """The fields that are asked for; what is empty is not written at all."""
    names = said.get("fields", "").split(",") if said.get("fields") else list(row)
    kept = {name: row[name] for name in names if row.get(name) is not None}
    if "id" in row:
        kept["id"] = row["id"]
    for name in ("date_start", "date_stop"):
        if name in row:
            kept[name] = row[name]
    return kept


def _figures(row: Row, said: Row) -> Row:
    """The figures with their actions in the windows that are asked for."""
    windows = json.loads(said.get("action_attribution_windows", "[]"))
    made = dict(row)
    for name in ("actions", "action_values"):
        if name in row:
            made[name] = [
                {k: v for k, v in one.items() if k in ("action_type", "value", *windows)}
                for one in row[name]
            ]
    return _picked(made, said)
