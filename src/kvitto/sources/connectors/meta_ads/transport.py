"""Questions to the Graph API: signed, paced by what the server says is used, errors understood."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from kvitto.errors import BadAnswer, SecretMissing, SourceRefused
from kvitto.sources.connectors.meta_ads.settings import MetaAdsSettings
from kvitto.sources.http import Answer, BearerToken, Http
from kvitto.sources.stream import Opening, Record

WHERE = "Meta's Graph API"
_EXPECTED = (400, 401, 403, 404)
_TOKEN = frozenset({102, 190, 463, 467})
_BUSY = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
_PERMISSION = frozenset({3, 10, 294, *range(200, 300)})
_TRIES = 5
_PAUSE = 60.0
_USAGE_HEADERS = (
    "X-Business-Use-Case-Usage",
    "X-Ad-Account-Usage",
    "X-FB-Ads-Insights-Throttle",
    "X-App-Usage",
)


class Refusal(Exception):
    """The server's own error, by its number and the number below it."""

    def __init__(self, code: int, subcode: int, message: str, *, passing: bool = False) -> None:
        super().__init__(f'{code}{f"/{subcode}" if subcode else ""}: "{message}"')
        self.code, self.subcode, self.message, self.passing = code, subcode, message, passing

    def raised(self, asked: str) -> NoReturn:
        """Raise what it means."""
        if self.code in _TOKEN:
            raise SourceRefused.of(
                asked,
                f"the access token is not accepted ({self})",
                "Generate a new token (best of a system user) and store it where it is kept.",
            ) from None
        if self.code in _PERMISSION:
            raise SourceRefused.of(
                asked,
                str(self),
                "Give the user ads_read and assign the ad account to it in Business settings.",
            ) from None
        raise BadAnswer.of(asked, str(self), "Check the source's settings; then sync again.")


class Transport:
    """An open connection to the Graph API."""

    def __init__(self, opening: Opening, settings: MetaAdsSettings) -> None:
        token = opening.secret("access_token")
        self.app = (_optional(opening, "app_id"), _optional(opening, "app_secret"))
        self._settings = settings
        self._proof = _proof(token, self.app[1])
        self._http = Http(opening, settings.address, auth=BearerToken(token), where=WHERE)
        self._http.hide(token, self.app[1], self._proof)
        self._longest = opening.limits.wait_seconds
        self.token = token

    def get(self, path: str, **params: object) -> Mapping[str, Any]:
        """The object at ``path``. Raises :class:`Refusal` for the server's own errors."""
        return self._ask("GET", path, params)

    def post(self, path: str, **params: object) -> Mapping[str, Any]:
        """What the server makes of ``params``."""
        return self._ask("POST", path, params)

    def pages(self, path: str, **params: object) -> Iterator[tuple[object, Sequence[Record]]]:
        """All records at ``path``, page by page, as (cursor of the next page, records).

        The server's ready-made links to next pages hold the token; its cursor is used instead.
        """
        after: str | None = None
        while True:
            more = {} if after is None else {"after": after}
            data = self.get(path, limit=self._settings.page_size, **params, **more)
            records = data.get("data")
            if not isinstance(records, list) or not all(isinstance(r, Mapping) for r in records):
                raise BadAnswer.of(f"records of {WHERE}", "an answer without data", "Sync again.")
            paging = data.get("paging") or {}
            after = (paging.get("cursors") or {}).get("after") if paging.get("next") else None
            yield after, records
            if after is None:
                return

    def wait(self, seconds: float, words: str = "") -> None:
        """Wait within the source's limits. Raises ``SourceBusy`` where that is too long."""
        self._http.session.patience.wait(seconds, words)

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def _ask(self, method: str, path: str, params: Mapping[str, object]) -> Mapping[str, Any]:
        sent = {name: _written(value) for name, value in params.items()}
        if self._proof and "access_token" not in params:
            sent["appsecret_proof"] = self._proof
        address = f"/{self._settings.version}/{path}"
        for left in reversed(range(_TRIES)):
            answer = self._http.answer(
                method,
                address,
                params=sent if method == "GET" else None,
                data=sent if method == "POST" else None,
                expect=_EXPECTED,
            )
            refusal = _refusal(answer)
            if refusal is None:
                self._pace(answer)
                return _object(answer)
            busy = refusal.code in _BUSY
            if not (busy or refusal.passing) or (left == 0 and not busy):
                raise refusal
            _, asked = _used(answer)
            # Where the tries are used up the wait is too long for this run.
            pause = (asked or _PAUSE) if busy else 1.0
            self.wait(pause if left else self._longest + 1.0, str(refusal))
        raise AssertionError("the last try either answers or raises")

    def _pace(self, answer: Answer) -> None:
        """Wait before more is asked where nearly all that the server allows is used."""
        share, seconds = _used(answer)
        if share >= self._settings.throttle_at:
            self.wait(seconds or _PAUSE, f"{share:g} % of what it allows are used")


def _optional(opening: Opening, name: str) -> str:
    try:
        return opening.secret(name)
    except SecretMissing:
        return ""


def _proof(token: str, secret: str) -> str:
    """What shows that we hold the app's secret, where there is one."""
    if not secret:
        return ""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _written(value: object) -> object:
    """Lists and objects are sent as JSON."""
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, separators=(",", ":"))
    return value


def _object(answer: Answer) -> Mapping[str, Any]:
    data = answer.json()
    if not isinstance(data, Mapping):
        raise BadAnswer.of(f"an object of {WHERE}", "something else", "Sync again.")
    return data


def _refusal(answer: Answer) -> Refusal | None:
    """The error in the answer; the server hides some behind the status of a success."""
    if answer.status < 400 and b'"error"' not in answer.content[:200]:
        return None
    data = answer.json()
    error = data.get("error") if isinstance(data, Mapping) else None
    if not isinstance(error, Mapping):
        return None if answer.status < 400 else Refusal(answer.status, 0, "no reason given")
    return Refusal(
        int(error.get("code") or 0),
        int(error.get("error_subcode") or 0),
        str(error.get("error_user_msg") or error.get("message") or ""),
        passing=bool(error.get("is_transient")),
    )


def _used(answer: Answer) -> tuple[float, float]:
    """The highest share (percent) of any allowance that is used, and seconds to wait for more."""
    share = seconds = 0.0
    for name in _USAGE_HEADERS:
        try:
            said = json.loads(answer.headers.get(name) or "{}")
        except ValueError:
            continue
        for one in _meters(said):
            for key, value in one.items():
                if not isinstance(value, int | float):
                    continue
                if key.endswith("_pct") or key in ("call_count", "total_cputime", "total_time"):
                    share = max(share, float(value))
                elif key == "estimated_time_to_regain_access":
                    seconds = max(seconds, float(value) * 60)
                elif key == "reset_time_duration":
                    seconds = max(seconds, float(value))
    return share, seconds


def _meters(said: object) -> Iterator[Mapping[str, object]]:
    """The measures in a usage header: flat, or a list for each business."""
    if not isinstance(said, Mapping):
        return
    yield said
    for value in said.values():
        if isinstance(value, list):
            yield from (one for one in value if isinstance(one, Mapping))
