"""Which language a request is answered in: the person's choice, else the agency's."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kvitto.web.site import Site
from kvitto.web.words import LANGUAGES, speak

COOKIE = "kvitto_language"
_YEAR = 31_536_000


class Speaking:
    """ASGI middleware: everything behind it says its texts in the language of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            site: Site = scope["app"].state.site
            chosen = Request(scope).cookies.get(COOKIE, "")
            speak(chosen if chosen in LANGUAGES else site.keeper.opened.workspace.agency.language)
        await self.app(scope, receive, send)


def keep_language(request: Request, response: Response, language: str) -> None:
    """Answer this browser in ``language`` from now on."""
    response.set_cookie(
        COOKIE,
        language,
        max_age=_YEAR,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
