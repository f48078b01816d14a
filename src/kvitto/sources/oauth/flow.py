"""The authorisation-code flow with PKCE: from an address to a token that can be kept."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from kvitto.errors import BadAnswer, SecretMissing, SourceRefused, SourceUnreachable
from kvitto.sources.http import Http
from kvitto.sources.http.address import check_url, origin
from kvitto.sources.http.word import hide
from kvitto.sources.oauth.callback import PATH, Arrived, Callback, listening
from kvitto.sources.oauth.provider import Place
from kvitto.sources.stream import Opening

SECONDS = 300.0
"""How long a person has to sign in."""

_REFUSED = (400, 401, 403)
_FEW_WORDS = 240


@dataclass(frozen=True, slots=True)
class Grant:
    """What the vendor gave: the token to keep, and when it ends, where that is said."""

    token: str = field(repr=False)
    expires_at: datetime | None = None
    scopes: str = ""


def sign_in(
    opening: Opening,
    place: Place,
    show: Callable[[str], object],
    *,
    port: int | None = None,
    seconds: float = SECONDS,
) -> Grant:
    """Have a person allow us to read, in the browser, and fetch the token.

    ``show`` is given the address to open. Raises ``SourceRefused`` where the
    person or the vendor refuses or gives no token that lasts,
    ``SourceUnreachable`` where no answer comes in time, ``SecretMissing``
    where the app's id is not kept yet.
    """
    provider = place.provider
    client = opening.secret(provider.app[0])
    check_url(place.authorise, allow_private=opening.allow_private)
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(32)
    with listening(state, provider.port if port is None else port) as callback:
        back = f"http://{provider.host}:{callback.port}{PATH}"
        show(_address(place, client, back, state, verifier))
        code = _code(callback, place, seconds)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    return _granted(opening, place, form)


def _address(place: Place, client: str, back: str, state: str, verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    parts = urlsplit(place.authorise)
    asked = {
        **dict(parse_qsl(parts.query)),
        "response_type": "code",
        "client_id": client,
        "redirect_uri": back,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        **({"scope": place.scopes} if place.scopes else {}),
        **place.provider.extra,
    }
    return parts._replace(query=urlencode(asked), fragment="").geturl()


def _code(callback: Callback, place: Place, seconds: float) -> str:
    name = place.provider.name
    arrived = callback.wait(seconds)
    if arrived is None:
        strange = callback.strange
        others = f", and {strange} that belong to another sign-in were turned away"
        raise SourceUnreachable.of(
            f"sign in to {name}",
            f"no answer came within {seconds:.0f} seconds{others if strange else ''}",
            f"Try again, and open the address in a browser on this machine. {place.provider.help}",
        )
    if not arrived.code:
        raise _denied(name, arrived, place)
    return arrived.code


def _denied(name: str, arrived: Arrived, place: Place) -> Exception:
    words = " ".join(f"{arrived.error} {arrived.words}".split())[:_FEW_WORDS]
    words = "".join(letter for letter in words if letter.isprintable())
    asked_for = f" It asks for: {place.scopes}." if place.scopes else ""
    return SourceRefused.of(
        f"sign in to {name}",
        f'access was not given: "{words.strip()}"',
        f"Sign in again as a person who may see the data, and allow access.{asked_for}",
    )


def _granted(opening: Opening, place: Place, form: Mapping[str, str]) -> Grant:
    provider = place.provider
    http = Http(opening, origin(place.exchange), where=f"the sign-in of {provider.name}")
    app = {"client_id": opening.secret(provider.app[0])}
    # An app without a secret is known by the verifier alone.
    with suppress(SecretMissing):
        app["client_secret"] = opening.secret(provider.app[1])
    http.hide(*app.values(), form["code"], form["code_verifier"])
    try:
        data = _asked(http, place, {**form, **app})
        if provider.prolong is not None:
            data = _prolonged(http, place, data, app)
    finally:
        http.close()
    token = data.get(provider.keeps)
    if not isinstance(token, str) or not token:
        raise SourceRefused.of(
            f"sign in to {provider.name}",
            f"access was given, but no {provider.keeps.replace('_', ' ')} came with it",
            f"Take the app's access away in your account there and connect again. {provider.help}",
        )
    return Grant(token, _end(data, provider.keeps, opening.now()), str(data.get("scope") or ""))


def _prolonged(
    http: Http, place: Place, data: Mapping[str, Any], app: Mapping[str, str]
) -> dict[str, Any]:
    grant = str(place.provider.prolong)
    short = str(data.get("access_token") or "")
    http.hide(short)
    return _asked(http, place, {"grant_type": grant, grant: short, **app})


def _asked(http: Http, place: Place, form: Mapping[str, str]) -> dict[str, Any]:
    answer = http.answer("POST", place.exchange, data=dict(form), expect=_REFUSED)
    data = answer.json()
    if not isinstance(data, dict):
        raise BadAnswer.of(
            f"a token of {place.provider.name}",
            "an answer of another shape",
            "Check the address of the token in the settings.",
        )
    if answer.status in _REFUSED or "error" in data:
        words = hide(_words(data), form.values())[:_FEW_WORDS]
        raise SourceRefused.of(
            f"sign in to {place.provider.name}",
            f'{answer.status}: "{words}"',
            f"Check the app's id and secret, and the callback it allows. {place.provider.help}",
        )
    return data


def _words(data: Mapping[str, Any]) -> str:
    """The vendor's words: as the standard has it, or nested as Meta does, or a message."""
    error = data.get("error")
    if isinstance(error, Mapping):
        return " ".join(str(error.get("message") or error).split())
    said = (error, data.get("error_description"), data.get("message"))
    return " ".join(" ".join(str(part) for part in said if part).split())


def _end(data: Mapping[str, Any], keeps: str, now: datetime) -> datetime | None:
    """When the kept token ends: an access token's own life, or that said of the refresh token."""
    names = ("expires_in",) if keeps == "access_token" else ("refresh_token_expires_in",)
    for name in (*names, "x_refresh_token_expires_in"):
        life = str(data.get(name) or "")
        if life.isdigit() and int(life) < 10**10:
            return now + timedelta(seconds=int(life))
    return None
