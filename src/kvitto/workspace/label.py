"""Rules about labels: what a source writes and what we call it.

    concepts:
      source:
        values: [Google Ads, Facebook, Referral]
        rules:
          - {exact: AdWords, means: Google Ads, by: Elin, valid_from: 2025-11-01}
          - {folded: face book, means: Facebook}
          - {pattern: "google.*(cpc|ads)", means: Google Ads}

An exact rule comes before a folded one, that before a pattern; of several
patterns the first counts. What a rule gives is looked up once more among the
exact and folded ones, so that ``a -> b`` and ``b -> c`` make ``c`` of ``a``.
The rules that hold on the day of a sync are applied to all rows; a rule that
was replaced stays in the file, so that an older figure can be explained.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from kvitto.workspace.concept import concept_of

RuleKind = Literal["exact", "folded", "pattern"]
KINDS: tuple[RuleKind, ...] = ("exact", "folded", "pattern")
"""Kinds of rule, the strongest first."""

LONGEST_PATTERN = 200


class LabelRule(BaseModel):
    """One label, or all that fold to it or match a pattern, and what it ``means``.

    Exactly one of ``exact``, ``folded`` and ``pattern`` is given. A folded rule
    takes no notice of case, accents, signs and spaces; a pattern is a regular
    expression for the whole label, in any case. ``by`` says who decided it. It
    holds from ``valid_from`` until the day before ``replaced_on``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    exact: str | None = None
    folded: str | None = None
    pattern: str | None = None
    means: Annotated[str, Field(min_length=1)]
    by: str = ""
    valid_from: date | None = None
    replaced_on: date | None = None

    @property
    def given(self) -> tuple[tuple[RuleKind, str], ...]:
        """The kinds that are given, with their text; a sound rule has one."""
        texts = {"exact": self.exact, "folded": self.folded, "pattern": self.pattern}
        return tuple((kind, text) for kind in KINDS if (text := texts[kind]) is not None)

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.replaced_on is None or day < self.replaced_on)


class ConceptRules(BaseModel):
    """What the labels of one concept are called: all canonical ``values``, and rules.

    Without ``values`` any text may be canonical.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: tuple[str, ...] = ()
    rules: tuple[LabelRule, ...] = ()


class Ruled(Protocol):
    """What of a file of rules speaks about labels."""

    @property
    def clients(self) -> tuple[str, ...]: ...

    @property
    def labels(self) -> dict[str, dict[str, str]]: ...

    @property
    def concepts(self) -> dict[str, ConceptRules]: ...


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Without case, accents and signs, words apart by one space.

    >>> folded(" Organisk-SÖKNING ")
    'organisk sokning'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in kept).split())


@dataclass(frozen=True, slots=True)
class StandingRule:
    """A rule that is in force. ``name`` is how a person finds it on a receipt and in rules/."""

    concept: str
    kind: RuleKind
    text: str
    means: str
    by: str = ""
    valid_from: date | None = None

    @property
    def name(self) -> str:
        """``source: AdWords is Google Ads``; the kind is said where it is not exact."""
        kind = "" if self.kind == "exact" else f" ({self.kind})"
        return f"{self.concept}: {self.text}{kind} is {self.means}"


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """The rules in force for one column, ready to be asked."""

    exact: Mapping[str, StandingRule] = field(default_factory=dict)
    folded: Mapping[str, StandingRule] = field(default_factory=dict)
    patterns: tuple[StandingRule, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.exact or self.folded or self.patterns)

    def resolve(self, raw: str, pattern: int | None = None) -> tuple[str, StandingRule] | None:
        """What the label is called in the end, and by which rule it was first taken up.

        ``pattern`` is the place of the first pattern that the label matches:
        the engine finds that out. ``None`` where no rule speaks of the label.
        """
        first = self._direct(raw)
        if first is None and pattern is not None:
            first = self.patterns[pattern]
        if first is None:
            return None
        meant, seen = first.means, {raw}
        while meant not in seen:
            seen.add(meant)
            further = self._direct(meant)
            meant = meant if further is None else further.means
        return meant, first

    def _direct(self, label: str) -> StandingRule | None:
        return self.exact.get(label) or self.folded.get(folded(label))


@dataclass(frozen=True, slots=True)
class LabelBook:
    """All rules about labels that are in force for one client on one day.

    ``rules`` are by concept, in the order of files and lines; ``values`` the
    canonical values that are declared.
    """

    rules: Mapping[str, tuple[StandingRule, ...]] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rules)

    def at(self, table: str, column: str) -> PlaceRules:
        """The rules for a column: its own before those of its concept."""
        concept, place = concept_of(table, column), f"{table}.{column}"
        found = [*self.rules.get(place, ())]
        if concept != place:
            found += self.rules.get(concept, ())
        exact: dict[str, StandingRule] = {}
        loose: dict[str, StandingRule] = {}
        for rule in found:
            if rule.kind == "exact":
                exact.setdefault(rule.text, rule)
            elif rule.kind == "folded":
                loose.setdefault(folded(rule.text), rule)
        return PlaceRules(exact, loose, tuple(rule for rule in found if rule.kind == "pattern"))

    def words(self, table: str, column: str) -> Mapping[str, str]:
        """What the exact rules say of a column: label -> what it means."""
        place = self.at(table, column)
        found = {raw: place.resolve(raw) for raw in place.exact}
        return {raw: meant[0] for raw, meant in found.items() if meant is not None}


def standing(rules: Iterable[Ruled], client: str, day: date) -> LabelBook:
    """The book of a client on a day, from ``labels:`` and ``concepts:`` of the rules."""
    found: dict[str, list[StandingRule]] = {}
    values: dict[str, dict[str, None]] = {}
    for definition in rules:
        if definition.clients and client not in definition.clients:
            continue
        for place, words in definition.labels.items():
            found.setdefault(place, []).extend(
                StandingRule(place, "exact", raw, meant) for raw, meant in words.items()
            )
        for concept, about in definition.concepts.items():
            values.setdefault(concept, {}).update(dict.fromkeys(about.values))
            for rule in about.rules:
                if rule.holds_on(day):
                    found.setdefault(concept, []).extend(
                        StandingRule(concept, kind, text, rule.means, rule.by, rule.valid_from)
                        for kind, text in rule.given
                    )
    return LabelBook(
        {concept: tuple(listed) for concept, listed in found.items() if listed},
        {concept: tuple(listed) for concept, listed in values.items() if listed},
    )


def plain_book(labels: Mapping[str, Mapping[str, str]]) -> LabelBook:
    """A book of exact rules: "deals.product" -> raw label -> canonical label."""
    return LabelBook(
        {
            place: tuple(StandingRule(place, "exact", raw, meant) for raw, meant in words.items())
            for place, words in labels.items()
            if words
        }
    )
