"""What a figure is held against: an earlier one, a goal, a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from kvitto.metrics.context import ClientContext
from kvitto.metrics.span import Slot, same_period
from kvitto.model.metric import Additivity, Metric
from kvitto.model.period import Period, parse_period
from kvitto.model.value import Figure, Missing, MissingKind, Unit, Value
from kvitto.workspace.definition import GoalDefinition

_SAME_LENGTH = 3
"""Periods whose days differ by no more than this are held against each other (28 to 31)."""


def compare_figures(current: Figure, earlier: Figure) -> tuple[float | None, float | None]:
    """The change and the relative change, ``None`` where they cannot be said.

    There is no relative change over a base that is zero or negative.
    """
    if isinstance(current, Missing) or isinstance(earlier, Missing):
        return None, None
    change = Fraction(current.number) - Fraction(earlier.number)
    if earlier.number <= 0:
        return float(change), None
    return float(change), float(change / Fraction(earlier.number))


def goal_value(
    metric: str,
    period: Period,
    place: Mapping[str, str | None],
    context: ClientContext,
    unit: Unit,
) -> tuple[GoalDefinition | None, Figure]:
    """The goal set for the metric in exactly this period and place, as a figure."""
    here = {name: (value or "").casefold() for name, value in place.items()}
    for goal in context.goals:
        there = {name: value.casefold() for name, value in goal.where.items()}
        if goal.metric == metric and there == here and same_period(goal.period, period, context):
            return goal, Value(Decimal(goal.target), unit, 0)
    why = f"no goal is set for {metric} in {period.label}"
    return None, Missing(MissingKind.not_applicable, unit, why)


def held_against_baseline(metric: Metric, slot: Slot, context: ClientContext) -> Period | None:
    """The period in which the agreed baseline is measured.

    ``None`` where none is agreed, where its value was given by hand, or where
    a sum would be held against one over another number of days.
    """
    for baseline in context.baselines:
        if baseline.metric == metric.id and baseline.value is None:
            period = parse_period(baseline.period, context.calendar, context.today)
            alike = abs(period.days - slot.period.days) <= _SAME_LENGTH
            if alike or metric.additivity is not Additivity.full:
                return period
    return None
