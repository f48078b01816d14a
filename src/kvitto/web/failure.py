"""From what went wrong to a page that says what to do.

What is out of a person's scope and what does not exist give the very same
page. A client's sign-in is never told how our house looks inside.
"""

from __future__ import annotations

import logging
import secrets
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kvitto.errors import (
    BadPeriod,
    Busy,
    KvittoError,
    NotAllowed,
    NotInScope,
    UnknownName,
    Unresolved,
    WrongState,
    WrongUse,
)
from kvitto.web.session import FormRefused, SignInNeeded, Visitor
from kvitto.web.site import Site
from kvitto.web.words import say

_LOG = logging.getLogger("kvitto.web")

_STATUS: tuple[tuple[type[KvittoError], int], ...] = (
    (NotInScope, 404),
    (UnknownName, 404),
    (NotAllowed, 403),
    (WrongState, 409),
    (Busy, 409),
    (Unresolved, 409),
    (BadPeriod, 400),
    (WrongUse, 400),
)

_NAMES = {400: "wrong", 403: "refused", 404: "missing", 409: "state"}


def status_of(error: KvittoError) -> int:
    """The HTTP status of a failure; what only our side can mend is a conflict (409)."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 409)


def register(app: FastAPI) -> None:
    """Hang the handlers on the application."""
    app.add_exception_handler(KvittoError, _of_ours)
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(FormRefused, _form)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _by_status)


async def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, KvittoError)
    status = status_of(error)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    told = visitor is not None and visitor.who is not None and not visitor.is_client
    if status == 409 and not told:
        _LOG.warning("%s: %s", type(error).__name__, error)
    return _page(request, _NAMES[status], status, error if told and status != 404 else None)


async def _sign_in(request: Request, _error: Exception) -> Response:
    wanted = request.url.path if request.method == "GET" else "/"
    query = "" if wanted == "/" else f"?next={quote(wanted)}"
    return RedirectResponse(f"/sign-in{query}", 303)


async def _form(request: Request, _error: Exception) -> Response:
    return _page(request, "form", 403)


async def _unreadable(request: Request, _error: Exception) -> Response:
    return _page(request, "wrong", 400)


async def _by_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    name = _NAMES.get(error.status_code, "wrong")
    return _page(request, name, error.status_code)


def _page(
    request: Request, name: str, status: int, error: KvittoError | None = None, number: str = ""
) -> HTMLResponse:
    site: Site = request.app.state.site
    return site.pages.show(
        request,
        "failure.html",
        status,
        title=say(f"failure.{name}"),
        text=say(f"failure.{name}_text"),
        problems=error.problems if error is not None else (),
        id=number,
    )


class Catching:
    """ASGI middleware: an error that nobody expected becomes a page with a number.

    The trace goes to the log under that number, never to the browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http" or started or _is_ours(error):
                raise
            number = secrets.token_hex(4)
            _LOG.exception("failure %s at %s", number, scope.get("path", ""))
            await _page(Request(scope), "broken", 500, number=number)(scope, receive, send)


def _is_ours(error: Exception) -> bool:
    from kvitto.web.header import TooLarge

    return isinstance(error, TooLarge)
