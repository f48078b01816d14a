"""A session of the ``requests`` library under guard; SDKs that take a session may have it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import requests
from requests.auth import AuthBase
from requests.utils import resolve_proxies

from kvitto import __version__
from kvitto.errors import AddressRefused, BadAnswer
from kvitto.sources.http.adapter import BODY_SECONDS, GuardedAdapter, unsendable
from kvitto.sources.http.address import check_url, origin
from kvitto.sources.http.answer import check_status
from kvitto.sources.http.patience import Patience
from kvitto.sources.stream import Opening

_CARRIED = frozenset({"accept", "accept-encoding", "accept-language", "user-agent", "connection"})
_REDIRECTS = 5


class Unsigned(AuthBase):
    """No authorisation; it keeps passwords of a ``.netrc`` file out of our requests."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request as it is."""
        return r


class GuardedSession(requests.Session):
    """A session whose every request goes through the guards.

    ``origins`` are the servers that may be asked with our credentials (all,
    where empty): a link in an answer that leads elsewhere is refused.
    ``raising`` makes a refusal or an error status an exception.
    """

    def __init__(self, patience: Patience, adapter: GuardedAdapter, *, raising: bool) -> None:
        super().__init__()
        self.patience = patience
        self.allow_private = adapter.allow_private
        self.raising = raising
        self.origins: set[str] = set()
        self.max_redirects = _REDIRECTS
        self.auth = Unsigned()
        self.headers["User-Agent"] = f"kvitto/{__version__}"
        self.adapters.clear()
        for scheme in ("https://", "http://"):
            self.mount(scheme, adapter)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """The request as it will be sent; refused where it would go to another server."""
        url = request.url.decode() if isinstance(request.url, bytes) else str(request.url)
        check_url(url, allow_private=self.allow_private)
        if self.origins and origin(url) not in self.origins:
            raise AddressRefused.of(
                f"the next address at {self.patience.where}",
                f"it leads to another server, {origin(url)}",
                "Credentials are not carried there. Correct the address in the source's file.",
            )
        try:
            return super().prepare_request(request)
        except (requests.exceptions.InvalidHeader, UnicodeError):
            raise unsendable(self.patience) from None

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send; follow redirects with all checks; say what went wrong in our words."""
        if "proxies" not in options:
            options["proxies"] = resolve_proxies(request, dict(self.proxies), self.trust_env)
        try:
            response = super().send(request, **options)
        except requests.exceptions.TooManyRedirects:
            raise BadAnswer.of(
                f"an answer of {self.patience.where}",
                f"more than {_REDIRECTS} redirects in a row",
                "Check the address in the source's file.",
            ) from None
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL):
            raise AddressRefused.of(
                f"an address of {self.patience.where} that begins with https://",
                "it leads to something else",
                "Check the address in the source's file.",
            ) from None
        if self.raising and not response.is_redirect:
            check_status(response, self.patience)
        return response

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Carry no credential, and no body, to another server than the one we asked."""
        here = origin(response.request.url or "")
        there = origin(prepared_request.url or "")
        if here == there or _only_encrypts(here, there):
            return
        if prepared_request.body is not None:
            raise AddressRefused.of(
                f"an answer of {self.patience.where}",
                f"it sends our request on to another server, {there}",
                "What we say to one server is not told to another. Check the address.",
            )
        for name in list(prepared_request.headers):
            if name.lower() not in _CARRIED:
                del prepared_request.headers[name]


def _only_encrypts(here: str, there: str) -> bool:
    """Whether ``there`` is the same server on its encrypted port."""
    host = here.removeprefix("http://").removesuffix(":80")
    return here == f"http://{host}:80" and there == f"https://{host}:443"


def guarded_session(
    opening: Opening,
    *,
    per_second: float | None = None,
    where: str,
    raising: bool = False,
    waits: tuple[str, ...] = (),
    body_seconds: float = BODY_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> GuardedSession:
    """A session for the source of ``opening``; ``where`` names the server in messages.

    At most ``per_second`` requests are begun in a second, or fewer where the
    source's limits say so. ``waits`` are this vendor's headers that say how
    long to wait. Its errors are those of :mod:`kvitto.errors`; with ``raising``
    a refusal (401, 403, ...) is one too, else the response is given back.
    ``clock`` is this machine's, which is compared with the server's.
    """
    slow = [rate for rate in (per_second, opening.limits.per_second) if rate is not None]
    patience = Patience(
        where,
        opening.limits,
        per_second=min(slow) if slow else None,
        waits=waits,
        sleep=sleep,
        notice=opening.notice,
        clock=clock,
    )
    adapter = GuardedAdapter(
        patience, allow_private=opening.allow_private, body_seconds=body_seconds
    )
    return GuardedSession(patience, adapter, raising=raising)
