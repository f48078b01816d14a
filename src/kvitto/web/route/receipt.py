"""A receipt: what a figure is made of, and whether it still holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kvitto.app.receipt import open_receipt
from kvitto.web.access import Person, TheSite
from kvitto.web.site import Site
from kvitto.web.view.receipt import show_receipt

router = APIRouter()

ROWS = 50
"""Line items on one page."""


@router.get("/receipts/{code}")
def read(
    request: Request,
    site: TheSite,
    who: Person,
    code: str,
    page: Annotated[int, Query(ge=1, le=10_000_000)] = 1,
) -> Response:
    """The receipt with one page of its line items."""
    return _show(request, site, who, code, page)


@router.post("/receipts/{code}/rerun")
def rerun(request: Request, site: TheSite, who: Person, code: str) -> Response:
    """The receipt, and the same question asked of today's data."""
    return _show(request, site, who, code, 1, again=True)


def _show(
    request: Request, site: Site, who: Person, code: str, page: int, *, again: bool = False
) -> Response:
    opened = open_receipt(site.house, who, code, lines=True, rerun=again)
    client = site.house.client(opened.receipt.client)
    shown = show_receipt(opened, client.language, page, ROWS)
    return site.pages.show(
        request,
        "receipt.html",
        opened=opened,
        receipt=opened.receipt,
        shown=shown,
        client_name=client.name,
        zone=site.zone,
    )
