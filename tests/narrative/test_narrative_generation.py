"""What we say ourselves checks completely; what is changed in it is caught."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kvitto.report.narrative.check import unresolved

REGIONS = ("Central", "East", "West", "North Coast")
FLIPS = {
    "en": [
        ("rose", "fell"),
        ("reached the goal", "missed the goal"),
        ("ahead of plan", "behind plan"),
        ("within normal", "outside normal"),
    ],
    "sv": [
        ("ökade", "minskade"),
        ("nådde målet", "missade målet"),
        ("före planen", "efter planen"),
        ("inom den normala", "utanför den normala"),
    ],
}
POINTS = {"en": " percentage points", "sv": " procentenheter"}
OTHER_PERIOD = {"en": ("November 2017", "March 2015"), "sv": ("november 2017", "mars 2015")}
CAUSES = {
    "en": [
        " because of the new website",
        " thanks to our campaign",
        " due to seasonality",
        " which led to more orders",
    ],
    "sv": [
        " på grund av den nya webbplatsen",
        " tack vare vår kampanj",
        " till följd av säsongen",
        " vilket ledde till fler beställningar",
    ],
}


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_generated_sentence_resolves(language: str, world: Callable[[int, str], Any]) -> None:
    told = 0
    for seed in range(40):
        report = world(seed, language)
        for statement, text in report.sentences():
            open_marks = unresolved(report.checker.check(text))
            assert not open_marks, (seed, statement.id, text, open_marks)
            told += 1
    assert told > 700


def test_generated_sentences_carry_bound_marks(world: Callable[[int, str], Any]) -> None:
    report = world(1, "en")
    for statement, text in report.sentences():
        marks = [mark for each in report.checker.check(text) for mark in each.marks]
        if statement.kind in ("change", "contribution"):
            bound = [mark for mark in marks if mark.state == "bound"]
            assert bound
            assert all(mark.receipt or mark.statement for mark in bound)


def _changed_digits(rng: random.Random, text: str) -> Iterator[str]:
    places = [place for place, char in enumerate(text) if char.isdigit()]
    for place in rng.sample(places, min(4, len(places))):
        other = rng.choice([digit for digit in "0123456789" if digit != text[place]])
        yield text[:place] + other + text[place + 1 :]


def _flipped(language: str, text: str) -> Iterator[str]:
    for one, other in FLIPS[language]:
        for word, instead in ((one, other), (other, one)):
            if re.search(rf"\b{word}\b", text):
                yield re.sub(rf"\b{word}\b", instead, text, count=1)


def _other_signs(text: str) -> Iterator[str]:
    for match in list(re.finditer("[−+]", text))[:3]:
        sign = "+" if match[0] == "−" else "−"
        yield text[: match.start()] + sign + text[match.end() :]


def _swapped_segments(rng: random.Random, text: str) -> Iterator[str]:
    named = [region for region in REGIONS if region in text]
    if named:
        one = rng.choice(named)
        other = rng.choice([region for region in REGIONS if region != one])
        yield text.replace(one, "\x01").replace(other, one).replace("\x01", other)


def _mutations(rng: random.Random, language: str, text: str) -> Iterator[tuple[str, str]]:
    for changed in _changed_digits(rng, text):
        yield "digit", changed
    for changed in _flipped(language, text):
        yield "direction", changed
    for changed in _other_signs(text):
        yield "sign", changed
    for changed in _swapped_segments(rng, text):
        yield "segment", changed
    if "%" in text:
        yield "unit", text.replace("%", POINTS[language], 1)
    known, other = OTHER_PERIOD[language]
    if known in text:
        yield "period", text.replace(known, other)
    end = text.find(". ") if ". " in text else len(text) - 1
    yield "cause", text[:end] + rng.choice(CAUSES[language]) + text[end:]


@pytest.mark.parametrize("language", ["en", "sv"])
def test_changed_sentences_are_caught(language: str, world: Callable[[int, str], Any]) -> None:
    """The rest that is not caught says, by chance, another true thing."""
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for seed in range(14):
        report, rng = world(seed, language), random.Random(seed)
        for statement, text in report.sentences():
            if statement.kind not in ("change", "contribution", "goal"):
                continue
            for kind, changed in _mutations(rng, language, text):
                tried[kind] += 1
                caught[kind] += bool(unresolved(report.checker.check(changed)))
    for kind in tried:
        print(f"{language} {kind}: {caught[kind]} of {tried[kind]} caught")
    total = sum(caught.values()) / sum(tried.values())
    print(f"{language} all: {total:.4%} of {sum(tried.values())} caught")
    assert sum(tried.values()) > 2000
    assert total >= 0.995
    assert all(caught[kind] / tried[kind] >= 0.98 for kind in tried)


@pytest.mark.parametrize("language", ["en", "sv"])
def test_texts_of_one_report_do_not_check_against_another(
    language: str, world: Callable[[int, str], Any]
) -> None:
    one, other = world(3, language), world(4, language)
    told = [text for statement, text in one.sentences() if statement.kind == "change"]
    assert told
    assert all(unresolved(other.checker.check(text)) for text in told)
