"""A Google Analytics property over loopback: visits in, reports out.

Requests and answers go through Google's own message types, so a wrong name of
theirs is an error here as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from google.analytics.data_v1beta import types
from google.protobuf import json_format

from tests.sources.connectors.stand_in.google import GoogleServer, Refusal, serving

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
DIMENSIONS = {
    "date": "date",
    "yearMonth": "month",
    "sessionDefaultChannelGroup": "channel",
    "sessionSource": "source",
    "sessionMedium": "medium",
    "sessionCampaignName": "campaign",
    "landingPage": "page",
    "deviceCategory": "device",
    "eventName": "event",
}
Row = dict[str, Any]
METRICS: dict[str, Callable[[list[Row]], float]] = {
    "sessions": lambda rows: len({row["visit"] for row in rows}),
    "engagedSessions": lambda rows: len({row["visit"] for row in rows if row["engaged"]}),
    "userEngagementDuration": lambda rows: sum(row["seconds"] for row in _once(rows)),
    "screenPageViews": lambda rows: sum(row["views"] for row in _once(rows)),
    "totalUsers": lambda rows: len({row["user"] for row in rows}),
    "activeUsers": lambda rows: len({row["user"] for row in rows if row["engaged"]}),
    "newUsers": lambda rows: len({row["user"] for row in rows if row["new"]}),
    "keyEvents": lambda rows: sum(row["events"] for row in rows),
    "eventValue": lambda rows: sum(row["value"] for row in rows),
}


def _once(rows: list[Row]) -> list[Row]:
    return list({row["visit"]: row for row in rows}.values())


@dataclass
class Property:
    """One property: its visits, and what Google says about its figures."""

    visits: list[Row] = field(default_factory=list)
    timezone: str = "Europe/Helsinki"
    currency: str = "EUR"
    sampled_from: int | None = None
    other_row: bool = False
    thresholded: bool = False
    tokens_left: int = 200_000
    hour_left: int = 40_000
    cost: int = 10
    shared: bool = True
    restricted: str | None = None


@dataclass
class Analytics(GoogleServer):
    """The Data API. ``sampled_from`` is the count of days from which a report is sampled."""

    scope: str = SCOPE
    properties: dict[str, Property] = field(default_factory=dict)
    endless: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a source that reads it."""
        return {"endpoint": self.url, "properties": list(self.properties)}

    def visit(self, day: str, site: str = "1001", **values: Any) -> Row:
        """Somebody visits on that day (``2026-11-05``)."""
        visits = self.properties.setdefault(site, Property()).visits
        row = {
            "visit": len(visits),
            "date": day.replace("-", ""),
            "month": day[:7].replace("-", ""),
            "channel": "Organic Search",
            "source": "google",
            "medium": "organic",
            "campaign": "(not set)",
            "page": "/",
            "device": "mobile",
            "user": f"u{len(visits)}",
            "engaged": True,
            "seconds": 30,
            "views": 2,
            "new": True,
            "buys": {},
            **values,
        }
        visits.append(row)
        return row

    def change(self) -> None:
        """A late visit of two days ago comes in."""
        self.visit("2026-11-03", channel="Direct", source="(direct)", medium="(none)")

    def delete(self) -> None:
        """The first visit turns out to be a machine's."""
        self.properties["1001"].visits.pop(0)

    def reply(
        self, method: str, path: str, query: Mapping[str, list[str]], body: dict[str, Any]
    ) -> Any:
        if method != "POST" or not path.startswith("/v1beta/properties/"):
            raise Refusal(404, "NOT_FOUND", "Not found.")
        name = path.removeprefix("/v1beta/properties/").removesuffix(":runReport")
        found = self.properties.get(name)
        if found is None or not found.shared:
            raise Refusal(
                403,
                "PERMISSION_DENIED",
                "User does not have sufficient permissions for this property. To learn more about"
                " Property ID, see https://developers.google.com/analytics.",
            )
        request = types.RunReportRequest.pb(types.RunReportRequest())
        try:
            json_format.ParseDict(body, request)
        except json_format.ParseError as error:
            raise Refusal(400, "INVALID_ARGUMENT", f"Invalid JSON payload: {error}") from error
        answer = self._report(found, request)
        return json_format.MessageToDict(types.RunReportResponse.pb(answer))

    def _report(self, site: Property, request: Any) -> types.RunReportResponse:
        dimensions = [one.name for one in request.dimensions]
        metrics = [one.name for one in request.metrics]
        for known, names, what in (
            (DIMENSIONS, dimensions, "dimension"),
            (METRICS, metrics, "metric"),
        ):
            for name in names:
                if name not in known:
                    raise Refusal(400, "INVALID_ARGUMENT", f"Field {name} is not a valid {what}.")
        if site.tokens_left <= 0:
            raise Refusal(429, "RESOURCE_EXHAUSTED", "Exhausted property tokens per day.")
        site.tokens_left -= site.cost
        site.hour_left -= site.cost
        rows = _rows(site, request, dimensions, metrics)
        limit, offset = int(request.limit) or 10_000, int(request.offset)
        page = rows[:limit] if self.endless else rows[offset : offset + limit]
        return types.RunReportResponse(
            dimension_headers=[{"name": name} for name in dimensions],
            metric_headers=[{"name": name, "type_": "TYPE_INTEGER"} for name in metrics],
            rows=[
                {
                    "dimension_values": [{"value": value} for value in key],
                    "metric_values": [{"value": format(value, "g")} for value in values],
                }
                for key, values in page
            ],
            row_count=len(rows),
            metadata=_metadata(site, request),
            property_quota=_quota(site) if request.return_property_quota else None,
            kind="analyticsData#runReport",
        )


def _rows(
    site: Property, request: Any, dimensions: list[str], metrics: list[str]
) -> list[tuple[tuple[str, ...], list[float]]]:
    (span,) = request.date_ranges
    first, last = span.start_date.replace("-", ""), span.end_date.replace("-", "")
    by_event = "eventName" in dimensions
    groups: dict[tuple[str, ...], list[Row]] = {}
    for visit in site.visits:
        if not first <= visit["date"] <= last:
            continue
        for row in _by_event(visit, by_event):
            key = tuple(str(row[DIMENSIONS[name]]) for name in dimensions)
            groups.setdefault(key, []).append(row)
    found = [(key, [METRICS[name](rows) for name in metrics]) for key, rows in groups.items()]
    above = request.metric_filter.filter.field_name
    if above:
        place = metrics.index(above)
        floor = request.metric_filter.filter.numeric_filter.value.double_value
        found = [row for row in found if row[1][place] > floor]
    places = [dimensions.index(one.dimension.dimension_name) for one in request.order_bys]
    return sorted(found, key=lambda row: [row[0][place] for place in places])


def _by_event(visit: Row, by_event: bool) -> list[Row]:
    buys = visit["buys"]
    if not by_event:
        total = [sum(pair[place] for pair in buys.values()) for place in (0, 1)]
        return [{**visit, "events": total[0], "value": total[1]}]
    shown = [{**visit, "event": "session_start", "events": 0, "value": 0}]
    return shown + [
        {**visit, "event": name, "events": count, "value": value}
        for name, (count, value) in buys.items()
    ]


def _metadata(site: Property, request: Any) -> types.ResponseMetaData:
    (span,) = request.date_ranges
    days = int(span.end_date.replace("-", "")) - int(span.start_date.replace("-", "")) + 1
    sampled = site.sampled_from is not None and days >= site.sampled_from
    return types.ResponseMetaData(
        currency_code=site.currency,
        time_zone=site.timezone,
        data_loss_from_other_row=site.other_row,
        subject_to_thresholding=site.thresholded,
        schema_restriction_response={
            "active_metric_restrictions": [{"metric_name": site.restricted}]
        }
        if site.restricted
        else None,
        sampling_metadatas=[{"samples_read_count": 500, "sampling_space_size": 900}]
        if sampled
        else [],
    )


def _quota(site: Property) -> types.PropertyQuota:
    return types.PropertyQuota(
        tokens_per_day={"consumed": site.cost, "remaining": max(site.tokens_left, 0)},
        tokens_per_hour={"consumed": site.cost, "remaining": max(site.hour_left, 0)},
        concurrent_requests={"consumed": 0, "remaining": 10},
    )


@contextmanager
def stand_in() -> Iterator[Analytics]:
    """The service with one property of two weeks of visits."""
    server = Analytics()
    for day in range(20, 32):
        for number in range(3):
            server.visit(
                f"2026-10-{day}",
                user=f"u{number}",
                channel=("Organic Search", "Direct", "Paid Search")[number],
                source=("google", "(direct)", "google")[number],
                medium=("organic", "(none)", "cpc")[number],
                engaged=number != 1,
                new=day == 20,
                buys={"generate_lead": (1, 12.5)} if number == 0 and day % 5 == 0 else {},
            )
    for day in range(1, 6):
        server.visit(f"2026-11-{day:02d}", user=f"u{day % 3}")
    with serving(server):
        yield server
