"""Our half of the sign-in against a server not written here, and the other way round.

oauthlib decides whether what we send is right; requests-oauthlib whether the
server that the other tests use is one that others understand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.request import HTTPRedirectHandler, build_opener

import pytest

from kvitto.errors import SourceRefused
from kvitto.sources.oauth import OAuthProvider, place_of
from kvitto.sources.oauth.flow import sign_in
from kvitto.sources.stream import Opening
from kvitto.workspace.definition import LimitsDefinition
from tests.sources.http.serving import Answering, listening
from tests.sources.oauth.stand_in import APP, in_browser, stand_in

pytest.importorskip("oauthlib")

from oauthlib.oauth2 import (  # type: ignore[import-untyped]  # it has no types
    RequestValidator,
    WebApplicationServer,
)

PROVIDER = OAuthProvider("Acme", "{base}/authorise", "{base}/token", "Help.", "read")


class Known(RequestValidator):  # type: ignore[misc]  # oauthlib says nothing of its types
    """What the server knows: one app, and the codes that it gave."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, Any] = {}
        self.tokens: list[dict[str, Any]] = []

    def validate_client_id(self, client_id: str, request: Any, *_: Any, **__: Any) -> bool:
        return client_id == APP["client_id"]

    def validate_redirect_uri(self, _id: str, redirect_uri: str, *_: Any, **__: Any) -> bool:
        return redirect_uri.startswith("http://127.0.0.1:")

    def validate_response_type(self, _id: str, response_type: str, *_: Any, **__: Any) -> bool:
        return bool(response_type == "code")

    def validate_scopes(self, _id: str, scopes: list[str], *_: Any, **__: Any) -> bool:
        return scopes == ["read"]

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return True

    def save_authorization_code(
        self, _id: str, code: Any, request: Any, *_: Any, **__: Any
    ) -> None:
        self.codes[code["code"]] = request

    def get_code_challenge(self, code: str, request: Any) -> Any:
        return self.codes[code].code_challenge

    def get_code_challenge_method(self, code: str, request: Any) -> Any:
        return self.codes[code].code_challenge_method

    def authenticate_client(self, request: Any, *_: Any, **__: Any) -> bool:
        request.client = SimpleNamespace(client_id=request.client_id)
        return {name: getattr(request, name) for name in APP} == APP

    def validate_grant_type(self, _id: str, grant_type: str, *_: Any, **__: Any) -> bool:
        return bool(grant_type == "authorization_code")

    def validate_code(self, _id: str, code: str, _client: Any, request: Any, *_: Any) -> bool:
        request.user, request.scopes = "maria", ["read"]
        return code in self.codes

    def confirm_redirect_uri(self, _id: str, code: str, uri: str, *_: Any, **__: Any) -> bool:
        return bool(self.codes[code].redirect_uri == uri)

    def save_bearer_token(self, token: dict[str, Any], request: Any, *_: Any, **__: Any) -> None:
        self.tokens.append(dict(token))

    def invalidate_authorization_code(self, _id: str, code: str, *_: Any, **__: Any) -> None:
        del self.codes[code]


@dataclass
class Served:
    """The server's address and what it knows."""

    url: str = ""
    known: Known = field(default_factory=Known)


@contextmanager
def served() -> Iterator[Served]:
    """oauthlib's server over loopback."""
    found = Served()
    endpoint = WebApplicationServer(found.known)

    class Handler(Answering):
        def serve(self) -> None:
            if self.command == "POST":
                body, sent = self.taken().decode(), dict(self.headers)
                self._send(*endpoint.create_token_response(found.url, "POST", body, sent))
            else:
                self._ask()

        def _ask(self) -> None:
            address = found.url + self.path
            scopes, credentials = endpoint.validate_authorization_request(address)
            credentials.pop("request")
            self._send(
                *endpoint.create_authorization_response(
                    address, scopes=scopes, credentials=credentials
                )
            )

        def _send(self, headers: dict[str, str], body: str | None, status: int) -> None:
            self.send(status, (body or "").encode(), "text/plain", headers)

    with listening(Handler) as found.url:
        yield found


@pytest.fixture(autouse=True)
def _over_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """oauthlib refuses plain HTTP otherwise."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def opening(secrets: dict[str, str]) -> Opening:
    return Opening(
        "crm", None, secrets.__getitem__, lambda *_: None, LimitsDefinition(), allow_private=True
    )


def test_a_server_that_asks_for_proof_takes_our_sign_in() -> None:
    with served() as server:
        place = place_of(PROVIDER, SimpleNamespace(base=server.url), "crm")
        grant = sign_in(opening(APP), place, in_browser, seconds=10)
        assert grant.token == server.known.tokens[0]["refresh_token"]
        assert grant.scopes == "read"
        assert server.known.codes == {}


def test_its_refusal_is_told_in_its_words() -> None:
    with served() as server:
        place = place_of(PROVIDER, SimpleNamespace(base=server.url), "crm")
        wrong = {**APP, "client_secret": "not-this-one-77"}
        with pytest.raises(SourceRefused, match="invalid_client"):
            sign_in(opening(wrong), place, in_browser, seconds=10)


class _Stay(HTTPRedirectHandler):
    """The browser stops where it is sent back."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def test_another_client_signs_in_at_the_server_of_these_tests() -> None:
    from urllib.error import HTTPError

    session_of = pytest.importorskip("requests_oauthlib").OAuth2Session
    with stand_in() as server:
        back = "http://127.0.0.1:9/callback"
        session = session_of(APP["client_id"], redirect_uri=back, scope=["read"], pkce="S256")
        address, _ = session.authorization_url(f"{server.url}/authorise")
        with pytest.raises(HTTPError) as sent:
            build_opener(_Stay).open(address, timeout=10)
        token = session.fetch_token(
            f"{server.url}/token",
            authorization_response=sent.value.headers["Location"],
            client_secret=APP["client_secret"],
            include_client_id=True,
        )
        assert token["refresh_token"] == server.refresh
        assert session.get(f"{server.url}/me").json()["label"] == "Acme AB"
        sent.value.close()
