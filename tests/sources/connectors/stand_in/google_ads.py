"""Google Ads over loopback: accounts below managers, campaigns, days; REST and gRPC.

Rows are made of Google's own message types: a field that these do not know is
an unrecognised field of the query language, and values are written as they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from google.ads.googleads.v26.services.types import google_ads_service as wire
from google.protobuf import json_format

from tests.sources.connectors.stand_in.google import GoogleServer, Refusal, serving

SCOPE = "https://www.googleapis.com/auth/adwords"
MANAGER, SHOP, CAFE = "1000000001", "2000000001", "2000000002"
Facts = dict[str, Any]
_QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<resource>\w+)"
    r"(?: WHERE segments\.date BETWEEN '(?P<first>[\d-]+)' AND '(?P<last>[\d-]+)')?"
    r"(?: ORDER BY (?P<order>.+))?"
)


def failure(http: int, status: str, kind: str, code: str, message: str, **more: Any) -> Refusal:
    """A refusal in the form of Google Ads."""
    return Refusal(
        http,
        status,
        "Request contains an invalid argument." if http == 400 else "The caller may not.",
        {
            "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
            "errors": [{"errorCode": {kind: code}, "message": message, **more}],
            "requestId": "r1",
        },
    )


@dataclass
class Ads(GoogleServer):
    """The service: accounts with their manager, campaigns and the facts of days."""

    scope: str = SCOPE
    accounts: dict[str, Facts] = field(default_factory=dict)
    campaigns: list[Facts] = field(default_factory=list)
    days: list[Facts] = field(default_factory=list)
    page_size: int = 10_000
    refusals: dict[str, Refusal] = field(default_factory=dict)
    endless: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a source that reads it."""
        return {"endpoint": self.url, "customers": [MANAGER]}

    @property
    def secrets(self) -> dict[str, str]:
        """A service account and the developer token."""
        return {**super().secrets, "developer_token": "dev-token"}

    def account(self, number: str, name: str, above: str | None = MANAGER, **more: Any) -> None:
        """Open an account below a manager."""
        self.accounts[number] = {
            "id": number,
            "descriptive_name": name,
            "currency_code": "SEK",
            "time_zone": "Europe/Stockholm",
            "manager": False,
            "status": "ENABLED",
            "above": above,
            **more,
        }

    def campaign(self, number: str, account: str, name: str, **more: Any) -> None:
        """Make a campaign."""
        self.campaigns.append(
            {
                "customer": account,
                "campaign.id": number,
                "campaign.name": name,
                "campaign.status": "ENABLED",
                "campaign.advertising_channel_type": "SEARCH",
                "campaign.start_date_time": "2026-01-01 00:00:00",
                **more,
            }
        )

    def day(self, date: str, campaign: str, **metrics: Any) -> Facts:
        """The figures of a campaign's day."""
        held = next(one for one in self.campaigns if one["campaign.id"] == campaign)
        facts = {
            **held,
            "segments.date": date,
            "metrics.impressions": 100,
            "metrics.clicks": 7,
            "metrics.cost_micros": 12_345_678,
            "metrics.conversions": 0.0,
            "metrics.conversions_value": 0.0,
            **{f"metrics.{name}": value for name, value in metrics.items()},
        }
        self.days.append(facts)
        return facts

    def change(self) -> None:
        """A conversion of three weeks ago is counted late, on the day of its click."""
        late = next(one for one in self.days if one["segments.date"] == "2026-10-21")
        late.update({"metrics.conversions": 0.6666666666666666, "metrics.conversions_value": 450})

    def delete(self) -> None:
        """The clicks of a day turn out to be invalid: the day has no row any more."""
        self.days = [one for one in self.days if one["segments.date"] != "2026-10-22"]

    def reply(
        self, method: str, path: str, query: Mapping[str, list[str]], body: dict[str, Any]
    ) -> Any:
        if self.headers[-1].get("developer-token") != "dev-token":
            raise failure(
                401, "UNAUTHENTICATED", "authenticationError", "DEVELOPER_TOKEN_INVALID", "Invalid."
            )
        if path == "/v26/customers:listAccessibleCustomers":
            top = [one for one, held in self.accounts.items() if held["above"] is None]
            return {"resourceNames": [f"customers/{one}" for one in top]}
        matched = re.fullmatch(r"/v26/customers/(\d{10})/googleAds:search", path)
        if matched is None:
            raise Refusal(404, "NOT_FOUND", "Not found.")
        request = wire.SearchGoogleAdsRequest.pb(wire.SearchGoogleAdsRequest())
        try:
            json_format.ParseDict(body, request)
        except json_format.ParseError as error:
            raise Refusal(400, "INVALID_ARGUMENT", f"Invalid JSON payload: {error}") from error
        self._allowed(matched.group(1), self.headers[-1].get("login-customer-id", ""))
        rows = self.search(matched.group(1), request.query)
        first = int(request.page_token or 0)
        page = wire.SearchGoogleAdsResponse(results=rows[first : first + self.page_size])
        if self.endless or first + self.page_size < len(rows):
            page.next_page_token = "7" if self.endless else str(first + self.page_size)
        return json_format.MessageToDict(wire.SearchGoogleAdsResponse.pb(page))

    def search(self, customer: str, query: str) -> list[wire.GoogleAdsRow]:
        """The rows that a query gives."""
        asked = _QUERY.fullmatch(query)
        if asked is None:
            raise failure(400, "INVALID_ARGUMENT", "queryError", "BAD_VALUE", f"Query: {query}")
        fields = [name.strip() for name in asked["fields"].split(",")]
        found = self._facts(customer, asked["resource"], by_day="segments.date" in fields)
        if asked["first"]:
            found = [
                one for one in found if asked["first"] <= one["segments.date"] <= asked["last"]
            ]
        for name in reversed((asked["order"] or "").split(", ")):
            found = sorted(found, key=partial(_text_of, name))
        return [_row(one, fields, customer) for one in found]

    def _facts(self, customer: str, resource: str, *, by_day: bool) -> list[Facts]:
        if resource == "customer_client":
            return [
                {f"customer_client.{name}": value for name, value in held.items()}
                for held in self._below(customer)
            ]
        mine = {f"customer.{name}": value for name, value in self.accounts[customer].items()}
        held = self.days if by_day else self.campaigns
        if resource == "ad_group":
            held = [{**one, "ad_group.id": f"9{one['campaign.id']}"} for one in self.campaigns]
        return [{**one, **mine} for one in held if one["customer"] == customer]

    def _below(self, customer: str, level: int = 0) -> Iterator[Facts]:
        yield {**self.accounts[customer], "level": level}
        for number, held in self.accounts.items():
            if held["above"] == customer:
                yield from self._below(number, level + 1)

    def _allowed(self, customer: str, login: str) -> None:
        if customer in self.refusals:
            raise self.refusals[customer]
        if customer not in {one["id"] for one in self._below(login)}:
            raise failure(
                403,
                "PERMISSION_DENIED",
                "authorizationError",
                "USER_PERMISSION_DENIED",
                "User doesn't have permission to access customer.",
            )


def _text_of(name: str, facts: Facts) -> str:
    return str(facts.get(name, ""))


def _row(facts: Facts, fields: list[str], customer: str) -> wire.GoogleAdsRow:
    """The row as a message; only what was selected is in it, and the objects' addresses."""
    nested: dict[str, Any] = {}
    for name in fields:
        resource, _, rest = name.partition(".")
        inside = nested.setdefault(resource, {})
        if facts.get(name) is not None:
            inside[rest] = facts[name]
    if "campaign" in nested:
        nested["campaign"]["resource_name"] = f"customers/{customer}/campaigns/1"
    message = wire.GoogleAdsRow.pb(wire.GoogleAdsRow())
    for name in fields:
        _check_field(message.DESCRIPTOR, name)
    try:
        json_format.ParseDict(nested, message)
    except json_format.ParseError as error:
        raise failure(
            400, "INVALID_ARGUMENT", "queryError", "UNRECOGNIZED_FIELD", str(error)
        ) from error
    made: wire.GoogleAdsRow = wire.GoogleAdsRow.wrap(message)
    return made


def _check_field(descriptor: Any, name: str) -> None:
    for part in name.split("."):
        known = None if descriptor is None else descriptor.fields_by_name.get(part)
        if known is None:
            raise failure(
                400,
                "INVALID_ARGUMENT",
                "queryError",
                "UNRECOGNIZED_FIELD",
                f"Unrecognized field in the query: '{name}'.",
            )
        descriptor = known.message_type


@contextmanager
def stand_in() -> Iterator[Ads]:
    """A manager with two accounts, and two weeks of one campaign each."""
    server = Ads()
    server.account(MANAGER, "Agency", None, manager=True)
    server.account(SHOP, "Shop")
    server.account(CAFE, "Café", currency_code="EUR", time_zone="Europe/Helsinki")
    server.campaign("11", SHOP, "Brand")
    server.campaign("22", CAFE, "Lunch", **{"campaign.status": "PAUSED"})
    for number in range(20, 32):
        server.day(f"2026-10-{number}", "11")
        server.day(f"2026-10-{number}", "22", clicks=1, conversions=1.5, conversions_value=30)
    with serving(server):
        yield server


@contextmanager
def over_grpc(server: Ads) -> Iterator[str]:
    """The same rows over gRPC, which Google's own client speaks; gives the address."""
    import grpc

    def streamed(request: Any, _context: Any) -> Iterator[Any]:
        rows = server.search(request.customer_id, request.query)
        for place in range(0, len(rows), 5):
            yield wire.SearchGoogleAdsStreamResponse(results=rows[place : place + 5])

    handler = grpc.method_handlers_generic_handler(
        "google.ads.googleads.v26.services.GoogleAdsService",
        {
            "SearchStream": grpc.unary_stream_rpc_method_handler(
                streamed,
                request_deserializer=wire.SearchGoogleAdsStreamRequest.deserialize,
                response_serializer=wire.SearchGoogleAdsStreamResponse.serialize,
            )
        },
    )
    listening = grpc.server(ThreadPoolExecutor(2))
    listening.add_generic_rpc_handlers((handler,))
    port = listening.add_insecure_port("127.0.0.1:0")
    listening.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        listening.stop(None).wait(5)
