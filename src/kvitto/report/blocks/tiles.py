"""KPI tiles: value, changes, goal and trend of each KPI."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.block import Block, GoalShown, Tile, TilesBlock
from kvitto.model.question import Cell, ComparisonKind
from kvitto.report.asking import AGREED, Ask
from kvitto.report.block import BlockKind
from kvitto.report.change import from_nothing, show_change
from kvitto.report.context import Context
from kvitto.report.figure import show_cell
from kvitto.report.goal import goal_for, objective_of, show_standing
from kvitto.report.outline import BlockSpec
from kvitto.report.trend import trend_ask, trend_points


class TilesSpec(BlockSpec):
    """``metrics`` are ids or ``agreed``; ``compare`` what each is held against."""

    metrics: tuple[str, ...] = (AGREED,)
    compare: tuple[ComparisonKind, ...] = (ComparisonKind.previous, ComparisonKind.last_year)
    trend: bool = True

    def named_metrics(self) -> tuple[str, ...]:
        return tuple(name for name in self.metrics if name != AGREED)


def _needs(spec: TilesSpec, context: Context) -> Sequence[Ask]:
    metrics = context.metrics(spec.metrics)
    asks = [Ask(metrics, context.period, compare=kind) for kind in spec.compare]
    if spec.trend:
        asks.append(trend_ask(context, metrics))
    return [Ask(metrics, context.period), *asks]


def _build(spec: TilesSpec, context: Context) -> Sequence[Block]:
    tiles = tuple(_tile(spec, context, name) for name in context.metrics(spec.metrics))
    if not tiles:
        return ()
    return (TilesBlock(id=spec.id, title=context.title(spec.title), tiles=tiles),)


def _tile(spec: TilesSpec, context: Context, name: str) -> Tile:
    metric = context.metric(name)
    cell = context.answers.cell(name, context.period)
    held = [
        (kind, context.answers.cell(name, context.period, compare=kind)) for kind in spec.compare
    ]
    changes = (
        show_change(context, other, kind)
        for kind, other in held
        if other is not None and not from_nothing(context, other)
    )
    return Tile(
        figure=show_cell(context, cell, name, context.period),
        changes=tuple(change for change in changes if change is not None),
        goal=_goal(context, name, cell),
        trend=trend_points(context, name) if spec.trend else (),
        explain=metric.explains.get(context.language, metric.explains.get("en", "")),
        objective=objective_of(context, name),
        role=metric.role,
    )


def _goal(context: Context, name: str, cell: Cell | None) -> GoalShown | None:
    goal = goal_for(context, name)
    if goal is None or cell is None:
        return None
    return show_standing(context, goal, cell.figure)


KIND = BlockKind(TilesSpec, _needs, _build)
