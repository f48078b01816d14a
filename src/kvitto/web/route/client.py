"""The clients, one client's live page, and the list of its editions."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kvitto.app import edition as editions_of
from kvitto.app.gate import gates
from kvitto.app.house import Who
from kvitto.app.live import live, may_open_live
from kvitto.app.overview import clients
from kvitto.web.access import Person, TheSite
from kvitto.web.notice import Notice, keep_notice
from kvitto.web.site import Site
from kvitto.web.view.brand import brand_of, sheet_address, style_of
from kvitto.web.view.chart import (
    CARD,
    PHONE,
    find_chart,
    interactive,
    pictures,
    trend_charts,
)
from kvitto.web.view.gate import ShownGate, show_gates
from kvitto.web.words import spoken

router = APIRouter()


@router.get("/clients")
def overview(request: Request, site: TheSite, who: Person, q: str = "") -> Response:
    """All clients in scope: what is due, what is late, how fresh the data is."""
    rows = clients(site.house, who)
    wanted = q.strip().casefold()
    if wanted:
        rows = tuple(row for row in rows if wanted in f"{row.name} {row.manager}".casefold())
    late = sum(series.late for row in rows for series in row.series)
    return site.pages.show(request, "clients.html", rows=rows, q=q, late=late, zone=site.zone)


@router.get("/clients/{client}")
def live_page(request: Request, site: TheSite, who: Person, client: str) -> Response:
    """The agreed figures now, each with its receipt; the reports where they are not open."""
    if not may_open_live(site.house, who, client):
        who.scope.require(client)
        return RedirectResponse(f"/clients/{client}/editions", 303)
    now = live(site.house, who, client)
    charts = trend_charts(now.tiles)
    brand = brand_of(site.house, site.house.client(client).brand)
    return site.pages.show(
        request,
        "live.html",
        live=now,
        brand_sheet=sheet_address(client, brand),
        charts=charts,
        pictures=pictures(charts, now.language, brand, CARD),
        gates=_gates(site, who, client) if who.is_team else (),
    )


@router.get("/clients/{client}/brand.css")
def brand_sheet(site: TheSite, who: Person, client: str) -> Response:
    """The client's colours, for its own pages."""
    who.scope.require(client)
    brand = brand_of(site.house, site.house.client(client).brand)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(style_of(brand), media_type="text/css", headers=headers)


@router.get("/clients/{client}/charts/{metric}.json")
def trend_data(
    site: TheSite, who: Person, client: str, metric: str, narrow: bool = False
) -> Response:
    """One trend for the interactive renderer of the browser."""
    now = live(site.house, who, client)
    chart = find_chart(trend_charts(now.tiles), metric)
    brand = brand_of(site.house, site.house.client(client).brand)
    return JSONResponse(interactive(chart, now.language, brand, PHONE if narrow else CARD))


@router.get("/clients/{client}/editions")
def editions(request: Request, site: TheSite, who: Person, client: str) -> Response:
    """What was drafted and published for one client."""
    rows = editions_of.editions(site.house, who, client)
    definition = site.house.client(client)
    reports = _reports(site, client) if who.is_team else []
    return site.pages.show(
        request,
        "editions.html",
        client=client,
        name=definition.name,
        live=may_open_live(site.house, who, client),
        rows=rows,
        reports=reports,
        period="last_month",
        zone=site.zone,
    )


@router.post("/clients/{client}/editions")
def begin(
    request: Request,
    site: TheSite,
    who: Person,
    client: str,
    report: Annotated[str, Form(max_length=40)],
    period: Annotated[str, Form(max_length=40)],
) -> Response:
    """Draft an edition and go to it."""
    edition = editions_of.draft(site.house, who, client, report, period)
    answer = RedirectResponse(f"/editions/{edition.id}", 303)
    keep_notice(request, answer, Notice("drafted"))
    return answer


def _gates(site: Site, who: Who, client: str) -> tuple[ShownGate, ...]:
    """How the gate stands for each agreed report of the last period that is over."""
    titles = dict(_reports(site, client))
    found = gates(site.house, who, client)
    return show_gates(site.house, client, found, lambda report: titles[report], spoken())


def _reports(site: Site, client: str) -> list[tuple[str, str]]:
    """The agreed reports by id and name; a name's gaps for the period are left out."""
    named = []
    for series in site.house.client(client).reports:
        template = site.house.templates.get(series.template)
        named_so = template.title if template is not None else {}
        title = named_so.get(spoken(), named_so.get("en", ""))
        plain = re.sub(r"[\s:,]*\{\w+\}", "", title).strip()
        named.append(
            (series.template, f"{series.template} · {plain}" if plain else series.template)
        )
    return named
