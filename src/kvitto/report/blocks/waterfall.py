"""From an opening to a closing stock by its flows, as far as the data allows."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from kvitto.model.block import Block, ChartBlock, Column, Series, ShownFigure, TableBlock
from kvitto.model.question import ComparisonKind
from kvitto.report.asking import Ask
from kvitto.report.block import BlockKind
from kvitto.report.change import earlier_period
from kvitto.report.context import Context
from kvitto.report.figure import derive, figure_cell, show, show_cell, text_cell, unit_of
from kvitto.report.outline import BlockSpec


class Leg(BaseModel):
    """A flow into the stock (``sign`` 1) or out of it (-1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    sign: int = 1


class WaterfallSpec(BlockSpec):
    """``stock`` at the end of the period before and of this one, and the ``legs`` between."""

    stock: str
    legs: tuple[Leg, ...]

    def named_metrics(self) -> tuple[str, ...]:
        return (self.stock, *(leg.metric for leg in self.legs))


def _needs(spec: WaterfallSpec, context: Context) -> Sequence[Ask]:
    return [
        Ask((spec.stock,), context.period, compare=ComparisonKind.previous),
        Ask(tuple(leg.metric for leg in spec.legs), context.period),
    ]


def _build(spec: WaterfallSpec, context: Context) -> Sequence[Block]:
    steps = _steps(spec, context)
    if any(figure.number is None for _, figure in steps):
        return (_table(spec, context, steps),)
    return (_chart(spec, context, steps),)


def _steps(spec: WaterfallSpec, context: Context) -> list[tuple[str, ShownFigure]]:
    """Opening, each leg with its sign, what the legs do not explain, closing."""
    closing = context.answers.cell(spec.stock, context.period, compare=ComparisonKind.previous)
    before = earlier_period(context, ComparisonKind.previous)
    metric = context.metric(spec.stock)
    opening = show_cell(context, None, spec.stock, before)
    if closing is not None and closing.compared is not None:
        held = closing.compared
        opening = show(context, metric, held.figure, held.receipt, held.period or before)
    end = show_cell(context, closing, spec.stock, context.period)
    steps = [(context.words("waterfall.opening"), opening)]
    for leg in spec.legs:
        cell = context.answers.cell(leg.metric, context.period)
        figure = show_cell(context, cell, leg.metric, context.period)
        steps.append((figure.label, _signed(context, leg, figure)))
    rest = _rest(context, [figure for _, figure in steps], end)
    if rest is not None:
        steps.append((context.words("waterfall.rest"), rest))
    return [*steps, (context.words("waterfall.closing"), end)]


def _signed(context: Context, leg: Leg, figure: ShownFigure) -> ShownFigure:
    if figure.number is None:
        return figure
    number = leg.sign * figure.number
    text = context.formatter.signed(number, unit_of(context, context.metric(leg.metric)))
    if leg.sign > 0:
        return figure.model_copy(update={"display": text})
    return derive(context, figure, number, text, (figure.receipt or "",), role="change")


def _rest(context: Context, steps: Sequence[ShownFigure], end: ShownFigure) -> ShownFigure | None:
    """What the flows leave unexplained; said openly, never spread over the others."""
    numbers = [figure.number for figure in steps]
    if end.number is None or any(number is None for number in numbers):
        return None
    gap = end.number - sum(number for number in numbers if number is not None)
    if abs(gap) < 0.005:
        return None
    codes = [code for step in (*steps, end) for code in (step.receipt, *step.derived) if code]
    unit = unit_of(context, context.metric(end.metric))
    text = context.formatter.signed(gap, unit)
    return derive(
        context, end, gap, text, codes, role="change", label=context.words("waterfall.rest")
    )


def _chart(
    spec: WaterfallSpec, context: Context, steps: list[tuple[str, ShownFigure]]
) -> ChartBlock:
    name = context.metric(spec.stock).name(context.language)
    listed = ", ".join(f"{label} {figure.display}" for label, figure in steps)
    last = len(steps) - 1
    return ChartBlock(
        id=spec.id,
        title=context.title(spec.title) or name,
        chart="waterfall",
        category_label=context.words("waterfall.step"),
        value_label=name,
        categories=tuple(label for label, _ in steps),
        series=(Series(name=name, values=tuple(figure for _, figure in steps)),),
        roles=tuple("total" if index in (0, last) else "change" for index in range(last + 1)),
        unit=steps[0][1].unit,
        currency=steps[0][1].currency,
        alt=f"{name}: {listed}.",
        note=" ".join(filter(None, (context.title(spec.note), _rest_note(context, steps)))),
    )


def _rest_note(context: Context, steps: Sequence[tuple[str, ShownFigure]]) -> str:
    rest = context.words("waterfall.rest")
    return context.words("waterfall.rest_note") if any(label == rest for label, _ in steps) else ""


def _table(
    spec: WaterfallSpec, context: Context, steps: list[tuple[str, ShownFigure]]
) -> TableBlock:
    """With a step missing nothing can be drawn; the steps that are known are listed."""
    return TableBlock(
        id=spec.id,
        title=context.title(spec.title),
        columns=(
            Column(key="step", label=context.words("waterfall.step")),
            Column(key="value", label=context.words("label.value"), kind="figure"),
        ),
        rows=tuple((text_cell(label), figure_cell(figure)) for label, figure in steps),
        note=" ".join(filter(None, (context.title(spec.note), context.words("waterfall.partial")))),
    )


KIND = BlockKind(WaterfallSpec, _needs, _build)
