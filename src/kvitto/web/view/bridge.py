"""The bridge between two figures: each step as a bar, a reason and its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from kvitto.app.comparable import Comparable
from kvitto.app.house import House
from kvitto.model.locale import Formatter
from kvitto.model.value import Figure, Missing
from kvitto.web.moment import show_day
from kvitto.web.words import say, spoken

if TYPE_CHECKING:
    from kvitto.app.comparable import Bridge, Compared, Day, Step, Told

WIDTH = 400.0
"""Units across the drawing of a step."""

_MARGIN = 0.12
_OF_ZONE = "The days of "
ROWS = 50
"""Records of a step on one page."""

_LEAST = 2.0
"""Width of the smallest bar, so that a step of one in a thousand is still seen."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A metric and its two sides, as an address names them."""

    metric: str
    one: str
    other: str

    @property
    def key(self) -> str:
        return f"{self.metric}|{self.one}|{self.other}"


@dataclass(frozen=True, slots=True)
class Choice:
    """A pair to choose, in words."""

    asked: Asked
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """One side's figure. ``at`` is where its mark stands in the drawing; ``None`` if missing."""

    name: str
    source: str
    zone: str
    display: str
    missing: bool
    receipt: str
    at: float | None


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step; ``x`` and ``width`` place its bar, from the figure before it to that after."""

    kind: str
    said: str
    amount: str
    grows: bool
    x: float
    width: float
    before: float
    after: float
    records: int
    receipt: str
    lacks: tuple[str, ...]
    is_rest: bool


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One record behind a step."""

    on: str
    label: str
    record: str
    side: str
    why: str
    amount: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The records of one step, one page of them."""

    step: ShownStep
    lines: tuple[ShownLine, ...]
    page: int
    page_count: int


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A day on which the two sides differ."""

    on: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class ShownBridge:
    """The bridge as the page shows it. ``none`` names the steps that come to nothing."""

    period: str
    one: Side
    other: Side
    difference: str
    steps: tuple[ShownStep, ...]
    none: tuple[str, ...]
    is_explained: bool
    notes: tuple[str, ...]
    opened: Opened | None
    rate: str
    tolerance: str
    days: tuple[ShownDay, ...]


def show_choices(
    house: House, client: str, pairs: Sequence[Comparable], language: str
) -> tuple[Choice, ...]:
    """The pairs with the metric's name and both sides."""
    catalogue = house.catalogue_of(client)
    return tuple(
        Choice(
            Asked(pair.metric, pair.one, pair.other),
            f"{catalogue.get(pair.metric).name(language)}: {pair.one} – {pair.other}",
        )
        for pair in pairs
    )


def show_bridge(
    bridge: Bridge, days: Compared | None, language: str, step: str, page: int
) -> ShownBridge:
    """The bridge; figures look as they do in the client's reports, in ``language``."""
    formatter = Formatter.of(language)
    scale = _scale(bridge)
    shown = _steps(bridge, scale)
    opened = next((one for one in shown if one.kind == step), None)
    return ShownBridge(
        Formatter.of(spoken()).period(bridge.period),
        _side(bridge.one, formatter, scale),
        _side(bridge.other, formatter, scale),
        _difference(bridge),
        tuple(one for one in shown if one.records or one.lacks or one.is_rest),
        tuple(one.said for one in shown if not (one.records or one.lacks or one.is_rest)),
        bridge.is_explained,
        _notes(bridge),
        _open(bridge.step(opened.kind), opened, page) if opened is not None else None,
        Formatter.of(spoken()).figure(days.rate) if days is not None else "",
        Formatter.of(spoken()).share(days.tolerance, 0) if days is not None else "",
        _days(days, formatter) if days is not None else (),
    )


def signed(amount: Decimal) -> str:
    """The amount with its sign; zero has none."""
    text = Formatter.of(spoken()).decimal(abs(amount), 2)
    return f"+{text}" if amount > 0 else (f"\u2212{text}" if amount < 0 else text)


def step_name(kind: str) -> str:
    """What a step means."""
    return say(f"step.{kind}")


_Scale = tuple[float, float]


def _scale(bridge: Bridge) -> _Scale:
    """The least figure on the way and the units of one; the axis does not begin at zero."""
    if isinstance(bridge.one.figure, Missing):
        return 0.0, 0.0
    now = float(bridge.one.figure.number)
    seen = [now]
    for step in bridge.steps:
        now += float(step.amount)
        seen.append(now)
    low, high = min(seen), max(seen)
    spread = (high - low) or 1.0
    low -= spread * _MARGIN
    return low, WIDTH / (high + spread * _MARGIN - low)


def _at(number: float, scale: _Scale) -> float:
    return round((number - scale[0]) * scale[1], 1)


def _side(told: Told, formatter: Formatter, scale: _Scale) -> Side:
    figure = told.figure
    missing = isinstance(figure, Missing)
    at = None if isinstance(figure, Missing) else _at(float(figure.number), scale)
    return Side(
        told.side,
        told.source,
        told.zone or "",
        _display(figure, formatter),
        missing,
        told.receipt.code,
        at,
    )


def _display(figure: Figure, formatter: Formatter) -> str:
    if isinstance(figure, Missing):
        return say(f"missing.{figure.kind.value}")
    return formatter.figure(figure)


def _difference(bridge: Bridge) -> str:
    one, other = bridge.one.figure, bridge.other.figure
    if isinstance(one, Missing) or isinstance(other, Missing):
        return ""
    return signed(Decimal(str(other.number)) - Decimal(str(one.number)))


def _steps(bridge: Bridge, scale: _Scale) -> tuple[ShownStep, ...]:
    if isinstance(bridge.one.figure, Missing):
        return ()
    now, shown = float(bridge.one.figure.number), []
    for step in bridge.steps:
        then = now + float(step.amount)
        shown.append(_step(step, _at(now, scale), _at(then, scale)))
        now = then
    return tuple(shown)


def _step(step: Step, before: float, after: float) -> ShownStep:
    width = max(abs(after - before), _LEAST if step.amount else 0.0)
    return ShownStep(
        step.kind.value,
        step_name(step.kind.value),
        "?" if step.lacks and not step.lines else signed(step.amount),
        step.amount > 0,
        min(before, after),
        round(width, 1),
        before,
        after,
        len(step.lines),
        step.receipt.code,
        step.lacks,
        step.kind.value == "unexplained",
    )


def _open(step: Step, shown: ShownStep, page: int) -> Opened:
    count = max(1, -(-len(step.lines) // ROWS))
    page = min(page, count)
    lines = tuple(
        ShownLine(
            show_day(line.on), line.label, line.record, line.side, line.why, signed(line.amount)
        )
        for line in step.lines[(page - 1) * ROWS : page * ROWS]
    )
    return Opened(shown, lines, page, count)


def _notes(bridge: Bridge) -> tuple[str, ...]:
    """What else is to be said; the zones of both sides stand under their figures."""
    zoned = bool(bridge.one.zone and bridge.other.zone)
    return tuple(note for note in bridge.notes if not (zoned and note.startswith(_OF_ZONE)))


def _days(compared: Compared, formatter: Formatter) -> tuple[ShownDay, ...]:
    return tuple(_day(day, formatter) for day in compared.days if day.differs)


def _day(day: Day, formatter: Formatter) -> ShownDay:
    return ShownDay(show_day(day.on), _display(day.one, formatter), _display(day.other, formatter))
