"""Two records side by side: what differs, how likely they are one, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from kvitto.app.decided import Decided
from kvitto.model.locale import Formatter
from kvitto.web.moment import show_day
from kvitto.web.text.sv_reason import REASONS
from kvitto.web.words import WORDS, say, spoken

if TYPE_CHECKING:
    from kvitto.app.decided import Candidate, Reason

CERTAIN = 90.0
"""A reason of this weight or more needs no other; its number says nothing to a person."""

FULL = 12.0
"""Bits at which the bar of a reason is full."""

AHEAD = 7
"""Pairs of the queue that are listed beside the one in hand."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}( 00:00:00)?$")
_WORDS_OF_SCORE = ((0.99, "certain"), (0.95, "very"), (0.8, "likely"), (0.5, "perhaps"))


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a value; ``differs`` where the other record has something else."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One field of both records. ``same`` is ``None`` where one of them has no value."""

    name: str
    left: tuple[Part, ...]
    right: tuple[Part, ...]
    same: bool | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reason; ``bar`` is 0 to 100. ``weight`` has its sign, "" where it says nothing."""

    said: str
    is_translated: bool
    weight: str
    speaks_for: bool
    bar: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair as the page shows it."""

    left: str
    right: str
    rows: tuple[Row, ...]
    per_cent: str
    likely: str
    reasons: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the list of what comes next. ``at`` is its place in the queue."""

    at: int
    left: str
    right: str
    per_cent: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The pair in hand and its place, ``None`` where nothing waits."""

    at: int
    count: int
    pair: Candidate | None
    shown: Shown | None
    ahead: tuple[Waiting, ...]
    tables: tuple[tuple[str, int], ...]


def lay_queue(pairs: Sequence[Candidate], table: str, at: int) -> Queue:
    """The queue of one table, or of all where ``table`` is empty, at its place ``at``."""
    counted = Counter(pair.table for pair in pairs)
    mine = [pair for pair in pairs if table in ("", pair.table)]
    at = min(max(at, 1), max(len(mine), 1))
    pair = mine[at - 1] if mine else None
    ahead = tuple(
        Waiting(place, *titles(each), per_cent(each.score))
        for place, each in enumerate(mine[at : at + AHEAD], start=at + 1)
    )
    shown = show(pair) if pair is not None else None
    return Queue(at, len(mine), pair, shown, ahead, tuple(sorted(counted.items())))


def show(pair: Candidate) -> Shown:
    """The pair with its differing words marked and its reasons, the heaviest first."""
    names = tuple(dict.fromkeys((*pair.one, *pair.other)))
    rows = tuple(_row(name, pair.one.get(name), pair.other.get(name)) for name in names)
    weighed = sorted(pair.reasons, key=lambda reason: -abs(reason.weight))
    return Shown(
        *titles(pair),
        rows,
        per_cent(pair.score),
        likely(pair.score),
        tuple(_weigh(reason) for reason in weighed),
    )


def titles(pair: Candidate) -> tuple[str, str]:
    """What both records are called."""
    return title(pair.one, pair.one_id), title(pair.other, pair.other_id)


def title(record: Mapping[str, str | None], id_: str) -> str:
    """What a person calls the record: its first value, else its id."""
    return next((value for value in record.values() if value), id_)


def title_of(decision: Decided, id_: str) -> str:
    """The same for a record of a decision."""
    return title(decision.records.get(id_, {}), id_)


def per_cent(score: float) -> str:
    """Whole per cent; what is not certain is never shown as 100."""
    formatter = Formatter.of(spoken())
    if 0.99 < score < 1:
        return f"> {formatter.share(0.99, 0)}"
    return formatter.share(score, 0)


def likely(score: float) -> str:
    """The score in words."""
    name = next((name for least, name in _WORDS_OF_SCORE if score >= least), "hardly")
    return say(f"review.likely.{name}")


def field_name(name: str) -> str:
    """A column in words."""
    key = f"field.{name}"
    return say(key) if key in WORDS else name.replace("_", " ")


def table_name(name: str) -> str:
    """A table in words."""
    key = f"table.{name}"
    return say(key) if key in WORDS else name.replace("_", " ")


def _row(name: str, left: str | None, right: str | None) -> Row:
    mine, theirs = _plain(left), _plain(right)
    if not mine or not theirs:
        same = None if mine or theirs else True
        return Row(field_name(name), _whole(mine, False), _whole(theirs, False), same)
    if mine.casefold() == theirs.casefold():
        return Row(field_name(name), _whole(mine, False), _whole(theirs, False), True)
    return Row(field_name(name), *compare(mine, theirs), False)


def compare(left: str, right: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Both texts cut where they differ, by words; the parts joined are the texts.

    Upper and lower case are one: nobody is another person for being written large.
    """
    one, other = (re.findall(r"\w+|\W", text) for text in (left, right))
    mine, theirs = ([token.casefold() for token in tokens] for tokens in (one, other))
    found: tuple[list[Part], list[Part]] = ([], [])
    for tag, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        for parts, tokens in zip(found, (one[a:b], other[c:d]), strict=True):
            if tokens:
                parts.append(Part("".join(tokens), tag != "equal"))
    return tuple(found[0]), tuple(found[1])


def _whole(text: str, differs: bool) -> tuple[Part, ...]:
    return (Part(text, differs),) if text else ()


def _plain(value: str | None) -> str:
    text = (value or "").strip()
    return show_day(text) if _DAY.match(text) else text


def _weigh(reason: Reason) -> Weighed:
    sure = abs(reason.weight) >= CERTAIN
    number = "" if sure or not reason.weight else _signed(reason.weight)
    bar = round(100 * min(abs(reason.weight), FULL) / FULL)
    said = translated(reason.said)
    return Weighed(said or reason.said, said is not None, number, reason.weight >= 0, bar)


def translated(said: str) -> str | None:
    """A reason in the language of the request; ``None`` where it is only there in English."""
    if spoken() == "en":
        return said
    words, _, likeness = said.rpartition(" ")
    if likeness.replace(".", "", 1).isdigit():
        found = REASONS.get(words)
        number = Formatter.of(spoken()).decimal(Decimal(likeness), 2)
        return None if found is None else f"{found} {number}"
    return REASONS.get(said)


def _signed(weight: float) -> str:
    text = Formatter.of(spoken()).decimal(abs(weight), 1)
    return f"+{text}" if weight > 0 else f"\u2212{text}"
