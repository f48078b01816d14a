"""Google's sign-in and error forms over loopback; the services are built upon it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.sources.http.serving import Answering, listening

EMAIL = "reports@agency.iam.gserviceaccount.com"
REFRESH_TOKEN = "1//refresh"


class Refusal(Exception):
    """An error in Google's form; ``details`` as its services send them."""

    def __init__(
        self, http: int, status: str, message: str, *details: Mapping[str, Any], **headers: str
    ) -> None:
        super().__init__(message)
        self.http, self.status, self.headers = http, status, headers
        self.body = {
            "error": {"code": http, "message": message, "status": status, "details": list(details)}
        }


def reason(name: str, **metadata: str) -> dict[str, Any]:
    """A detail that gives the reason of an error."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": name,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


@dataclass
class GoogleServer:
    """What every Google service does: sign people in, refuse, turn away, fail.

    ``refusing`` is raised instead of an answer; ``signing`` is the answer of the
    token's address instead of a token.
    """

    scope: str = ""
    url: str = ""
    tokens: set[str] = field(default_factory=set)
    signed_in: list[dict[str, str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    lives: int = 3600
    turned_away: int = 0
    turning_away: Refusal | None = None
    refusing: Refusal | None = None
    signing: tuple[int, dict[str, str]] | None = None
    granted: str | None = None
    new_refresh_token: str | None = None
    html: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def secrets(self) -> dict[str, str]:
        """A service account's key."""
        return {"service_account": json.dumps(self.key())}

    @property
    def person(self) -> dict[str, str]:
        """A person's consent instead of a service account."""
        return {
            "client_id": "id.apps.googleusercontent.com",
            "client_secret": "GOCSPX-secret",
            "refresh_token": REFRESH_TOKEN,
        }

    def key(self) -> dict[str, str]:
        """The key file of the service account."""
        return {
            "type": "service_account",
            "project_id": "agency",
            "private_key_id": "k1",
            "private_key": _private_pem(),
            "client_email": EMAIL,
            "client_id": "1",
            "token_uri": f"{self.url}/token",
        }

    def run_out(self) -> None:
        """No token that was given out holds any more; a new one may be had."""
        with self.lock:
            self.tokens.clear()

    def expire(self) -> None:
        """The consent is withdrawn: no token holds, and no new one is given."""
        self.run_out()
        said = "Token has been expired or revoked."
        self.signing = (400, {"error": "invalid_grant", "error_description": said})

    def throttle(self, times: int, turning_away: Refusal | None = None) -> None:
        """Turn the next requests away."""
        self.turned_away = times
        self.turning_away = turning_away

    def token(self) -> str:
        """A token for a second reader."""
        text = f"ya29.{len(self.signed_in)}-{len(self.tokens)}"
        self.tokens.add(text)
        return text

    def reply(
        self, method: str, path: str, query: Mapping[str, list[str]], body: dict[str, Any]
    ) -> Any:
        """The service's answer; raises :class:`Refusal`."""
        raise NotImplementedError

    def handle(
        self, method: str, target: str, raw: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Status, JSON (text as it is) and headers."""
        parts = urlsplit(target)
        path = unquote(parts.path)
        with self.lock:
            if path == "/token":
                return (*self._sign_in(parse_qs(raw.decode())), {})
            self.requests.append(f"{method} {path}")
            self.headers.append({name.lower(): value for name, value in headers.items()})
            try:
                self._let_in(self.headers[-1].get("authorization", ""))
                body = json.loads(raw) if raw else {}
                self.bodies.append(body)
                if self.html:
                    return (
                        200,
                        "<html><body>Please sign in to the hotel's network</body></html>",
                        {},
                    )
                return 200, self.reply(method, path, parse_qs(parts.query), body), {}
            except Refusal as refusal:
                return refusal.http, refusal.body, refusal.headers

    def _let_in(self, authorization: str) -> None:
        if self.turned_away > 0:
            self.turned_away -= 1
            raise self.turning_away or Refusal(
                429, "RESOURCE_EXHAUSTED", "Quota exceeded.", **{"Retry-After": "0"}
            )
        if authorization.removeprefix("Bearer ") not in self.tokens:
            raise Refusal(
                401,
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials.",
                reason("ACCESS_TOKEN_EXPIRED"),
            )
        if self.granted is not None and self.scope not in self.granted:
            raise Refusal(
                403,
                "PERMISSION_DENIED",
                "Request had insufficient authentication scopes.",
                reason("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            )
        if self.refusing is not None:
            raise self.refusing

    def _sign_in(self, form: Mapping[str, list[str]]) -> tuple[int, dict[str, Any]]:
        given = {name: values[0] for name, values in form.items()}
        self.signed_in.append(given)
        if self.signing is not None:
            return self.signing
        refused = self._wrong(given)
        if refused is not None:
            return 400, {"error": "invalid_grant", "error_description": refused}
        answer: dict[str, Any] = {
            "access_token": self.token(),
            "expires_in": self.lives,
            "token_type": "Bearer",
        }
        if self.new_refresh_token is not None:
            answer["refresh_token"] = self.new_refresh_token
        return 200, answer

    def _wrong(self, given: Mapping[str, str]) -> str | None:
        if given.get("grant_type") == "refresh_token":
            wanted = {**self.person, "grant_type": "refresh_token"}
            same = all(given.get(name) == value for name, value in wanted.items())
            return None if same else "Token has been expired or revoked."
        claims = _claims(given.get("assertion", ""))
        if claims is None:
            return "Invalid JWT Signature."
        if claims["iss"] != EMAIL or claims["aud"] not in (f"{self.url}/token", TOKEN_AUDIENCE):
            return "Invalid JWT: issuer or audience."
        now = datetime.now(UTC).timestamp()
        if not claims["iat"] - 300 <= now <= claims["exp"] <= now + 3900:
            return "Invalid JWT: Token must be a short-lived token (60 minutes)."
        return None if self.scope in claims["scope"] else "Invalid scope."


TOKEN_AUDIENCE = "https://oauth2.googleapis.com/token"


@contextmanager
def serving(server: GoogleServer) -> Iterator[GoogleServer]:
    """The server over loopback."""

    class Handler(Answering):
        dated = False  # the clock of these tests is not that of the machine

        def serve(self) -> None:
            sent = dict(self.headers)
            status, data, headers = server.handle(self.command, self.path, self.taken(), sent)
            if isinstance(data, str):
                self.send(status, data.encode(), "text/html", headers)
            else:
                self.send_json(status, data, headers)

    with listening(Handler) as server.url:
        yield server


@cache
def _private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _private_pem() -> str:
    return (
        _private()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def _claims(assertion: str) -> dict[str, Any] | None:
    """The claims of a signed token; ``None`` where the signature is not the key's."""
    try:
        head, body, signature = assertion.split(".")
        _private().public_key().verify(
            _decoded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        claims: dict[str, Any] = json.loads(_decoded(body))
    except (ValueError, InvalidSignature):
        return None
    return claims


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
