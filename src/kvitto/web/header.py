"""What goes onto every answer, and how big a request may be.

The policy allows our own scripts, styles, pictures and fonts and nothing else:
no inline code, no foreign address, no framing.
"""

from __future__ import annotations

import contextlib
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
"""Content security policy of every page."""

SAVED_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
)
"""Policy of a rendered report that a browser opens instead of saving."""

LARGEST_REQUEST = 1_000_000
"""Bytes of a request's body. The largest form holds one text of a report."""

_FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class TooLarge(Exception):
    """A request's body is larger than any of our forms."""


@dataclass(slots=True)
class _Body:
    """What of a request's body was read; ``refused`` once it was too much."""

    receive: Receive
    taken: int = 0
    refused: bool = False

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self.receive()
        self.taken += len(message.get("body", b""))
        if self.taken > LARGEST_REQUEST:
            self.refused = True
            raise TooLarge
        return message


class Guarding:
    """ASGI middleware: the headers of :data:`_FIXED`, the policy, and the size limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sending = _with_headers(scope, send)
        if _announced(scope) > LARGEST_REQUEST:
            await _refuse(sending)
            return
        body = _Body(receive)

        async def sending_unless_refused(message: Message) -> None:
            if not body.refused:
                await sending(message)

        with contextlib.suppress(TooLarge):
            await self.app(scope, body, sending_unless_refused)
        if body.refused:
            await _refuse(sending)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdigit() else 0


def _with_headers(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _FIXED.items():
                headers.setdefault(name, value)
            headers.setdefault("content-security-policy", PAGE_POLICY)
            headers.setdefault("cache-control", "private, no-store")
            if scope.get("scheme") == "https":
                headers.setdefault("strict-transport-security", "max-age=31536000")
        await send(message)

    return sending


async def _refuse(send: Send) -> None:
    body = b"The request is too large."
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
