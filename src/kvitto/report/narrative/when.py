"""Dates, times and periods in a text: their digits are no figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kvitto.report.narrative.catalogue import language_of
from kvitto.report.narrative.lexicon import Lexicon
from kvitto.report.narrative.reading import Reading

FIRST_YEAR, LAST_YEAR = 1990, 2099


@dataclass(frozen=True, slots=True)
class When:
    """A stretch that speaks of time; ``label`` is the period's, "" where it is none."""

    start: int
    end: int
    label: str = ""


def whens_in(reading: Reading, lexicon: Lexicon, language: str) -> list[When]:
    """All dates, clock times, periods and spans of time, from left to right."""
    found: list[When] = []
    for pattern, name in _patterns(language):
        for match in pattern.finditer(reading.view):
            if any(match.start() < each.end and each.start < match.end() for each in found):
                continue
            found.append(When(match.start(), match.end(), _label(name, match)))
    found += _years(reading, lexicon, found)
    return sorted(found, key=lambda when: when.start)


_WORD = r"(?:\d{1,3}|[^\W\d_]{2,10})"
_YEAR = r"(?:19|20)\d{2}"
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.|:[ea])?"
_DAYS = rf"{_DAY}(?: ?[–-] ?{_DAY}| to {_DAY}| till {_DAY})?"
_AFTER_MONTH = r"(?:st|nd|rd|th)?(?:(?=[,.;:)!?]|$)|(?=,? \d{4}\b))"

_FIXED: dict[str, str] = {
    "url": r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]+\.[\w.-]+",
    "range": rf"\b{_YEAR}-\d\d-\d\d\.\.{_YEAR}-\d\d-\d\d\b",
    "day": rf"\b{_YEAR}-\d\d-\d\d\b(?:T[\d:.+-]+Z?)?",
    "iso": rf"\b{_YEAR}-(?:Q[1-4]|W\d\d|\d\d)\b(?!-)",
    "slashed": r"(?<![\d/])\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d\d))?(?![\d/])",
    "dotted": rf"(?<![\d.])\d{{1,2}}\.\d{{1,2}}\.{_YEAR}(?!\d)",
    "ordinal": r"\b\d{1,3}(?:st|nd|rd|th)\b|\b\d{1,3}:[ea]\b",
    "fixed": r"\b24/7\b|\b(?:B2B|B2C|B2G|D2C|GA4)\b",
    "list": r"\A *\(?\d{1,2}[.)](?= )",
}
"""Forms that are the same in every language."""


@lru_cache(maxsize=8)
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """All forms, the surest first; the words of English count in every language."""
    month = "|".join(sorted(_months(language), key=len, reverse=True))
    units, spans = _any(language, "units"), _any(language, "spans")
    span = rf"{_WORD} (?:{units})"
    ago = "|".join(each.replace("{span}", span) for each in _time_words(language, "ago"))
    texts = {
        "dated": rf"(?<![\d.,])(?:the |den )?{_DAYS} (?:of )?(?:{month})\b\.?(?:,? {_YEAR}\b)?",
        "month_day": rf"\b(?:{month})\.? (?:\d{{1,2}}{_AFTER_MONTH}(?:,? {_YEAR}\b)?)",
        "month": rf"\b(?P<month>{month})\b(?:,? (?P<year>{_YEAR})\b)?",
        "quarter": rf"\b[QKH](?P<quarter>[1-4])(?:[ -](?P<year>{_YEAR}))?\b"
        rf"|\b(?:{_any(language, 'quarter')}) (?P<number>[1-4])\b(?: (?P<later>{_YEAR})\b)?",
        "week": rf"\b(?:{_any(language, 'week')}|W)\.?\s?\d{{1,2}}(?:[–-]\d{{1,2}})?\b"
        rf"(?:,? {_YEAR}\b)?",
        "hour": rf"\b(?:{_any(language, 'clock')})\.? \d{{1,2}}[.:]\d\d\b|\bkl\.? ?\d{{1,2}}\b",
        "clock": r"\b\d{1,2}[:.]?\d{0,2} ?[ap]\.?m\b\.?|(?<![\d:])\d{1,2}:\d\d(?![\d:])",
        "span": rf"\b(?:{spans}) {span}\b",
        "ago": rf"\b(?:{ago})\b",
    }
    first = ("url", "range", "day", "iso", "slashed", "dotted", "dated", "month_day", "month")
    known = _FIXED | texts
    names = (*first, *(name for name in known if name not in first))
    return tuple((re.compile(known[name], re.IGNORECASE), name) for name in names)


def _time_words(language: str, name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for code in ("en", language):
        found |= dict.fromkeys(language_of(code).words(f"check.time.{name}"))
    return tuple(sorted(found, key=len, reverse=True))


def _any(language: str, name: str) -> str:
    return "|".join(re.escape(word) for word in _time_words(language, name))


def _label(name: str, match: re.Match[str]) -> str:
    if name in ("day", "iso"):
        return match[0].upper()[:10]
    if name == "month" and match["year"]:
        return f"{match['year']}-{_month_number(match['month']):02d}"
    if name == "month":
        return f"-{_month_number(match['month']):02d}"
    if name == "quarter" and not match[0].upper().startswith("H"):
        year = match["year"] or match["later"] or ""
        return f"{year}-Q{match['quarter'] or match['number']}"
    return ""


def _years(reading: Reading, lexicon: Lexicon, found: list[When]) -> list[When]:
    """Bare years: after a word of time, next to another year, or at a sentence's start."""
    taken = [(when.start, when.end) for when in found]
    before = lexicon.set("year_before")
    years: list[When] = []
    for place, token in enumerate(reading.tokens):
        inside = any(start <= token.start < end for start, end in taken)
        if inside or not _is_year(token.text):
            continue
        previous = reading.tokens[place - 1].text if place else ""
        following = reading.tokens[place + 1].text if place + 1 < len(reading.tokens) else ""
        touching = reading.view[token.end : token.end + 1] in ("%", ",", ".") and _digit_at(
            reading.view, token.end + 1
        )
        apart = following[:1].isdigit() or following in ("%", "kr", "$", "€", "£")
        timely = previous in before or previous == "(" or _pair(reading, place)
        if timely and not touching and not apart:
            years.append(When(token.start, token.end, token.text))
    return years


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR


def _digit_at(view: str, place: int) -> bool:
    return view[place : place + 1].isdigit()


def _pair(reading: Reading, place: int) -> bool:
    """Whether another year stands two words away ("from 2016 to 2017", "2016/2017")."""
    near = (place - 2, place + 2)
    return any(
        0 <= other < len(reading.tokens) and _is_year(reading.tokens[other].text) for other in near
    )


def _month_number(name: str) -> int:
    """The month's number in whichever language knows the name."""
    from kvitto.report.narrative.catalogue import languages

    for language in languages():
        number = _months(language).get(name.lower())
        if number is not None:
            return number
    return 0


@lru_cache(maxsize=8)
def _months(language: str) -> dict[str, int]:
    """Month names, long and short, of the language and of English."""
    from babel import Locale

    found: dict[str, int] = {}
    for code in ("en", language):
        months = Locale.parse(code.replace("-", "_")).months
        for style in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[style][width].items():
                    found[name.lower().rstrip(".")] = number
    return found
