"""Bars of one metric by a dimension, or a funnel by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kvitto.model.block import Block, ChartBlock, NoticeBlock, Series, ShownFigure
from kvitto.report.asking import Ask
from kvitto.report.block import BlockKind
from kvitto.report.context import Context
from kvitto.report.figure import missing_words, show_cell
from kvitto.report.outline import SplitSpec
from kvitto.report.split import (
    by_size,
    chosen,
    dimension_name,
    segment_name,
    split_ask,
    split_cells,
    unfilled_words,
)


class BarsSpec(SplitSpec):
    """``metric`` by its dimensions, the ``limit`` largest segments."""

    metric: str
    chart: Literal["bar", "column", "funnel"] = "bar"
    limit: int = 12

    def named_metrics(self) -> tuple[str, ...]:
        return (self.metric,)


def _needs(spec: BarsSpec, context: Context) -> Sequence[Ask]:
    return [ask for each in spec.dimensions() for ask in split_ask(context, (spec.metric,), each)]


def _build(spec: BarsSpec, context: Context) -> Sequence[Block]:
    dimensions = chosen(context, spec, spec.metric)
    if not dimensions:
        line = unfilled_words(context, spec.by)
        return (NoticeBlock(id=spec.id, title=context.title(spec.title), lines=(line,)),)
    return [block for each in dimensions for block in _split(spec.at(each), context)]


def _split(spec: BarsSpec, context: Context) -> Sequence[Block]:
    cells = split_cells(context, spec.metric, spec.dimension)
    order = by_size(list(cells.items()))[: spec.limit]
    figures = [
        show_cell(
            context,
            cells[segment],
            spec.metric,
            context.period,
            segment_name(context, spec.dimension, segment),
        )
        for segment in order
    ]
    drawn = [figure for figure in figures if figure.number != 0]
    if not any(figure.number for figure in drawn):
        return _instead(spec, context, figures)
    return (_chart(spec, context, drawn),)


def _chart(spec: BarsSpec, context: Context, figures: list[ShownFigure]) -> ChartBlock:
    name = context.metric(spec.metric).name(context.language)
    known = [figure for figure in figures if figure.number is not None]
    listed = ", ".join(f"{figure.subject} {figure.display}" for figure in known[:5])
    by = dimension_name(context, spec.dimension)
    return ChartBlock(
        id=spec.id,
        title=context.title(spec.title) or context.words("bars.title", name=name, by=by.lower()),
        chart=spec.chart,
        category_label=by,
        value_label=name,
        categories=tuple(figure.subject for figure in figures),
        series=(Series(name=name, values=tuple(figures)),),
        unit=figures[0].unit,
        currency=figures[0].currency,
        alt=context.words("alt.bars", name=name, by=by.lower(), listed=listed),
        note=context.title(spec.note),
    )


def _instead(spec: BarsSpec, context: Context, figures: list[ShownFigure]) -> Sequence[NoticeBlock]:
    """Where nothing can be drawn, say so: an empty chart looks like zero."""
    name = context.metric(spec.metric).name(context.language)
    why = next((figure.display for figure in figures if figure.missing), "")
    if figures and not why:
        line = context.words("bars.zero", name=name, value=figures[0].display)
    else:
        why = why or missing_words(context, "no_data")
        line = context.words("bars.nothing", name=name, why=why)
    return (NoticeBlock(id=spec.id, title=context.title(spec.title), lines=(line,)),)


KIND = BlockKind(BarsSpec, _needs, _build)
