"""Earlier periods, goals, baselines: what a figure is held against, over equal days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.metrics.compare import compare_figures
from kvitto.metrics.span import hold, slots_of, trailing
from kvitto.model.period import Calendar, Grain, Period, tile
from kvitto.model.question import ComparisonKind, Filter
from kvitto.model.value import Missing, MissingKind, Unit, UnitKind, Value
from kvitto.warehouse.reader import Reader
from kvitto.workspace.definition import BaselineDefinition, GoalDefinition
from tests.metrics.world import Memory, context, measure, number, period, state

COUNT = Unit(UnitKind.count)


def won_on(*days: date) -> dict[str, list[dict[str, object]]]:
    return {
        "deals": [
            {"deal_id": f"d{i}", "outcome": "won", "created_on": date(2016, 1, 1), "closed_on": day}
            for i, day in enumerate(days)
        ]
    }


def test_the_previous_quarter_is_what_it_is_alone(reader: Reader) -> None:
    cell = measure(reader, "deals_won", compare=ComparisonKind.previous).answer.one("deals_won")
    alone = measure(reader, "deals_won", in_="2017-Q3").answer.one("deals_won")
    assert cell.compared is not None
    assert cell.compared.figure == alone.figure
    assert cell.compared.receipt == alone.receipt
    assert cell.compared.change == -61.0
    assert cell.compared.relative == pytest.approx(-61 / 1257)
    assert not cell.compared.aligned


def test_a_period_that_goes_on_is_held_against_equally_many_days() -> None:
    days = [date(2017, 11, 1), date(2017, 11, 10), date(2017, 11, 11), date(2017, 11, 30)]
    days += [date(2017, 12, 1), date(2017, 12, 10)]
    memory = Memory(state("crm", "north", date(2017, 12, 10))).fresh(won_on(*days))
    about = context("north", date(2017, 12, 11))
    asked = measure(
        memory, "deals_won", in_="2017-12", compare=ComparisonKind.previous, about=about
    )
    compared = asked.answer.one("deals_won").compared
    assert compared is not None
    assert compared.aligned
    assert compared.period == Period(date(2017, 11, 1), date(2017, 11, 11), "2017-11 to 2017-11-10")
    assert isinstance(compared.figure, Value)
    assert (compared.figure.number, compared.change) == (2, 0.0)


def test_rows_after_the_last_complete_day_are_not_in_the_aligned_part() -> None:
    memory = Memory(state("crm", "north", date(2017, 12, 10))).fresh(
        won_on(date(2017, 11, 3), date(2017, 12, 3), date(2017, 12, 11))
    )
    about = context("north", date(2017, 12, 11))
    cell = measure(
        memory, "deals_won", in_="2017-12", compare=ComparisonKind.previous, about=about
    ).answer.one("deals_won")
    assert cell.compared is not None
    assert isinstance(cell.figure, Value)
    assert isinstance(cell.compared.current, Value)
    assert (cell.figure.number, cell.compared.current.number) == (2, 1)


def test_each_month_is_held_against_the_month_before_it(reader: Reader) -> None:
    year = measure(
        reader, "bookings_amount", in_="2017", by=["month"], compare=ComparisonKind.previous
    ).answer
    for earlier, later in zip(year.cells[3:], year.cells[4:], strict=False):
        assert later.compared is not None
        assert later.compared.figure == earlier.figure
        assert later.compared.receipt == earlier.receipt


def test_there_is_no_relative_change_over_zero_or_less() -> None:
    three = Value(3, COUNT, 3)
    assert compare_figures(three, Value(0, COUNT, 0)) == (3.0, None)
    assert compare_figures(three, Value(-2, COUNT, 0)) == (5.0, None)
    assert compare_figures(three, Missing(MissingKind.no_data, COUNT)) == (None, None)


def test_a_goal_is_found_for_exactly_its_period_and_place(reader: Reader) -> None:
    goals = (
        GoalDefinition(
            metric="deals_won", period="2017-Q4", target=Decimal(1300), objective="Grow"
        ),
        GoalDefinition(
            metric="deals_won", period="2017-Q4", target=Decimal(400), where={"region": "west"}
        ),
        GoalDefinition(
            metric="sales_cycle_length_median", period="2017-12", target=Decimal(60), kind="cap"
        ),
    )
    about = context(goals=goals)
    whole = measure(reader, "deals_won", compare=ComparisonKind.goal, about=about)
    compared = whole.answer.one("deals_won").compared
    assert compared is not None
    assert (compared.change, compared.objective, compared.cap) == (1196 - 1300, "Grow", False)
    split = measure(reader, "deals_won", by=["region"], compare=ComparisonKind.goal, about=about)
    west = split.answer.one("deals_won", region="West").compared
    east = split.answer.one("deals_won", region="East").compared
    assert west is not None
    assert east is not None
    assert west.change == 428 - 400
    assert isinstance(east.figure, Missing)
    assert east.figure.kind is MissingKind.not_applicable
    kept = measure(
        reader,
        "deals_won",
        where=[Filter("region", ("West",))],
        compare=ComparisonKind.goal,
        about=about,
    ).answer.one("deals_won")
    assert kept.compared == west
    cycle = measure(
        reader,
        "sales_cycle_length_median",
        in_="2017-12",
        compare=ComparisonKind.goal,
        about=about,
    ).answer.one("sales_cycle_length_median")
    assert cycle.compared is not None
    assert cycle.compared.cap


def test_a_goal_in_a_formula_is_a_constant_of_its_receipt(reader: Reader) -> None:
    goal = GoalDefinition(metric="bookings_amount", period="2017-Q4", target=Decimal(2700000))
    asked = measure(reader, "quota_attainment", about=context(goals=(goal,)))
    receipt = asked.receipts[asked.answer.one("quota_attainment").receipt]
    assert number(asked, "quota_attainment") == pytest.approx(2802496 / 2700000, rel=1e-15)
    assert receipt.constants == {"goal(bookings_amount)": "2700000"}
    assert receipt.formula == "bookings_amount / goal(bookings_amount)"


def test_a_baseline_is_measured_or_given_and_of_the_same_length(reader: Reader) -> None:
    baselines = (
        BaselineDefinition(metric="bookings_amount", period="2017-03"),
        BaselineDefinition(metric="deals_won", period="2017-03", value=Decimal(500)),
        BaselineDefinition(metric="close_rate", period="2017-03"),
    )
    asked = measure(
        reader,
        "bookings_amount",
        "deals_won",
        "close_rate",
        "deals_lost",
        in_="2017-12",
        compare=ComparisonKind.baseline,
        about=context(baselines=baselines),
    ).answer
    march = measure(reader, "bookings_amount", in_="2017-03").answer.one("bookings_amount")
    measured, given = asked.one("bookings_amount").compared, asked.one("deals_won").compared
    lost = asked.one("deals_lost").compared
    assert measured is not None
    assert given is not None
    assert lost is not None
    assert measured.figure == march.figure
    assert isinstance(given.figure, Value)
    assert given.figure.number == 500
    assert isinstance(lost.figure, Missing)
    quarter = measure(
        reader,
        "bookings_amount",
        "close_rate",
        compare=ComparisonKind.baseline,
        about=context(baselines=baselines),
    ).answer
    of_sum, of_rate = quarter.one("bookings_amount").compared, quarter.one("close_rate").compared
    assert of_sum is not None
    assert of_rate is not None
    assert of_sum.figure.is_missing
    assert not of_rate.figure.is_missing


@given(
    start=st.dates(date(2015, 1, 1), date(2019, 1, 1)),
    days=st.integers(1, 400),
    known=st.dates(date(2015, 1, 1), date(2020, 1, 1)),
    kind=st.sampled_from([ComparisonKind.previous, ComparisonKind.last_year]),
    grain=st.sampled_from([None, Grain.week, Grain.month, Grain.quarter]),
)
def test_an_aligned_comparison_never_has_more_days_than_have_passed(
    start: date, days: int, known: date, kind: ComparisonKind, grain: Grain | None
) -> None:
    whole = Period(start, date.fromordinal(start.toordinal() + days))
    slots = slots_of(whole, grain, kind, context("north"))
    assert [slot.period for slot in slots] == (
        [whole] if grain is None else list(tile(whole, grain, Calendar("UTC")))
    )
    for slot in slots:
        held = hold(slot, known)
        assert slot.earlier is not None
        assert slot.earlier.end <= slot.period.start or grain is None or kind.value == "last_year"
        if held.to_date is not None:
            assert held.earlier is not None
            assert held.to_date.last <= known
            assert held.earlier.days <= held.to_date.days
            assert held.earlier.start == slot.earlier.start


def test_a_trailing_window_ends_where_the_period_does() -> None:
    quarter = period("2017-Q4")
    assert trailing(quarter, 12) == Period(date(2017, 1, 1), date(2018, 1, 1))
    assert trailing(quarter, None) is quarter
