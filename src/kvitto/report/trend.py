"""A metric over the up to 13 periods that end with the report's."""

from __future__ import annotations

from kvitto.model.block import ShownFigure, TrendPoint
from kvitto.model.period import Period
from kvitto.model.value import Status
from kvitto.report.asking import Ask
from kvitto.report.context import Context
from kvitto.report.figure import show_cell


def trend_ask(context: Context, metrics: tuple[str, ...]) -> Ask:
    """The one question behind all trends of a report."""
    return Ask(metrics, context.trend_span(), (context.trend_grain.value,))


Points = tuple[tuple[Period, ShownFigure], ...]


def trend_figures(context: Context, name: str) -> Points:
    """One figure for each of the up to 13 periods."""
    grain = context.trend_grain.value
    cells = context.answers.cells(name, context.trend_span(), (grain,))
    by_label = {dict(cell.dimensions).get(grain): cell for cell in cells}
    return tuple(
        (period, show_cell(context, by_label.get(period.label), name, period))
        for period in context.trend_periods()
    )


def begun(points: Points) -> Points:
    """The points from the first on that is more than nothing: what lies before is no trend."""
    for index, (_, figure) in enumerate(points):
        if figure.number:
            return points[index:]
    return ()


def has_begun(context: Context, name: str, period: Period) -> bool:
    """Whether the metric had been more than nothing by the end of the period.

    Told from the trend, where it was asked: a change from a time before the
    first record says nothing about the change.
    """
    points = [item for item in trend_figures(context, name) if item[0].start <= period.start]
    if not context.answers.cells(name, context.trend_span(), (context.trend_grain.value,)):
        return True
    return bool(begun(tuple(points)))


def trend_points(context: Context, name: str) -> tuple[TrendPoint, ...]:
    """The same as points for a tile's sparkline."""
    return tuple(
        TrendPoint(
            label=context.formatter.short_period(period),
            start=period.start.isoformat(),
            number=figure.number,
            display=figure.display,
            receipt=figure.receipt,
            provisional=figure.status == Status.provisional.value,
        )
        for period, figure in begun(trend_figures(context, name))
    )
