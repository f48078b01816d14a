"""How two records are compared: levels with what they are worth, and the blocks that meet.

A level is worth ``log2(m / u)``: ``m`` is how often two records of one company
or person stand in it, ``u`` how often two of different ones do (Fellegi and
Sunter, 1969). The figures that stand here are used where a client has too few
records to learn them; they were set on the training parts of the public data
named in ``docs/entity-resolution.md`` and from how such fields are filled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of likeness. ``says`` stands in the explanation, ``alike`` is a figure for it.

    ``rarity`` is the column whose value's frequency takes the place of ``u``.
    """

    says: str
    sql: str
    m: float
    u: float
    rarity: str | None = None
    alike: str | None = None

    @property
    def weight(self) -> float:
        """What the level adds, in bits."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field of two records: the first level that holds counts; none if ``missing`` holds."""

    name: str
    needs: tuple[str, ...]
    missing: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Rarity:
    """How the frequency of a value is estimated: never less than ``least``.

    ``spare`` occurrences are put down to the same company or person being
    there more than once.
    """

    least: float
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Records of one client with the same value of ``sql`` are compared.

    ``whole`` says in words what they share, where that is a field in full: only
    such blocks are worth a finding when they are too large. ``per_row`` pairs
    may be made for each of the client's records.
    """

    name: str
    sql: str
    whole: str = ""
    per_row: float = 1


@dataclass(frozen=True, slots=True)
class Model:
    """All of that for one table. ``train_on`` are equal columns that EM may start from."""

    table: str
    one: str
    many: str
    comparisons: tuple[Comparison, ...]
    rarities: Mapping[str, Rarity]
    blocks: tuple[Block, ...]
    train_on: tuple[str, ...]
    certain: str
    shown: Mapping[str, str] = field(default_factory=dict)


def both(column: str) -> str:
    """Null on either side."""
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def same(column: str) -> str:
    """Equal, written as splink recognises an exact match."""
    return f"{column}_l = {column}_r"


def likeness(column: str) -> str:
    """Jaro-Winkler similarity, 0 to 1."""
    return f"jaro_winkler_similarity({column}_l, {column}_r)"


def slip(column: str, edits: int = 1) -> str:
    """At most so many keys were hit wrongly, neighbours exchanged counted as one.

    Distance is dear to compute, so what cannot be is told first: a beginning or
    an end is left as it was.
    """
    one, other = f"{column}_l", f"{column}_r"
    return (
        f"(abs(length({one}) - length({other})) <= {edits}"
        f" AND (left({one}, 3) = left({other}, 3) OR right({one}, 3) = right({other}, 3))"
        f" AND damerau_levenshtein({one}, {other}) <= {edits})"
    )
