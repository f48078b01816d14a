"""Contribution bars: how much of a change each segment made; the parts add up exactly."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.block import Block, ChartBlock, NoticeBlock, Series, ShownFigure
from kvitto.model.question import ComparisonKind
from kvitto.model.statement import Contribution, Statement
from kvitto.model.value import UnitKind
from kvitto.report.asking import Ask
from kvitto.report.block import BlockKind
from kvitto.report.change import earlier_period, points
from kvitto.report.context import Context
from kvitto.report.explanation import contribution_needs, contributions_of
from kvitto.report.figure import derive, inner_name, show_cell, unit_of
from kvitto.report.outline import SplitSpec
from kvitto.report.split import chosen, dimension_name, segment_name, split_cells, unfilled_words


class ContributionSpec(SplitSpec):
    """The change of ``metric`` by its dimensions: the ``limit`` largest parts, the rest as one.

    ``quiet`` shows nothing where none of the candidates holds data, because
    another block of the section says so.
    """

    metric: str
    compare: ComparisonKind = ComparisonKind.previous
    limit: int = 8
    quiet: bool = False

    def named_metrics(self) -> tuple[str, ...]:
        return (self.metric,)


def _needs(spec: ContributionSpec, context: Context) -> Sequence[Ask]:
    return [
        ask
        for dimension in spec.dimensions()
        for ask in contribution_needs(context, spec.metric, dimension, spec.compare)
    ]


def _build(spec: ContributionSpec, context: Context) -> Sequence[Block]:
    dimensions = chosen(context, spec, spec.metric, spec.compare)
    if not dimensions:
        return () if spec.quiet else (_unfilled(spec, context),)
    return [block for each in dimensions for block in _split(spec.at(each), context)]


def _unfilled(spec: ContributionSpec, context: Context) -> NoticeBlock:
    line = unfilled_words(context, spec.by)
    return NoticeBlock(id=spec.id, title=context.title(spec.title), lines=(line,))


def _split(spec: ContributionSpec, context: Context) -> Sequence[Block]:
    statement = contributions_of(context, spec.metric, spec.dimension, spec.compare, spec.limit)
    metric = context.metric(spec.metric)
    name = metric.name(context.language)
    period = context.formatter.period(earlier_period(context, spec.compare))
    title = context.title(spec.title) or context.words(
        "contribution.title",
        name=name,
        by=dimension_name(context, spec.dimension).lower(),
        period=period,
    )
    if statement is None or not statement.contributions:
        whole = context.answers.cell(spec.metric, context.period, compare=spec.compare)
        same = whole is not None and whole.compared is not None and whole.compared.change == 0
        key = "contribution.same" if same else "contribution.none"
        line = context.words(key, name=inner_name(context, spec.metric), period=period)
        line = line[:1].upper() + line[1:]
        return (NoticeBlock(id=spec.id, title=title, lines=(line,)),)
    return (_chart(spec, context, statement, title, name, period),)


def _chart(
    spec: ContributionSpec,
    context: Context,
    statement: Statement,
    title: str,
    name: str,
    period: str,
) -> ChartBlock:
    parts = statement.contributions
    effects = ("mix", "rate") if _mixed(parts) else ("total",)
    series = tuple(
        Series(
            name=name if effect == "total" else context.words(f"contribution.{effect}"),
            values=tuple(_figure(spec, context, part, effect) for part in parts),
        )
        for effect in effects
    )
    listed = ", ".join(
        f"{_name(context, spec, part)} {_size(context, spec.metric, part.total)}"
        for part in parts[:4]
    )
    unit = unit_of(context, context.metric(spec.metric))
    note = context.words("contribution.mix_note") if len(series) == 2 else ""
    return ChartBlock(
        id=spec.id,
        title=title,
        chart="bar" if len(series) == 1 else "stacked",
        category_label=dimension_name(context, spec.dimension),
        value_label=context.words("contribution.value", name=inner_name(context, spec.metric)),
        categories=tuple(_name(context, spec, part) for part in parts),
        series=series,
        unit=unit.kind.value,
        currency=unit.currency,
        alt=context.words(
            "alt.contribution", name=inner_name(context, spec.metric), period=period, listed=listed
        ),
        note=" ".join(filter(None, (context.title(spec.note), note))),
    )


def _mixed(parts: Sequence[Contribution]) -> bool:
    """Whether mix and rate are told apart, and the mix is large enough to be seen."""
    known = all(part.mix is not None for part in parts)
    size = max((abs(part.total) for part in parts), default=0.0)
    return known and any(abs(part.mix or 0.0) >= size / 50 for part in parts)


def _figure(
    spec: ContributionSpec, context: Context, part: Contribution, effect: str
) -> ShownFigure:
    number = float(getattr(part, effect))
    cells = split_cells(context, spec.metric, spec.dimension, spec.compare)
    cell = None if part.rest else cells.get(part.segment or None)
    like = show_cell(context, cell, spec.metric, context.period, _name(context, spec, part))
    behind = [cell] if cell is not None else list(cells.values())
    codes = [code for item in behind for code in (item.receipt, _earlier(item.compared)) if code]
    text = _size(context, spec.metric, number)
    label = context.words("contribution.label", name=like.label, segment=like.subject)
    role = "contribution" if effect == "total" else effect
    return derive(context, like, number, text, codes, role=role, label=label)


def _earlier(compared: object) -> str | None:
    receipt = getattr(compared, "receipt", None)
    return receipt if isinstance(receipt, str) else None


def _size(context: Context, metric: str, number: float) -> str:
    unit = unit_of(context, context.metric(metric))
    if unit.kind is UnitKind.share:
        return points(context, number, signed=True)
    return context.formatter.signed(number, unit)


def _name(context: Context, spec: ContributionSpec, part: Contribution) -> str:
    if part.rest:
        return context.words("contribution.rest", n=part.members, number=part.members)
    return segment_name(context, spec.dimension, part.segment)


KIND = BlockKind(ContributionSpec, _needs, _build)
