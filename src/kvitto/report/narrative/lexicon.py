"""The words of one language that the checker knows, as phrases to find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from kvitto.report.narrative.catalogue import Language, language_of
from kvitto.report.narrative.phrase import Phrases

SIGNS: dict[str, int] = {
    "up": 1,
    "down": -1,
    "noun_up": 1,
    "noun_down": -1,
    "more": 1,
    "less": -1,
    "infinitive_up": 1,
    "infinitive_down": -1,
    "infinitive_good": 1,
    "infinitive_bad": -1,
    "good": 1,
    "bad": -1,
    "flat": 0,
    "steady": 0,
}
"""The groups of direction words; "good" and "bad" are about news, not about size."""


@dataclass(frozen=True, slots=True)
class Direct:
    """A direction word: its group, and whether it needs a named metric to be a claim."""

    group: str
    weak: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """A word for a unit: percent, points, times, money, duration, count or a multiplier."""

    kind: str
    name: str = ""
    times: float = 1.0


@dataclass(slots=True)
class Lexicon:
    """All phrase books of one language, made once."""

    language: Language
    directions: Phrases[Direct] = field(default_factory=Phrases)
    units: Phrases[Unit] = field(default_factory=Phrases)
    numbers: Phrases[int] = field(default_factory=Phrases)
    ratios: Phrases[float] = field(default_factory=Phrases)
    fractions: Phrases[float] = field(default_factory=Phrases)
    causes: Phrases[str] = field(default_factory=Phrases)
    comparisons: Phrases[str] = field(default_factory=Phrases)
    goals: Phrases[str] = field(default_factory=Phrases)
    weights: Phrases[str] = field(default_factory=Phrases)
    hedges: Phrases[str] = field(default_factory=Phrases)
    hints: Phrases[str] = field(default_factory=Phrases)
    aftermath: Phrases[str] = field(default_factory=Phrases)
    sets: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def words(self, name: str) -> tuple[str, ...]:
        return self.language.words(f"check.{name}")

    def set(self, name: str) -> frozenset[str]:
        """A list of words as a set, in lower case."""
        return self.sets.get(name, frozenset())


_SETS = (
    "claim_before",
    "intent_before",
    "negation",
    "did",
    "look_around",
    "boundaries",
    "plain_in_cause",
    "articles_that_count",
    "mix_words",
    "within_words",
    "total",
    "connecting",
    "framing",
    "none_of",
    "plus",
    "minus",
    "after_figure",
    "fillers",
    "movable",
    "coordinating",
    "ranges",
    "particles",
    "always_weighs",
    "than",
    "plan_objects",
    "year_before",
    "ordinals",
)


@lru_cache(maxsize=16)
def lexicon_of(code: str) -> Lexicon:
    """The words of a language. Raises :class:`UnknownName` where there is no file."""
    language = language_of(code)
    sets = {
        name: frozenset(word.lower() for word in language.words(f"check.{name}")) for name in _SETS
    }
    lexicon = Lexicon(language, sets=sets)
    _add_directions(lexicon)
    _add_units(lexicon)
    _add_numbers(lexicon)
    _add_claims(lexicon)
    return lexicon


def _add_directions(lexicon: Lexicon) -> None:
    weak = frozenset(lexicon.words("weak"))
    for group in SIGNS:
        for word in lexicon.words(f"direction.{group}"):
            lexicon.directions.add(word, Direct(group, word in weak))


def _add_units(lexicon: Lexicon) -> None:
    language = lexicon.language
    for kind in ("percent", "points", "times"):
        lexicon.units.extend(language.words(f"check.units.{kind}"), Unit(kind))
    for kind, path in (
        ("duration", "units.duration"),
        ("money", "units.money"),
        ("count", "nouns"),
    ):
        for name in language.table(f"check.{path}"):
            lexicon.units.extend(language.words(f"check.{path}.{name}"), Unit(kind, name))
    for word, times in language.table("check.multipliers").items():
        lexicon.units.add(word, Unit("multiplier", times=float(str(times))))


def _add_numbers(lexicon: Lexicon) -> None:
    small, tens = lexicon.words("number_words"), lexicon.words("tens")
    for value, word in enumerate(small):
        lexicon.numbers.add(word, value)
    if "en" in lexicon.set("articles_that_count"):
        lexicon.numbers.add("ett", 1)
    for place, ten in enumerate(tens, start=2):
        lexicon.numbers.add(ten, place * 10)
        for value, word in enumerate(small[1:10], start=1):
            for joined in (f"{ten}-{word}", f"{ten} {word}", f"{ten}{word}"):
                lexicon.numbers.add(joined, place * 10 + value)
    _add_parts(lexicon)


def _add_parts(lexicon: Lexicon) -> None:
    for group, book in (("ratios", lexicon.ratios), ("fractions", lexicon.fractions)):
        for word, size in lexicon.language.table(f"check.{group}").items():
            book.add(word, float(str(size)))


def _add_claims(lexicon: Lexicon) -> None:
    for kind in ("cause_forward", "cause_backward", "concession", "coincide"):
        lexicon.causes.extend(lexicon.words(kind), kind)
    for kind in ("last_year", "previous", "goal", "baseline"):
        lexicon.comparisons.extend(lexicon.words(f"comparisons.{kind}"), kind)
    for kind in ("goal_ahead", "goal_behind", "goal_near"):
        lexicon.goals.extend(lexicon.words(kind), kind)
    for kind in ("significance", "noise", "outside"):
        lexicon.weights.extend(lexicon.words(kind), kind)
    for kind in ("earlier", "later", "change", "target", "rows"):
        lexicon.hints.extend(lexicon.words(f"hints.{kind}"), kind)
    for kind in ("gap", "expected", "reached"):
        lexicon.aftermath.extend(lexicon.words(f"hints.{kind}"), kind)
    for kind in ("about", "over", "under"):
        lexicon.hedges.extend(lexicon.words(f"hedges.{kind}"), kind)
