"""Words of eight languages that mean the same, by concept. They suggest; they decide nothing."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from kvitto.workspace.label import folded

LANGUAGES = ("en", "sv", "fi", "it", "pt", "es", "de", "fr")
_ALSO = {"uk": "GB", "great britain": "GB", "usa": "US", "united states of america": "US"}


@lru_cache(maxsize=64)
def known_words(concept: str) -> Mapping[str, str]:
    """Folded label -> what it means: a country's code, or a word that only groups labels."""
    if concept == "country":
        return _countries()
    return _words().get(concept, MappingProxyType({}))


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, str]]:
    made: dict[str, dict[str, str]] = {}
    text = files("kvitto.audit.label").joinpath("data/words.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        for label in row["labels"].split("|"):
            made.setdefault(row["concept"], {}).setdefault(folded(label), row["value"])
    return MappingProxyType(made)


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    from babel import Locale

    made: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                made.setdefault(folded(name), code)
                made.setdefault(folded(code), code)
    return MappingProxyType(made | _ALSO)
