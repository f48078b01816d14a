"""Two sides day by day: where they differ beyond a tolerance, and on what share of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kvitto.metrics.answer import Readable
from kvitto.metrics.ask import ask
from kvitto.metrics.bridge.build import Pair
from kvitto.metrics.catalogue import Catalogue
from kvitto.metrics.context import ClientContext
from kvitto.metrics.fact import facts_of
from kvitto.metrics.plan import known_to
from kvitto.metrics.priority import tolerance_of
from kvitto.model.period import Grain, tile
from kvitto.model.question import Question
from kvitto.model.value import Figure, Missing, MissingKind, Unit, UnitKind, Value, divide
from kvitto.workspace.priority import TOLERANCE


@dataclass(frozen=True, slots=True)
class Day:
    """Both figures of one day. ``differs`` is ``None`` where one of them is missing."""

    on: date
    one: Figure
    other: Figure
    differs: bool | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The days of a period, and ``rate``: the share of days on which the sides differ.

    Days on which a side is missing are no conflict and are not among those counted.
    """

    metric: str
    one: str
    other: str
    tolerance: Decimal
    days: tuple[Day, ...]
    rate: Figure


def compare(
    reader: Readable,
    catalogue: Catalogue,
    pair: Pair,
    context: ClientContext,
    tolerance: Decimal | None = None,
) -> Compared:
    """Hold the two sides against each other for every day of the period."""
    allowed = _tolerance(catalogue, pair, context) if tolerance is None else tolerance
    listed = tile(pair.period, Grain.day, context.calendar)
    question = Question(pair.scope, context.client, pair.names, pair.period, ("day",))
    measured = ask(reader, catalogue, question, context)
    reach = _reach(reader, catalogue, pair, context)
    figures: dict[str, list[Figure]] = {name: [] for name in pair.names}
    for cell in measured.answer.cells:
        figures[cell.metric].append(cell.figure)
    days = tuple(
        _day(day.start, one, other, allowed)
        for day, one, other in zip(
            listed, figures[pair.names[0]], figures[pair.names[1]], strict=True
        )
        if day.start <= reach
    )
    return Compared(pair.metric, pair.one, pair.other, allowed, days, _rate(days))


def differ(one: Decimal, other: Decimal, tolerance: Decimal) -> bool:
    """Whether two figures lie further apart than the tolerance, as a share of the greater one."""
    return abs(one - other) > tolerance * max(abs(one), abs(other))


def _day(day: date, one: Figure, other: Figure, tolerance: Decimal) -> Day:
    if isinstance(one, Missing) or isinstance(other, Missing):
        return Day(day, one, other, None)
    here, there = Decimal(str(one.number)), Decimal(str(other.number))
    return Day(day, one, other, differ(here, there, tolerance))


def _rate(days: tuple[Day, ...]) -> Figure:
    unit, plain = Unit(UnitKind.share), Unit(UnitKind.count, noun="days")
    told = [day for day in days if day.differs is not None]
    if not told:
        why = "on no day of the period both sides have a figure"
        return Missing(MissingKind.no_data, unit, why)
    apart = sum(1 for day in told if day.differs)
    return divide(Value(apart, plain, apart), Value(len(told), plain, len(told)), unit)


def _tolerance(catalogue: Catalogue, pair: Pair, context: ClientContext) -> Decimal:
    """That of the client's rule for the metric or its table, else the usual one."""
    metric = catalogue.at(catalogue.get(pair.names[0]), pair.period)
    tables = [part.table for _, part in metric.parts]
    rule = tolerance_of(context.priorities, metric, tables[0]) if tables else None
    return TOLERANCE if rule is None else rule.priority.tolerance


def _reach(reader: Readable, catalogue: Catalogue, pair: Pair, context: ClientContext) -> date:
    facts = facts_of(reader, context.client)
    metrics = [catalogue.at(catalogue.get(name), pair.period) for name in pair.names]
    today, rules = context.today, context.priorities
    return min(known_to(metric, facts, today, rules) for metric in metrics)
