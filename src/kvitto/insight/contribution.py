"""Which segments a change comes from. The parts add up to the change exactly.

All sums are made in fractions and become floats once, at the end; the last bit
goes to the largest part, so that :func:`math.fsum` over the parts is the
magnitude to the last bit of a float.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from kvitto.model.metric import Additivity, Aggregation, Metric
from kvitto.model.question import Cell
from kvitto.model.statement import Contribution
from kvitto.model.value import Figure, MissingKind, Value

ZERO = Fraction(0)
_NOTHING_THERE = (MissingKind.no_data, MissingKind.zero_denominator)


class Way(Enum):
    """How a metric's change is taken apart."""

    additive = "additive"
    ratio = "ratio"
    none = "none"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment in both periods, exactly.

    For an additive metric the denominators are zero. ``n`` is the number of
    rows on the thinner of the two sides that exist.
    """

    name: str
    before: Fraction
    after: Fraction
    before_den: Fraction = ZERO
    after_den: Fraction = ZERO
    n_before: int = 0
    n_after: int = 0
    members: int = 1
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What one segment adds to the change, exactly; ``mix`` and ``rate`` for ratios."""

    segment: Segment
    total: Fraction
    mix: Fraction | None = None
    rate: Fraction | None = None


def way_of(metric: Metric) -> Way:
    """Additive, by mix and rate, or not at all.

    Medians, percentiles, distinct counts and formulas over other metrics have
    no exact parts; nothing approximate takes their place.
    """
    if metric.numerator is not None and metric.denominator is not None:
        parts = (metric.numerator.aggregation, metric.denominator.aggregation)
        return Way.ratio if all(part in _SUMS for part in parts) else Way.none
    if metric.value is None:
        return Way.none
    if metric.value.aggregation is Aggregation.average:
        return Way.ratio
    if metric.value.aggregation in _SUMS and metric.additivity is not Additivity.none:
        return Way.additive
    return Way.none


_SUMS = (Aggregation.count, Aggregation.sum)


def segments_of(
    metric: Metric, whole: tuple[Figure, Figure], cells: Sequence[Cell], dimension: str
) -> tuple[Segment, ...] | None:
    """The segments of one dimension with what they leave over as the rest.

    ``whole`` is (earlier, current). Rows that no cell holds (a segment that
    only the earlier period had) become the rest, so that the sum is kept.
    ``None`` where the segments cannot be parts of the whole: a figure is
    missing for another reason than having no rows, or segments overlap.
    """
    way = way_of(metric)
    found: list[Segment] = []
    for cell in cells:
        segment = _segment(way, cell, dimension)
        if segment is None:
            return None
        found.append(segment)
    total = _pairs(way, *whole)
    if total is None:
        return None
    left = _left_over(total, found)
    if way is Way.ratio and (left.before_den < 0 or left.after_den < 0):
        return None
    if any((left.before, left.after, left.before_den, left.after_den)):
        found.append(left)
    return tuple(found)


def shares_of(way: Way, segments: Sequence[Segment]) -> tuple[Share, ...]:
    """What each segment adds; the shares sum to the change of the whole exactly.

    Additive: the difference. Ratio: Kitagawa's midpoint of mix and rate (1955);
    a numerator without a denominator has no rate, then numerator and
    denominator effects are used instead (symmetric two-factor Shapley).
    """
    if way is Way.additive:
        return tuple(Share(each, each.after - each.before) for each in segments)
    den_0 = sum((each.before_den for each in segments), ZERO)
    den_1 = sum((each.after_den for each in segments), ZERO)
    if den_0 <= 0 or den_1 <= 0:
        return ()
    homeless = any(
        (each.before and not each.before_den) or (each.after and not each.after_den)
        for each in segments
    )
    negative = any(each.before_den < 0 or each.after_den < 0 for each in segments)
    split = _by_parts if homeless or negative else _by_mix_and_rate
    return split(segments, den_0, den_1)


def _by_mix_and_rate(
    segments: Sequence[Segment], den_0: Fraction, den_1: Fraction
) -> tuple[Share, ...]:
    rate_0 = sum((each.before for each in segments), ZERO) / den_0
    rate_1 = sum((each.after for each in segments), ZERO) / den_1
    middle = (rate_0 + rate_1) / 2
    shares: list[Share] = []
    for each in segments:
        known_0 = each.before / each.before_den if each.before_den else None
        known_1 = each.after / each.after_den if each.after_den else None
        r_0 = known_0 if known_0 is not None else known_1
        r_1 = known_1 if known_1 is not None else known_0
        if r_0 is None or r_1 is None:
            shares.append(Share(each, ZERO, ZERO, ZERO))
            continue
        w_0, w_1 = each.before_den / den_0, each.after_den / den_1
        mix = (w_1 - w_0) * ((r_0 + r_1) / 2 - middle)
        rate = (r_1 - r_0) * (w_0 + w_1) / 2
        shares.append(Share(each, mix + rate, mix, rate))
    return tuple(shares)


def _by_parts(segments: Sequence[Segment], den_0: Fraction, den_1: Fraction) -> tuple[Share, ...]:
    num_0 = sum((each.before for each in segments), ZERO)
    num_1 = sum((each.after for each in segments), ZERO)
    per_numerator = (1 / den_0 + 1 / den_1) / 2
    effect = (num_0 * (1 / den_1 - 1 / den_0) + num_1 * (1 / den_1 - 1 / den_0)) / 2
    change = den_1 - den_0
    per_denominator = effect / change if change else ZERO
    return tuple(
        Share(
            each,
            (each.after - each.before) * per_numerator
            + (each.after_den - each.before_den) * per_denominator,
        )
        for each in segments
    )


def gathered(shares: Sequence[Share], named: int, min_n: int = 0) -> tuple[Share, ...]:
    """The ``named`` largest shares by size, all others and thin ones in one rest."""
    solid = [
        each
        for each in shares
        if not each.segment.rest and max(each.segment.n_before, each.segment.n_after) >= min_n
    ]
    solid.sort(key=lambda each: (-abs(each.total), each.segment.name))
    kept = solid[:named]
    names = {id(each) for each in kept}
    others = [each for each in shares if id(each) not in names]
    if len(others) == 1 and not others[0].segment.rest and others[0] in solid:
        return (*kept, others[0])
    return (*kept, _rest(others)) if others else tuple(kept)


def contributions_of(
    way: Way, shares: Sequence[Share], magnitude: float
) -> tuple[Contribution, ...]:
    """The shares as floats that sum to ``magnitude``."""
    floats = [float(each.total) for each in shares]
    if floats:
        largest = max(range(len(floats)), key=lambda i: abs(floats[i]))
        floats[largest] += magnitude - math.fsum(floats)
    return tuple(
        Contribution(
            segment=each.segment.name,
            before=_own(way, each.segment.before, each.segment.before_den, each.segment.n_before),
            after=_own(way, each.segment.after, each.segment.after_den, each.segment.n_after),
            total=number,
            mix=None if each.mix is None else float(each.mix),
            rate=None if each.rate is None else float(each.rate),
            rest=each.segment.rest,
            members=each.segment.members,
        )
        for each, number in zip(shares, floats, strict=True)
    )


def displayed(contributions: Sequence[Contribution], magnitude: float, step: float) -> list[float]:
    """The contributions rounded to ``step`` so that they still add up.

    What rounding leaves over goes to the rest, or to the largest one where
    there is no rest. The sum is ``magnitude`` rounded to ``step``.
    """
    from kvitto.insight.rounding import in_steps

    rounded = [in_steps(each.total, step) for each in contributions]
    residue = in_steps(magnitude, step) - sum(rounded)
    if residue and rounded:
        rest = [i for i, each in enumerate(contributions) if each.rest]
        taker = rest[0] if rest else max(range(len(rounded)), key=lambda i: abs(rounded[i]))
        rounded[taker] += residue
    return [float(Fraction(str(step)) * each) for each in rounded]


def _own(way: Way, number: Fraction, denominator: Fraction, rows: int) -> float | None:
    if way is Way.ratio:
        return float(number / denominator) if denominator else None
    return float(number) if rows or number else None


def _rest(others: Sequence[Share]) -> Share:
    parts = [each.segment for each in others]
    segment = Segment(
        name="",
        before=sum((each.before for each in parts), ZERO),
        after=sum((each.after for each in parts), ZERO),
        before_den=sum((each.before_den for each in parts), ZERO),
        after_den=sum((each.after_den for each in parts), ZERO),
        n_before=sum(each.n_before for each in parts),
        n_after=sum(each.n_after for each in parts),
        members=sum(each.members for each in parts),
        rest=True,
    )
    mixed = all(each.mix is not None for each in others)
    return Share(
        segment,
        sum((each.total for each in others), ZERO),
        sum((each.mix or ZERO for each in others), ZERO) if mixed else None,
        sum((each.rate or ZERO for each in others), ZERO) if mixed else None,
    )


def _segment(way: Way, cell: Cell, dimension: str) -> Segment | None:
    compared = cell.compared
    if compared is None:
        return None
    current, earlier = compared.current, compared.figure
    if any(_is_gap(figure) for figure in (current, earlier)):
        return None
    pair = _pairs(way, earlier, current)
    if pair is None:
        return None
    name = dict(cell.dimensions).get(dimension) or ""
    return replace(pair, name=name, n_before=earlier.n, n_after=current.n)


def _is_gap(figure: Figure) -> bool:
    return not isinstance(figure, Value) and figure.kind not in _NOTHING_THERE


def _pairs(way: Way, earlier: Figure, current: Figure) -> Segment | None:
    before, after = _parts(way, earlier), _parts(way, current)
    if before is None or after is None:
        return None
    return Segment("", before[0], after[0], before[1], after[1])


def _parts(way: Way, figure: Figure) -> tuple[Fraction, Fraction] | None:
    """(number, 0) or (numerator, denominator); nothing there counts as nothing."""
    if not isinstance(figure, Value):
        return ZERO, ZERO
    if way is Way.additive:
        return Fraction(figure.number), ZERO
    if figure.numerator is not None and figure.denominator is not None:
        return Fraction(figure.numerator), Fraction(figure.denominator)
    return None


def _left_over(total: Segment, found: Sequence[Segment]) -> Segment:
    def left(name: str) -> Fraction:
        whole: Fraction = getattr(total, name)
        parts: list[Fraction] = [getattr(each, name) for each in found]
        return whole - sum(parts, ZERO)

    return Segment(
        "",
        left("before"),
        left("after"),
        left("before_den"),
        left("after_den"),
        rest=True,
    )
