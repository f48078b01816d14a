"""Labels of eight languages to the few words that the canonical tables use."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

_NEGATIONS = frozenset(
    ("not", "no", "non", "never", "nicht", "kein", "inte", "ej", "ei", "nao", "pas", "nunca")
)


@lru_cache(maxsize=16_384)
def normal(text: str) -> str:
    """Lower case, without accents and signs, words apart by one space.

    >>> normal("Affärs-ID (nr.)")
    'affars id nr'
    """
    plain = unicodedata.normalize("NFKD", _spaced(text).casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in kept).split())


def _spaced(text: str) -> str:
    """``closeDate`` as two words; ``ID`` stays one."""
    parts = []
    for place, sign in enumerate(text):
        if sign.isupper() and place and text[place - 1].islower():
            parts.append(" ")
        parts.append(sign)
    return "".join(parts)


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, Mapping[str, str]]:
    """Field ("stages.outcome") -> normalised label -> canonical value."""
    made: dict[str, dict[str, str]] = {}
    text = files("kvitto.conform").joinpath("data/labels.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        for label in row["labels"].split("|"):
            made.setdefault(row["field"], {})[normal(label)] = row["value"]
    return MappingProxyType(made)


def meaning(field: str, label: str) -> str | None:
    """The canonical value that the label means, ``None`` where it is not known.

    A whole label counts before one of its words: "Really lost" is lost, "Not won" unknown.
    """
    words = vocabulary().get(field, {})
    plain = normal(label)
    if plain in words:
        return words[plain]
    if not _NEGATIONS.isdisjoint(plain.split()):
        return None
    found = {words[word] for word in plain.split() if word in words}
    return found.pop() if len(found) == 1 else None


def outcome_of(label: str) -> str:
    """won, lost or open, from the name of a stage. A name that says neither is open."""
    return meaning("stages.outcome", label) or "open"


def rank_of(label: str) -> int:
    """Where a stage of that name usually stands: 10 for the first, 1000 for closed ones."""
    known = meaning("stages.rank", label)
    if known is not None:
        return int(known)
    return 500 if outcome_of(label) == "open" else 1000
