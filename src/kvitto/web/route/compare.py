"""Two sources of one client compared: from the one's figure to the other's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kvitto.app.comparable import comparable
from kvitto.app.house import House, Who
from kvitto.app.reconcile import compare_days, reconcile
from kvitto.errors import BadPeriod, KvittoError, UnknownName, WrongUse
from kvitto.web.access import TeamPerson, TheSite
from kvitto.web.failure import status_of
from kvitto.web.view.bridge import Asked, Choice, ShownBridge, show_bridge, show_choices
from kvitto.web.words import spoken

router = APIRouter()

Name = Annotated[str, Query(max_length=120)]


@router.get("/clients/{client}/compare")
def compare(
    request: Request,
    site: TheSite,
    who: TeamPerson,
    client: str,
    pair: Annotated[str, Query(max_length=400)] = "",
    period: Annotated[str, Query(max_length=40)] = "last_month",
    step: Annotated[str, Query(max_length=40)] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Both figures, the steps between them, and the records of the step that was opened."""
    house = site.house
    choices = show_choices(house, client, comparable(house, who, client), spoken())
    wanted = _wanted(pair, choices)
    shown: ShownBridge | None = None
    error: KvittoError | None = None
    if wanted is not None:
        try:
            shown = _build(house, who, client, wanted, period, step, page)
        except (UnknownName, WrongUse, BadPeriod) as refused:
            error = refused
    return site.pages.show(
        request,
        "compare.html",
        status_of(error) if error is not None else 200,
        client=client,
        name=house.client(client).name,
        choices=choices,
        pair=wanted.key if wanted is not None else "",
        period=period,
        shown=shown,
        problems=error.problems if error is not None else (),
    )


def _build(
    house: House, who: Who, client: str, wanted: Asked, period: str, step: str, page: int
) -> ShownBridge:
    asked = (wanted.metric, wanted.one, wanted.other, period)
    bridge = reconcile(house, who, client, *asked)
    days = compare_days(house, who, client, *asked) if bridge.steps else None
    return show_bridge(bridge, days, house.client(client).language, step, page)


def _wanted(pair: str, choices: tuple[Choice, ...]) -> Asked | None:
    """What the address asks for; without it the first pair that there is."""
    parts = pair.split("|")
    if len(parts) == 3 and all(parts):
        return Asked(*parts)
    return choices[0].asked if choices else None
