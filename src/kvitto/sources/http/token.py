"""OAuth 2: short-lived access tokens, fetched and renewed under the same guards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

import requests
from requests.auth import AuthBase

from kvitto.errors import BadAnswer, SourceRefused
from kvitto.sources.http.session import GuardedSession

_EARLY = timedelta(seconds=60)
_DEFAULT_LIFE = 1800


class BearerToken(AuthBase):
    """Signs with a token that lives as long as the person lets it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with its authorisation."""
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class FetchedToken(AuthBase):
    """Signs with an access token that is fetched at ``url`` and renewed when it ends.

    ``form`` gives the fields to send each time (grant, client, refresh token);
    a server that answers with a new refresh token has it kept by ``keep``. A
    request that is refused with 401 is sent once more with a new token.
    """

    def __init__(
        self,
        session: GuardedSession,
        url: str,
        form: Callable[[], Mapping[str, str]],
        *,
        now: Callable[[], datetime],
        keep: Callable[[str], None] | None = None,
    ) -> None:
        self._session = session
        self._url = url
        self._form = form
        self._now = now
        self._keep = keep
        self._token: str | None = None
        self._ends = now()
        self._renewing = RLock()

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with its authorisation; a token that has ended is renewed before."""
        with self._renewing:
            if self._token is None or self._now() >= self._ends - _EARLY:
                self._fetch()
        r.headers["Authorization"] = f"Bearer {self._token}"
        r.hooks["response"] = [*r.hooks.get("response", []), self._once_more]
        return r

    def _once_more(self, response: requests.Response, **options: Any) -> requests.Response:
        request = response.request
        used = request.headers.get("Authorization")
        # A redirect to another server has lost the header; it is not signed again there.
        if response.status_code != 401 or used is None:
            return response
        with self._renewing:
            # Another thread may have renewed it by now; its refresh token is good once.
            if used == f"Bearer {self._token}":
                self._fetch()
        again = request.copy()
        again.hooks = {"response": []}
        again.headers["Authorization"] = f"Bearer {self._token}"
        return self._session.send(again, **options)

    def _fetch(self) -> None:
        form = dict(self._form())
        self._session.patience.kept.update(v for k, v in form.items() if _secret(k))
        response = self._session.post(self._url, data=form, headers={"Accept": "application/json"})
        patience = self._session.patience
        if response.status_code in (400, 401, 403):
            from kvitto.sources.http.word import said

            words = said(response.content, patience.secrets)
            raise SourceRefused.of(
                f"an access token of {patience.where}",
                f'{response.status_code}: "{words}"',
                "Sign in again: the client's secret or the refresh token is wrong, "
                "has expired or was revoked.",
            )
        from kvitto.sources.http.answer import check_status

        check_status(response, patience)
        data = response.json()
        if not isinstance(data, dict) or not isinstance(data.get("access_token"), str):
            raise BadAnswer.of(
                f"an access token of {patience.where}",
                "an answer without access_token",
                "Check the address of the token in the source's file.",
            )
        self._token = data["access_token"]
        patience.kept.add(data["access_token"])
        life = str(data.get("expires_in") or _DEFAULT_LIFE)
        self._ends = self._now() + timedelta(seconds=int(life) if life.isdigit() else _DEFAULT_LIFE)
        renewed = data.get("refresh_token")
        if isinstance(renewed, str) and renewed and renewed != form.get("refresh_token"):
            patience.kept.add(renewed)
            if self._keep is not None:
                self._keep(renewed)


def _secret(name: str) -> bool:
    return any(word in name for word in ("secret", "token", "password", "assertion"))


def refreshed(
    session: GuardedSession,
    url: str,
    secret: Callable[[str], str],
    keep_secret: Callable[[str, str], None],
    *,
    now: Callable[[], datetime],
    extra: Mapping[str, str] | None = None,
) -> FetchedToken:
    """Signs with the refresh token of a person who signed in.

    Asks ``secret`` for ``client_id``, ``client_secret`` and ``refresh_token``;
    a renewed refresh token is handed to ``keep_secret``.
    """

    def form() -> Mapping[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": secret("client_id"),
            "client_secret": secret("client_secret"),
            "refresh_token": secret("refresh_token"),
            **(extra or {}),
        }

    return FetchedToken(
        session, url, form, now=now, keep=lambda text: keep_secret("refresh_token", text)
    )


def client_credentials(
    session: GuardedSession,
    url: str,
    secret: Callable[[str], str],
    *,
    now: Callable[[], datetime],
    extra: Mapping[str, str] | None = None,
) -> FetchedToken:
    """Signs as the program itself: ``client_id`` and ``client_secret``, no person."""

    def form() -> Mapping[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": secret("client_id"),
            "client_secret": secret("client_secret"),
            **(extra or {}),
        }

    return FetchedToken(session, url, form, now=now)
