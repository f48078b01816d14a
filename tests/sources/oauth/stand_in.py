"""An authorisation server over loopback: pages, codes with PKCE, tokens that are renewed."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import build_opener, urlopen

from tests.sources.http.serving import Answering, listening

APP = {"client_id": "app-1", "client_secret": "app-secret-9c1f"}


@dataclass
class Server:
    """What it knows, and how a test changes it.

    ``deny`` is the error that people answer with, ``no_refresh`` keeps the
    refresh token back, ``life`` is said of it in seconds.
    """

    url: str = ""
    deny: str = ""
    no_refresh: bool = False
    life: int | None = None
    long_life: int = 5_184_000
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    refresh: str = ""
    access: set[str] = field(default_factory=set)
    label: str = "Acme AB"

    def allow(self, query: dict[str, str]) -> str:
        """The person's answer: where the browser is sent back to."""
        self.seen.append(query)
        if self.deny:
            said = {"error": self.deny, "error_description": "the person said no"}
        else:
            said = {"code": secrets.token_urlsafe(12)}
            self.codes[said["code"]] = query
        return f"{query['redirect_uri']}?{urlencode({**said, 'state': query['state']})}"

    def grant(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to a request for a token."""
        self.forms.append(form)
        if {name: form.get(name) for name in APP} != APP:
            return 401, {"error": "invalid_client", "error_description": f"not {form}"}
        match form.get("grant_type"):
            case "authorization_code":
                return self._of_code(form)
            case "refresh_token" if form["refresh_token"] == self.refresh:
                self.refresh = f"refresh-{secrets.token_hex(6)}"
                return 200, self._token(refresh_token=self.refresh)
            case "long_token" if form["long_token"] in self.access:
                return 200, self._token(expires_in=self.long_life)
        return 400, {"error": "invalid_grant", "error_description": f"unknown: {form}"}

    def _of_code(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != proof:
            return 400, {"error": "invalid_grant", "error_description": f"wrong {form['code']}"}
        if asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "another callback"}
        if self.no_refresh:
            return 200, self._token()
        self.refresh = f"refresh-{secrets.token_hex(6)}"
        life = {} if self.life is None else {"refresh_token_expires_in": self.life}
        return 200, self._token(refresh_token=self.refresh, **life)

    def _token(self, **more: Any) -> dict[str, Any]:
        token = f"access-{secrets.token_hex(6)}"
        self.access.add(token)
        return {"access_token": token, "expires_in": 1800, "scope": "read", **more}

    def me(self, authorisation: str | None) -> tuple[int, dict[str, Any]]:
        """Who signed in, and a list with one deal."""
        if (authorisation or "").removeprefix("Bearer ") not in self.access:
            return 401, {"error": "token unknown or expired"}
        return 200, {"label": self.label, "deals": [{"id": 1, "value": "10.00"}]}


def browse(address: str) -> int:
    """What a person's browser does: open the address, follow back to the callback."""
    with build_opener().open(address, timeout=10) as page:
        return int(page.status)


def status_of(address: str) -> int:
    """The status of the page at that address."""
    try:
        with urlopen(address, timeout=10) as page:
            return int(page.status)
    except HTTPError as error:
        with error:
            return error.code


def in_browser(address: str) -> threading.Thread:
    """The same beside, as a browser works beside us."""
    thread = threading.Thread(target=browse, args=(address,), daemon=True)
    thread.start()
    return thread


@contextmanager
def stand_in() -> Iterator[Server]:
    """The server on a free port of 127.0.0.1."""
    known = Server()

    class Handler(Answering):
        def serve(self) -> None:
            parts = urlsplit(self.path)
            if self.command == "POST":
                self.send_json(*known.grant(dict(parse_qsl(self.taken().decode()))))
            elif parts.path == "/authorise":
                onward = known.allow(dict(parse_qsl(parts.query)))
                self.send(302, b"", "text/html", {"Location": onward})
            else:
                self.send_json(*known.me(self.headers.get("Authorization")))

    with listening(Handler) as known.url:
        yield known
