"""The texts of the team's screens, in the language of the request.

Reports speak the client's language; these are the app's own words. A pair is
(singular, plural), chosen by ``n``. The language of a request is set once,
before any route, and holds for everything that is called in its turn.
"""

from __future__ import annotations

from contextvars import ContextVar

from kvitto.web.text import en, en_audit, sv, sv_audit

Text = str | tuple[str, str]

WORDS: dict[str, Text] = {**en.WORDS, **en_audit.WORDS}
"""Every text of the screens by its name, in English."""

LANGUAGES: dict[str, dict[str, Text]] = {"en": WORDS, "sv": {**sv.WORDS, **sv_audit.WORDS}}
"""The languages of the screens."""

NAMES: dict[str, str] = {"en": "English", "sv": "Svenska"}
"""What each language calls itself."""

_SPOKEN: ContextVar[str] = ContextVar("spoken", default="en")


def speak(language: str) -> None:
    """From here on this request speaks ``language``; one that is not ours leaves it as it was."""
    if language in LANGUAGES:
        _SPOKEN.set(language)


def spoken() -> str:
    """The language of this request."""
    return _SPOKEN.get()


def other_languages() -> tuple[tuple[str, str], ...]:
    """The languages to change to: code and own name."""
    return tuple((code, name) for code, name in NAMES.items() if code != spoken())


def say(name: str, /, **values: object) -> str:
    """The text of that name with its values. Raises ``KeyError`` for an unknown name."""
    found = LANGUAGES[spoken()][name]
    if isinstance(found, tuple):
        found = found[0] if values.get("n") == 1 else found[1]
    return found.format(**values) if values else found
