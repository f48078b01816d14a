"""The one message that a page shows about what was done before it.

It travels in a short-lived cookie as the name of a text of ours and its
values; a text that is not ours is never shown.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from kvitto.web.words import say

COOKIE = "kvitto_notice"
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Notice:
    """``name`` is a text of :mod:`kvitto.web.words` below ``done.``; ``tone`` good or caution."""

    name: str
    values: dict[str, str | int] = field(default_factory=dict)
    tone: str = "good"

    @property
    def text(self) -> str:
        return say(f"done.{self.name}", **self.values)


def keep_notice(request: Request, response: Response, notice: Notice) -> None:
    """Show the message on the next page."""
    content = json.dumps([notice.name, notice.values, notice.tone]).encode()
    response.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(content).decode(),
        max_age=_SECONDS,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def read_notice(request: Request) -> Notice | None:
    """The message that waits, if it is one of ours."""
    raw = request.cookies.get(COOKIE)
    if not raw:
        return None
    try:
        name, values, tone = json.loads(base64.urlsafe_b64decode(raw.encode()))
        notice = Notice(str(name), dict(values), "caution" if tone == "caution" else "good")
        _ = notice.text
    except (ValueError, KeyError, TypeError, binascii.Error, IndexError):
        return None
    return notice


def drop_notice(response: Response) -> None:
    """It was shown."""
    response.delete_cookie(COOKIE, path="/")
