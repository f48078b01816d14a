"""What the insights say about the agreed KPIs of one edition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kvitto.insight.change import adjust
from kvitto.insight.goal import Goal as GoalHeld
from kvitto.insight.significance import Kind, Lines, kind_of
from kvitto.insight.study import study
from kvitto.model.metric import Metric
from kvitto.model.question import Cell, ComparisonKind
from kvitto.model.receipt import Receipt
from kvitto.model.statement import Statement
from kvitto.model.value import Status, Value
from kvitto.report.asking import Ask
from kvitto.report.change import from_nothing
from kvitto.report.context import Context
from kvitto.report.figure import unit_of
from kvitto.report.goal import goal_for
from kvitto.report.split import filled, split_ask

Amounts = Callable[[Receipt], Sequence[float]]
"""The amounts of the rows behind a receipt; sums, means and medians are tested with them."""

COMPARISONS = (ComparisonKind.previous, ComparisonKind.last_year)
MOST_DIMENSIONS = 2
"""By how many dimensions a change is explained, of those that hold data."""

_BY_ROW = (Kind.total, Kind.mean, Kind.median)


def explanation_needs(context: Context, dimensions: Sequence[str]) -> list[Ask]:
    """What must be asked to explain the agreed KPIs by these dimensions."""
    asks = [Ask(context.agreed, context.period, compare=kind) for kind in COMPARISONS]
    for dimension in dimensions:
        asks += split_ask(context, context.agreed, dimension, ComparisonKind.previous)
    return asks


def explain(
    context: Context, dimensions: Sequence[str], amounts: Amounts | None = None
) -> tuple[Statement, ...]:
    """The statements on every agreed KPI, their tests held together.

    Without ``amounts`` changes of sums, means and medians are not tested and
    get no arrow.
    """
    found: list[Statement] = []
    for name in context.agreed:
        found += _about(context, name, dimensions, amounts)
    return adjust(found)


def contribution_needs(
    context: Context, metric: str, dimension: str, compare: ComparisonKind
) -> list[Ask]:
    """What must be asked to split one change by a dimension."""
    whole = Ask((metric,), context.period, compare=compare)
    return [whole, *split_ask(context, (metric,), dimension, compare)]


def contributions_of(
    context: Context, name: str, dimension: str, compare: ComparisonKind, named: int
) -> Statement | None:
    """The parts of one change by a dimension; ``None`` where it has no exact parts."""
    cell = context.answers.cell(name, context.period, compare=compare)
    cells = context.answers.cells(name, context.period, (dimension,), (), compare)
    if cell is None or not cells:
        return None
    metric = context.metric(name)
    unit = unit_of(context, metric)
    materiality = context.client.materiality
    found = study(metric, cell, unit, {dimension: cells}, materiality, named=named)
    return next((each for each in found if each.kind == "contribution"), None)


def _about(
    context: Context, name: str, dimensions: Sequence[str], amounts: Amounts | None
) -> Sequence[Statement]:
    metric = context.metric(name)
    asked = [context.answers.cell(name, context.period, compare=kind) for kind in COMPARISONS]
    known = [cell for cell in asked if cell is not None]
    if not known:
        return ()
    cells = [cell for cell in known if not from_nothing(context, cell)]
    cells = cells or [replace(known[0], compared=None)]
    return study(
        metric,
        cells[0],
        unit_of(context, metric),
        _segments(context, name, dimensions),
        context.client.materiality,
        others=cells[1:],
        goal=_goal(context, metric),
        period=context.period,
        annotations=context.client.annotations,
        lines=_lines(context, metric, cells, amounts),
    )


def _segments(
    context: Context, name: str, dimensions: Sequence[str]
) -> Mapping[str, Sequence[Cell]]:
    """The cells by the first dimensions that the client's data fills."""
    kind = ComparisonKind.previous
    named = filled(context, name, dimensions, kind)[:MOST_DIMENSIONS]
    return {
        dimension: context.answers.cells(name, context.period, (dimension,), (), kind)
        for dimension in named
    }


def _goal(context: Context, metric: Metric) -> GoalHeld | None:
    goal = goal_for(context, metric.id)
    if goal is None:
        return None
    target = Value(goal.definition.target, unit_of(context, metric), 0, Status.final)
    definition = goal.definition
    return GoalHeld(target, definition.kind, definition.objective, goal.elapsed)


def _lines(
    context: Context, metric: Metric, cells: Sequence[Cell], amounts: Amounts | None
) -> dict[str, Lines]:
    if amounts is None or kind_of(metric) not in _BY_ROW:
        return {}
    found: dict[str, Lines] = {}
    receipts = context.answers.receipts
    for cell in cells:
        held = cell.compared
        both = held is not None and not held.aligned and held.receipt in receipts
        if held is None or not both or cell.receipt not in receipts:
            continue
        if isinstance(cell.figure, Value) and isinstance(held.figure, Value):
            before, after = receipts[held.receipt or ""], receipts[cell.receipt]
            found[held.kind.value] = Lines(amounts(before), amounts(after))
    return found


def with_statements(context: Context, statements: Sequence[Statement]) -> Context:
    """The same context, now with what can be said."""
    return replace(context, statements=tuple(statements))
