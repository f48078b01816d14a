"""The steps of a draft: its texts, a person's word for it, approval, seal, delivery."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kvitto.app import edition as editions_of
from kvitto.app.deliver import deliver
from kvitto.app.gate import override
from kvitto.errors import WrongUse
from kvitto.web.access import Person, TheSite
from kvitto.web.notice import Notice, keep_notice
from kvitto.web.route.edition import ADDRESS, EditionId
from kvitto.web.view.desk import SENT
from kvitto.web.view.sentence import troubles

router = APIRouter()

_FIELD = "text:"


@router.post(ADDRESS + "/texts")
async def collect(request: Request, site: TheSite, who: Person, wanted: EditionId) -> Response:
    """Keep the texts of the form that differ from the draft's, and check them."""
    from starlette.concurrency import run_in_threadpool

    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    notice = await run_in_threadpool(_keep_texts, site, who, wanted, fields)
    at = fields.get("at", "")
    return _back(request, wanted, notice, f"#slot-{quote(at)}" if at else "")


def _keep_texts(site: TheSite, who: Person, wanted: str, fields: dict[str, str]) -> Notice:
    house = site.house
    edition = editions_of.get(house, who, wanted)
    was = {text.id: text.source for text in edition.texts() if text.editable}
    typed = {
        name.removeprefix(_FIELD): value.replace("\r\n", "\n").strip("\n")
        for name, value in fields.items()
        if name.startswith(_FIELD)
    }
    changed = {text: value for text, value in typed.items() if was.get(text, "") != value}
    seen: str | None = fields.get("seen") or None
    for text, value in changed.items():
        edition = editions_of.edit_text(house, who, wanted, text, value, seen=seen)
        seen = None
    if not changed:
        return Notice("unchanged")
    left = len(troubles(edition))
    return Notice("saved_troubled", {"n": left}, "caution") if left else Notice("saved")


@router.post(ADDRESS + "/vouch")
def vouch(
    request: Request,
    site: TheSite,
    who: Person,
    wanted: EditionId,
    text_id: Annotated[str, Form(max_length=200)],
    phrase: Annotated[str, Form(max_length=2000)],
    reason: Annotated[str, Form(max_length=500)],
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """The signed-in person stands for a passage, by name and with a reason."""
    if not reason.strip():
        raise WrongUse.of("vouch for a passage", "no reason is given", "Say why you stand for it.")
    editions_of.vouch(site.house, who, wanted, text_id, phrase, reason.strip(), seen=seen or None)
    return _back(request, wanted, Notice("vouched"), f"#slot-{quote(text_id)}")


@router.post(ADDRESS + "/approve")
def approve(
    request: Request,
    site: TheSite,
    who: Person,
    wanted: EditionId,
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Approved in the person's name: the draft that they looked at, no other."""
    editions_of.approve(site.house, who, wanted, seen=seen or None)
    return _back(request, wanted, Notice("approved"))


@router.post(ADDRESS + "/pass")
def let_pass(
    request: Request,
    site: TheSite,
    who: Person,
    wanted: EditionId,
    reason: Annotated[str, Form(max_length=500)],
) -> Response:
    """An owner lets the held report pass, by name and with a reason."""
    edition = editions_of.get(site.house, who, wanted)
    override(site.house, who, edition.client, edition.report, edition.period, reason.strip())
    return _back(request, wanted, Notice("passed"))


@router.post(ADDRESS + "/seal")
def seal(
    request: Request,
    site: TheSite,
    who: Person,
    wanted: EditionId,
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Sealed for good, if the box was ticked."""
    _be_sure(sure, "seal the edition")
    editions_of.seal(site.house, who, wanted)
    return _back(request, wanted, Notice("sealed"))


@router.post(ADDRESS + "/deliver")
def send(
    request: Request,
    site: TheSite,
    who: Person,
    wanted: EditionId,
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Sent to everybody who has not got it yet, if the box was ticked."""
    _be_sure(sure, "deliver the edition")
    rows = deliver(site.house, who, wanted)
    sent = sum(row.state == SENT for row in rows)
    if sent == len(rows):
        return _back(request, wanted, Notice("delivered", {"n": sent}))
    return _back(request, wanted, Notice("partly", {"n": sent, "all": len(rows)}, "caution"))


def _be_sure(sure: str, wish: str) -> None:
    if sure != "yes":
        raise WrongUse.of(
            wish, "the box was not ticked", "Go back, tick the box and send it again."
        )


def _back(request: Request, edition: str, notice: Notice, place: str = "") -> Response:
    answer = RedirectResponse(f"/editions/{edition}{place}", 303)
    keep_notice(request, answer, notice)
    return answer
