"""Signing in at Google: a service account's key, or a person's refresh token.

Only ``refresh`` of google-auth is used, over our own guarded session. Its
default credentials are never looked for, because that asks the metadata server
of a cloud; nor is ``before_request``, because that starts a look-up of a
service account's region in the background.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import requests

from kvitto.errors import MissingExtra, SecretMissing, SourceRefused, SourceUnreachable
from kvitto.sources.google.settings import GoogleSettings
from kvitto.sources.stream import Opening

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from kvitto.sources.http import GuardedSession

_TIMEOUT = 30.0
_KEY_FIELDS = ("type", "client_email", "private_key", "token_uri")


class Bearer(requests.auth.AuthBase):
    """Puts an access token on each request, and renews it when it ends.

    A token that the server no longer takes, though it should still hold, is
    renewed once per request. ``who`` is the signed-in address where it is known.
    """

    def __init__(
        self, opening: Opening, settings: GoogleSettings, scope: str, session: GuardedSession
    ) -> None:
        self.scope = scope
        self._session = session
        self._opening = opening
        self._lock = threading.Lock()
        self._credentials, self.who = _credentials(opening, settings, scope)

    @property
    def expires_at(self) -> datetime | None:
        """When the present access token ends; it is renewed by itself."""
        expiry: datetime | None = self._credentials.expiry
        return None if expiry is None else expiry.replace(tzinfo=UTC)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Authorise the request."""
        token = self.token()
        request.headers["Authorization"] = f"Bearer {token}"
        request.hooks["response"] = [*request.hooks.get("response", []), self._again(token)]
        return request

    def token(self, instead_of: str | None = None) -> str:
        """A token that holds; another one than ``instead_of``, which was refused."""
        with self._lock:
            held = self._credentials.token
            if not self._credentials.valid or held == instead_of:
                self._renew()
            return str(self._credentials.token)

    def _again(self, token: str) -> Callable[..., requests.Response]:
        def answered(response: requests.Response, **options: Any) -> requests.Response:
            if response.status_code != 401:
                return response
            again = response.request.copy()
            again.headers["Authorization"] = f"Bearer {self.token(instead_of=token)}"
            second: requests.Response = response.connection.send(again, **options)
            second.history.append(response)
            return second

        return answered

    def _renew(self) -> None:
        from google.auth.exceptions import GoogleAuthError

        credentials: Any = self._credentials  # google-auth says nothing of its types
        before = getattr(credentials, "refresh_token", None)
        try:
            credentials.refresh(_Transport(self._session))
        except GoogleAuthError as error:
            kept = {*self._session.patience.secrets, *filter(None, (before,))}
            raise _refused(error, self.who, self.scope, kept) from None
        after = getattr(credentials, "refresh_token", None)
        if after and after != before:
            self._opening.keep_secret("refresh_token", after)


def _credentials(
    opening: Opening, settings: GoogleSettings, scope: str
) -> tuple[Credentials, str | None]:
    try:
        key = opening.secret("service_account")
    except SecretMissing as missing:
        return _of_person(opening, settings, scope, missing), None
    return _of_service_account(opening.source, settings, scope, key)


def _of_service_account(
    source: str, settings: GoogleSettings, scope: str, key: str
) -> tuple[Credentials, str | None]:
    service_account = _library("service_account")
    asked = f"sign in at Google for the source '{source}' with service_account"
    todo = 'Put the whole text of the key\'s JSON file there, from {"type": to the last brace.'
    try:
        info = json.loads(key)
    except ValueError:
        info = None
    if not isinstance(info, dict):
        raise SourceRefused.of(asked, "the secret is not the JSON of a key", todo)
    lacking = [name for name in _KEY_FIELDS if not info.get(name)]
    if lacking or info.get("type") != "service_account":
        what = f"it lacks {', '.join(lacking)}" if lacking else f"its type is {info.get('type')}"
        raise SourceRefused.of(asked, f"the key is not a service account's: {what}", todo)
    try:
        made = service_account.Credentials.from_service_account_info(
            info, scopes=[scope], subject=settings.subject
        )
    except ValueError as error:
        raise SourceRefused.of(asked, "its private key cannot be read", todo) from error
    return made, str(info["client_email"])


def _of_person(
    opening: Opening, settings: GoogleSettings, scope: str, missing: SecretMissing
) -> Credentials:
    found: dict[str, str] = {}
    problems = list(missing.problems)
    for name in ("client_id", "client_secret", "refresh_token"):
        try:
            found[name] = opening.secret(name)
        except SecretMissing as error:
            problems += error.problems
    if len(found) < 3:
        raise SecretMissing(*(problems if not found else problems[len(missing.problems) :]))
    made: Credentials = _library("credentials").Credentials(
        token=None, token_uri=settings.token_url, scopes=None, **found
    )
    return made


def _library(module: str) -> Any:
    from importlib import import_module

    try:
        return import_module(f"google.oauth2.{module}")
    except ModuleNotFoundError as error:
        raise MissingExtra.of(
            "sign in at Google",
            f"the package '{error.name}' is not installed",
            "Install it with: pip install 'kvitto[google]'",
        ) from error


class _Transport:
    """google-auth's way to the network: our session, and nothing beside it."""

    def __init__(self, session: GuardedSession) -> None:
        self._session = session

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_more: Any,
    ) -> _Said:
        from google.auth.exceptions import TransportError

        try:
            response = self._session.request(
                method, url, data=body, headers=dict(headers or {}), timeout=timeout or _TIMEOUT
            )
        except requests.RequestException as error:
            raise TransportError(error) from error  # type: ignore[no-untyped-call]  # as above
        return _Said(response.status_code, response.headers, response.content)


class _Said:
    """An answer in the shape that google-auth reads."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.status, self.headers, self.data = status, headers, data


_ADVICE = {
    "invalid_grant": (
        "The permission was taken back or has ended, or this machine's clock is wrong. "
        "Sign in again; a refresh token of an app in testing ends after 7 days."
    ),
    "invalid_client": "The client id and secret do not belong together, or were deleted.",
    "unauthorized_client": (
        "Allow this client the scope {scope}: for a subject, in the Admin console under "
        "domain-wide delegation."
    ),
    "invalid_scope": "Allow this client the scope {scope}.",
    "access_denied": "Allow this client the scope {scope}.",
    "admin_policy_enforced": "An administrator must allow this app the scope {scope}.",
}


def _refused(
    error: Exception, who: str | None, scope: str, secrets: Iterable[str]
) -> SourceRefused | SourceUnreachable:
    """Google's refusal of the sign-in, in words; the tokens stay out of it."""
    from google.auth.exceptions import TransportError

    from kvitto.sources.http.word import hide

    data = next((a for a in error.args[1:] if isinstance(a, Mapping)), {})
    code = str(data.get("error", ""))
    if isinstance(error, TransportError) or getattr(error, "retryable", False):
        made = SourceUnreachable.of(
            "sign in at Google",
            f"there was no answer ({code or type(error).__name__})",
            "Look at the network, or try again later.",
        )
        assert isinstance(made, SourceUnreachable)
        return made
    said = hide(str(data.get("error_description") or code or "it gave no reason"), secrets)
    advice = _ADVICE.get(code, "Check the credentials.").format(scope=scope)
    refused = SourceRefused.of(
        "sign in at Google" + (f" as {who}" if who else ""),
        f"Google refuses: {code or 'error'}: {said}" if code != said else f"Google refuses: {code}",
        advice,
    )
    assert isinstance(refused, SourceRefused)
    return refused
