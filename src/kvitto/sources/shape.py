"""What the values of a sample look like: dates, numbers, words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from kvitto.sources.format import CURRENCIES, FALSE_WORDS, TRUE_WORDS
from kvitto.sources.month import names_month

ISO = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}([T ].*)?")
PARTED = re.compile(r"\d{1,2}([-/.])\d{1,2}\1(\d{4}|\d{2})([ ,T].*)?")
_NAMED = re.compile(
    r"(\d{1,2}[ .-]{1,2}[A-Za-z]{3,9}[ -]\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4}"
    r"|\d{4}-[A-Za-z]{3}-\d{1,2})([ ,T].*)?"
)
_ENGLISH = {
    word
    for name in (
        *("january", "february", "march", "april", "may", "june"),
        *("july", "august", "september", "october", "november", "december"),
    )
    for word in (name, name[:3])
}
_PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_NUMBER = re.compile(
    rf"[\s(+\-−]*(?:{CURRENCIES})?[\s+\-−]*\d[\d.,\s'’\u00a0\u202f]*[\s)\-−]*"
    rf"(?:%|{CURRENCIES})?[\s)]*"
)
GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(\.\d{3})+")
_TRUTHS = frozenset((*TRUE_WORDS, *FALSE_WORDS))

Shape = Literal[
    "empty", "text", "iso", "parted", "named", "worded", "plain", "grouped", "number", "bool"
]


def shape_of(values: Sequence[str], *, stored: bool = False) -> Shape:
    """What most of the sample looks like."""
    if not values:
        return "empty"
    counts = Counter(value.strip() for value in values)
    most = 0.8 * len(values)
    tests: tuple[tuple[Shape, re.Pattern[str]], ...] = (
        ("iso", ISO),
        ("parted", PARTED),
        ("named", _NAMED),
        ("plain", _PLAIN),
        ("number", _NUMBER),
    )
    for shape, pattern in tests:
        fitting = _fitting(counts, pattern.fullmatch, most)
        if fitting is None:
            continue
        if shape == "named" and not all(_is_english(value) for value in fitting):
            continue
        if shape == "plain":
            shape = _plain_shape(fitting)
            return "plain" if stored and shape == "grouped" else shape
        return shape
    if _fitting(counts, names_month, most) is not None:
        return "worded"
    if _fitting(counts, lambda value: value.lower() in _TRUTHS, most) is not None:
        return "bool"
    return "text"


def _fitting(
    counts: Mapping[str, int], test: Callable[[str], object], most: float
) -> list[str] | None:
    """The values that pass, each once; ``None`` as soon as too many of all fail."""
    may_fail = sum(counts.values()) - most
    fitting = []
    for value, count in counts.items():
        if test(value):
            fitting.append(value)
            continue
        may_fail -= count
        if may_fail < 0:
            return None
    return fitting


def _is_english(value: str) -> bool:
    """Whether the engine knows the month's name; others are read by a list of names."""
    return any(word in _ENGLISH for word in re.findall(r"[a-z]+", value.lower()))


def _plain_shape(values: Sequence[str]) -> Shape:
    """Codes with leading zeros are text; 1.234 and 12.500 alone may be thousands."""
    if any(re.fullmatch(r"0\d+", value.strip()) for value in values):
        return "text"
    pointed = [value.strip() for value in values if "." in value]
    if pointed and all(GROUPED.fullmatch(value) for value in pointed):
        return "grouped"
    return "plain"
