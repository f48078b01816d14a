"""Companies and people with the names of their country, each company's once."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from random import Random

from kvitto.app.agency.profile import Names

_STEP = 7919
"""A prime: numbers that follow each other get names that do not."""
_INITIALS = "ABCEFGHIJKLMNOPRSTV"
_FOLDS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "&": " "})


def company(names: Names, number: int) -> tuple[str, str, str]:
    """Name, city and industry of the company of that number; no two are alike."""
    places = _places(names.patterns, names.cities)
    total = len(names.family) * len(names.trades) * len(places)
    rest, turn = number * _STEP % total, number // total
    rest, at_family = divmod(rest, len(names.family))
    rest, at_trade = divmod(rest, len(names.trades))
    pattern, city = places[rest]
    word, industry = names.trades[at_trade]
    name = pattern.format(family=names.family[at_family], trade=word, city=city)
    return name if not turn else f"{name} {turn + 1}", city, industry


@lru_cache(maxsize=16)
def _places(patterns: tuple[str, ...], cities: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each pattern with each city, but one without a city only once: it gives one name."""
    return tuple(
        (pattern, city)
        for pattern in patterns
        for city in (cities if "{city}" in pattern else cities[:1])
    )


def individual(names: Names, number: int) -> tuple[str, str]:
    """Given and family name of the person of that number.

    Namesakes are told apart as the country does it: by a second family name,
    or by an initial.
    """
    families = len(names.family)
    total = len(names.given) * families
    at_given, at_family = divmod(number * _STEP % total, families)
    turn = number // total
    given, family = names.given[at_given], names.family[at_family]
    if names.has_two_families:
        return given, f"{family} {names.family[(at_family + 1 + turn) % families]}"
    return (f"{given} {_INITIALS[(turn - 1) % len(_INITIALS)]}." if turn else given), family


def domain(name: str) -> str:
    """The company's web domain, below a top level that nobody can own."""
    return f"{slug(name)}.example"


def address(given: str, family: str, at: str) -> str:
    """The person's address at the company."""
    return f"{slug(given)}.{slug(family)}@{at}"


def phone(rng: Random, pattern: str) -> str:
    """A number in the country's form; ``#`` stands for a digit."""
    return "".join(str(rng.randrange(10)) if sign == "#" else sign for sign in pattern)


def respelled(names: Names, name: str) -> str:
    """The same company as somebody else would write it."""
    for text, other in names.variants:
        if text in name:
            return name.replace(text, other)
    return name.upper()


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """Lower-case ASCII with hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_FOLDS))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.replace("'", "")).strip("-")
