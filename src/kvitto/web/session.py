"""Who is asking: the session cookie and the token that every form carries.

The cookie holds a random token and nothing else. Before sign-in it stands for
no one; a sign-in replaces it, a sign-out ends it. The form token is derived
from it with HMAC, so it needs no storage and dies with the session.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kvitto.app.house import Role, Who

FIELD = "form_token"
"""Name of the hidden field in every form."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The sender of a request. ``who`` is ``None`` before sign-in."""

    token: str
    who: Who | None

    @property
    def form_token(self) -> str:
        return form_token(self.token)

    @property
    def is_client(self) -> bool:
        return self.who is not None and self.who.role is Role.client


class SignInNeeded(Exception):
    """The page is for signed-in people."""


class FormRefused(Exception):
    """A form without the session's token: an old page, or another site's form."""


def form_token(session: str) -> str:
    """The token of the forms of one session, in hex."""
    return hmac.new(session.encode(), b"kvitto form token", hashlib.sha256).hexdigest()


def fresh_token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def cookie_name(request: Request) -> str:
    """With https the name binds the cookie to this host and to https."""
    return "__Host-kvitto" if request.url.scheme == "https" else "kvitto_session"


def read_token(request: Request) -> str:
    """The session token that the browser sent, "" where it sent none of ours."""
    token = request.cookies.get(cookie_name(request), "")
    return token if re.fullmatch(r"[A-Za-z0-9_-]{20,200}", token) else ""


def keep_token(request: Request, response: Response, token: str, seconds: int | None) -> None:
    """Set the cookie; ``seconds`` is how long, ``None`` until the browser closes."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_token(request: Request, response: Response) -> None:
    """Remove the cookie."""
    response.delete_cookie(
        cookie_name(request),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def check_form(request: Request, sent: str) -> None:
    """Refuse a form that was not made for this session.

    Raises :class:`FormRefused`. The comparison takes the same time for any text.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise FormRefused
    token = read_token(request)
    right = hmac.compare_digest(form_token(token).encode(), sent.encode())
    if not token or not right:
        raise FormRefused
