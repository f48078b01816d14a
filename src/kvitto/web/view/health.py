"""The health of a client's data: what each part is a share of, and its course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from kvitto.app.data_health import DataHealth, Score
from kvitto.model.block import TrendPoint
from kvitto.model.locale import Formatter
from kvitto.web.moment import show_day
from kvitto.web.view.trend import Line, draw
from kvitto.web.words import say, spoken

_GRADES = ((95.0, "sound"), (80.0, "fair"))


class Part(Protocol):
    """One part of a score, as far as the page looks at it."""

    @property
    def name(self) -> str:
        """Which part."""

    @property
    def part(self) -> int:
        """How many are as they should be."""

    @property
    def whole(self) -> int:
        """Of how many."""

    @property
    def share(self) -> float | None:
        """The one over the other; ``None`` where there is nothing to count."""

    @property
    def weight(self) -> int:
        """How much it counts in the score."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part: its share in per cent as text, and 0 to 1 for the bar.

    ``share`` is "" where there is nothing to count; ``counted`` says what it is
    a share of.
    """

    name: str
    explained: str
    share: str
    level: float
    grade: str
    counted: str
    weight: int


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score with one decimal, "" where there is none, and its grade."""

    name: str
    score: str
    level: float
    grade: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class ShownHealth:
    """The health as the page shows it; ``since`` is how it moved since the audit before."""

    day: str
    whole: ShownScore
    sources: tuple[ShownScore, ...]
    line: Line | None
    course: tuple[tuple[str, str], ...]
    since: str


def show_health(found: DataHealth) -> ShownHealth:
    """The sources that need most care first."""
    sources = sorted(found.sources, key=lambda one: 101.0 if one.score is None else one.score)
    points = [_point(day, score) for day, score in found.course]
    return ShownHealth(
        show_day(found.day),
        show_score(found.whole),
        tuple(show_score(one) for one in sources),
        draw(points),
        tuple((point.label, point.display) for point in reversed(points)),
        _since(found.course),
    )


def show_score(score: Score) -> ShownScore:
    """One score with its parts in the order of their weight."""
    bars = tuple(_bar(part) for part in score.parts)
    level = score.score
    return ShownScore(score.name, _number(level), (level or 0.0) / 100, grade(level), bars)


def grade(score: float | None) -> str:
    """sound, fair, poor; ``none`` without a score."""
    if score is None:
        return "none"
    return next((name for least, name in _GRADES if score >= least), "poor")


def _bar(part: Part) -> Bar:
    formatter = Formatter.of(spoken())
    share = part.share
    text = "" if share is None else _never_whole(formatter, share)
    numbers = {"part": formatter.decimal(part.part), "whole": formatter.decimal(part.whole)}
    return Bar(
        say(f"health.part.{part.name}"),
        say(f"health.why.{part.name}"),
        text,
        share or 0.0,
        grade(None if share is None else 100 * share),
        say(f"health.counted.{part.name}", **numbers),
        part.weight,
    )


def _never_whole(formatter: Formatter, share: float) -> str:
    """What lacks a little is never shown as all."""
    return formatter.share(share if share == 1 else min(share, 0.9994), 1 if share < 1 else 0)


def _number(score: float | None) -> str:
    if score is None:
        return ""
    return Formatter.of(spoken()).decimal(score if score == 100 else min(score, 99.94), 1)


def _point(day: date, score: float | None) -> TrendPoint:
    display = _number(score) or say("health.no_score")
    return TrendPoint(label=show_day(day), start=day.isoformat(), number=score, display=display)


def _since(course: Sequence[tuple[date, float | None]]) -> str:
    told = [(day, score) for day, score in course if score is not None]
    if len(told) < 2:
        return ""
    (before, was), (_, now) = told[-2:]
    moved = round(now, 1) - round(was, 1)
    if abs(moved) < 0.05:
        return say("health.unmoved", day=show_day(before))
    sign = "+" if moved > 0 else "\u2212"
    points = f"{sign}{Formatter.of(spoken()).decimal(abs(moved), 1)}"
    return say("health.moved", points=points, day=show_day(before))
