"""From what was read to a figure: a value, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kvitto.metrics.compiler import Raw
from kvitto.metrics.wording import measure_in_words, rows_of
from kvitto.model.metric import Aggregation, Metric, Part
from kvitto.model.value import (
    Figure,
    Missing,
    MissingKind,
    Number,
    Status,
    Unit,
    UnitKind,
    Value,
    divide,
    quotient,
)


def unit_of(metric: Metric, currency: str) -> Unit:
    """The metric's unit; money is in the client's currency."""
    return Unit(metric.unit, currency if metric.unit is UnitKind.money else None, metric.noun)


def leaf_figure(
    metric: Metric, parts: Mapping[str, tuple[Part, Raw]], unit: Unit, status: Status
) -> Figure:
    """The figure of a metric with parts from what each came to."""
    if "value" in parts:
        part, raw = parts["value"]
        return part_figure(metric, part, raw, unit, status)
    plain = Unit(UnitKind.number)
    above, below = (
        part_figure(metric, *parts[name], plain, status) for name in ("numerator", "denominator")
    )
    if isinstance(below, Value) and below.number == 0:
        why = f"nothing to divide by ({metric.id})"
        return Missing(MissingKind.zero_denominator, unit, why, 0)
    return divide(above, below, unit)


def part_figure(metric: Metric, part: Part, raw: Raw, unit: Unit, status: Status) -> Figure:
    """The figure of one part. A sum over nothing is 0; an average over nothing is missing."""
    if part.aggregation in (Aggregation.count, Aggregation.distinct):
        return Value(int(raw.total or 0), unit, int(raw.total or 0), status)
    if raw.fit == 0:
        if part.aggregation is Aggregation.sum and raw.rows == 0:
            return Value(0, unit, 0, status)
        kind = MissingKind.not_computable if raw.negative else MissingKind.no_data
        return Missing(kind, unit, nothing(part, raw), 0)
    if part.aggregation is Aggregation.average:
        total = tidy(raw.total)
        return Value(quotient(total, raw.fit), unit, raw.fit, status, total, raw.fit)
    return Value(tidy(raw.total), unit, raw.fit, status)


def held_back(metric: Metric, figure: Figure) -> Figure:
    """The figure, or the reason why the metric does not give it: too few rows, not final."""
    if not isinstance(figure, Value):
        return figure
    if figure.n < metric.fewest:
        why = f"{figure.n} rows; {metric.id} is told from {metric.fewest} on"
        return Missing(MissingKind.too_few, figure.unit, why, figure.n)
    if metric.final_only and figure.status is Status.provisional:
        why = f"its sources may still change the period; {metric.id} is told when it is final"
        return Missing(MissingKind.not_final, figure.unit, why, figure.n)
    return figure


def nothing(part: Part, raw: Raw) -> str:
    """Why a sum or an average has nothing to work with, in words."""
    table = rows_of(part.table)
    if raw.rows == 0:
        return f"no {table} in the period"
    if raw.negative:
        return f"{raw.negative} of {raw.rows} {table} have a negative duration, none a usable one"
    return f"{raw.rows} {table} lack {measure_in_words(part.measure)}"


def tidy(number: Any) -> Number:
    """The number without trailing zeros; nothing is rounded."""
    if isinstance(number, Decimal):
        text = format(number, "f")
        return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
    if isinstance(number, int | float):
        return number
    return Decimal(str(number))


def exact_text(number: Number) -> str:
    """The number written exactly."""
    if isinstance(number, Decimal):
        return format(number, "f")
    return repr(number)
