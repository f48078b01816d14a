"""A client of one server: base address, authorisation, JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from requests.auth import AuthBase

from kvitto.sources.http.address import check_url, origin
from kvitto.sources.http.answer import Answer, check_status
from kvitto.sources.http.session import GuardedSession, guarded_session
from kvitto.sources.stream import Opening

_NONE: Mapping[str, str] = MappingProxyType({})


class Http:
    """A guarded client of one server.

    ``base`` is the address that paths are relative to, ``headers`` go with
    every request, ``auth`` signs it. ``where`` names the server in messages.
    ``session`` is the guarded session beneath, which asks no other server.
    Every method raises ``SourceRefused``, ``SourceUnreachable``,
    ``SourceBusy``, ``BadAnswer`` or ``AddressRefused``.
    """

    def __init__(
        self,
        opening: Opening,
        base: str,
        *,
        headers: Mapping[str, str] = _NONE,
        auth: AuthBase | None = None,
        per_second: float | None = None,
        where: str = "the server",
        waits: tuple[str, ...] = (),
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        check_url(base, allow_private=opening.allow_private)
        self._base = base.rstrip("/")
        self._clock = clock
        self.session: GuardedSession = guarded_session(
            opening, per_second=per_second, where=where, waits=waits, sleep=sleep, clock=clock
        )
        self.session.headers["Accept"] = "application/json"
        self.session.headers.update(headers)
        self.session.origins.add(origin(base))
        if auth is not None:
            self.session.auth = auth

    @property
    def skew(self) -> timedelta | None:
        """How far the server's clock is ahead of ours, where it is more than five minutes."""
        return self.session.patience.skew

    def now(self) -> datetime:
        """The instant by the server's clock, as far as its last answer told."""
        return self._clock() + (self.skew or timedelta())

    def hide(self, *secrets: str) -> None:
        """Keep ``secrets`` out of every message, wherever the server echoes them."""
        self.session.patience.kept.update(secret for secret in secrets if secret)

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """The JSON at ``path``: fractions as Decimal; ``None`` where the answer is empty."""
        return self._data(self.answer("GET", path, params=params))

    def post(self, path: str, json: object = None, data: Any = None) -> Any:
        """The JSON that comes back for ``json`` or the form ``data`` sent to ``path``."""
        return self._data(self.answer("POST", path, json=json, data=data))

    def answer(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: object = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] = (),
    ) -> Answer:
        """The answer whatever it holds; its status is 2xx or in ``expect``."""
        sent = None if params is None else {k: _written(v) for k, v in params.items()}
        response = self.session.request(
            method,
            self._url(path),
            params=sent,
            json=json,
            data=data,
            headers=None if headers is None else dict(headers),
        )
        check_status(response, self.session.patience, expect)
        return Answer(
            response.status_code,
            response.headers,
            response.content,
            self.session.patience.where,
            urlsplit(response.url or "")._replace(query="", fragment="").geturl(),
            frozenset(self.session.patience.secrets),
        )

    def close(self) -> None:
        """Let the connections go."""
        self.session.close()

    def _url(self, path: str) -> str:
        if path.startswith(("http://", "https://")):
            return path
        return f"{self._base}/{path.lstrip('/')}" if path else self._base

    def _data(self, answer: Answer) -> Any:
        from kvitto.sources.http.answer import understand

        if answer.status == 204 or (not answer.content and answer.status in (201, 202, 205)):
            return None
        kind = answer.headers.get("Content-Type", "")
        return understand(answer.content, answer.where, self.session.patience.secrets, kind)


def _written(value: object) -> Any:
    """A query's value as servers read it: ``true``, not ``True``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
