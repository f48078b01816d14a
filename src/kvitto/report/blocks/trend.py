"""Trend charts: metrics of one unit share a chart, others get one each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kvitto.model.block import Block, ChartBlock, Series, ShownFigure
from kvitto.model.period import Period
from kvitto.report.asking import AGREED, Ask
from kvitto.report.block import BlockKind
from kvitto.report.context import Context
from kvitto.report.goal import goal_for
from kvitto.report.outline import BlockSpec
from kvitto.report.trend import begun, trend_ask, trend_figures

Points = dict[Period, ShownFigure]


class TrendSpec(BlockSpec):
    """``apart`` draws one chart per metric, else one per unit."""

    metrics: tuple[str, ...] = (AGREED,)
    chart: Literal["line", "column", "stacked"] = "line"
    apart: bool = False

    def named_metrics(self) -> tuple[str, ...]:
        return tuple(name for name in self.metrics if name != AGREED)


def _needs(spec: TrendSpec, context: Context) -> Sequence[Ask]:
    return [trend_ask(context, context.metrics(spec.metrics))]


def _build(spec: TrendSpec, context: Context) -> Sequence[Block]:
    groups: dict[str, list[str]] = {}
    for name in context.metrics(spec.metrics):
        if len(begun(trend_figures(context, name))) > 1:
            unit = context.metric(name).unit.value
            groups.setdefault(name if spec.apart else unit, []).append(name)
    return [
        _chart(spec, context, names, spec.id if len(groups) == 1 else f"{spec.id}_{names[0]}")
        for names in groups.values()
    ]


def _chart(spec: TrendSpec, context: Context, names: list[str], place: str) -> ChartBlock:
    points: dict[str, Points] = {name: dict(trend_figures(context, name)) for name in names}
    first = min(begun(trend_figures(context, name))[0][0] for name in names)
    periods = [period for period in context.trend_periods() if period >= first]
    series = tuple(
        Series(
            name=context.metric(name).name(context.language),
            values=tuple(points[name][period] for period in periods),
        )
        for name in names
    )
    goal = goal_for(context, names[0]) if len(names) == 1 else None
    one = series[0].values[-1]
    titled = spec.title and not spec.apart
    return ChartBlock(
        id=place,
        title=context.title(spec.title) if titled else " · ".join(item.name for item in series),
        chart=spec.chart,
        category_label=context.words(f"grain.{context.trend_grain.value}"),
        value_label=series[0].name if len(series) == 1 else context.words("label.value"),
        categories=tuple(context.formatter.short_period(period) for period in periods),
        series=series,
        target=None if goal is None else _target(context, names[0]),
        unit=one.unit,
        currency=one.currency,
        alt=_alt(context, series, periods),
        note=context.title(spec.note),
    )


def _target(context: Context, name: str) -> ShownFigure | None:
    from kvitto.report.figure import show_goal

    goal = goal_for(context, name)
    if goal is None:
        return None
    return show_goal(context, context.metric(name), goal.definition.target, goal.period)


def _alt(context: Context, series: Sequence[Series], periods: Sequence[Period]) -> str:
    parts: list[str] = []
    for item in series:
        known = [
            (period, figure)
            for period, figure in zip(periods, item.values, strict=True)
            if figure.number is not None
        ]
        (start, first), (end, last) = known[0], known[-1]
        parts.append(
            context.words(
                "alt.trend",
                name=item.name,
                first=first.display,
                start=context.formatter.period(start),
                last=last.display,
                end=context.formatter.period(end),
            )
        )
    return " ".join(parts)


KIND = BlockKind(TrendSpec, _needs, _build)
