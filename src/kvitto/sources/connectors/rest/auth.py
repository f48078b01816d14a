"""Signing requests as it is declared."""

from __future__ import annotations

from dlt.sources.helpers.rest_client.auth import APIKeyAuth, HttpBasicAuth
from requests.auth import AuthBase

from kvitto.errors import SecretMissing
from kvitto.sources.connectors.rest.settings import (
    BasicAuth,
    BearerAuth,
    KeyAuth,
    ProgramAuth,
    RefreshAuth,
    RestSettings,
)
from kvitto.sources.http import (
    BearerToken,
    GuardedSession,
    client_credentials,
    guarded_session,
    refreshed,
)
from kvitto.sources.stream import Opening


def sign(session: GuardedSession, opening: Opening, settings: RestSettings) -> None:
    """Have ``session`` sign its requests, and keep the credentials out of messages."""
    auth = settings.auth
    kept = session.patience.kept
    if isinstance(auth, BearerAuth):
        token = opening.secret("token")
        kept.add(token)
        session.auth = BearerToken(token)
    elif isinstance(auth, KeyAuth):
        key = opening.secret("key")
        kept.add(key)
        session.auth = APIKeyAuth(auth.name, f"{auth.prefix}{key}", auth.where)
    elif isinstance(auth, BasicAuth):
        user = auth.user if auth.user is not None else opening.secret("user")
        password = _or_nothing(opening, "password")
        kept.update(text for text in (password, None if auth.user else user) if text)
        session.auth = HttpBasicAuth(user, password)
    elif isinstance(auth, ProgramAuth | RefreshAuth):
        session.auth = _fetched(auth, opening, settings)


def _or_nothing(opening: Opening, name: str) -> str:
    """A password that some services leave empty, the key being the user."""
    try:
        return opening.secret(name)
    except SecretMissing:
        return ""


def _fetched(auth: ProgramAuth | RefreshAuth, opening: Opening, settings: RestSettings) -> AuthBase:
    own = guarded_session(opening, where=f"the sign-in of {settings.name}")
    if isinstance(auth, ProgramAuth):
        return client_credentials(
            own, auth.token_url, opening.secret, now=opening.now, extra=auth.extra
        )
    return refreshed(
        own,
        auth.token_url,
        opening.secret,
        opening.keep_secret,
        now=opening.now,
        extra=auth.extra,
    )
