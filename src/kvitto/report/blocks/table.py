"""A table of metrics by a dimension, with rows counted, intervals and a total."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.insight.significance import wilson
from kvitto.model.block import Block, CellShown, Column, NoticeBlock, TableBlock
from kvitto.model.question import Cell
from kvitto.model.value import Missing
from kvitto.report.asking import AGREED, Ask
from kvitto.report.block import BlockKind
from kvitto.report.context import Context
from kvitto.report.figure import derive, figure_cell, show_cell, text_cell
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


class TableSpec(SplitSpec):
    """``metrics`` as columns, the segments of a dimension as rows.

    ``interval`` names a share whose 95 % interval and number of cases are
    shown; rows come in the order of the first metric, or of ``order``.
    """

    metrics: tuple[str, ...]
    interval: str | None = None
    order: str | None = None
    limit: int = 20
    total: bool = True

    def named_metrics(self) -> tuple[str, ...]:
        return tuple(name for name in self.metrics if name != AGREED)


def _needs(spec: TableSpec, context: Context) -> Sequence[Ask]:
    return [ask for each in spec.dimensions() for ask in _needs_at(spec.at(each), context)]


def _needs_at(spec: TableSpec, context: Context) -> list[Ask]:
    metrics = _able(spec, context)
    asks = split_ask(context, metrics, spec.dimension)
    return [*asks, Ask(metrics, context.period)] if spec.total and metrics else asks


def _able(spec: TableSpec, context: Context) -> tuple[str, ...]:
    named = context.metrics(spec.metrics)
    return tuple(name for name in named if context.reaches(name, spec.dimension))


def _build(spec: TableSpec, context: Context) -> Sequence[Block]:
    leading = spec.order or next(iter(context.metrics(spec.metrics)), "")
    dimensions = chosen(context, spec, leading)
    if not dimensions:
        line = unfilled_words(context, spec.by)
        return (NoticeBlock(id=spec.id, title=context.title(spec.title), lines=(line,)),)
    return [block for each in dimensions for block in _split(spec.at(each), context)]


def _split(spec: TableSpec, context: Context) -> Sequence[Block]:
    able = {name: split_cells(context, name, spec.dimension) for name in _able(spec, context)}
    found = {name: cells for name, cells in able.items() if _has_figures(cells)}
    metrics = tuple(found)
    ordering = spec.order if spec.order in found else next(iter(metrics), None)
    first = found.get(ordering or "", {})
    others = [segment for cells in found.values() for segment in cells if segment not in first]
    order = [*by_size(list(first.items())), *dict.fromkeys(others)]
    title = context.title(spec.title) or _title(spec, context, ordering)
    if not order:
        line = context.words("table.nothing")
        return (NoticeBlock(id=spec.id, title=title, lines=(line,)),)
    rows = tuple(_row(spec, context, found, segment) for segment in order[: spec.limit])
    hidden = len(order) - len(rows)
    more = context.words("table.more", n=hidden, number=hidden) if hidden else ""
    return (
        TableBlock(
            id=spec.id,
            title=title,
            columns=_columns(spec, context, metrics),
            rows=rows,
            total=_total(spec, context, metrics) if spec.total else None,
            note=" ".join(
                filter(None, (context.title(spec.note), more, *_left_off(context, able)))
            ),
        ),
    )


def _title(spec: TableSpec, context: Context, leading: str | None) -> str:
    """Of a table without one: its leading metric by the dimension."""
    if leading is None:
        return ""
    name = context.metric(leading).name(context.language)
    by = dimension_name(context, spec.dimension).lower()
    return context.words("bars.title", name=name, by=by)


def _has_figures(cells: dict[str | None, Cell]) -> bool:
    return any(not isinstance(cell.figure, Missing) for cell in cells.values())


def _left_off(context: Context, able: dict[str, dict[str | None, Cell]]) -> list[str]:
    """Columns of nothing but missing figures are told once instead of in every row."""
    notes: list[str] = []
    for name, cells in able.items():
        if not _has_figures(cells):
            whole = context.answers.cell(name, context.period) or next(iter(cells.values()), None)
            lost = show_cell(context, whole, name, context.period)
            notes.append(context.words("table.left_off", name=lost.label, why=lost.display))
    return notes


def _columns(spec: TableSpec, context: Context, metrics: Sequence[str]) -> tuple[Column, ...]:
    columns = [Column(key="segment", label=dimension_name(context, spec.dimension))]
    for name in metrics:
        label = context.metric(name).name(context.language)
        columns.append(Column(key=name, label=label, kind="figure"))
        if name == spec.interval:
            columns.append(
                Column(key=f"{name}_n", label=context.words("table.cases"), kind="figure")
            )
            columns.append(
                Column(key=f"{name}_interval", label=context.words("table.interval"), kind="figure")
            )
    return tuple(columns)


def _row(
    spec: TableSpec,
    context: Context,
    found: dict[str, dict[str | None, Cell]],
    segment: str | None,
) -> tuple[CellShown, ...]:
    named = segment_name(context, spec.dimension, segment)
    cells = {name: by_segment.get(segment) for name, by_segment in found.items()}
    return (text_cell(named), *_figures(spec, context, cells, named))


def _total(spec: TableSpec, context: Context, metrics: Sequence[str]) -> tuple[CellShown, ...]:
    cells = {name: context.answers.cell(name, context.period) for name in metrics}
    return (text_cell(context.words("label.total")), *_figures(spec, context, cells, ""))


def _figures(
    spec: TableSpec, context: Context, cells: dict[str, Cell | None], subject: str
) -> list[CellShown]:
    shown: list[CellShown] = []
    for name, cell in cells.items():
        shown.append(figure_cell(show_cell(context, cell, name, context.period, subject)))
        if name == spec.interval:
            shown.extend(_interval(context, cell, name, subject))
    return shown


def _interval(context: Context, cell: Cell | None, name: str, subject: str) -> list[CellShown]:
    """How many cases a share rests on, and between what it may well lie."""
    if cell is None or isinstance(cell.figure, Missing) or not cell.figure.denominator:
        return [text_cell(""), text_cell("")]
    whole = show_cell(context, cell, name, context.period, subject)
    cases = int(cell.figure.denominator)
    low, high = wilson(float(cell.figure.numerator or 0), cases)
    formatter, codes = context.formatter, (cell.receipt,)
    counted = derive(
        context,
        whole,
        cases,
        formatter.decimal(cases),
        codes,
        role="rows",
        label=context.words("table.cases"),
        unit="count",
    )
    text = context.words("table.range", low=formatter.share(low), high=formatter.share(high))
    ranged = derive(
        context, whole, low, text, codes, role="interval", label=context.words("table.interval")
    )
    return [figure_cell(counted), figure_cell(ranged.model_copy(update={"number": None}))]


KIND = BlockKind(TableSpec, _needs, _build)
