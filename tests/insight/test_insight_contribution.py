"""Contributions add up to the change, whatever the data."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.insight.contribution import (
    Segment,
    Share,
    Way,
    contributions_of,
    displayed,
    gathered,
    shares_of,
)
from kvitto.insight.rounding import in_steps

amounts = st.decimals(-(10**7), 10**7, places=4).map(Fraction)
counts = st.integers(0, 10**6).map(Fraction)


@st.composite
def additive(draw: st.DrawFn) -> list[Segment]:
    size = draw(st.integers(1, 12))
    return [
        Segment(f"s{i}", draw(amounts), draw(amounts), n_before=draw(st.integers(0, 50)), n_after=3)
        for i in range(size)
    ]


@st.composite
def ratios(draw: st.DrawFn) -> list[Segment]:
    """Segments of a rate; some enter, some leave, one may hold the remainder."""
    found = []
    for i in range(draw(st.integers(2, 10))):
        den_0, den_1 = draw(counts), draw(counts)
        num_0 = min(den_0, draw(counts)) if den_0 else Fraction(0)
        num_1 = min(den_1, draw(counts)) if den_1 else Fraction(0)
        found.append(Segment(f"s{i}", num_0, num_1, den_0, den_1, 5, 5))
    return found


def whole(segments: list[Segment], side: str) -> Fraction | None:
    top = sum((getattr(each, side) for each in segments), Fraction(0))
    bottom = sum((getattr(each, f"{side}_den") for each in segments), Fraction(0))
    return top / bottom if bottom else None


def total(shares: tuple[Share, ...]) -> Fraction:
    return sum((each.total for each in shares), Fraction(0))


@given(additive(), st.integers(1, 5))
def test_additive_parts_sum_to_the_change_exactly(segments: list[Segment], named: int) -> None:
    change = sum((each.after - each.before for each in segments), Fraction(0))
    shares = gathered(shares_of(Way.additive, segments), named, 10)
    assert total(shares) == change
    parts = contributions_of(Way.additive, shares, float(change))
    residual = math.fsum(part.total for part in parts) - float(change)
    assert abs(residual) <= 1e-9 * max(1.0, abs(float(change)))


@given(ratios(), st.integers(1, 4))
def test_mix_and_rate_sum_to_the_change_of_the_ratio_exactly(
    segments: list[Segment], named: int
) -> None:
    before, after = whole(segments, "before"), whole(segments, "after")
    shares = shares_of(Way.ratio, segments)
    if before is None or after is None:
        assert shares == ()
        return
    assert total(gathered(shares, named)) == after - before
    assert all(each.mix is None or each.mix + (each.rate or 0) == each.total for each in shares)


@given(ratios(), amounts.filter(bool))
def test_a_numerator_without_a_denominator_still_adds_up(
    segments: list[Segment], spend: Fraction
) -> None:
    homeless = [*segments, Segment("no spend", spend, spend * 2)]
    before, after = whole(homeless, "before"), whole(homeless, "after")
    shares = shares_of(Way.ratio, homeless)
    if before is not None and after is not None:
        assert total(shares) == after - before
        assert all(each.mix is None for each in shares)


@given(additive(), st.sampled_from([1.0, 0.01, 0.1, 0.001]), st.integers(1, 4))
def test_rounded_parts_sum_to_the_rounded_change(
    segments: list[Segment], step: float, named: int
) -> None:
    shares = gathered(shares_of(Way.additive, segments), named)
    change = float(total(shares))
    parts = contributions_of(Way.additive, shares, change)
    shown = displayed(parts, change, step)
    assert sum(in_steps(each, step) for each in shown) == in_steps(change, step)


def test_simpsons_paradox_is_told_apart_as_mix() -> None:
    """Both sources convert better and the whole converts worse."""
    segments = [
        Segment("inbound", Fraction(180), Fraction(62), Fraction(600), Fraction(200), 600, 200),
        Segment("outbound", Fraction(40), Fraction(88), Fraction(400), Fraction(800), 400, 800),
    ]
    shares = shares_of(Way.ratio, segments)
    rates = [float(each.rate or 0) for each in shares]
    assert all(rate > 0 for rate in rates)
    assert math.isclose(float(total(shares)), -0.07)
    assert math.isclose(sum(float(each.mix or 0) for each in shares), -0.08)


def test_a_segment_of_one_period_only_is_all_mix() -> None:
    segments = [
        Segment("old", Fraction(10), Fraction(0), Fraction(40), Fraction(0), 40, 0),
        Segment("new", Fraction(0), Fraction(30), Fraction(0), Fraction(60), 0, 60),
    ]
    shares = shares_of(Way.ratio, segments)
    assert [each.rate for each in shares] == [0, 0]
    assert total(shares) == Fraction(1, 2) - Fraction(1, 4)


@settings(max_examples=30)
@given(additive())
def test_thin_segments_go_to_the_rest_and_are_counted(segments: list[Segment]) -> None:
    shares = gathered(shares_of(Way.additive, segments), 3, least := 10)
    rest = [each for each in shares if each.segment.rest]
    named = [each for each in shares if not each.segment.rest]
    assert all(max(each.segment.n_before, each.segment.n_after) >= least for each in named)
    assert sum(each.segment.members for each in rest) + len(named) == len(segments)
