"""Questions to one organisation: signed, counted against its daily limit, errors understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from threading import Lock
from typing import Any, NoReturn

from kvitto.errors import BadAnswer, SourceBusy, SourceRefused
from kvitto.sources.connectors.salesforce.settings import SalesforceSettings
from kvitto.sources.connectors.salesforce.token import sign_in
from kvitto.sources.http import Answer, Http
from kvitto.sources.stream import Opening

WHERE = "the Salesforce API"
_EXPECTED = (400, 401, 403, 404)
_USAGE = re.compile(r"(?<!per-app-)api-usage=(\d+)/(\d+)")
_NOT_ALLOWED = frozenset(
    {
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INVALID_TYPE",
        "NOT_FOUND",
    }
)


class Refusal(Exception):
    """The organisation's own error: ``code`` in its words, which the caller may know to handle."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f'{code}: "{message}"')
        self.status, self.code, self.message = status, code, message

    def raised(self, asked: str) -> NoReturn:
        """Raise what it means."""
        if self.code in _NOT_ALLOWED or self.status in (401, 403):
            raise SourceRefused.of(
                asked,
                str(self),
                "Give the user of the connection the right to read it (API Enabled, read on the"
                " object), or leave the stream out.",
            ) from None
        raise BadAnswer.of(
            asked, str(self), "Check the source's settings and fields; then sync again."
        ) from None


class Transport:
    """An open session with one organisation. A session that ends is renewed once per question."""

    def __init__(self, opening: Opening, settings: SalesforceSettings) -> None:
        self._opening = opening
        self._settings = settings
        self._http: Http | None = None
        self._token = ""
        self._entering = Lock()
        self._used, self._allowed = 0, 0

    @property
    def root(self) -> str:
        """The path below which everything lies."""
        return f"/services/data/v{self._settings.version}"

    def data(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """The JSON at ``path``. Raises :class:`Refusal` for the organisation's own errors."""
        return self.ask("GET", path, params=params).json()

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One answer of the organisation.

        Raises :class:`Refusal`, and ``SourceBusy`` before the organisation's
        daily requests are used up beyond the share that the settings allow.
        """
        self._check_share()
        http = self._http or self._enter(instead_of="")
        token = self._token
        answer = self._send(http, token, method, path, params, json, headers)
        if answer.status == 401:
            self._enter(instead_of=token)
            answer = self._send(http, self._token, method, path, params, json, headers)
        self._count(answer)
        if answer.status in _EXPECTED:
            raise self._refusal(answer)
        return answer

    def close(self) -> None:
        """Let the connection go."""
        if self._http is not None:
            self._http.close()

    def _send(
        self,
        http: Http,
        token: str,
        method: str,
        path: str,
        params: Mapping[str, object] | None,
        json: object,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        signed = {**(headers or {}), "Authorization": f"Bearer {token}"}
        return http.answer(method, path, params=params, json=json, headers=signed, expect=_EXPECTED)

    def _enter(self, instead_of: str) -> Http:
        """Sign in, unless another thread has done so since that token was used."""
        with self._entering:
            if self._http is not None and self._token != instead_of:
                return self._http
            token = sign_in(self._opening, self._settings)
            http = self._http or Http(self._opening, token.instance, where=WHERE)
            http.hide(token.text)
            self._token, self._http = token.text, http
            return http

    def _count(self, answer: Answer) -> None:
        found = _USAGE.search(answer.headers.get("Sforce-Limit-Info") or "")
        if found is not None:
            self._used, self._allowed = int(found[1]), int(found[2])

    def _check_share(self) -> None:
        share = self._settings.daily_share
        if self._allowed and self._used >= self._allowed * share:
            raise _busy(
                f"{self._used} of the organisation's {self._allowed} requests of today are used,"
                f" by all its programs; this source stops at {share:.0%}"
            )

    def _refusal(self, answer: Answer) -> Exception:
        said = answer.json()
        first = said[0] if isinstance(said, list) and said else said
        known = first if isinstance(first, Mapping) else {}
        code, words = str(known.get("errorCode", answer.status)), str(known.get("message", ""))
        if code == "REQUEST_LIMIT_EXCEEDED":
            return _busy(f'{code}: "{words}"')
        return Refusal(answer.status, code, words)


def _busy(found: str) -> Exception:
    return SourceBusy.of(
        f"{WHERE} within its daily limit",
        found,
        "What was read is kept and the next run goes on from there. Sync tomorrow, raise"
        " daily_share in the source's settings, or buy more requests.",
    )
