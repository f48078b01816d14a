"""Direction words, and words about chance: each must agree with what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kvitto.insight.rounding import in_steps, step_of
from kvitto.model.block import Mark
from kvitto.model.statement import Statement
from kvitto.report.narrative.fact import Fact
from kvitto.report.narrative.lexicon import SIGNS, Direct, Lexicon
from kvitto.report.narrative.mention import Mentions
from kvitto.report.narrative.number import Number
from kvitto.report.narrative.phrase import Found
from kvitto.report.narrative.reading import Reading, Token
from kvitto.report.narrative.resolving import Evidence, fact_mark, only_comparison
from kvitto.report.narrative.scope import (
    Line,
    comparison_at,
    frame_at,
    metrics_at,
    same_period,
    segment_at,
    segment_weighs,
)

_NEAR = 3


@dataclass(frozen=True, slots=True)
class About:
    """What a claim is about."""

    metrics: frozenset[str]
    segment: str
    comparison: str


def claims_in(
    reading: Reading, lexicon: Lexicon, mentions: Mentions, numbers: tuple[Number, ...]
) -> tuple[Found[Direct], ...]:
    """The direction words that claim something: no plans, no names, no phrasal verbs."""
    found = []
    hedges = [(each.start, each.end) for each in lexicon.hedges.find(reading)]
    hedged = [span for span in hedges if any(_follows(reading, span, each) for each in numbers)]
    for word in lexicon.directions.find(reading):
        if mentions.covers(word.start, word.end) or _within(word, hedged):
            continue
        before = [token for token in reading.tokens if token.end <= word.start]
        after = [token for token in reading.tokens if token.start >= word.end]
        if _is_plan(word, before, after, lexicon):
            continue
        if not word.payload.weak or _is_claim(
            reading, word, before, after, lexicon, mentions, numbers
        ):
            found.append(word)
    return tuple(found)


def _follows(reading: Reading, span: tuple[int, int], number: Number) -> bool:
    between = reading.view[span[1] : number.start]
    return span[1] <= number.start and not between.strip()


def _within(word: Found[Direct], spans: list[tuple[int, int]]) -> bool:
    return any(start <= word.start and word.end <= end for start, end in spans)


def resolve_direction(line: Line, word: Found[Direct], evidence: Evidence) -> Mark:
    """Bound to the statement whose direction it tells, else unresolved with the reason."""
    about = about_at(line, word.start, word.end, evidence)
    start, end = line.reading.typed(word.start, word.end)
    text = line.reading.view[word.start : word.end]
    if not about.metrics:
        return _mark(start, end, None, f"'{text}' names no metric whose change was measured")
    frame = frame_at(line, word.start)
    if line.period and frame and not same_period(frame, line.period):
        return _mark(start, end, None, f"'{text}': no change was measured for that period")
    negated = _is_negated(line, word.start, word.end)
    last: Fact | None = None
    for metric in sorted(about.metrics):
        fact = _change_fact(evidence, metric, about)
        if fact is None:
            where = f" for {about.segment}" if about.segment else ""
            why = f"no change of {metric}{where} against '{about.comparison}' was measured"
            return _mark(start, end, None, why)
        if _agrees(word.payload.group, fact, evidence) is negated:
            why = f"'{text}' does not agree with the measured change of {metric}: {_told(fact)}"
            return _mark(start, end, None, why)
        last = fact
    return _mark(start, end, last, "")


def resolve_weight(line: Line, found: Found[str], evidence: Evidence) -> Mark | None:
    """Words about chance ("significant", "within normal variation"); ``None`` if no claim."""
    if found.payload == "significance" and not _weighs_direction(line, found):
        return None
    about = about_at(line, found.start, found.end, evidence)
    start, end = line.reading.typed(found.start, found.end)
    text = line.reading.view[found.start : found.end]
    negated = _is_negated(line, found.start, found.end)
    wants_noise = (found.payload == "noise") is not negated
    last: Statement | None = None
    for metric in sorted(about.metrics):
        last = evidence.change(metric, about.comparison)
        if last is None or about.segment:
            return _weight_mark(start, end, None, f"'{text}': no test of {metric} was made there")
        right = last.verdict == "noise" if wants_noise else last.significant
        if not right:
            why = f"'{text}': the test of {metric} says '{last.verdict or 'not tested'}'"
            return _weight_mark(start, end, None, why)
    if last is None:
        return _weight_mark(start, end, None, f"'{text}' names no change that was tested")
    return _weight_mark(start, end, last, "")


def resolve_goal(line: Line, found: Found[str], evidence: Evidence) -> Mark:
    """ "ahead of plan", "missed the goal": held against the goal's measured standing."""
    start, end = line.reading.typed(found.start, found.end)
    text = line.reading.view[found.start : found.end]
    metrics = metrics_at(line, found.start, found.end)
    kind = found.payload
    if kind == "goal_ahead" and _clause_is_negated(line, found.start):
        kind = "goal_behind"
    goals = [each for each in evidence.statements if each.kind == "goal"]
    about = [each for each in goals if each.subject in metrics]
    if not about:
        return _weight_mark(start, end, None, f"'{text}': no goal of that metric was measured")
    wanted = {"goal_ahead": "ahead", "goal_behind": "behind", "goal_near": "on_track"}[kind]
    wrong = [each for each in about if each.standing != wanted]
    if wrong:
        why = f"'{text}': {wrong[0].subject} stands '{wrong[0].standing}' to its goal"
        return _weight_mark(start, end, None, why)
    return _weight_mark(start, end, about[0], "")


def about_at(line: Line, start: int, end: int, evidence: Evidence) -> About:
    """The metric, segment and comparison of a claim."""
    metrics = metrics_at(line, start, end)
    comparison = comparison_at(line, start, end, metrics) or only_comparison(metrics, evidence)
    segment = segment_at(line, start, end) if segment_weighs(line, start) else ""
    return About(metrics, segment, comparison)


def _change_fact(evidence: Evidence, metric: str, about: About) -> Fact | None:
    wanted = [
        fact
        for fact in evidence.facts
        if fact.metric == metric
        and fact.subject == about.segment
        and fact.comparison == about.comparison
        and fact.role in ("change", "contribution")
        and fact.unit not in ("percent", "times")
    ]
    wanted.sort(key=lambda fact: (fact.role != "change", fact.statement is None))
    return wanted[0] if wanted else None


def _agrees(group: str, fact: Fact, evidence: Evidence) -> bool:
    sign = 0 if fact.number == 0 else int(math.copysign(1, fact.number))
    unit = "share" if fact.unit == "points" else fact.unit
    if group == "flat":
        return in_steps(abs(fact.number), step_of(unit, abs(fact.number))) == 0
    statement = evidence.change(fact.metric, fact.comparison)
    if group == "steady":
        return statement is not None and statement.arrow is None and not fact.subject
    if group.endswith(("good", "bad")):
        whole = statement.good if statement is not None else None
        if whole is None or not sign:
            return False
        way = sign if whole is (statement is not None and (statement.magnitude or 0) > 0) else -sign
        return way == SIGNS[group]
    return sign == SIGNS[group]


def _told(fact: Fact) -> str:
    if fact.number == 0:
        return "it did not change"
    return "it rose" if fact.number > 0 else "it fell"


def _is_plan(
    word: Found[Direct], before: list[Token], after: list[Token], lexicon: Lexicon
) -> bool:
    """Infinitives are plans ("to increase"), unless it "continued to" or "did"."""
    group = word.payload.group
    near = [token.text for token in before[-4:]]
    if group.startswith("infinitive"):
        return not (_broken(near, lexicon) or set(near[-3:]) & lexicon.set("did"))
    if not group.startswith("noun"):
        return False
    previous = near[-1] if near else ""
    if previous in lexicon.set("intent_before"):
        return not _broken(near, lexicon)
    if set(near[-3:]) & lexicon.set("did"):
        return False
    following = after[0].text if after else ""
    return not near and following in lexicon.set("plan_objects")


def _broken(near: list[str], lexicon: Lexicon) -> bool:
    text = " ".join(near)
    return any(text.endswith(phrase) for phrase in lexicon.words("intent_broken_by"))


def _is_claim(
    reading: Reading,
    word: Found[Direct],
    before: list[Token],
    after: list[Token],
    lexicon: Lexicon,
    mentions: Mentions,
    numbers: tuple[Number, ...],
) -> bool:
    """Whether a word of many uses ("up", "more", "better") speaks of a measured change."""
    left = before[-1].end if before else -1
    right, following = (after[0].start, after[0].text) if after else (-1, "")
    spans = [(each.start, each.end) for each in mentions.metrics]
    spans += [(each.start, each.end) for each in mentions.segments]
    beside = any(number.start == right or number.end == left for number in numbers)
    looking = following in lexicon.set("look_around")
    if word.payload.group in ("more", "less"):
        ahead = {token.text for token in after[:6]}
        nouns = {each.start for each in lexicon.units.find(reading) if each.payload.kind == "count"}
        counted = right in nouns or any(start == right for start, _ in spans)
        planned = {token.text for token in before[-6:]} & lexicon.set("intent_before")
        return beside or bool(ahead & lexicon.set("than")) or (counted and not planned)
    near = {token.text for token in before[-2:]}
    pair = " ".join(token.text for token in before[-2:])
    verbs = lexicon.set("claim_before")
    told = bool(near & verbs) or pair in verbs or any(end == left for _, end in spans)
    if reading.tokens[word.first].text in lexicon.set("particles"):
        return told or beside or looking
    return told or beside or looking or bool(mentions.metrics)


def _weighs_direction(line: Line, found: Found[str]) -> bool:
    """ "significant" always weighs a change; "clear" and "strong" only beside a direction."""
    if line.reading.tokens[found.first].text in line.lexicon.set("always_weighs"):
        return True
    return any(len(line.tokens_between(*_gap(found, word))) <= _NEAR for word in line.directions)


def _gap(one: Found[str], other: Found[Direct]) -> tuple[int, int]:
    first, last = sorted(((one.start, one.end), (other.start, other.end)))
    return first[1], last[0]


def _is_negated(line: Line, start: int, end: int) -> bool:
    """A "not" shortly before, or (as in Swedish) right after the verb."""
    words = [token.text for token in line.tokens_before(start, _NEAR)]
    words += [token.text for token in line.tokens_after(end, 1)]
    return any(word in line.lexicon.set("negation") for word in words)


def _clause_is_negated(line: Line, start: int) -> bool:
    """Whether a "not" stands anywhere before in the same clause."""
    for token in reversed(line.tokens_between(0, start)):
        if token.text in line.lexicon.set("boundaries"):
            return False
        if token.text in line.lexicon.set("negation"):
            return True
    return False


def _mark(start: int, end: int, fact: Fact | None, why: str) -> Mark:
    return fact_mark(start, end, fact, why, what="direction")


def _weight_mark(start: int, end: int, statement: Statement | None, why: str) -> Mark:
    return Mark(
        start=start,
        end=end,
        what="direction",
        state="unresolved" if statement is None else "bound",
        receipt=statement.evidence[0] if statement and statement.evidence else None,
        statement=statement.id if statement else None,
        why=why,
    )
