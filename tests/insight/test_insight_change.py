"""One change: what is tested, what earns an arrow, what is said when nothing can be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kvitto.insight.change import Exposure, adjust, judge
from kvitto.insight.significance import Kind, Lines, adjusted, compare_rates, kind_of, wilson
from kvitto.model.metric import Additivity, Aggregation, Good, Metric, Part
from kvitto.model.statement import Direction, Statement
from kvitto.model.value import Missing, MissingKind, Status, Unit, UnitKind, Value
from kvitto.workspace.definition import Materiality

DEALS = Unit(UnitKind.count, noun="deals")
USD = Unit(UnitKind.money, "USD")
SHARE = Unit(UnitKind.share)
LEVEL = Materiality()


def simple(aggregation: Aggregation, unit: UnitKind, good: Good = Good.higher) -> Metric:
    return Metric(
        id="m",
        names={"en": "M"},
        explains={"en": ""},
        unit=unit,
        good=good,
        additivity=Additivity.full,
        value=Part(table="deals", aggregation=aggregation, measure="amount", at="closed_on"),
    )


def rate(min_n: int = 30) -> Metric:
    part = Part(table="deals", aggregation=Aggregation.count, at="closed_on")
    return simple(Aggregation.count, UnitKind.share).model_copy(
        update={"value": None, "numerator": part, "denominator": part, "min_n": min_n}
    )


def of(number: float, unit: Unit, n: int = 100) -> Value:
    return Value(number, unit, n)


def share(won: int, n: int) -> Value:
    return Value(won / n, SHARE, n, Status.final, won, n)


EQUAL = Exposure(30, 30)


def counts(before: int, after: int, exposure: Exposure = EQUAL) -> Statement:
    metric = simple(Aggregation.count, UnitKind.count)
    now, then = of(after, DEALS, after), of(before, DEALS, before)
    return judge(metric, now, then, LEVEL, exposure=exposure)


def test_a_clear_rise_of_a_count_earns_an_arrow() -> None:
    said = counts(200, 300)
    assert (said.direction, said.arrow, said.good) == (Direction.up, Direction.up, True)
    assert said.magnitude == 100
    assert said.relative == 0.5
    assert said.verdict == "significant"


def test_a_rise_that_only_comes_from_more_days_is_noise() -> None:
    assert counts(280, 310, Exposure(31, 28)).verdict == "noise"
    assert counts(280, 310, Exposure(31, 28)).arrow is None


def test_a_significant_but_small_change_has_no_arrow() -> None:
    said = counts(1_000_000, 1_010_000)
    assert said.significant
    assert not said.material
    assert said.arrow is None


def test_an_unchanged_count_is_flat_with_no_arrow_and_no_news() -> None:
    said = counts(50, 50)
    assert (said.direction, said.arrow, said.good) == (Direction.flat, None, None)


def test_counts_of_zero_on_both_sides_are_told_without_a_base() -> None:
    said = counts(0, 0)
    assert said.relative is None
    assert said.verdict == "noise"


def test_rates_use_newcombe_and_points_decide_what_is_material() -> None:
    said = judge(rate(), share(300, 1100), share(412, 1000), LEVEL)
    assert "Newcombe" in said.method
    assert said.interval is not None
    assert said.interval[0] < -0.139 < said.interval[1]
    assert said.arrow is Direction.down
    assert said.good is False


def test_rates_of_few_are_tested_exactly() -> None:
    tested = compare_rates((0, 12), (5, 12))
    assert "Fisher" in tested.method
    assert tested.p_value == pytest.approx(0.0373, abs=0.0005)


def test_newcombe_agrees_with_the_published_example() -> None:
    """Newcombe 1998, 56/70 against 48/80, method 10: 0.0524 to 0.3339."""
    tested = compare_rates((48, 80), (56, 70))
    assert tested.interval == pytest.approx((0.0524, 0.3339), abs=0.0001)


def test_fewer_than_the_least_rows_gives_no_arrow_and_says_so() -> None:
    said = judge(rate(min_n=30), share(20, 29), share(5, 40), LEVEL)
    assert (said.verdict, said.arrow, said.p_value) == ("too_few", None, None)


def test_a_sum_without_its_rows_is_not_tested() -> None:
    said = judge(simple(Aggregation.sum, UnitKind.money), of(200, USD), of(100, USD), LEVEL)
    assert (said.verdict, said.arrow, said.method) == ("not_tested", None, "not tested")
    assert said.material


@pytest.mark.parametrize(
    ("aggregation", "word"),
    [(Aggregation.sum, "total"), (Aggregation.average, "mean"), (Aggregation.median, "Mann")],
)
def test_with_its_rows_each_kind_has_its_own_test(aggregation: Aggregation, word: str) -> None:
    metric = simple(aggregation, UnitKind.money)
    before = [10.0 + i % 7 for i in range(80)]
    after = [18.0 + i % 7 for i in range(80)]
    said = judge(metric, of(2000, USD), of(1000, USD), LEVEL, lines=Lines(before, after))
    again = judge(metric, of(2000, USD), of(1000, USD), LEVEL, lines=Lines(before, after))
    assert word in said.method
    assert said.significant
    assert said == again


@pytest.mark.parametrize("aggregation", [Aggregation.sum, Aggregation.average, Aggregation.median])
def test_many_rows_and_rows_without_spread_are_tested_too(aggregation: Aggregation) -> None:
    metric = simple(aggregation, UnitKind.money)
    same = Lines([5.0] * 40, [5.0] * 40)
    many = Lines([float(i % 11) for i in range(1500)], [float(i % 11) + 3 for i in range(1500)])
    assert not judge(metric, of(1, USD), of(1, USD), LEVEL, lines=same).significant
    assert judge(metric, of(2, USD), of(1, USD), LEVEL, lines=many).significant


@pytest.mark.parametrize("kind", list(MissingKind))
def test_a_missing_figure_gives_its_kind_and_never_a_change(kind: MissingKind) -> None:
    metric = simple(Aggregation.count, UnitKind.count)
    said = judge(metric, Missing(kind, DEALS), of(3, DEALS), LEVEL)
    earlier = judge(metric, of(3, DEALS), Missing(kind, DEALS), LEVEL)
    assert (said.kind, said.missing, said.note) == ("data", kind.value, "after")
    assert (earlier.kind, earlier.note, earlier.after) == ("data", "before", 3)
    assert said.magnitude is earlier.magnitude is None
    assert said.arrow is earlier.arrow is None


def test_lower_is_good_where_the_metric_says_so() -> None:
    metric = simple(Aggregation.count, UnitKind.count, Good.lower)
    assert judge(metric, of(300, DEALS), of(200, DEALS), LEVEL).good is False


def test_a_stock_is_not_tested() -> None:
    metric = simple(Aggregation.count, UnitKind.count)
    assert metric.value is not None
    stock = metric.model_copy(update={"value": metric.value.model_copy(update={"as_of": True})})
    assert kind_of(stock) is Kind.none
    assert judge(stock, of(300, DEALS), of(100, DEALS), LEVEL).verdict == "not_tested"


def test_a_provisional_side_makes_the_statement_provisional() -> None:
    metric = simple(Aggregation.count, UnitKind.count)
    open_yet = replace(of(30, DEALS), status=Status.provisional)
    assert judge(metric, open_yet, of(20, DEALS), LEVEL).provisional


def test_many_looks_take_arrows_away() -> None:
    """One in fifty quiet metrics looks significant alone, and not among fifty."""
    lucky = counts(100, 135)
    quiet = [counts(100, 100 + i % 5) for i in range(49)]
    assert lucky.arrow is Direction.up
    held = adjust([lucky, *quiet])
    assert held[0].arrow is None
    assert held[0].verdict == "noise"
    assert held[0].p_adjusted is not None
    assert lucky.p_value is not None
    assert held[0].p_adjusted > lucky.p_value


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_keep_their_order_and_never_shrink(p_values: list[float]) -> None:
    raised = adjusted(p_values)
    assert all(0 <= p <= q <= 1 for p, q in zip(p_values, raised, strict=True))
    pairs = sorted(zip(p_values, raised, strict=True))
    assert [q for _, q in pairs] == sorted(raised)


@given(st.integers(0, 500), st.integers(0, 500))
@example(0, 205)
@example(205, 0)
def test_wilson_holds_the_rate_and_stays_within_bounds(won: int, more: int) -> None:
    assume(won + more > 0)
    low, high = wilson(won, won + more)
    assert 0 <= low <= won / (won + more) <= high <= 1
