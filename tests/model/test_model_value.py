"""A missing figure stays missing, currencies are never added, ratios keep their parts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import CurrencyMixed
from kvitto.model.value import (
    Figure,
    Missing,
    MissingKind,
    Status,
    Unit,
    UnitKind,
    Value,
    add,
    divide,
    quotient,
    subtract,
)

DEALS = Unit(UnitKind.count, noun="deals")
SHARE = Unit(UnitKind.share)
NUMBERS = st.one_of(
    st.integers(-(10**9), 10**9),
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4
    ),
)
VALUES = st.builds(
    Value,
    number=NUMBERS,
    unit=st.just(DEALS),
    n=st.integers(0, 1000),
    status=st.sampled_from(Status),
)
MISSING = st.builds(Missing, kind=st.sampled_from(MissingKind), unit=st.just(DEALS))
FIGURES: st.SearchStrategy[Figure] = st.one_of(VALUES, MISSING)


def money(number: str, currency: str) -> Value:
    return Value(Decimal(number), Unit(UnitKind.money, currency), 1)


@given(FIGURES, FIGURES)
def test_a_missing_part_makes_the_whole_missing(one: Figure, other: Figure) -> None:
    kinds = [figure.kind for figure in (one, other) if isinstance(figure, Missing)]
    for result in (add(one, other), subtract(one, other), divide(one, other, SHARE)):
        if kinds:
            assert isinstance(result, Missing)
            assert result.kind == min(kinds, key=list(MissingKind).index)


@given(VALUES, VALUES)
def test_sums_are_exact_and_taken_back_by_subtraction(one: Value, other: Value) -> None:
    total = add(one, other)
    assert isinstance(total, Value)
    assert Fraction(total.number) == Fraction(one.number) + Fraction(other.number)
    back = subtract(total, other)
    assert isinstance(back, Value)
    assert Fraction(back.number) == Fraction(one.number)


@given(VALUES, VALUES)
def test_what_is_made_of_provisional_figures_is_provisional(one: Value, other: Value) -> None:
    provisional = Status.provisional in (one.status, other.status)
    for result in (add(one, other), divide(one, other, SHARE)):
        if isinstance(result, Value):
            assert (result.status is Status.provisional) == provisional


@given(VALUES, VALUES)
def test_a_ratio_keeps_both_parts_and_never_divides_by_zero(one: Value, other: Value) -> None:
    ratio = divide(one, other, SHARE)
    if other.number == 0:
        assert isinstance(ratio, Missing)
        assert ratio.kind is MissingKind.zero_denominator
    else:
        assert isinstance(ratio, Value)
        assert (ratio.numerator, ratio.denominator) == (one.number, other.number)
        assert ratio.number == float(Fraction(one.number) / Fraction(other.number))
    assert ratio.unit == SHARE


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=6))
def test_a_whole_is_recomputed_from_parts_and_not_averaged(parts: list[tuple[int, int]]) -> None:
    top: Figure = Value(0, DEALS, 0)
    bottom: Figure = Value(0, DEALS, 0)
    for won, closed in parts:
        part = divide(Value(won, DEALS, won), Value(closed, DEALS, closed), SHARE)
        assert isinstance(part, Value)
        assert part.numerator is not None
        assert part.denominator is not None
        top = add(top, Value(part.numerator, DEALS, won))
        bottom = add(bottom, Value(part.denominator, DEALS, closed))
    whole = divide(top, bottom, SHARE)
    assert isinstance(whole, Value)
    expected = Fraction(sum(won for won, _ in parts), sum(closed for _, closed in parts))
    assert whole.number == float(expected)


@pytest.mark.parametrize("combine", [add, subtract])
def test_currencies_are_never_added(combine: object) -> None:
    assert callable(combine)
    with pytest.raises(CurrencyMixed, match="SEK"):
        combine(money("1", "EUR"), money("1", "SEK"))
    assert combine(money("1.10", "EUR"), money("0", "EUR")).number == Decimal("1.10")


def test_money_is_added_without_binary_noise() -> None:
    total = add(money("0.1", "EUR"), money("0.2", "EUR"))
    assert isinstance(total, Value)
    assert total.number == Decimal("0.3")


def test_a_ratio_counts_the_rows_of_its_denominator_unless_told() -> None:
    won, closed = Value(3, DEALS, 3), Value(4, DEALS, 4)
    assert divide(won, closed, SHARE).n == 4
    assert divide(won, closed, SHARE, n=7).n == 7


def test_a_missing_ratio_takes_the_unit_of_the_ratio_and_keeps_the_reason() -> None:
    lost = Missing(MissingKind.not_final, DEALS, "the day is not over", 2)
    ratio = divide(lost, Value(4, DEALS, 4), SHARE)
    assert isinstance(ratio, Missing)
    assert (ratio.unit, ratio.why, ratio.kind) == (SHARE, lost.why, MissingKind.not_final)


@given(NUMBERS, NUMBERS.filter(bool))
def test_a_quotient_is_rounded_once(one: int | Decimal, other: int | Decimal) -> None:
    assert quotient(one, other) == float(Fraction(one) / Fraction(other))


def test_a_unit_names_itself() -> None:
    assert str(Unit(UnitKind.money, "SEK")) == "SEK"
    assert str(DEALS) == "deals"
    assert str(SHARE) == "share"
