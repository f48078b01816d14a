"""How a text is read: as a person sees it, with the way back to what was typed.

Digits of other scripts, the many spaces and minus signs, and characters that
cannot be seen are brought to one form, so that nothing can hide behind them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u034f"}
_INVISIBLE |= {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_MINUS = {"\u2212", "\ufe63", "\uff0d", "\u2010", "\u2011", "\u207b"}
_APOSTROPHE = {"\u2019", "\u2018", "\u02bc", "\u2032"}
_SAME = {"\uff05": "%", "\u066a": "%", "\ufe6a": "%", "\uff0c": ",", "\uff0e": ".", "\u066b": ","}
_SAME |= {"\u066c": "'", "\uff04": "$", "\uff0b": "+", "\u2044": "/", "\u2215": "/"}

_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign, in lower case, with its place in the view."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """``view`` is what is seen; ``places[i]`` is where its i-th character was typed."""

    view: str
    places: tuple[int, ...]
    tokens: tuple[Token, ...]

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """The typed stretch that is seen from ``start`` to ``end``."""
        return self.places[start], self.places[end - 1] + 1


def read(text: str) -> Reading:
    """The text as it is seen."""
    seen: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char in _INVISIBLE:
            continue
        seen.append(_plain(char))
        places.append(place)
    view = "".join(seen)
    tokens = tuple(
        Token(_lower(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(view)
    )
    return Reading(view, tuple(places), tokens)


def split_sentences(text: str, abbreviations: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Where the sentences stand, without the space around them.

    A line break ends a sentence. A full stop does when a space and something
    that can start a sentence follow, unless the word before is an abbreviation,
    a single letter or the number of a list.
    """
    short = frozenset(word.lower() for word in abbreviations)
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in _GAP.finditer(text):
        broken = any(sign in gap[0] for sign in "\n\r\u2028\u2029")
        if broken or _ends(text, start, gap, short):
            spans.append((start, gap.start()))
            start = gap.end()
    spans.append((start, len(text)))
    trimmed = (_trimmed(text, first, last) for first, last in spans)
    return tuple(span for span in trimmed if span is not None)


_GAP = re.compile(r"\s+")
_CLOSERS = "\"'\u201d\u2019)]\u00bb"
_NEAR = 40


def _ends(text: str, start: int, gap: re.Match[str], short: frozenset[str]) -> bool:
    """Whether the words before this gap end a sentence."""
    near = text[max(start, gap.start() - _NEAR) : gap.start()].rstrip(_CLOSERS)
    if not near or near[-1] not in ".!?\u2026":
        return False
    if text[gap.end() : gap.end() + 1].islower():
        return False
    if near[-1] != ".":
        return True
    words = near.rstrip(".").split()
    word = words[-1].lower().lstrip("(\"'\u201d\u201c") if words else ""
    lone = len(word) == 1 and word.isalpha()
    listed = word.isdigit() and text[start : gap.start()].strip() == f"{word}."
    return not (word in short or lone or listed)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _plain(char: str) -> str:
    if char.isascii():
        return " " if char.isspace() else char
    if char in _MINUS:
        return "-"
    if char in _APOSTROPHE:
        return "'"
    if char in _SAME:
        return _SAME[char]
    if char.isspace() or unicodedata.category(char) == "Zs":
        return " "
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)


def _lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else text
