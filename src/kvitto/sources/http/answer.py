"""What a server answered: read up to a bound, understood or refused."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http.client import HTTPException
from typing import Any, NoReturn

import requests
from urllib3.exceptions import HTTPError

from kvitto.errors import BadAnswer, SourceRefused, SourceUnreachable
from kvitto.sources.http.patience import BUSY, FAILING, Patience
from kvitto.sources.http.word import said

_PIECE = 65_536
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNKNOWN_US = frozenset({401, 402, 403, 407})


class BrokenBody(Exception):
    """The body ended before it was whole; the request may be sent once more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is not asked for its JSON: a CSV, a job's state, an empty one.

    ``headers`` are found whatever their case. ``url`` is what was asked last,
    without its query. ``hidden`` are texts that no message about it may hold.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    where: str = "the server"
    url: str = ""
    hidden: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def text(self) -> str:
        """The content as UTF-8; what is not UTF-8 is shown as U+FFFD."""
        return self.content.decode("utf-8-sig", "replace")

    def json(self) -> Any:
        """The content as data, fractions as Decimal; ``BadAnswer`` where it is not JSON."""
        return understand(self.content, self.where, self.hidden)


class CheckedResponse(requests.Response):
    """A response whose body was read within bounds and whose JSON holds no binary fraction."""

    patience: Patience

    def json(self, **options: Any) -> Any:
        """The body as data. Raises ``BadAnswer`` with its first words where it is not JSON."""
        if options:
            return super().json(**options)
        kind = self.headers.get("Content-Type", "")
        return understand(self.content, self.patience.where, self.patience.secrets, kind)


def read_body(response: requests.Response, patience: Patience, seconds: float) -> bytes:
    """The whole body, at most as large and as slow as allowed; the connection is given back.

    Raises ``BadAnswer`` where it is too large, ``SourceUnreachable`` where it
    takes longer than ``seconds``, ``BrokenBody`` where it ends too early.
    """
    most = patience.limits.megabytes * 1_000_000
    declared = response.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > most:
        _too_large(response, patience)
    pieces: list[bytes] = []
    size = 0
    end = time.monotonic() + seconds
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                _too_large(response, patience)
            if time.monotonic() > end:
                response.close()
                raise SourceUnreachable.of(
                    f"an answer of {patience.where} within {seconds:g} seconds",
                    f"{size:,} bytes had come by then",
                    "Run again later; what was read before is kept.",
                )
    except (HTTPError, OSError, HTTPException) as error:
        response.close()
        raise BrokenBody(type(error).__name__) from None
    response.raw.release_conn()
    return b"".join(pieces)


def _too_large(response: requests.Response, patience: Patience) -> NoReturn:
    response.close()
    raise BadAnswer.of(
        f"an answer of {patience.where} of at most {patience.limits.megabytes} MB",
        "it is larger; reading was stopped there",
        "Ask for smaller pages, or raise limits: megabytes: in the source's file.",
    )


def understand(
    content: bytes, where: str, secrets: Iterable[str] = (), content_type: str = ""
) -> Any:
    """JSON as data: fractions as Decimal, text that can be stored.

    Raises ``BadAnswer`` for anything else: a page of HTML, half a document,
    NaN, numbers or nesting without end.
    """
    if "html" in content_type.lower() or content.lstrip()[:1] == b"<":
        words = said(content, secrets)
        raise BadAnswer.of(
            f"JSON from {where}",
            f'a web page: "{words}"' if words else "a web page",
            "Check the address; a proxy, a sign-in page or a maintenance page may have answered.",
        )
    try:
        data = json.loads(content, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        found = "an empty answer" if not content.strip() else f'"{said(content, secrets)}"'
        place = f" (at character {error.pos})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadAnswer.of(
            f"JSON from {where}",
            f"{found}, which is not JSON{place}",
            "Run again; where it stays so, check the address and the server.",
        ) from None
    return _storable(data) if b"\\ud" in content.lower() else data


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number in JSON")


def _storable(data: Any) -> Any:
    """The same data without halves of characters, which no UTF-8 file can hold."""
    if isinstance(data, str):
        return _LONE_SURROGATE.sub("\ufffd", data)
    if isinstance(data, list):
        return [_storable(item) for item in data]
    if isinstance(data, dict):
        return {_storable(name): _storable(item) for name, item in data.items()}
    return data


def check_status(
    response: requests.Response, patience: Patience, expect: Collection[int] = ()
) -> None:
    """Raise what the status of ``response`` means, unless it is fine or in ``expect``."""
    status = response.status_code
    if 200 <= status < 300 or status in expect:
        return
    words = said(response.content, patience.secrets)
    heard = f'{status}: "{words}"' if words else f"{status} {response.reason or ''}".strip()
    asked = f"{patience.where} to answer {_what(response, patience)}"
    if status in _UNKNOWN_US:
        raise SourceRefused.of(asked, heard, _advice(status, patience))
    if status in FAILING:
        raise failing(patience, heard)
    raise BadAnswer.of(
        asked,
        heard,
        "Check the source's settings (address, names of objects and fields) and its permissions.",
    )


def failing(patience: Patience, heard: str) -> Exception:
    """The failure of a server that answers with errors again and again."""
    return SourceUnreachable.of(
        f"an answer of {patience.where}",
        f"it failed again and again ({heard})",
        "Run again later; what was read before is kept.",
    )


def _what(response: requests.Response, patience: Patience) -> str:
    from urllib.parse import urlsplit

    from kvitto.sources.http.word import hide

    method = (response.request.method if response.request is not None else None) or "GET"
    return f"{method} {hide(urlsplit(response.url or '').path or '/', patience.secrets)}"


def _advice(status: int, patience: Patience) -> str:
    if status == 407:
        return "The proxy that the environment names wants a sign-in."
    clock = ""
    if patience.skew is not None:
        minutes = round(abs(patience.skew.total_seconds()) / 60)
        way = "behind" if patience.skew.total_seconds() > 0 else "ahead of"
        clock = (
            f" This machine's clock is {minutes} minutes {way} the server's, "
            "which alone can make it refuse: set the clock."
        )
    if status == 403:
        return (
            "The credential is known but may not do this: give it the missing scope or "
            f"permission, then sync again.{clock}"
        )
    return (
        "The credential is wrong, has expired or was revoked: renew it where it is kept, "
        f"then sync again.{clock}"
    )


__all__ = ["BUSY", "Answer", "BrokenBody", "CheckedResponse", "check_status", "read_body"]
