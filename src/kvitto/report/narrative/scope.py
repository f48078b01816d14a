"""What each word of a sentence belongs to: which metric, segment, comparison, period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kvitto.report.narrative.lexicon import Direct, Lexicon
from kvitto.report.narrative.mention import Mentions
from kvitto.report.narrative.number import Number
from kvitto.report.narrative.phrase import Found
from kvitto.report.narrative.reading import Reading, Token
from kvitto.report.narrative.when import When

ELSEWHEN = "another period"
"""A period that a text compares with and nothing was measured against."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What the sentences before spoke of last: for "it" and "the difference"."""

    metrics: frozenset[str] = frozenset()
    comparison: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, read."""

    reading: Reading
    mentions: Mentions
    numbers: tuple[Number, ...]
    directions: tuple[Found[Direct], ...]
    lexicon: Lexicon
    period: str
    carried: Carried = Carried()
    labels: dict[str, frozenset[str]] = field(default_factory=dict)

    def tokens_between(self, start: int, end: int) -> list[Token]:
        """The tokens that lie wholly within the stretch."""
        return [each for each in self.reading.tokens if start <= each.start and each.end <= end]

    def tokens_before(self, start: int, count: int) -> list[Token]:
        return [each for each in self.reading.tokens if each.end <= start][-count:]

    def tokens_after(self, end: int, count: int) -> list[Token]:
        return [each for each in self.reading.tokens if each.start >= end][:count]


def names_metric(line: Line) -> bool:
    """Whether the sentence itself names a metric."""
    return bool(line.mentions.metrics)


def metrics_at(line: Line, start: int, end: int) -> frozenset[str]:
    """The metrics that the stretch is about; those carried over where none is named.

    A metric named right after it ("37 deals won", "higher win rate"), else the
    last one before, else the first one after. Metrics in a row ("A and B")
    belong together, and as many numbers after them go with them in order.
    """
    mentions = line.mentions.metrics
    for mention in mentions:
        if mention.start >= end and _connected(line, end, mention.start):
            return mention.payload
    group = _group_before(line, start)
    if group:
        return _in_order(line, group, start)
    after = [mention for mention in mentions if mention.start >= end]
    if after:
        return after[0].payload
    return line.carried.metrics


def segment_at(line: Line, start: int, end: int) -> str:
    """The segment that the stretch is about; empty for the whole."""
    mentions = line.mentions.segments
    for mention in mentions:
        if mention.start >= end and _connected(line, end, mention.start, least=1):
            return mention.payload
    before = [mention for mention in mentions if mention.end <= start]
    if not before:
        return ""
    last = before[-1]
    between = line.tokens_between(last.end, start)
    if any(token.text in line.lexicon.set("total") for token in between):
        return ""
    turns = [token for token in between if _is_boundary(line, token)]
    if turns and any(turns[0].end <= each.start < start for each in line.mentions.metrics):
        return ""
    return last.payload


def segment_weighs(line: Line, start: int) -> bool:
    """Whether the segment named before a claim belongs to it: not across "of which"."""
    before = [each for each in line.mentions.segments if each.end <= start]
    if not before:
        return True
    between = line.tokens_between(before[-1].end, start)
    turned = any(_is_boundary(line, token) for token in between)
    metric = any(before[-1].end <= each.start < start for each in line.mentions.metrics)
    return not (turned and metric)


def comparison_at(line: Line, start: int, end: int, metrics: frozenset[str] = frozenset()) -> str:
    """What the stretch is held against, as the sentence says it; empty where it does not."""
    found = compared(line, metrics)
    kinds = {kind for _, _, kind in found}
    if len(kinds) <= 1:
        if kinds or names_metric(line):
            return next(iter(kinds), "")
        return line.carried.comparison
    stop = next(
        (
            each.start
            for each in line.reading.tokens
            if each.start >= end and _is_boundary(line, each)
        ),
        len(line.reading.view),
    )
    after = [kind for first, _, kind in found if end <= first < stop]
    before = [kind for _, last, kind in found if last <= start]
    if after:
        return after[0]
    return before[-1] if before else found[0][2]


def compared(line: Line, metrics: frozenset[str]) -> list[tuple[int, int, str]]:
    """All words for something to compare with, periods included, goals left aside."""
    found = [
        (each.start, each.end, each.payload)
        for each in line.mentions.comparisons
        if each.payload != "goal"
    ]
    taken = [(start, end) for start, end, _ in found]
    for when in line.mentions.whens:
        kind = _comparison_of(line, when)
        framed = kind and not _is_held_against(line, when) and _frames(line, when)
        if (
            kind
            and not framed
            and not any(when.start < end and start < when.end for start, end in taken)
        ):
            found.append((when.start, when.end, kind))
    return sorted(found)


def speaks_of_goal(line: Line) -> bool:
    """Whether the sentence names a goal, a target or a limit."""
    return any(each.payload == "goal" for each in line.mentions.comparisons)


def period_at(line: Line, number: Number) -> str:
    """The period that a number is said to be of: named right after it, or framing it."""
    for when in line.mentions.whens:
        if when.label and not _is_held_against(line, when) and _attached(line, number, when):
            return when.label
    return frame_at(line, number.start)


def frame_at(line: Line, place: int) -> str:
    """The period that a clause is set in ("In October, ..."), empty where there is none."""
    for when in line.mentions.whens:
        if not when.label or _is_held_against(line, when):
            continue
        before = line.tokens_before(when.start, 2)
        opening = len(line.tokens_between(0, when.start)) <= 1
        if not opening and not any(t.text in line.lexicon.set("framing") for t in before):
            continue
        if any(_attached(line, number, when) for number in line.numbers):
            continue
        first, last = sorted((when.start, place))
        turned = any(_is_boundary(line, token) for token in line.tokens_between(first, last))
        if opening or not turned:
            return when.label
    return ""


def _frames(line: Line, when: When) -> bool:
    before = line.tokens_before(when.start, 1)
    return bool(before) and before[0].text in line.lexicon.set("framing")


def _attached(line: Line, number: Number, when: When) -> bool:
    """Whether a period is named right after a number ("406 in November")."""
    return when.start >= number.end and _connected(line, number.end, when.start, least=1)


def _is_held_against(line: Line, when: When) -> bool:
    """Whether a period follows "compared with", "from", "than"."""
    hints = line.lexicon.hints.find(line.reading)
    return any(
        each.payload == "earlier" and _touching(line, each.end, when.start) for each in hints
    )


def said_at(line: Line, number: Number) -> str:
    """The comparison whose own figure a number is said to be ("800 the year before").

    "Last month" is left out: in a report on a month it may mean that month.
    """
    for each in line.mentions.comparisons:
        if each.payload not in ("previous", "last_year", "baseline"):
            continue
        movable = line.reading.tokens[each.first].text in line.lexicon.set("movable")
        if movable and each.payload == "previous":
            continue
        close = each.start >= number.end and _touching(line, number.end, each.start)
        opening = each.end <= number.start and not line.tokens_between(0, each.start)
        if close or opening:
            return each.payload
    return ""


def same_period(label: str, period: str) -> bool:
    """Whether a label, perhaps without its year ("-11", "-Q4"), means that period."""
    return bool(label) and (label == period or (label.startswith("-") and period.endswith(label)))


def governing(line: Line, number: Number) -> Found[Direct] | None:
    """The direction word that a number without a sign takes its sign from."""
    near: list[tuple[int, Found[Direct]]] = []
    for word in line.directions:
        first, last = sorted(((word.start, word.end), (number.start, number.end)))
        between = line.tokens_between(first[1], last[0])
        if not any(_is_boundary(line, token) for token in between):
            near.append((len(between), word))
    return min(near, key=lambda each: each[0])[1] if near else None


def preceding_hint(line: Line, number: Number) -> str:
    """What the words right before a number say of its part: earlier, later, change, ..."""
    last = ""
    lead = _lead(line, number)
    for found in line.lexicon.hints.find(line.reading):
        gap = line.tokens_between(found.end, lead)
        near = found.end <= lead and len(gap) <= 3
        if near and all(_is_filler(line, token) for token in gap):
            last = found.payload
    return last


def following_hint(line: Line, number: Number) -> str:
    """What the words right after a number say of its part: gap, expected, reached."""
    for found in line.lexicon.aftermath.find(line.reading):
        gap = line.tokens_between(number.end, found.start)
        if (
            found.start >= number.end
            and len(gap) <= 1
            and all(token.text.isalpha() for token in gap)
        ):
            return found.payload
    return ""


def hedge_at(line: Line, number: Number) -> str:
    """ "about", "over" or "under" right before a number; empty where it is plain."""
    found = _hedge(line, number)
    return found.payload if found else ""


def _hedge(line: Line, number: Number) -> Found[str] | None:
    for found in line.lexicon.hedges.find(line.reading):
        if found.end <= number.start and not line.tokens_between(found.end, number.start):
            return found
    return None


def _lead(line: Line, number: Number) -> int:
    """Where the words before a number begin, its hedge counted with it."""
    found = _hedge(line, number)
    return found.start if found else number.start


def with_metrics(carried: Carried, metrics: frozenset[str], comparison: str) -> Carried:
    """What is carried on to the next sentence."""
    if not metrics:
        return carried
    return replace(carried, metrics=metrics, comparison=comparison)


def _comparison_of(line: Line, when: When) -> str:
    """The comparison whose period is named; :data:`ELSEWHEN` for "compared with" any other."""
    if not when.label or same_period(when.label, line.period):
        return ""
    for known, kinds in line.labels.items():
        if same_period(when.label, known):
            return sorted(kinds)[0]
    return ELSEWHEN if _is_held_against(line, when) else ""


def _connected(line: Line, end: int, start: int, least: int = 0) -> bool:
    if start < end:
        return False
    between = line.tokens_between(end, start)
    return least <= len(between) <= 3 and all(
        token.text in line.lexicon.set("connecting") for token in between
    )


def _touching(line: Line, end: int, start: int) -> bool:
    between = line.tokens_between(end, start)
    return (
        start >= end
        and len(between) <= 2
        and all(token.text in line.lexicon.set("connecting") for token in between)
    )


def _group_before(line: Line, start: int) -> list[Found[frozenset[str]]]:
    before = [mention for mention in line.mentions.metrics if mention.end <= start]
    group = before[-1:]
    for mention in reversed(before[:-1]):
        between = line.tokens_between(mention.end, group[0].start)
        if not between or not all(
            token.text in line.lexicon.set("coordinating") for token in between
        ):
            break
        group.insert(0, mention)
    return group


def _in_order(line: Line, group: Sequence[Found[frozenset[str]]], start: int) -> frozenset[str]:
    if len(group) == 1:
        return group[0].payload
    last = group[-1].end
    following = [mention.start for mention in line.mentions.metrics if mention.start >= last]
    stop = following[0] if following else len(line.reading.view)
    numbers = [number for number in line.numbers if last <= number.start < stop]
    places = [place for place, number in enumerate(numbers) if number.start == start]
    if places and len(numbers) == len(group):
        return group[places[0]].payload
    return frozenset().union(*(mention.payload for mention in group))


def _is_boundary(line: Line, token: Token) -> bool:
    return token.text == ";" or token.text in line.lexicon.set("boundaries")


def _is_filler(line: Line, token: Token) -> bool:
    return token.text in line.lexicon.set("fillers") or token.text in line.lexicon.hedges.entries
