"""Records that may be one: the queue of a client, deciding, and taking it back."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kvitto.app.decided import Decided, decided, decided_pair
from kvitto.app.house import House, Who
from kvitto.app.review import candidates, keep_apart, merge, take_back
from kvitto.errors import KvittoError, NotInScope
from kvitto.web.access import TeamPerson, TheSite
from kvitto.web.failure import status_of
from kvitto.web.moment import show_day
from kvitto.web.notice import Notice, keep_notice
from kvitto.web.site import Site
from kvitto.web.view.review import Queue, lay_queue

router = APIRouter()

MOST = 1_000
"""Pairs that are read of the queue."""

BY_RULE = 50
"""Pairs that are shown of those that a rule has merged."""

Choice = Literal["left", "right", "apart"]
Id = Annotated[str, Form(max_length=500)]
Table = Annotated[str, Form(max_length=60)]
Place = Annotated[int, Query(ge=1, le=1_000_000)]


@router.get("/clients/{client}/review")
def queue(
    request: Request,
    site: TheSite,
    who: TeamPerson,
    client: str,
    table: Annotated[str, Query(max_length=60)] = "",
    at: Place = 1,
) -> Response:
    """The pair in hand, what comes next, and what was decided."""
    return _show(request, site, site.house, who, client, table, at)


@router.post("/clients/{client}/review")
def decide(
    request: Request,
    site: TheSite,
    who: TeamPerson,
    client: str,
    table: Table,
    one: Id,
    other: Id,
    decision: Annotated[Choice, Form()],
    why: Annotated[str, Form(max_length=500)] = "",
    shown: Annotated[str, Form(max_length=60)] = "",
    at: Annotated[int, Form(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Write the decision down, unless somebody has decided about the pair before."""
    who.scope.require(client)
    with site.deciding:
        house = site.keeper.renewed()
        earlier = decided_pair(house, who, client, table, (one, other))
        if earlier is None:
            try:
                _carry_out(house, who, client, table, (one, other), decision, why.strip())
            except NotInScope:
                raise
            except KvittoError as error:
                return _show(request, site, house, who, client, shown, at, error)
            site.keeper.renewed()
    if earlier is not None:
        notice = _already(earlier, who)
    else:
        notice = Notice("apart" if decision == "apart" else "merged")
    return _back(request, client, notice, shown, at)


@router.post("/clients/{client}/review/undo")
def undo(
    request: Request,
    site: TheSite,
    who: TeamPerson,
    client: str,
    table: Table,
    record: Id,
) -> Response:
    """Take back what was decided about a record."""
    who.scope.require(client)
    with site.deciding:
        count = take_back(site.keeper.renewed(), who, client, table, record)
        site.keeper.renewed()
    notice = Notice("taken_back", {"n": count}) if count else Notice("not_decided", {}, "caution")
    return _back(request, client, notice, "", 1, "#decided")


def _carry_out(
    house: House,
    who: Who,
    client: str,
    table: str,
    pair: tuple[str, str],
    decision: Choice,
    why: str,
) -> None:
    if decision == "apart":
        keep_apart(house, who, client, table, pair, why)
        return
    keep, gone = pair if decision == "left" else (pair[1], pair[0])
    merge(house, who, client, table, keep, [gone], why)


def _already(earlier: Decided, who: Who) -> Notice:
    own = "_by_you" if earlier.by == who.name else ""
    values: dict[str, str | int] = {"by": earlier.by[:80], "on": show_day(earlier.on)}
    return Notice(f"already_{earlier.kind}{own}", values, "caution")


def _back(
    request: Request, client: str, notice: Notice, table: str, at: int, place: str = ""
) -> Response:
    asked = {key: value for key, value in (("table", table), ("at", at)) if value not in ("", 1)}
    query = f"?{urlencode(asked)}" if asked else ""
    answer = RedirectResponse(f"/clients/{client}/review{query}{place}", 303)
    keep_notice(request, answer, notice)
    return answer


def _show(
    request: Request,
    site: Site,
    house: House,
    who: Who,
    client: str,
    table: str,
    at: int,
    error: KvittoError | None = None,
) -> Response:
    laid: Queue = lay_queue(candidates(house, who, client, limit=MOST), table, at)
    made = decided(house, who, client)
    merged = candidates(house, who, client, state="merged", limit=MOST)
    people = {frozenset(one.ids) for one in made}
    by_rule = [one for one in merged if frozenset((one.one_id, one.other_id)) not in people]
    return site.pages.show(
        request,
        "review.html",
        status_of(error) if error is not None else 200,
        client=client,
        name=house.client(client).name,
        queue=laid,
        table=table,
        most=MOST,
        made=made,
        by_rule=by_rule[:BY_RULE],
        by_rule_count=len(by_rule),
        problems=error.problems if error is not None else (),
    )
