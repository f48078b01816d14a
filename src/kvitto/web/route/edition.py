"""Reading an edition, its charts, and the files it is rendered to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kvitto.app import deliver as deliveries_of
from kvitto.app import edition as editions_of
from kvitto.app.gate import gate_of
from kvitto.app.house import House, Who
from kvitto.app.render import FORMS, render_bytes
from kvitto.errors import UnknownName, did_you_mean
from kvitto.model.edition import Edition, State
from kvitto.web.access import Person, TheSite
from kvitto.web.header import SAVED_POLICY
from kvitto.web.view.brand import brand_of, sheet_address
from kvitto.web.view.chart import PHONE, REPORT, charts_of, find_chart, interactive, pictures
from kvitto.web.view.desk import Desk, lay_out
from kvitto.web.view.gate import ShownGate, show_gate
from kvitto.web.words import spoken

router = APIRouter()

_KINDS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


async def edition_id(client: str, report: str, period: str, number: int) -> str:
    """The id of the edition that the address names."""
    return f"{client}/{report}/{period}/{number}"


EditionId = Annotated[str, Depends(edition_id)]
ADDRESS = "/editions/{client}/{report}/{period}/{number}"


@router.get(ADDRESS)
def read(request: Request, site: TheSite, who: Person, wanted: EditionId) -> Response:
    """The edition as its reader sees it; for the team with the desk beside it."""
    house = site.house
    row = editions_of.row(house, who, wanted)
    edition = editions_of.get(house, who, wanted)
    desk = lay_desk(house, who, edition, row.state, row.content_hash) if who.is_team else None
    is_open = desk is not None and row.state != State.sealed
    gate = shown_gate(house, who, edition) if is_open else None
    delivered = desk is not None and desk.delivered
    brand = brand_of(house, edition.brand)
    return site.pages.show(
        request,
        "edition.html",
        edition=edition,
        brand_sheet=sheet_address(edition.client, brand),
        stage="delivered" if delivered else row.state,
        seal=editions_of.seal_of(house, who, wanted),
        pictures=pictures(charts_of(edition), edition.language, brand, REPORT),
        files=FORMS,
        desk=desk,
        gate=gate,
        zone=site.zone,
    )


@router.get(ADDRESS + "/charts/{block}.json")
def chart_data(
    site: TheSite, who: Person, wanted: EditionId, block: str, narrow: bool = False
) -> Response:
    """A chart of the edition for the interactive renderer of the browser."""
    edition = editions_of.get(site.house, who, wanted)
    chart = find_chart(charts_of(edition), block)
    brand = brand_of(site.house, edition.brand)
    return JSONResponse(interactive(chart, edition.language, brand, PHONE if narrow else REPORT))


@router.get(ADDRESS + "/files/{form}")
def file(site: TheSite, who: Person, wanted: EditionId, form: str) -> Response:
    """The edition in one form, to be saved."""
    if form not in FORMS:
        raise UnknownName.of(f"the form '{form}'", "there is none", did_you_mean(form, FORMS))
    content = render_bytes(site.house, who, wanted, form)
    name = f"{wanted.replace('/', '-')}.{form}"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "content-security-policy": SAVED_POLICY,
    }
    return Response(
        content, media_type=_KINDS.get(form, "application/octet-stream"), headers=headers
    )


def shown_gate(house: House, who: Who, edition: Edition) -> ShownGate:
    """How the gate stands for the edition's report, on the data that it is made of."""
    found = gate_of(house, who, edition)
    return show_gate(house, edition.client, found, edition.title, spoken())


def lay_desk(house: House, who: Who, edition: Edition, state: str, seen: str) -> Desk:
    """What the team may do with the edition next."""
    sealed = state == State.sealed
    problems = () if sealed else editions_of.lint(house, who, edition.id)
    deliveries = deliveries_of.deliveries(house, who, edition.id) if sealed else ()
    return lay_out(edition, state, seen, problems, deliveries, house.client(edition.client))
