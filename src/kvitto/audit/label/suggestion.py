"""What an undecided label may mean: by its look, by known words, by what it occurs with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kvitto.audit.label.word import known_words
from kvitto.workspace.label import folded

ASKED = 0.8
"""The score from which a suggestion is worth a person's look."""

LEADERS = 500
"""Labels against which all others are held where no canonical values are declared."""

_SAME, _WORDS, _WITHIN = 1.0, 0.95, 0.78
_DOUBTED, _TOGETHER, _SHOWN = 0.3, 0.7, 3
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A canonical label that another may mean. ``score`` is from 0 to 1, ``why`` its grounds."""

    canonical: str
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The labels of one concept, undecided ones with their rows, and what is known.

    ``settled`` are canonical already. ``together`` says of pairs of labels how
    much they occur with the same other attributes, from 0 to 1, and with which.
    """

    concept: str
    rows: Mapping[str, int]
    settled: Sequence[str] = ()
    together: Mapping[tuple[str, str], tuple[float, str]] = field(default_factory=dict)


def suggest(asked: Asked) -> dict[str, tuple[Suggestion, ...]]:
    """For each undecided label the best suggestions, best first; none where nothing is alike.

    Without declared values the most frequent spelling of a group is what the
    others are suggested to be. The same labels always give the same answer.
    """
    targets = _targets(asked)
    if not targets:
        return {}
    found: dict[str, list[Suggestion]] = {}
    labels = sorted(asked.rows, key=lambda label: (-asked.rows[label], label))
    for start in range(0, len(labels), _CHUNK):
        part = labels[start : start + _CHUNK]
        _by_words(asked, part, targets, found)
        _by_look(asked, part, targets, found)
    _by_company(asked, targets, found)
    return {label: _best(found.get(label, []), asked.rows) for label in labels}


def _targets(asked: Asked) -> list[str]:
    """What a label may become: what is settled; else codes, or the leading spellings."""
    if asked.settled:
        return sorted(dict.fromkeys(asked.settled))
    ranked = sorted(asked.rows, key=lambda label: (-asked.rows[label], label))
    if asked.concept == "country":
        words = known_words("country")
        return sorted({words[folded(label)] for label in ranked if folded(label) in words})
    return ranked[:LEADERS]


def _may(asked: Asked, label: str, target: str) -> bool:
    """Whether it may become the target: of two undecided ones the rarer becomes the other."""
    if label == target:
        return False
    if asked.settled or asked.concept == "country" or target not in asked.rows:
        return True
    here, there = asked.rows[label], asked.rows[target]
    return (there, label) > (here, target) if there != here else target < label


def _by_words(
    asked: Asked, labels: Sequence[str], targets: Sequence[str], found: dict[str, list[Suggestion]]
) -> None:
    """Labels that fold to the same text, or that are usual words for the same thing."""
    words = known_words(asked.concept)
    by_fold: dict[str, list[str]] = {}
    by_word: dict[str, list[str]] = {}
    for target in targets:
        by_fold.setdefault(folded(target), []).append(target)
        meaning = words.get(folded(target))
        if meaning is not None:
            by_word.setdefault(meaning, []).append(target)
    for label in labels:
        plain = folded(label)
        for target in by_fold.get(plain, ()):
            if _may(asked, label, target):
                why = "the same but for case, accents, signs and spaces"
                found.setdefault(label, []).append(Suggestion(target, _SAME, why))
        for target in by_word.get(words.get(plain, ""), ()):
            if _may(asked, label, target) and folded(target) != plain:
                why = f"both are usual words for {words[plain].replace('_', ' ')}"
                found.setdefault(label, []).append(Suggestion(target, _WORDS, why))


def _by_look(
    asked: Asked, labels: Sequence[str], targets: Sequence[str], found: dict[str, list[Suggestion]]
) -> None:
    """Labels that differ by a few letters, or of which one holds the words of the other."""
    import numpy as np
    from rapidfuzz import fuzz, process

    words = known_words(asked.concept)
    left, right = [folded(label) for label in labels], [folded(target) for target in targets]
    scores = process.cdist(left, right, scorer=fuzz.ratio, score_cutoff=70, dtype=np.uint8)
    whole = process.cdist(
        left, right, scorer=fuzz.token_sort_ratio, score_cutoff=70, dtype=np.uint8
    )
    scores = np.maximum(scores, whole)
    tokens = [frozenset(text.split()) for text in right]
    holding: dict[str, list[int]] = {}
    for place, parts in enumerate(tokens):
        for part in parts:
            if len(part) > 3:
                holding.setdefault(part, []).append(place)
    for row, label in enumerate(labels):
        near = {int(place): int(scores[row, place]) / 100 for place in np.flatnonzero(scores[row])}
        parts = frozenset(left[row].split())
        for part in parts:
            for place in holding.get(part, ())[: _SHOWN * 10]:
                if tokens[place] < parts or parts < tokens[place]:
                    near[place] = max(near.get(place, 0.0), _WITHIN)
        for place, score in near.items():
            target = targets[place]
            if not left[row] or left[row] == right[place] or not _may(asked, label, target):
                continue
            one, other = words.get(left[row]), words.get(right[place])
            if one is not None and other is not None:
                if one == other:
                    continue
                score *= _DOUBTED
            why = f"looks like it ({round(score * 100)} %)"
            found.setdefault(label, []).append(Suggestion(target, round(score, 3), why))


def _by_company(asked: Asked, targets: Sequence[str], found: dict[str, list[Suggestion]]) -> None:
    """Labels that occur with what another label occurs with."""
    known = frozenset(targets)
    for (label, target), (share, what) in sorted(asked.together.items()):
        if label not in asked.rows or target not in known or not _may(asked, label, target):
            continue
        why = f"{round(share * 100)} % of it occurs with the same {what}"
        score = round(min(0.9, _TOGETHER + 0.2 * share) if share >= 0.5 else share, 3)
        found.setdefault(label, []).append(Suggestion(target, score, why))


def _best(found: Sequence[Suggestion], rows: Mapping[str, int]) -> tuple[Suggestion, ...]:
    """One for each target: the best ground first, others add a little and are named too."""
    by_target: dict[str, list[Suggestion]] = {}
    for one in found:
        by_target.setdefault(one.canonical, []).append(one)
    made = []
    for target, grounds in by_target.items():
        ranked = sorted(grounds, key=lambda one: (-one.score, one.why))
        score = ranked[0].score
        if len(ranked) > 1 and score < 1:
            score = min(0.99, score + 0.1 * ranked[1].score)
        made.append(Suggestion(target, round(score, 3), "; ".join(one.why for one in ranked)))
    made.sort(key=lambda one: (-one.score, -rows.get(one.canonical, 0), one.canonical))
    return tuple(one for one in made if one.score >= 0.5)[:_SHOWN]
