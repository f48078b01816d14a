"""Resolves the numbers of a sentence to facts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kvitto.model.block import Mark
from kvitto.model.statement import Statement
from kvitto.report.narrative.fact import Fact
from kvitto.report.narrative.lexicon import SIGNS
from kvitto.report.narrative.matching import Wanted, fits, sign_fits
from kvitto.report.narrative.number import Number
from kvitto.report.narrative.scope import (
    Line,
    comparison_at,
    following_hint,
    governing,
    hedge_at,
    metrics_at,
    names_metric,
    period_at,
    preceding_hint,
    said_at,
    segment_at,
    speaks_of_goal,
)

What = Literal["number", "direction", "cause"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a text may be held against."""

    facts: tuple[Fact, ...]
    statements: tuple[Statement, ...]

    def change(self, metric: str, comparison: str) -> Statement | None:
        """The statement on the whole change of a metric against one comparison."""
        for statement in self.statements:
            same = statement.subject == metric and statement.comparison == comparison
            if same and statement.kind == "change":
                return statement
        return None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A mark with the fact it was bound to."""

    mark: Mark
    fact: Fact | None = None


def resolve_number(line: Line, number: Number, evidence: Evidence) -> Resolved:
    """The fact that the number says, or what was looked for in vain."""
    start, end = line.reading.typed(number.start, number.end)
    if number.odd or not number.reads:
        why = f"'{_shown(line, number)}' cannot be read as a number or a known name"
        return Resolved(fact_mark(start, end, None, why))
    wanted = wanted_of(line, number, evidence)
    found = [fact for fact in evidence.facts if fits(number, fact, wanted)]
    right = [
        fact
        for fact in found
        if sign_fits(number, fact) and _governed(line, number, fact, wanted.before)
    ]
    if right:
        best = min(right, key=_preference)
        return Resolved(fact_mark(start, end, best, ""), best)
    return Resolved(fact_mark(start, end, None, _why(line, number, wanted, found, evidence)))


def wanted_of(line: Line, number: Number, evidence: Evidence) -> Wanted:
    """What the sentence around a number says of it."""
    metrics = metrics_at(line, number.start, number.end)
    named = names_metric(line) or (bool(metrics) and _stands_alone(line, number))
    after = following_hint(line, number)
    comparison = comparison_at(line, number.start, number.end, metrics)
    return Wanted(
        metrics=metrics,
        named=named,
        segment=segment_at(line, number.start, number.end),
        comparison=comparison or only_comparison(metrics, evidence),
        period=period_at(line, number),
        own_period=line.period,
        said=said_at(line, number),
        before=preceding_hint(line, number),
        after=after,
        hedge=hedge_at(line, number),
        goal=speaks_of_goal(line),
        bounds=_speaks_of_bounds(line),
        part=_part(line, number),
        bare=_stands_alone(line, number),
    )


def resolve_ratio(line: Line, found: tuple[int, int, float], evidence: Evidence) -> Resolved:
    """ "doubled", "halved": the ratio of the two figures, to one part in forty."""
    start, end, ratio = found
    metrics = metrics_at(line, start, end)
    comparison = comparison_at(line, start, end, metrics) or only_comparison(metrics, evidence)
    hedge = hedge_at(line, Number(start, end, ()))
    low, high = {
        "over": (ratio, ratio * 1.5),
        "under": (ratio * 0.9, ratio),
        "about": (ratio * 0.9, ratio * 1.1),
    }.get(hedge, (ratio * 0.975, ratio * 1.025))
    segment = segment_at(line, start, end)
    for fact in evidence.facts:
        about = fact.role == "ratio" and fact.metric in metrics and fact.subject == segment
        if about and fact.comparison == comparison and low <= fact.number <= high:
            return Resolved(fact_mark(*line.reading.typed(start, end), fact, ""), fact)
    why = f"no measured change of {_names(metrics)} is {ratio:g} times the earlier figure"
    return Resolved(fact_mark(*line.reading.typed(start, end), None, why))


def resolve_fraction(line: Line, found: tuple[int, int, float], evidence: Evidence) -> Resolved:
    """ "a third of": a share, or a segment's part of a change, to a hundredth or two."""
    start, end, part = found
    metrics = metrics_at(line, start, end)
    segment = segment_at(line, start, end)
    slack = 0.04 if hedge_at(line, Number(start, end, ())) else 0.015
    for fact in evidence.facts:
        if fact.metric not in metrics or fact.subject != segment:
            continue
        if _is_part(line, start, end, fact) and abs(abs(fact.number) - part) <= slack:
            return Resolved(fact_mark(*line.reading.typed(start, end), fact, ""), fact)
    why = f"no share of {_names(metrics)} is near {part:.0%}"
    return Resolved(fact_mark(*line.reading.typed(start, end), None, why))


def _is_part(line: Line, start: int, end: int, fact: Fact) -> bool:
    """Whether a fact is a part of a whole, or a relative change in the told direction."""
    if fact.role == "change":
        return fact.unit == "percent" and _governed(line, Number(start, end, ()), fact, "")
    return (fact.unit == "share" and fact.role == "value") or fact.role in ("portion", "reached")


def _governed(line: Line, number: Number, fact: Fact, hint: str) -> bool:
    """A change without a sign takes it from its direction word.

    Without such a word only "a change of ..." can be meant, and of a rise. News
    ("improved by 2 days") is held against the good way of the change elsewhere.
    """
    nothing = fact.number == 0 or all(read.number == 0 for read in number.reads)
    if number.sign or not fact.is_change or fact.role == "gap" or (nothing and number.reads):
        return True
    word = governing(line, number)
    if word is not None and word.payload.group.endswith(_NEWS):
        return True
    if word is None or SIGNS[word.payload.group] == 0:
        return fact.number > 0 and hint == "change"
    return SIGNS[word.payload.group] == math.copysign(1, fact.number)


_NEWS = ("good", "bad")
_ORDER = (
    "value",
    "change",
    "contribution",
    "target",
    "reached",
    "gap",
    "expected",
    "earlier",
    "rate",
    "mix",
    "trend",
    "portion",
    "ratio",
    "low",
    "high",
    "rows",
)


def _preference(fact: Fact) -> tuple[int, int, str]:
    place = _ORDER.index(fact.role) if fact.role in _ORDER else len(_ORDER)
    return place, 0 if fact.receipt else 1, fact.metric


def only_comparison(metrics: frozenset[str], evidence: Evidence) -> str:
    """Where nothing is said, the period before is meant, or the one comparison there is."""
    kinds = {
        fact.comparison
        for fact in evidence.facts
        if fact.role == "change" and (not metrics or fact.metric in metrics)
    }
    if "previous" in kinds or len(kinds) != 1:
        return "previous"
    return next(iter(kinds))


def _stands_alone(line: Line, number: Number) -> bool:
    """Whether no unknown noun follows a number that has no unit."""
    following = line.tokens_after(number.end, 1)
    if not following or not following[0].text.isalpha():
        return True
    known = ("look_around", "boundaries", "connecting", "after_figure", "ranges")
    return any(following[0].text in line.lexicon.set(name) for name in known)


def _speaks_of_bounds(line: Line) -> bool:
    words = set(line.lexicon.words("hints.low_high"))
    return any(token.text in words for token in line.reading.tokens)


def _part(line: Line, number: Number) -> str:
    """Whether the words nearest to a number speak of the mix or of the rates within."""
    near: list[tuple[int, str]] = []
    for kind, words in (("mix", "mix_words"), ("rate", "within_words")):
        for token in line.reading.tokens:
            if token.text in line.lexicon.set(words):
                first, last = sorted(((token.start, token.end), (number.start, number.end)))
                turns = line.tokens_between(first[1], last[0])
                crossed = sum(each.text in line.lexicon.set("boundaries") for each in turns)
                near.append((len(turns) + 100 * crossed, kind))
    return min(near)[1] if near else ""


def fact_mark(start: int, end: int, fact: Fact | None, why: str, *, what: What = "number") -> Mark:
    """A stretch bound to a fact; unresolved, and why, where there is none."""
    return Mark(
        start=start,
        end=end,
        what=what,
        state="unresolved" if fact is None else "bound",
        receipt=fact.receipt if fact else None,
        statement=fact.statement if fact else None,
        why=why,
    )


def _shown(line: Line, number: Number) -> str:
    start, end = number.start, number.end
    return line.reading.view[start:end][:40]


def _why(
    line: Line, number: Number, wanted: Wanted, found: Sequence[Fact], evidence: Evidence
) -> str:
    text = _shown(line, number)
    if found:
        return f"'{text}' has the size of a change of {found[0].metric}, but not its sign"
    about = _names(wanted.metrics)
    where = f" for {wanted.segment}" if wanted.segment else ""
    if not wanted.metrics:
        return f"no figure of the report is '{text}'; name the metric it belongs to, or bind it"
    known = [
        fact.display
        for fact in evidence.facts
        if fact.metric in wanted.metrics and fact.subject == wanted.segment and fact.display
    ]
    shown = f"; known: {', '.join(list(dict.fromkeys(known))[:4])}" if known else ""
    return f"no figure of {about}{where} is '{text}' there{shown}"


def _names(metrics: frozenset[str]) -> str:
    return ", ".join(sorted(metrics)) or "any metric"
