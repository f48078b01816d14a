"""Signing in to Salesforce: four ways to a token and the address of the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from kvitto.errors import (
    BadAnswer,
    MissingExtra,
    SecretMissing,
    SourceRefused,
    SourceUnreachable,
)
from kvitto.sources.connectors.salesforce.settings import SalesforceSettings
from kvitto.sources.http import GuardedSession, Http
from kvitto.sources.stream import Opening

WHERE = "the sign-in of Salesforce"
_REFUSED = (400, 401, 403)
_LAST_SOAP = "64.0"
"""Sign-in with a password goes over an interface that newer versions no longer have."""


@dataclass(frozen=True, slots=True)
class Token:
    """A session: its token and the organisation's own address."""

    text: str
    instance: str


def sign_in(opening: Opening, settings: SalesforceSettings) -> Token:
    """Sign in as the settings say.

    Raises ``SourceRefused`` with the server's words, ``SecretMissing`` for a
    credential that this way needs, ``MissingExtra`` where it needs a package.
    """
    http = Http(opening, settings.login_url, where=WHERE)
    try:
        match settings.sign_in:
            case "refresh_token":
                return _refreshed(http, opening)
            case "client_credentials":
                return _as_itself(http, opening)
            case _:
                return _through_package(http, opening, settings)
    finally:
        http.close()


def _refreshed(http: Http, opening: Opening) -> Token:
    held = opening.secret("refresh_token")
    form = {
        "grant_type": "refresh_token",
        "client_id": opening.secret("client_id"),
        "client_secret": _optional(opening, "client_secret"),
        "refresh_token": held,
    }
    data = _granted(http, {name: value for name, value in form.items() if value})
    renewed = data.get("refresh_token")
    if isinstance(renewed, str) and renewed and renewed != held:
        opening.keep_secret("refresh_token", renewed)
    return _token(data)


def _as_itself(http: Http, opening: Opening) -> Token:
    form = {
        "grant_type": "client_credentials",
        "client_id": opening.secret("client_id"),
        "client_secret": opening.secret("client_secret"),
    }
    return _token(_granted(http, form))


def _granted(http: Http, form: dict[str, str]) -> dict[str, Any]:
    http.hide(*(value for name, value in form.items() if name != "grant_type"))
    answer = http.answer("POST", "/services/oauth2/token", data=form, expect=_REFUSED)
    data = answer.json()
    if not isinstance(data, dict):
        raise _wrong_shape()
    if answer.status in _REFUSED:
        raise _refused(str(data.get("error")), str(data.get("error_description")))
    return data


def _token(data: dict[str, Any]) -> Token:
    text, instance = data.get("access_token"), data.get("instance_url")
    if not isinstance(text, str) or not isinstance(instance, str):
        raise _wrong_shape()
    return Token(text, instance)


def _wrong_shape() -> Exception:
    return BadAnswer.of(
        f"a token of {WHERE}",
        "an answer without access_token and instance_url",
        "Check login_url in the source's file.",
    )


def _refused(code: str, words: str) -> Exception:
    return SourceRefused.of(
        "sign in to Salesforce",
        f'{code}: "{words}"',
        "Renew the credential where it is kept, allow the connected app again, or check"
        " login_url (a sandbox signs in at https://test.salesforce.com).",
    )


def _optional(opening: Opening, name: str) -> str:
    try:
        return opening.secret(name)
    except SecretMissing:
        return ""


class _Toward:
    """A session for a library that builds addresses of its own: only their path is used."""

    def __init__(self, session: GuardedSession, base: str) -> None:
        self._session = session
        self._base = base

    def post(self, url: str, data: Any = None, headers: Any = None, **_: Any) -> requests.Response:
        """Send to the address that the settings name."""
        return self._session.post(self._base + urlsplit(url).path, data=data, headers=headers)


def _through_package(http: Http, opening: Opening, settings: SalesforceSettings) -> Token:
    try:
        from jwt import PyJWTError
        from simple_salesforce.exceptions import SalesforceAuthenticationFailed
        from simple_salesforce.login import SalesforceLogin
    except ModuleNotFoundError as error:
        raise MissingExtra.of(
            f"sign in to Salesforce by {settings.sign_in}",
            f"the package '{error.name}' is not installed",
            "Install it with: pip install 'kvitto[salesforce]'",
        ) from None
    asked = _login(opening, settings)
    http.hide(*asked.values())
    # Wrong passwords lock a user out: never try the same one again.
    adapter: Any = http.session.get_adapter(settings.login_url)
    adapter.max_retries.status = 0
    toward: Any = _Toward(http.session, settings.login_url)
    host = urlsplit(settings.login_url).hostname or ""
    sandbox = host.startswith("test.") or ".sandbox." in host
    try:
        text, instance = SalesforceLogin(
            session=toward,
            username=settings.username,
            domain="test" if sandbox else "login",
            sf_version=min(settings.version, _LAST_SOAP, key=float),
            **asked,
        )
    except SalesforceAuthenticationFailed as error:
        raise _refused(str(error.code), str(error.message)) from None
    except SourceUnreachable as error:
        if "INVALID_LOGIN" in str(error):
            raise _refused("INVALID_LOGIN", error.problems[0].found) from None
        raise
    except (PyJWTError, ValueError) as error:
        raise _refused("the private key cannot be read", type(error).__name__) from None
    scheme = urlsplit(settings.login_url).scheme
    return Token(str(text), f"{scheme}://{instance}")


def _login(opening: Opening, settings: SalesforceSettings) -> dict[str, Any]:
    if settings.sign_in == "jwt":
        return {
            "consumer_key": opening.secret("client_id"),
            "privatekey": opening.secret("private_key"),
        }
    return {
        "password": opening.secret("password"),
        "security_token": _optional(opening, "security_token"),
    }
