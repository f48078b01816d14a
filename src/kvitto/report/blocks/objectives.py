"""Each KPI beside the business goal that it serves; leading indicators apart."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from kvitto.model.block import Block, CellShown, Column, TableBlock
from kvitto.report.asking import Ask
from kvitto.report.block import BlockKind
from kvitto.report.context import Context
from kvitto.report.figure import figure_cell, show_cell, text_cell
from kvitto.report.goal import goal_for, objective_of, show_standing
from kvitto.report.outline import BlockSpec


class ObjectivesSpec(BlockSpec):
    """``leading`` are indicators that point ahead; they are watched, not celebrated."""

    leading: tuple[str, ...] = ()
    leading_title: dict[str, str] = Field(default_factory=dict)

    def named_metrics(self) -> tuple[str, ...]:
        return self.leading


def _needs(spec: ObjectivesSpec, context: Context) -> Sequence[Ask]:
    metrics = (*context.agreed, *spec.leading)
    return [Ask(metrics, context.period)] if metrics else ()


def _build(spec: ObjectivesSpec, context: Context) -> Sequence[Block]:
    order = sorted(context.agreed, key=lambda name: _objective_rank(context, name))
    blocks = [_table(spec.id, context.title(spec.title), context, order, leading=False)]
    ahead = [name for name in spec.leading if name not in context.agreed]
    if ahead:
        title = context.title(spec.leading_title) or context.words("objectives.leading")
        blocks.append(_table(f"{spec.id}_leading", title, context, ahead, leading=True))
    return blocks


def _objective_rank(context: Context, name: str) -> int:
    """KPIs of one objective stand together, objectives in the order of the goals."""
    objectives = list(dict.fromkeys(objective_of(context, other) for other in context.agreed))
    return objectives.index(objective_of(context, name))


def _table(
    place: str, title: str, context: Context, names: Sequence[str], *, leading: bool
) -> TableBlock:
    words = context.words
    columns = [
        Column(key="kpi", label=words("label.metric")),
        Column(key="value", label=context.formatter.period(context.period), kind="figure"),
    ]
    if not leading:
        columns.insert(0, Column(key="objective", label=words("objectives.column")))
        columns.append(Column(key="standing", label=words("goal.standing")))
    rows: list[tuple[CellShown, ...]] = []
    before = ""
    for name in names:
        objective = objective_of(context, name)
        rows.append(_row(context, name, "" if objective == before else objective, leading=leading))
        before = objective
    note = words("objectives.leading_note") if leading else ""
    return TableBlock(id=place, title=title, columns=tuple(columns), rows=tuple(rows), note=note)


def _row(context: Context, name: str, objective: str, *, leading: bool) -> tuple[CellShown, ...]:
    cell = context.answers.cell(name, context.period)
    figure = show_cell(context, cell, name, context.period)
    row = (text_cell(figure.label), figure_cell(figure))
    if leading:
        return row
    goal = goal_for(context, name)
    standing = context.words("goal.no_target")
    if goal is not None and cell is not None:
        standing = show_standing(context, goal, cell.figure).display
    return (text_cell(objective), *row, text_cell(standing))


KIND = BlockKind(ObjectivesSpec, _needs, _build)
