"""Labels to decide: the queue of a client, what a decision would change, deciding."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kvitto.app.ask import period_for
from kvitto.app.decided_label import DecidedLabel, decided_label, decided_labels, open_labels
from kvitto.app.house import House, Who
from kvitto.app.label import decide_label, drop_label
from kvitto.app.label_preview import Preview, preview_label
from kvitto.errors import KvittoError, NotInScope, WrongState, WrongUse
from kvitto.web.access import TeamPerson, TheSite
from kvitto.web.failure import status_of
from kvitto.web.moment import show_day
from kvitto.web.notice import Notice, keep_notice
from kvitto.web.site import Site
from kvitto.web.view.label import group_labels, show_label, show_preview
from kvitto.web.words import spoken

router = APIRouter()

Kind = Literal["exact", "folded"]
Text = Annotated[str, Form(max_length=300)]
Asked = Annotated[str, Query(max_length=300)]


@router.get("/clients/{client}/labels")
def queue(
    request: Request,
    site: TheSite,
    who: TeamPerson,
    client: str,
    everything: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    """The labels that wait, by concept, and what was decided."""
    house = site.house
    waiting = open_labels(house, who, client, everything=everything)
    return site.pages.show(
        request,
        "labels.html",
        client=client,
        name=house.client(client).name,
        groups=group_labels(waiting),
        count=len(waiting),
        everything=everything,
        made=decided_labels(house, who, client),
    )


@router.get("/clients/{client}/labels/decide")
def consider(
    request: Request,
    site: TheSite,
    who: TeamPerson,
    client: str,
    concept: Asked,
    label: Asked,
    canonical: Asked = "",
    other: Asked = "",
    kind: Kind = "exact",
    period: Annotated[str, Query(max_length=40)] = "last_month",
) -> Response:
    """One label: what it may mean, and what a choice would change before it is written."""
    who.scope.require(client)
    meant = (other or canonical).strip()
    error: KvittoError | None = None
    preview: Preview | None = None
    if meant:
        try:
            preview = _preview(site.house, who, client, (concept, label, meant), kind, period)
        except NotInScope:
            raise
        except KvittoError as refused:
            error = refused
    return _one(request, site, who, client, (concept, label, meant), kind, period, preview, error)


@router.post("/clients/{client}/labels")
def decide(
    request: Request,
    site: TheSite,
    who: TeamPerson,
    client: str,
    concept: Text,
    label: Text,
    canonical: Text,
    kind: Annotated[Kind, Form()] = "exact",
    period: Annotated[str, Form(max_length=40)] = "last_month",
) -> Response:
    """Write the rule, unless somebody has decided about the label before."""
    who.scope.require(client)
    meant = canonical.strip()
    with site.deciding:
        house = site.keeper.renewed()
        earlier = decided_label(house, who, client, concept, label)
        if earlier is None:
            try:
                if not meant:
                    raise WrongUse.of(f"the label '{label}'", "it means nothing", "Say what.")
                decide_label(house, who, client, concept, label, meant, kind=kind)
            except NotInScope:
                raise
            except KvittoError as error:
                asked = (concept, label, meant)
                return _one(request, site, who, client, asked, kind, period, None, error)
            site.keeper.renewed()
    notice = Notice("label", {"label": label[:80], "canonical": meant[:80]})
    return _back(request, client, notice if earlier is None else _already(earlier))


@router.post("/clients/{client}/labels/undo")
def undo(
    request: Request, site: TheSite, who: TeamPerson, client: str, concept: Text, label: Text
) -> Response:
    """End the rule on a label; it stays in the file, so that older figures can be explained."""
    who.scope.require(client)
    notice = Notice("label_dropped", {"label": label[:80]})
    with site.deciding:
        try:
            drop_label(site.keeper.renewed(), who, client, concept, label)
        except WrongState:
            notice = Notice("not_decided", {}, "caution")
        site.keeper.renewed()
    return _back(request, client, notice)


def _preview(
    house: House, who: Who, client: str, asked: tuple[str, str, str], kind: Kind, period: str
) -> Preview:
    when = period_for(house, client, period)
    return preview_label(house, who, client, *asked, when, kind=kind)


def _one(
    request: Request,
    site: Site,
    who: Who,
    client: str,
    asked: tuple[str, str, str],
    kind: Kind,
    period: str,
    preview: Preview | None,
    error: KvittoError | None,
) -> Response:
    house = site.house
    concept, label, meant = asked
    waiting = open_labels(house, who, client, everything=True)
    found = next((one for one in waiting if (one.concept, one.label) == (concept, label)), None)
    return site.pages.show(
        request,
        "label.html",
        status_of(error) if error is not None else 200,
        client=client,
        name=house.client(client).name,
        concept=concept,
        label=label,
        meant=meant,
        kind=kind,
        period=period,
        found=show_label(found) if found is not None else None,
        preview=show_preview(house, client, preview, spoken()) if preview is not None else None,
        again=urlencode({"concept": concept, "label": label}),
        problems=error.problems if error is not None else (),
    )


def _already(earlier: DecidedLabel) -> Notice:
    values: dict[str, str | int] = {
        "by": earlier.by[:80],
        "on": show_day(earlier.valid_from),
        "canonical": earlier.canonical[:80],
    }
    return Notice("already_label", values, "caution")


def _back(request: Request, client: str, notice: Notice) -> Response:
    answer = RedirectResponse(f"/clients/{client}/labels", 303)
    keep_notice(request, answer, notice)
    return answer
