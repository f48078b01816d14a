"""What Google says when it says no: one shape of error for all of its services."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of a Google service.

    ``status`` is the general word (PERMISSION_DENIED), ``reasons`` are the
    telling ones (ACCESS_TOKEN_SCOPE_INSUFFICIENT, DEVELOPER_TOKEN_NOT_APPROVED),
    ``wait`` the seconds that the service asks for, ``about`` what it adds.
    """

    http: int
    status: str
    message: str
    reasons: tuple[str, ...] = ()
    wait: float | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    def says(self, *reasons: str) -> bool:
        """Whether it gives one of these reasons, or that general status."""
        return self.status in reasons or any(reason in self.reasons for reason in reasons)


def fault_of(http: int, content: bytes) -> Fault | None:
    """The error in an answer; ``None`` where it is not an error of that shape.

    A stream's error comes inside a list.
    """
    try:
        data: Any = json.loads(content)
    except ValueError:
        return None
    if isinstance(data, list):
        data = next((item for item in data if isinstance(item, dict) and "error" in item), None)
    error = data.get("error") if isinstance(data, dict) else None
    if not isinstance(error, dict):
        return None
    details = [item for item in error.get("details") or () if isinstance(item, dict)]
    failures = [
        one for item in details for one in item.get("errors") or () if isinstance(one, dict)
    ]
    messages = [str(one["message"]) for one in failures if one.get("message")]
    return Fault(
        http,
        str(error.get("status", "")),
        "; ".join(dict.fromkeys(messages)) or str(error.get("message", "")),
        tuple(dict.fromkeys(_reasons(details, failures, error))),
        _wait(details, failures),
        {
            str(key): str(value)
            for item in details
            for key, value in (item.get("metadata") or {}).items()
        },
    )


def _reasons(
    details: Iterable[Mapping[str, Any]],
    failures: Iterable[Mapping[str, Any]],
    error: Mapping[str, Any],
) -> Iterable[str]:
    for item in details:
        if item.get("reason"):
            yield str(item["reason"])
    for one in failures:
        yield from (str(code) for code in (one.get("errorCode") or {}).values())
    for old in error.get("errors") or ():
        if isinstance(old, dict) and old.get("reason"):
            yield str(old["reason"])


def _wait(
    details: Iterable[Mapping[str, Any]], failures: Iterable[Mapping[str, Any]]
) -> float | None:
    """The longest wait that is asked for: durations such as ``30s`` or ``0.5s``."""
    texts = [item.get("retryDelay") for item in details]
    texts += [
        ((one.get("details") or {}).get("quotaErrorDetails") or {}).get("retryDelay")
        for one in failures
    ]
    found = [re.fullmatch(r"(\d+(?:\.\d+)?)s", str(text)) for text in texts if text]
    waits = [float(match.group(1)) for match in found if match]
    return max(waits) if waits else None
