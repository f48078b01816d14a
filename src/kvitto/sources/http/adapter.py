"""How a request leaves the machine: checked address, budget, retries, bounded body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import NameResolutionError

from kvitto.errors import KvittoError, SourceRefused, SourceUnreachable
from kvitto.sources.http.address import check_url
from kvitto.sources.http.answer import BrokenBody, CheckedResponse, failing, read_body
from kvitto.sources.http.connection import pool_classes
from kvitto.sources.http.patience import FAILING, Patience, ServersWord
from kvitto.sources.http.word import said, secrets_of

TIMEOUTS = (10.0, 60.0)
"""Seconds to connect, and between two pieces of an answer."""

BODY_SECONDS = 300.0
"""Seconds in which a body must have come."""

_BODIES = 3


class GuardedAdapter(HTTPAdapter):
    """Sends a request under the guards of one session."""

    def __init__(self, patience: Patience, *, allow_private: bool, body_seconds: float) -> None:
        self.patience = patience
        self.allow_private = allow_private
        self.body_seconds = body_seconds
        super().__init__(max_retries=ServersWord.of(patience))

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make connections that look at the address."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = pool_classes(allow_private=self.allow_private)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Make connections through a proxy of the environment; its address is not checked."""
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = pool_classes(allow_private=self.allow_private)
        return manager

    def build_response(
        self, req: requests.PreparedRequest, resp: BaseHTTPResponse
    ) -> requests.Response:
        """The response, with JSON that is checked and holds no binary fraction."""
        checked = CheckedResponse()
        checked.__dict__.update(super().build_response(req, resp).__dict__)
        checked.patience = self.patience
        return checked

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send ``request`` and read its answer whole, within the bounds.

        ``stream`` is not needed: the answer is in memory, and no larger than
        allowed. Raises the errors of sources, never one of ``requests``.
        """
        check_url(request.url or "", allow_private=self.allow_private)
        self.patience.sent = secrets_of(request)
        given = dict(proxies) if proxies else None
        for _ in range(_BODIES):
            self.patience.spend()
            try:
                response = super().send(request, True, timeout or TIMEOUTS, verify, cert, given)
                return self._whole(response)
            except BrokenBody:
                continue
            except UnicodeError:
                raise unsendable(self.patience) from None
            except requests.RequestException as error:
                raise self._unreachable(request, error) from None
        raise SourceUnreachable.of(
            f"a whole answer of {self.patience.where}",
            f"the connection broke in the middle, {_BODIES} times",
            "Run again later; what was read before is kept.",
        )

    def _whole(self, response: requests.Response) -> requests.Response:
        """The response with its body read; a server that fails for good is an error."""
        content = read_body(response, self.patience, self.body_seconds)
        response._content = content
        vars(response)["_content_consumed"] = True
        self.patience.look_at_clock(response.headers)
        if response.status_code in FAILING:
            words = said(content, self.patience.secrets)
            raise failing(self.patience, f"{response.status_code} {words}".strip())
        return response

    def _unreachable(
        self, request: requests.PreparedRequest, error: requests.RequestException
    ) -> KvittoError:
        """The failure in our words: the library's hold the whole address, with keys in it."""
        host = urlsplit(request.url or "").hostname or "the server"
        return SourceUnreachable.of(
            f"an answer of {self.patience.where} ({host})",
            _why(host, error),
            "Check the network, the address and the proxy of the environment; then run again.",
        )


def _why(host: str, error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy that the environment names did not let us through"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate or encryption does not hold"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {TIMEOUTS[0]:g} seconds"
    if isinstance(error, requests.exceptions.Timeout):
        return f"it fell silent for {TIMEOUTS[1]:g} seconds"
    inner = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(inner, NameResolutionError):
        return f"the name {host} has no address (or there is no network)"
    if "refused" in str(inner).lower():
        return "the connection was refused"
    if "timed out" in str(error).lower():
        return f"it fell silent for {TIMEOUTS[1]:g} seconds"
    return "the connection could not be made or broke"


def unsendable(patience: Patience) -> KvittoError:
    """A credential that no header can hold."""
    return SourceRefused.of(
        f"a credential that can be sent to {patience.where}",
        "it holds a line break or a letter that no header may hold",
        "Copy the credential again, without what stands around it.",
    )
