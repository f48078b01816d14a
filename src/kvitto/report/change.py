"""A figure held against an earlier one, in words and with an arrow only where it is earned."""

from __future__ import annotations

from kvitto.model.block import Change
from kvitto.model.metric import Metric
from kvitto.model.period import Period, last_year, previous
from kvitto.model.question import Cell, Compared, ComparisonKind
from kvitto.model.statement import Direction
from kvitto.model.value import Missing, MissingKind, Number, Unit, UnitKind
from kvitto.report.context import Context
from kvitto.report.figure import missing_words, show, unit_of

_NOTHING_THERE = (MissingKind.no_data, MissingKind.zero_denominator)


def show_change(context: Context, cell: Cell | None, kind: ComparisonKind) -> Change | None:
    """The change of a cell against ``kind``; ``None`` where it was not compared.

    An earlier figure that is missing is said so, in words; there is no change
    then, and never one against zero.
    """
    if cell is None or cell.compared is None or cell.compared.kind is not kind:
        return None
    metric, compared = context.metric(cell.metric), cell.compared
    period = compared.period or earlier_period(context, kind)
    named = context.formatter.period(period)
    earlier = show(context, metric, compared.figure, compared.receipt, period)
    if from_nothing(context, cell):
        why = context.words("change.nothing_yet")
        text = context.words("change.none", period=named, why=why)
        return Change(against=kind.value, figure=earlier, display=text)
    if isinstance(compared.figure, Missing) or compared.change is None:
        reason = compared.figure if isinstance(compared.figure, Missing) else cell.figure
        why = missing_words(context, reason.kind) if isinstance(reason, Missing) else ""
        text = context.words("change.none", period=named, why=why)
        return Change(against=kind.value, figure=earlier, display=text)
    return _measured(context, metric, cell, compared, named).model_copy(update={"figure": earlier})


def from_nothing(context: Context, cell: Cell) -> bool:
    """Whether a figure is held against a time before its first record."""
    from kvitto.report.trend import has_begun

    held = cell.compared
    if held is None or held.period is None:
        return False
    empty = (
        held.figure.kind in _NOTHING_THERE
        if isinstance(held.figure, Missing)
        else held.figure.number == 0
    )
    return empty and not has_begun(context, cell.metric, held.period)


def _measured(
    context: Context, metric: Metric, cell: Cell, compared: Compared, named: str
) -> Change:
    statement = context.statement(metric.id, compared.kind) if not cell.dimensions else None
    arrow = statement.arrow if statement is not None else None
    change = compared.change or 0.0
    size = change_size(context, unit_of(context, metric), change, compared.relative)
    note = ""
    tested = statement is not None and statement.verdict not in ("", "not_tested")
    if statement is not None and tested and change and not statement.arrow:
        note = context.words(f"change.{statement.verdict}")
    if compared.aligned:
        note = ". ".join(filter(None, (note, context.words("change.aligned"))))
    key = "change.against" if change else "change.same"
    return Change(
        against=compared.kind.value,
        display=context.words(key, change=size, period=named),
        number=change,
        relative=compared.relative,
        arrow=arrow.value if arrow in (Direction.up, Direction.down) else None,
        good=statement.good if statement is not None and arrow else None,
        note=note,
    )


def change_size(
    context: Context,
    unit: Unit,
    change: Number,
    relative: float | None,
    *,
    short: bool = False,
) -> str:
    """The size of a change: points for shares, percent where there is a base, else the unit's.

    ``short`` abbreviates the points, where a column has no room for them.
    Durations keep their unit: "+4 days" says more than a percentage of days.
    """
    formatter = context.formatter
    if unit.kind is UnitKind.share:
        return points(context, float(change), signed=True, short=short)
    if relative is None or unit.kind is UnitKind.duration:
        return formatter.signed(change, unit)
    text = formatter.share(relative)
    return f"+{text}" if relative > 0 else text


def points(context: Context, share: float, *, signed: bool = False, short: bool = False) -> str:
    """A difference of two shares in percentage points."""
    from kvitto.report.narrative.amount import points as said
    from kvitto.report.narrative.catalogue import language_of

    key = "points_short" if short else "points"
    return said(share, language_of(context.language), context.formatter, signed=signed, key=key)


def earlier_period(context: Context, kind: ComparisonKind) -> Period:
    """The period that a comparison names."""
    calendar = context.client.calendar()
    if kind is ComparisonKind.last_year:
        return last_year(context.period, calendar)
    return previous(context.period, calendar)
