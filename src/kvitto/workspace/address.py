"""Whether an e-mail address, a time zone or a currency exists in form; no network."""

from __future__ import annotations

import re
from functools import lru_cache

_ORDINARY = re.compile(
    r"^[A-Za-z0-9]+([._+-][A-Za-z0-9]+)*@([A-Za-z0-9]+(-+[A-Za-z0-9]+)*\.)+[A-Za-z]{2,24}$"
)
_RESERVED = (".test", ".local", ".localhost", ".invalid", ".onion", ".arpa")


def wrong_address(text: str) -> str | None:
    """Why this is no e-mail address that mail can be sent to; ``None`` if it is one.

    Ordinary addresses are told by form alone, so that the common case does not
    load the full grammar. No name server is asked.
    """
    ordinary = _ORDINARY.match(text) and len(text) <= 254 and len(text.partition("@")[0]) <= 64
    if ordinary and not text.lower().endswith(_RESERVED):
        return None
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        return str(error).rstrip(".")
    return None


@lru_cache(maxsize=256)
def is_timezone(name: str) -> bool:
    """True for a zone of the IANA time zone database."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def timezones() -> tuple[str, ...]:
    """All zones, for advice."""
    from zoneinfo import available_timezones

    return tuple(sorted(available_timezones()))


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """The currency codes of ISO 4217 that are or were in use."""
    from babel.core import get_global

    return frozenset(get_global("all_currencies"))
