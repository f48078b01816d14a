"""The door: signing in and out, the start page, assets, and whether the app is alive."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from kvitto.app.person import sign_in, sign_out
from kvitto.errors import NotAllowed
from kvitto.web.access import TheSite, TheVisitor
from kvitto.web.asset import KEPT, Asset
from kvitto.web.language import keep_language
from kvitto.web.notice import Notice, keep_notice
from kvitto.web.session import Visitor, drop_token, keep_token
from kvitto.web.site import Site
from kvitto.web.words import LANGUAGES, say

open_router = APIRouter()
"""Routes that know no visitor."""

router = APIRouter()
"""Routes for anybody, signed in or not."""


@open_router.get("/healthz")
async def health() -> Response:
    """Whether the process answers; says nothing about anybody's data."""
    return PlainTextResponse("ok")


@open_router.get("/assets/{digest}/{name}")
def asset(request: Request, site: TheSite, digest: str, name: str) -> Response:
    """A file of ours under the digest of today's content, or the chart library."""
    if request.url.path == site.vega.address:
        found: Asset | None = site.vega.asset()
    else:
        found = site.assets.named.get(name) if digest == site.assets.digest else None
    if found is None:
        return PlainTextResponse("no such file", 404)
    headers = {"cache-control": KEPT, "vary": "accept-encoding"}
    content = found.content
    if found.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        content = found.zipped
        headers["content-encoding"] = "gzip"
    return Response(content, media_type=found.kind, headers=headers)


@router.get("/")
async def start(visitor: TheVisitor) -> Response:
    """Where a person begins: the team with its clients, a client with its own page."""
    return RedirectResponse(_home(visitor), 303)


@router.get("/sign-in")
async def ask(
    request: Request,
    site: TheSite,
    visitor: TheVisitor,
    onward: Annotated[str, Query(alias="next")] = "",
) -> Response:
    """The form."""
    if visitor.who is not None:
        return RedirectResponse(_home(visitor), 303)
    return _form(request, site, visitor, _local(onward))


@router.post("/sign-in")
def enter(
    request: Request,
    site: TheSite,
    visitor: TheVisitor,
    account: Annotated[str, Form(max_length=320)],
    password: Annotated[str, Form(max_length=1000)],
    onward: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Check the password and begin a session with a new token."""
    address = request.client.host if request.client is not None else ""
    wait = site.throttle.wait(account, address)
    if wait > 0:
        seconds = int(wait) + 1
        trouble = say("sign_in.wait", seconds=seconds)
        answer = _form(request, site, visitor, _local(onward), account, trouble, 429)
        answer.headers["retry-after"] = str(seconds)
        return answer
    try:
        with site.checking:
            session = sign_in(site.house, account, password, old_token=visitor.token)
    except NotAllowed:
        site.throttle.failed(account, address)
        trouble = say("sign_in.wrong")
        return _form(request, site, visitor, _local(onward), account, trouble, 401)
    site.throttle.passed(account, address)
    answer = RedirectResponse(_local(onward) or "/", 303)
    seconds = int((session.expires_at - site.house.now()).total_seconds())
    keep_token(request, answer, session.token, seconds)
    return answer


@router.post("/sign-out")
def leave(request: Request, site: TheSite, visitor: TheVisitor) -> Response:
    """End the session; its token is worth nothing afterwards."""
    sign_out(site.house, visitor.token)
    answer = RedirectResponse("/sign-in", 303)
    drop_token(request, answer)
    keep_notice(request, answer, Notice("signed_out"))
    return answer


@router.post("/language")
async def change_language(
    request: Request,
    language: Annotated[str, Form(max_length=10)],
    onward: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Answer this browser in another language, and go back to the page."""
    answer = RedirectResponse(_local(onward) or "/", 303)
    if language in LANGUAGES:
        keep_language(request, answer, language)
    return answer


def _form(
    request: Request,
    site: Site,
    visitor: Visitor,
    next_path: str,
    account: str = "",
    trouble: str = "",
    status: int = 200,
) -> Response:
    answer = site.pages.show(
        request, "sign_in.html", status, next=next_path, account=account, trouble=trouble
    )
    keep_token(request, answer, visitor.token, None)
    return answer


def _home(visitor: Visitor) -> str:
    if visitor.who is None:
        return "/sign-in"
    own = sorted(visitor.who.scope.clients)
    return f"/clients/{own[0]}" if visitor.is_client and own else "/clients"


def _local(path: str) -> str:
    """A path of ours to go on to, "" for anything that could lead away."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if plain and path.isprintable() and "\\" not in path else ""
