"""All that can be said about one metric of one report, in the order of questions.

Data first, then the change, the goal, the segments, and what happened at the
same time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from kvitto.insight.change import Exposure, judge
from kvitto.insight.choice import FEW, choose
from kvitto.insight.contribution import (
    Share,
    Way,
    contributions_of,
    gathered,
    segments_of,
    shares_of,
    way_of,
)
from kvitto.insight.event import DataChange, coincidences, data_changes
from kvitto.insight.goal import Goal, good_way, stand
from kvitto.insight.significance import Lines
from kvitto.model.metric import Metric
from kvitto.model.period import Period
from kvitto.model.question import Cell, Compared
from kvitto.model.statement import Direction, Statement
from kvitto.model.value import Missing, Unit, Value
from kvitto.workspace.definition import AnnotationDefinition, Materiality


def study(
    metric: Metric,
    cell: Cell,
    unit: Unit,
    segments: Mapping[str, Sequence[Cell]],
    materiality: Materiality,
    *,
    others: Sequence[Cell] = (),
    goal: Goal | None = None,
    period: Period | None = None,
    annotations: Sequence[AnnotationDefinition] = (),
    changes: Sequence[DataChange] = (),
    lines: Mapping[str, Lines] | None = None,
    named: int = FEW,
    least_rows: int = 1,
    most_dimensions: int = FEW,
) -> tuple[Statement, ...]:
    """The statements about one metric, always in the same order.

    ``cell`` is the figure of the period with its first comparison, ``others``
    the same figure with further ones (last year, baseline). ``segments`` holds
    per dimension the cells of that dimension, compared like ``cell``. ``lines``
    holds per comparison the amounts behind both figures, needed to test sums,
    averages and medians. ``period`` is the asked period: it gives the days for
    counts and the frame for ``annotations``. Segments with fewer than
    ``least_rows`` rows go to the rest.

    The arrows are those of single tests: call
    :func:`kvitto.insight.change.adjust` over all statements of the report.
    """
    found: list[Statement] = []
    if period is not None:
        found += data_changes(metric.id, changes, annotations, period)
    if isinstance(cell.figure, Missing):
        found.append(_missing(metric, cell.figure, unit, cell.receipt))
    asked = [each for each in (cell, *others) if each.compared is not None]
    for each in asked:
        assert each.compared is not None
        if isinstance(cell.figure, Value) and each.compared.kind != "goal":
            found.append(_change(metric, each, materiality, goal, period, lines or {}))
    if goal is not None:
        codes = tuple(code for code in (cell.receipt, goal.receipt) if code)
        found.append(stand(metric, cell.figure, goal, materiality, codes))
    if cell.compared is not None:
        found += _contributions(metric, cell, segments, named, least_rows, most_dimensions)
    if period is not None:
        found += coincidences(metric.id, annotations, period)
    return tuple(found)


def not_decomposable(metric: Metric) -> bool:
    """Whether a change of this metric has no exact parts (medians, distinct counts)."""
    return way_of(metric) is Way.none


def _missing(metric: Metric, figure: Missing, unit: Unit, receipt: str) -> Statement:
    return Statement(
        id=f"{metric.id}/missing",
        kind="data",
        subject=metric.id,
        direction=Direction.unknown,
        missing=figure.kind.value,
        note="value",
        unit=unit.kind.value,
        currency=unit.currency,
        noun=unit.noun,
        n_after=figure.n,
        evidence=(receipt,) if receipt else (),
    )


def _change(
    metric: Metric,
    cell: Cell,
    materiality: Materiality,
    goal: Goal | None,
    period: Period | None,
    lines: Mapping[str, Lines],
) -> Statement:
    compared = cell.compared
    assert compared is not None
    return judge(
        metric,
        compared.current,
        compared.figure,
        materiality,
        comparison=compared.kind.value,
        against=compared.period.label if compared.period else "",
        exposure=_exposure(compared, period),
        lines=lines.get(compared.kind.value),
        evidence=tuple(code for code in (cell.receipt, compared.receipt) if code),
        good=good_way(metric, goal),
    )


def _exposure(compared: Compared, period: Period | None) -> Exposure:
    if compared.period is None:
        return Exposure()
    earlier = compared.period.days
    if period is None or compared.aligned:
        return Exposure(earlier, earlier)
    return Exposure(period.days, earlier)


def _contributions(
    metric: Metric,
    cell: Cell,
    segments: Mapping[str, Sequence[Cell]],
    named: int,
    least_rows: int,
    most: int,
) -> list[Statement]:
    compared = cell.compared
    assert compared is not None
    whole = compared.figure, compared.current
    way = way_of(metric)
    if way is Way.none or not all(isinstance(each, Value) for each in whole):
        return []
    shares: dict[str, tuple[Share, ...]] = {}
    for dimension, cells in sorted(segments.items()):
        parts = segments_of(metric, whole, cells, dimension)
        if parts:
            shares[dimension] = shares_of(way, parts)
    return [
        statement
        for dimension in choose(way, shares, most)
        if (
            statement := _contribution(
                metric, cell, dimension, way, shares[dimension], named, least_rows
            )
        )
    ]


def _contribution(
    metric: Metric,
    cell: Cell,
    dimension: str,
    way: Way,
    shares: Sequence[Share],
    named: int,
    least_rows: int,
) -> Statement | None:
    compared = cell.compared
    assert compared is not None
    before, after = compared.figure, compared.current
    assert isinstance(before, Value)
    assert isinstance(after, Value)
    exact = sum((each.total for each in shares), start=shares[0].total * 0)
    magnitude = float(exact)
    if not magnitude:
        return None
    kept = gathered(shares, named, max(least_rows, metric.min_n // 3))
    return Statement.model_validate(
        {
            "id": f"{metric.id}/{compared.kind.value}/{dimension}",
            "kind": "contribution",
            "subject": metric.id,
            "comparison": compared.kind.value,
            "against": compared.period.label if compared.period else "",
            "direction": Direction.up if magnitude > 0 else Direction.down,
            "magnitude": magnitude,
            "relative": magnitude / float(before.number) if before.number > 0 else None,
            "before": float(before.number),
            "after": float(after.number),
            "dimension": dimension,
            "contributions": contributions_of(way, kept, magnitude),
            "unit": after.unit.kind.value,
            "currency": after.unit.currency,
            "noun": after.unit.noun or metric.noun,
            "evidence": tuple(code for code in (cell.receipt, compared.receipt) if code),
        }
        | _split(way, shares)
    )


def _split(way: Way, shares: Sequence[Share]) -> dict[str, object]:
    """The whole mix and the whole rate, where the change has both."""
    if way is not Way.ratio or any(each.mix is None for each in shares):
        return {"method": "numerator and denominator" if way is Way.ratio else way.value}
    return {
        "mix": float(sum((each.mix or Fraction(0) for each in shares), Fraction(0))),
        "rate": float(sum((each.rate or Fraction(0) for each in shares), Fraction(0))),
        "method": "mix and rate, midpoint",
    }
