"""Labels to decide: by concept, with what each may mean, and what a choice would change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kvitto.app.house import House
from kvitto.app.label import WaitingLabel
from kvitto.app.label_preview import Effect, Preview
from kvitto.model.locale import Formatter
from kvitto.web.words import WORDS, say, spoken

_GROUNDS = (
    (re.compile("the same but for case, accents, signs and spaces"), "folded"),
    (re.compile("both are usual words for (?P<word>.+)"), "words"),
    (re.compile(r"looks like it \((?P<share>\d+) %\)"), "look"),
    (re.compile(r"(?P<share>\d+) % of it occurs with the same (?P<what>.+)"), "company"),
)
"""Why the audit suggests a label, as it says it in English."""

SHOWN = 60
"""Figures of a preview that are listed."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A canonical label that this one may mean."""

    canonical: str
    likely: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownLabel:
    """A label of the queue."""

    label: str
    concept: str
    rows: int
    reason: str
    sources: tuple[str, ...]
    places: tuple[str, ...]
    metrics: int
    suggestions: tuple[Suggested, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The labels of one concept."""

    concept: str
    name: str
    labels: tuple[ShownLabel, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One figure before and after; ``member`` is what it is split by, "" for the whole."""

    metric: str
    member: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """What a choice would change; ``more`` is how many figures are not listed."""

    canonical: str
    labels: tuple[str, ...]
    rows: int
    period: str
    whole: tuple[Change, ...]
    split: tuple[Change, ...]
    more: int
    count: int


def group_labels(waiting: Sequence[WaitingLabel]) -> tuple[Group, ...]:
    """By concept; those with most rows first."""
    grouped: dict[str, list[ShownLabel]] = {}
    for one in sorted(waiting, key=lambda label: -label.rows):
        grouped.setdefault(one.concept, []).append(show_label(one))
    return tuple(
        Group(concept, concept_name(concept), tuple(labels)) for concept, labels in grouped.items()
    )


def show_label(one: WaitingLabel) -> ShownLabel:
    """A label with the suggestions in words."""
    return ShownLabel(
        one.label,
        one.concept,
        one.rows,
        say(f"labels.reason.{one.reason}"),
        one.sources,
        one.places,
        one.metrics,
        tuple(
            Suggested(
                str(each["canonical"]),
                _share(float(str(each["score"]))),
                translated(str(each["why"])),
            )
            for each in one.suggestions
        ),
    )


def translated(why: str) -> str:
    """The grounds of a suggestion in the language of the request, as far as they are known."""
    if spoken() == "en":
        return why
    return "; ".join(_ground(ground) for ground in why.split("; "))


def _ground(said: str) -> str:
    for pattern, name in _GROUNDS:
        found = pattern.fullmatch(said)
        if found is not None:
            return say(f"labels.why.{name}", **found.groupdict())
    return said


def concept_name(concept: str) -> str:
    """A concept in words; one that is a single column by its own name."""
    key = f"concept.{concept}"
    return say(key) if key in WORDS else concept.replace("_", " ").replace(".", ": ")


def show_preview(house: House, client: str, preview: Preview, language: str) -> ShownPreview:
    """The figures that change: whole ones first, then those that are split by the label."""
    catalogue = house.catalogue_of(client)
    whole = [one for one in preview.effects if not one.dimension]
    split = [one for one in preview.effects if one.dimension]
    listed = (whole + split)[:SHOWN]

    def change(one: Effect) -> Change:
        name = catalogue.get(one.metric).name(language)
        return Change(name, one.member, _number(one.before), _number(one.after))

    return ShownPreview(
        preview.canonical,
        preview.labels,
        preview.rows,
        preview.period,
        tuple(change(one) for one in listed if not one.dimension),
        tuple(change(one) for one in listed if one.dimension),
        len(preview.effects) - len(listed),
        len(preview.effects),
    )


def _share(score: float) -> str:
    return Formatter.of(spoken()).share(min(score, 1.0), 0)


def _number(text: str) -> str:
    """An exact number as people read it, a missing in words, "–" for a part that is not there."""
    if not text:
        return "–"
    try:
        return Formatter.of(spoken()).decimal(Decimal(text), 2)
    except InvalidOperation:
        key = f"missing.{text}"
        return say(key) if key in WORDS else text
