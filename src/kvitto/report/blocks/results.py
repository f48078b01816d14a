"""Every agreed KPI with the figures it is held against, whether it went up or down."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.block import Block, CellShown, Change, Column, TableBlock
from kvitto.model.question import ComparisonKind
from kvitto.report.asking import AGREED, Ask
from kvitto.report.block import BlockKind
from kvitto.report.change import change_size, earlier_period, show_change
from kvitto.report.context import Context
from kvitto.report.figure import derive, figure_cell, show_cell, text_cell, unit_of
from kvitto.report.outline import BlockSpec


class ResultsSpec(BlockSpec):
    """``metrics`` against each of ``compare``: the earlier figure and the change."""

    metrics: tuple[str, ...] = (AGREED,)
    compare: tuple[ComparisonKind, ...] = (ComparisonKind.previous, ComparisonKind.last_year)

    def named_metrics(self) -> tuple[str, ...]:
        return tuple(name for name in self.metrics if name != AGREED)


def _needs(spec: ResultsSpec, context: Context) -> Sequence[Ask]:
    metrics = context.metrics(spec.metrics)
    return [Ask(metrics, context.period, compare=kind) for kind in spec.compare]


def _build(spec: ResultsSpec, context: Context) -> Sequence[Block]:
    names = context.metrics(spec.metrics)
    kinds = [kind for kind in spec.compare if _known(context, names, kind)]
    unknown = [kind for kind in spec.compare if kind not in kinds]
    columns = [
        Column(key="kpi", label=context.words("label.metric")),
        Column(key="value", label=context.formatter.period(context.period), kind="figure"),
    ]
    for kind in kinds:
        named = context.formatter.period(earlier_period(context, kind))
        change = context.words("results.change")
        columns.append(Column(key=kind.value, label=named, kind="figure"))
        columns.append(Column(key=f"{kind.value}_change", label=change, kind="figure"))
    notes = [
        context.words(
            "results.unknown", period=context.formatter.period(earlier_period(context, kind))
        )
        for kind in unknown
    ]
    return (
        TableBlock(
            id=spec.id,
            title=context.title(spec.title),
            columns=tuple(columns),
            rows=tuple(_row(context, name, kinds) for name in names),
            note=" ".join(filter(None, (context.title(spec.note), *notes))),
        ),
    )


def _known(context: Context, names: Sequence[str], kind: ComparisonKind) -> bool:
    """A column of nothing but missing figures becomes a note instead."""
    changes = [_change(context, name, kind) for name in names]
    return any(change is not None and change.number is not None for change in changes)


def _change(context: Context, name: str, kind: ComparisonKind) -> Change | None:
    cell = context.answers.cell(name, context.period, compare=kind)
    return show_change(context, cell, kind)


def _row(context: Context, name: str, kinds: Sequence[ComparisonKind]) -> tuple[CellShown, ...]:
    cell = context.answers.cell(name, context.period)
    now = show_cell(context, cell, name, context.period)
    row = [text_cell(now.label), figure_cell(now)]
    for kind in kinds:
        change = _change(context, name, kind)
        if change is None or change.figure is None or change.number is None:
            lost = "" if change is None or change.figure is None else change.figure.display
            row += [text_cell(lost), text_cell("")]
            continue
        unit = unit_of(context, context.metric(name))
        size = change_size(context, unit, change.number, change.relative, short=True)
        codes = (now.receipt or "", change.figure.receipt or "")
        moved = derive(context, now, change.number, size, codes, role="change")
        row.append(figure_cell(change.figure))
        row.append(CellShown(text=size, figure=moved, arrow=change.arrow, good=change.good))
    return tuple(row)


KIND = BlockKind(ResultsSpec, _needs, _build)
