"""The goals that hold on the report's last day, and where we stand."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.block import Block, CellShown, Column, NoticeBlock, TableBlock
from kvitto.report.asking import Ask
from kvitto.report.block import BlockKind
from kvitto.report.context import Context
from kvitto.report.figure import figure_cell, show_cell, text_cell
from kvitto.report.goal import Goal, goals_of, show_standing
from kvitto.report.outline import BlockSpec


class GoalsSpec(BlockSpec):
    """Has no settings of its own."""


def _needs(spec: GoalsSpec, context: Context) -> Sequence[Ask]:
    return [goal.ask() for goal in goals_of(context)]


def _build(spec: GoalsSpec, context: Context) -> Sequence[Block]:
    goals = goals_of(context)
    title = context.title(spec.title)
    if not goals:
        line = context.words("goal.none")
        return (NoticeBlock(id=spec.id, title=title, lines=(line,)),)
    words = context.words
    columns = (
        Column(key="goal", label=words("goal.column")),
        Column(key="period", label=words("label.period")),
        Column(key="target", label=words("label.goal"), kind="figure"),
        Column(key="value", label=words("goal.so_far"), kind="figure"),
        Column(key="standing", label=words("goal.standing")),
    )
    rows = tuple(_row(context, goal) for goal in goals)
    return (
        TableBlock(id=spec.id, title=title, columns=columns, rows=rows, note=_note(spec, context)),
    )


def _row(context: Context, goal: Goal) -> tuple[CellShown, ...]:
    name = goal.definition.metric
    cell = context.answers.cell(name, goal.so_far)
    figure = show_cell(context, cell, name, goal.so_far)
    standing = cell and show_standing(context, goal, cell.figure)
    if not standing:
        return (text_cell(figure.label), *(text_cell("") for _ in range(4)))
    return (
        text_cell(figure.label),
        text_cell(context.formatter.period(goal.period)),
        figure_cell(standing.target),
        figure_cell(figure),
        text_cell(standing.display),
    )


def _note(spec: GoalsSpec, context: Context) -> str:
    return context.title(spec.note)


KIND = BlockKind(GoalsSpec, _needs, _build)
