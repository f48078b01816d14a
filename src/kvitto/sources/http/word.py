"""What a server said, in few words, without what we said to it in confidence."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from requests import PreparedRequest

HIDDEN = "[hidden]"
_SECRET_NAME = re.compile(
    r"auth|key|token|secret|session|cookie|sign|pass|pwd|credential|assertion|\bcode\b|^code$", re.I
)
_TELLING = ("message", "error_description", "errorMessage", "detail", "title", "error", "reason")
_FIRST_WORDS = 240


def secrets_of(request: PreparedRequest) -> set[str]:
    """The confidential texts of a request: authorisation, keys in headers, address and body."""
    found: set[str] = set()
    for name, raw in (request.headers or {}).items():
        value = _text(raw)
        if _SECRET_NAME.search(name):
            found.update((value, *_parts(value)))
    parts = urlsplit(request.url or "")
    found.update(unquote(text) for text in (parts.username, parts.password) if text)
    found.update(value for name, value in parse_qsl(parts.query) if _SECRET_NAME.search(name))
    found.update(_body_secrets(request.body))
    return {text for text in found if text.strip()}


def _text(raw: object) -> str:
    return raw.decode("latin-1") if isinstance(raw, bytes) else str(raw)


def _parts(value: str) -> Iterable[str]:
    """The words of a header's value behind its scheme; a Basic one opened."""
    _, _, rest = value.partition(" ")
    if not rest:
        return
    yield rest.strip()
    if value.lower().startswith("basic "):
        try:
            opened = base64.b64decode(rest.strip()).decode("utf-8", "replace")
        except ValueError:
            return
        yield opened
        yield opened.partition(":")[2]


def _body_secrets(body: object) -> Iterable[str]:
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    if not isinstance(text, str) or len(text) > 100_000:
        return []
    try:
        data = json.loads(text)
    except ValueError:
        data = dict(parse_qsl(text))
    if not isinstance(data, Mapping):
        return []
    return [str(v) for k, v in data.items() if _SECRET_NAME.search(str(k)) and v]


def hide(text: str, secrets: Iterable[str]) -> str:
    """``text`` without ``secrets``, in any of the ways in which a server may echo them."""
    forms: set[str] = set()
    for secret in secrets:
        if not secret:
            continue
        forms.update((secret, quote(secret, safe=""), quote_plus(secret), quote(secret)))
        forms.update(json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False))
        forms.add(repr(secret)[1:-1])
        forms.add(" ".join(secret.split()))
        forms.add(base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode())
    for form in sorted(filter(None, forms), key=len, reverse=True):
        text = re.sub(re.escape(form), HIDDEN, text, flags=re.I)
    return text


def said(content: bytes, secrets: Iterable[str] = ()) -> str:
    """The first words of an answer, for a person; empty where it has none."""
    known = tuple(secrets)
    raw = content[:65_536].decode("utf-8", "replace")
    try:
        text = "; ".join(dict.fromkeys(_told(json.loads(raw), 0))) or raw
    except (ValueError, RecursionError):
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|$)", " ", raw)
        text = re.sub(r"<[^>]*>", " ", text)
    text = hide(hide(text, known), (" ".join(secret.split()) for secret in known))
    text = hide(" ".join(text.split()), known)
    text = "".join(letter for letter in text if letter.isprintable())
    return text if len(text) <= _FIRST_WORDS else text[:_FIRST_WORDS].rstrip() + "..."


def _told(data: object, depth: int) -> Iterable[str]:
    """The sentences that an error's JSON holds."""
    if isinstance(data, str) and data.strip():
        yield data.strip()
    elif depth < 4 and isinstance(data, list):
        for item in data[:5]:
            yield from _told(item, depth + 1)
    elif depth < 4 and isinstance(data, Mapping):
        for name in (*_TELLING, "errors", "messages", "data"):
            if name in data:
                yield from _told(data[name], depth + 1)
