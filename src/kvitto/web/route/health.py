"""How healthy a client's data is: the score, its parts, its course, each source."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from kvitto.app.data_health import data_health
from kvitto.web.access import TeamPerson, TheSite
from kvitto.web.view.health import show_health

router = APIRouter()


@router.get("/clients/{client}/health")
def health(request: Request, site: TheSite, who: TeamPerson, client: str) -> Response:
    """The health of one client's data on the day of the last audit."""
    (found,) = data_health(site.house, who, client)
    name = site.house.client(client).name
    return site.pages.show(
        request, "health.html", client=client, name=name, health=show_health(found)
    )
