"""The words that stand for nothing, and those that tell a test, from the two lists beside."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

EDGES = " -_.*<>()[]{}:;!?…–—'\"/\\|+=~#"
"""What may stand around a placeholder without being part of it: "- None -", "<Select>"."""


@lru_cache(maxsize=1)
def placeholder_words() -> frozenset[str]:
    """Words in small letters without :data:`EDGES`: "select", "n/a", "ej angivet"."""
    return frozenset(stripped(word) for word in _words("placeholders.csv"))


@lru_cache(maxsize=1)
def test_words() -> tuple[str, ...]:
    """What records are called that somebody made to try things out."""
    return _words("tests.csv")


def stripped(word: str) -> str:
    """The word as it is compared."""
    return word.lower().strip(EDGES)


def _words(name: str) -> tuple[str, ...]:
    with (files("kvitto.audit") / "data" / name).open(encoding="utf-8") as stream:
        return tuple(row["word"] for row in csv.DictReader(stream))
