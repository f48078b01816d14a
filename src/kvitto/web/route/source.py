"""The sources, and what was understood of each."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kvitto.app.map import describe
from kvitto.app.source import sources
from kvitto.web.access import Person, TheSite

router = APIRouter()


@router.get("/sources")
def overview(request: Request, site: TheSite, who: Person) -> Response:
    """All sources in scope and how fresh they are, those that need somebody first."""
    rows = sorted(sources(site.house, who), key=lambda row: (not row.trouble, not row.todo))
    names = {client: defined.name for client, defined in site.house.workspace.clients.items()}
    troubled = sum(1 for row in rows if row.trouble)
    return site.pages.show(
        request, "sources.html", rows=rows, names=names, troubled=troubled, zone=site.zone
    )


@router.get("/sources/{source}")
def understood(request: Request, site: TheSite, who: Person, source: str) -> Response:
    """Each file and column of one source: what it was taken for, and why."""
    described = describe(site.house, who, source)
    return site.pages.show(request, "source.html", described=described)
