"""From one source's figure to another's, step by step, with the records behind the steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import Field

from kvitto.metrics.bridge.step import Bridge, Line, Step, StepKind
from kvitto.metrics.side import MARK
from kvitto.model.block import Block, CellShown, Column, ShownFigure, TableBlock
from kvitto.model.value import Unit, UnitKind
from kvitto.report.asking import Ask
from kvitto.report.block import BlockKind
from kvitto.report.context import Context
from kvitto.report.figure import derive, figure_cell, show, text_cell
from kvitto.report.outline import BlockSpec


class BridgeSpec(BlockSpec):
    """A ``metric`` as two sides tell it; of the records at most ``lines`` are listed."""

    metric: str
    one: str
    other: str
    lines: int = Field(default=40, ge=0, le=500)

    def named_metrics(self) -> tuple[str, ...]:
        return (self.metric,)

    @property
    def sides(self) -> tuple[str, str]:
        """The two metrics."""
        return f"{self.metric}{MARK}{self.one}", f"{self.metric}{MARK}{self.other}"


def _needs(spec: BridgeSpec, context: Context) -> Sequence[Ask]:
    return [Ask(spec.sides, context.period)]


def _build(spec: BridgeSpec, context: Context) -> Sequence[Block]:
    bridge = context.bridges.get((spec.metric, spec.one, spec.other))
    if bridge is None:
        return ()
    found = [_steps(spec, context, bridge)]
    if spec.lines and any(line.record for step in bridge.steps for line in step.lines):
        found.append(_records(spec, context, bridge))
    return found


def _steps(spec: BridgeSpec, context: Context, bridge: Bridge) -> TableBlock:
    words = context.words
    one, other = _told(context, bridge)
    rows = [(text_cell(_side(bridge.one.side, bridge.one.source)), figure_cell(one), text_cell(""))]
    rows += [
        (text_cell(words(f"bridge.step.{step.kind.value}")), *_amount(context, step, one, other))
        for step in bridge.steps
    ]
    last = text_cell(_side(bridge.other.side, bridge.other.source))
    rows.append((last, figure_cell(other), text_cell("")))
    name = context.metric(spec.metric).name(context.language)
    return TableBlock(
        id=spec.id,
        title=context.title(spec.title) or words("bridge.title", name=name),
        columns=(
            Column(key="step", label=words("waterfall.step")),
            Column(key="amount", label=words("label.value"), kind="figure"),
            Column(key="records", label=words("bridge.records")),
        ),
        rows=tuple(rows),
        note=" ".join(filter(None, (context.title(spec.note), _note(context, bridge)))),
    )


def _told(context: Context, bridge: Bridge) -> tuple[ShownFigure, ShownFigure]:
    """Both figures with the receipts under which the answers keep them."""
    found = []
    for told in (bridge.one, bridge.other):
        metric, code = context.metric(told.metric), told.receipt.code
        cell = context.answers.cell(told.metric, context.period)
        code = cell.receipt if cell is not None else code
        found.append(show(context, metric, told.figure, code, context.period))
    return found[0], found[1]


def _amount(
    context: Context, step: Step, one: ShownFigure, other: ShownFigure
) -> tuple[CellShown, CellShown]:
    if step.lacks and not step.lines:
        return text_cell(context.words(_lacking(step))), text_cell("")
    codes = [code for code in (one.receipt, other.receipt) if code]
    label = context.words(f"bridge.step.{step.kind.value}")
    text = _signed(context, step.amount)
    figure = derive(context, one, step.amount, text, codes, role="change", label=label)
    return figure_cell(figure), text_cell(str(len(step.lines)) if step.lines else "")


def _lacking(step: Step) -> str:
    if step.kind is StepKind.consent:
        return "bridge.no_consent"
    if step.kind is StepKind.time_zone and any("time zone" in lack for lack in step.lacks):
        return "bridge.no_zone"
    return "bridge.no_list"


def _signed(context: Context, amount: Decimal) -> str:
    """The amount with its sign in the report's language; nothing is a plain zero."""
    number = int(amount) if amount == amount.to_integral_value() else amount
    if not number:
        return "0"
    return context.formatter.signed(number, Unit(UnitKind.number))


def _note(context: Context, bridge: Bridge) -> str:
    if not bridge.steps:
        return context.words("bridge.missing")
    key = "bridge.explained" if bridge.is_explained else "bridge.unexplained"
    return context.words(key)


def _records(spec: BridgeSpec, context: Context, bridge: Bridge) -> TableBlock:
    listed = list(_listed(bridge))
    words = context.words
    left = len(listed) - spec.lines
    return TableBlock(
        id=f"{spec.id}_records",
        title=words("bridge.behind"),
        columns=(
            Column(key="step", label=words("waterfall.step")),
            Column(key="on", label=words("bridge.day"), kind="date"),
            Column(key="amount", label=words("label.value")),
            Column(key="side", label=words("bridge.side")),
            Column(key="record", label=words("bridge.record")),
        ),
        rows=tuple(
            (
                text_cell(words(f"bridge.step.{line.kind.value}")),
                text_cell(context.formatter.day(line.on)),
                text_cell(_signed(context, line.amount)),
                text_cell(line.side),
                text_cell(", ".join(filter(None, (line.label, line.record.rsplit(":", 1)[-1])))),
            )
            for line in listed[: spec.lines]
        ),
        note=words("bridge.more", n=left, number=str(left)) if left > 0 else "",
    )


def _listed(bridge: Bridge) -> Iterator[Line]:
    for step in bridge.steps:
        yield from step.lines


def _side(side: str, source: str) -> str:
    return f"{side} ({source})" if source and source != side else side


KIND = BlockKind(BridgeSpec, _needs, _build)
