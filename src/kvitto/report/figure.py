"""Measured figures as they are shown, always with the receipt or the parts they come from."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kvitto.model.block import CellShown, ShownFigure
from kvitto.model.metric import Metric
from kvitto.model.period import Period
from kvitto.model.question import Cell
from kvitto.model.value import Figure, Missing, MissingKind, Number, Status, Unit, UnitKind
from kvitto.report.context import Context


def show(
    context: Context,
    metric: Metric,
    figure: Figure,
    receipt: str | None,
    period: Period,
    *,
    label: str | None = None,
    subject: str = "",
) -> ShownFigure:
    """A figure with its display text; a missing one is said in words."""
    number = None if isinstance(figure, Missing) else figure.number
    return ShownFigure(
        metric=metric.id,
        label=label or metric.name(context.language),
        display=display(context, figure),
        number=None if number is None else float(number),
        exact=str(number) if isinstance(number, Decimal) else None,
        unit=figure.unit.kind.value,
        currency=figure.unit.currency,
        noun=figure.unit.noun,
        n=figure.n,
        status=Status.final.value if isinstance(figure, Missing) else figure.status.value,
        missing=figure.kind.value if isinstance(figure, Missing) else None,
        receipt=receipt,
        subject=subject,
        period=period.label,
    )


def show_cell(
    context: Context, cell: Cell | None, metric: str, period: Period, subject: str = ""
) -> ShownFigure:
    """A cell's figure; where the answer has no such cell there is no data."""
    definition = context.metric(metric)
    if cell is None:
        unit = unit_of(context, definition)
        absent = Missing(MissingKind.no_data, unit, "the answer has no such figure")
        return show(context, definition, absent, None, period, subject=subject)
    return show(context, definition, cell.figure, cell.receipt, period, subject=subject)


def derive(
    context: Context,
    like: ShownFigure,
    number: Number,
    text: str,
    parts: Sequence[str],
    *,
    role: str,
    label: str | None = None,
    unit: str | None = None,
) -> ShownFigure:
    """A figure computed from others; ``parts`` are the codes of their receipts."""
    return like.model_copy(
        update={
            "label": label or like.label,
            "display": text,
            "number": float(number),
            "exact": str(number) if isinstance(number, Decimal) else None,
            "unit": unit or like.unit,
            "currency": like.currency if unit in (None, "money") else None,
            "role": role,
            "missing": None,
            "receipt": None,
            "derived": tuple(dict.fromkeys(code for code in parts if code)),
        }
    )


def show_goal(context: Context, metric: Metric, target: Number, period: Period) -> ShownFigure:
    """A target: set by a person, so it has no receipt."""
    unit = unit_of(context, metric)
    shown = float(target) if unit.kind is UnitKind.share else target
    return ShownFigure(
        metric=metric.id,
        label=context.words("goal.label", name=metric.name(context.language)),
        display=context.formatter.number(shown, unit),
        number=float(target),
        exact=str(target) if isinstance(target, Decimal) else None,
        unit=unit.kind.value,
        currency=unit.currency,
        noun=unit.noun,
        period=period.label,
    )


def display(context: Context, figure: Figure) -> str:
    """The display text of a value, or the words for why there is none."""
    if isinstance(figure, Missing):
        return missing_words(context, figure.kind)
    return context.formatter.figure(figure)


def missing_words(context: Context, kind: MissingKind | str) -> str:
    """The words that stand where a figure of that kind is missing."""
    from kvitto.report.narrative.catalogue import missing_words as said

    return said(kind, context.language)


def inner_name(context: Context, metric: str) -> str:
    """The metric's name within a sentence: a small initial, but not for acronyms."""
    from kvitto.report.narrative.catalogue import language_of
    from kvitto.report.narrative.name import Names

    name = context.metric(metric).name(context.language)
    return Names({metric: name}).inner(metric, language_of(context.language))


def unit_of(context: Context, metric: Metric) -> Unit:
    """The metric's unit with the client's currency."""
    currency = context.client.currency if metric.unit is UnitKind.money else None
    return Unit(metric.unit, currency, metric.noun)


def figure_cell(figure: ShownFigure) -> CellShown:
    """A figure as a cell of a table."""
    return CellShown(text=figure.display, figure=figure)


def text_cell(text: str) -> CellShown:
    return CellShown(text=text)
