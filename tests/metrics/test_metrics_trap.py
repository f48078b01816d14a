"""The traps of the field, each with data that would spring it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.model.question import ComparisonKind
from kvitto.model.value import Missing, MissingKind, Status, Value
from kvitto.warehouse.reader import Reader
from tests.metrics.world import Memory, context, measure, number, state

NORTH = context("north")
MEMORY = Memory()


def deal(i: int, **more: Any) -> dict[str, Any]:
    return {
        "deal_id": f"d{i}",
        "outcome": "won",
        "created_on": date(2017, 10, 1),
        "closed_on": date(2017, 11, 1),
        "amount_base": 100,
        **more,
    }


def kind_of_missing(memory: Memory, metric: str, **asked: Any) -> MissingKind | None:
    figure = measure(memory, metric, about=NORTH, **asked).answer.cells[0].figure
    return figure.kind if isinstance(figure, Missing) else None


def test_an_empty_amount_is_not_averaged_as_zero() -> None:
    memory = MEMORY.fresh({"deals": [deal(1), deal(2, amount_base=300), deal(3, amount_base=None)]})
    asked = measure(memory, "average_deal_size", "median_deal_size", "bookings_amount", about=NORTH)
    assert number(asked, "average_deal_size") == 200
    assert number(asked, "median_deal_size") == 200
    figure = asked.answer.one("bookings_amount").figure
    assert isinstance(figure, Value)
    assert (figure.number, figure.n) == (Decimal(400), 2)
    receipt = asked.receipts[asked.answer.one("bookings_amount").receipt]
    assert receipt.applied[0].why == "1 of 3 deals lack an amount and add nothing"


def test_amounts_in_other_currencies_are_not_added_as_they_stand() -> None:
    rows = [deal(1, amount=100), deal(2, amount=9000, currency_code="SEK", amount_base=None)]
    memory = MEMORY.fresh({"deals": rows})
    assert number(measure(memory, "bookings_amount", about=NORTH), "bookings_amount") == 100


def test_a_deal_closed_before_it_was_created_is_left_out_and_counted() -> None:
    rows = [deal(1), deal(2, closed_on=date(2017, 11, 11)), deal(3, created_on=date(2017, 12, 1))]
    memory = MEMORY.fresh({"deals": rows})
    asked = measure(
        memory, "sales_cycle_length_median", "sales_cycle_length_mean", "deals_won", about=NORTH
    )
    assert number(asked, "sales_cycle_length_mean") == 36
    assert number(asked, "sales_cycle_length_median") == 36
    assert number(asked, "deals_won") == 3
    receipt = asked.receipts[asked.answer.one("sales_cycle_length_mean").receipt]
    assert [(one.rule, one.rows) for one in receipt.applied] == [("negative_duration", 1)]


def test_past_stock_is_not_rebuilt_from_the_table_of_today(reader: Reader) -> None:
    by_quarter = measure(reader, "open_deals", "open_pipeline_amount", by=["quarter"], in_="2017")
    assert number(by_quarter, "open_deals", quarter="2017-Q3") == 2409
    amount = by_quarter.answer.one("open_pipeline_amount", quarter="2017-Q3").figure
    assert isinstance(amount, Missing)
    assert amount.kind is MissingKind.no_data
    assert "no snapshot of 2017-09-30" in amount.why
    last = by_quarter.answer.one("open_pipeline_amount", quarter="2017-Q4").figure
    assert isinstance(last, Missing)
    assert last.why == "2089 deals lack an amount"


@pytest.mark.parametrize(("age", "found"), [(0, True), (3, True), (4, False)])
def test_a_snapshot_stands_in_for_three_days_and_says_so(age: int, found: bool) -> None:
    day = date(2017, 12, 31 - age)
    rows = [{"snapshot_on": day, "deal_id": "d1", "outcome": "open", "amount_base": 50}]
    memory = MEMORY.fresh({"deals": [deal(1)], "deal_snapshots": rows})
    asked = measure(memory, "open_pipeline_amount", about=NORTH)
    figure = asked.answer.cells[0].figure
    assert isinstance(figure, Value) is found
    if found:
        receipt = next(iter(asked.receipts.values()))
        assert receipt.as_of == (None if age == 0 else day.isoformat())


def test_a_deal_deleted_since_stays_in_the_past_and_a_duplicate_never_was() -> None:
    snapshots = [
        {"snapshot_on": date(2017, 12, 31), "deal_id": f"d{i}", "outcome": "open"} for i in range(4)
    ]
    deals = [
        deal(0, is_deleted=True),
        deal(1, _excluded="duplicate_key"),
        deal(2, merged_into_id="d0"),
        deal(3, is_test=True),
    ]
    memory = MEMORY.fresh({"deals": deals, "deal_snapshots": snapshots})
    assert number(measure(memory, "open_deals", about=NORTH), "open_deals") == 1
    assert number(measure(memory, "deals_won", about=NORTH), "deals_won") == 0


def test_zero_needs_a_source_that_reaches_the_period() -> None:
    memory = MEMORY.fresh({"deals": [deal(1)]})
    assert number(measure(memory, "deals_won", in_="2017-12", about=NORTH), "deals_won") == 0
    assert kind_of_missing(memory, "deals_won", in_="2018-01") is MissingKind.no_data
    assert kind_of_missing(memory, "deals_won", in_="2017-03") is MissingKind.no_data
    assert kind_of_missing(memory, "leads_created") is MissingKind.not_connected
    assert kind_of_missing(memory, "pipeline_created_amount") is MissingKind.no_data


def test_a_rate_over_nothing_is_not_zero() -> None:
    memory = MEMORY.fresh({"deals": [deal(1)]})
    assert kind_of_missing(memory, "close_rate", in_="2017-12") is MissingKind.zero_denominator
    assert kind_of_missing(memory, "average_deal_size", in_="2017-12") in (
        MissingKind.zero_denominator,
        MissingKind.no_data,
    )


def test_a_young_cohort_has_no_rate_yet() -> None:
    rows = [deal(1, created_on=date(2017, 1, 5), closed_on=date(2017, 3, 1))]
    rows.append(deal(2, created_on=date(2017, 1, 8), closed_on=None, outcome="open"))
    memory = MEMORY.fresh({"deals": rows})
    assert kind_of_missing(memory, "win_rate_cohort", in_="2017-Q4") is MissingKind.immature
    ripe = measure(memory, "win_rate_cohort", in_="2017-01", about=NORTH)
    assert number(ripe, "win_rate_cohort") == 0.5


def test_a_period_that_goes_on_is_provisional() -> None:
    memory = Memory(state("crm", "north", date(2017, 11, 20))).fresh({"deals": [deal(1)]})
    figure = measure(memory, "deals_won", in_="2017-11", about=NORTH).answer.cells[0].figure
    assert isinstance(figure, Value)
    assert figure.status is Status.provisional


def test_both_segments_improve_while_the_whole_falls_and_all_three_are_said() -> None:
    def closed(region: str, day: date, won: int, lost: int) -> list[dict[str, Any]]:
        outcomes = ["won"] * won + ["lost"] * lost
        return [{"region": region, "closed_on": day, "outcome": one} for one in outcomes]

    third, fourth = date(2017, 8, 1), date(2017, 11, 1)
    made = closed("In", third, 30, 70) + closed("Out", third, 10, 90)
    made += closed("In", fourth, 31, 69) + closed("Out", fourth, 44, 356)
    memory = MEMORY.fresh({"deals": [{"deal_id": f"d{i}", **row} for i, row in enumerate(made)]})
    split = measure(
        memory, "close_rate", by=["region"], compare=ComparisonKind.previous, about=NORTH
    ).answer
    whole = measure(memory, "close_rate", compare=ComparisonKind.previous, about=NORTH).answer
    changes = [cell.compared.change or 0 for cell in split.cells if cell.compared]
    total = whole.one("close_rate").compared
    assert total is not None
    assert all(change > 0 for change in changes)
    assert total.change is not None
    assert total.change < 0


DEALS = st.lists(
    st.fixed_dictionaries(
        {
            "region": st.sampled_from(["North", "South", None]),
            "outcome": st.sampled_from(["won", "lost", "no_decision", "open", "disqualified"]),
            "amount_base": st.one_of(
                st.none(), st.decimals(-1000, 10**9, places=4, allow_nan=False)
            ),
            "created_on": st.dates(date(2017, 1, 1), date(2017, 12, 31)),
            "closed_on": st.dates(date(2017, 1, 1), date(2017, 12, 31)),
        }
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=12, deadline=None)
@given(rows=DEALS)
def test_parts_make_the_whole_over_segments_and_over_time(rows: list[dict[str, Any]]) -> None:
    made = [{"deal_id": f"d{i}", **row} for i, row in enumerate(rows)]
    memory = MEMORY.fresh({"deals": made})
    asked = ("deals_won", "deals_created", "bookings_amount", "close_rate", "win_rate_value")
    whole = measure(memory, *asked, in_="2017", about=NORTH).answer
    for by in (["region"], ["quarter", "region"], ["week"]):
        parts = measure(memory, *asked, in_="2017", by=by, about=NORTH).answer
        for metric in asked:
            figures = [cell.figure for cell in parts.cells if cell.metric == metric]
            values = [figure for figure in figures if isinstance(figure, Value)]
            total = whole.one(metric).figure
            if metric in ("close_rate", "win_rate_value"):
                _same_ratio(values, total)
            elif isinstance(total, Value):
                assert sum(Decimal(value.number) for value in values) == Decimal(total.number)
                assert sum(value.n for value in values) == total.n


def _same_ratio(values: list[Value], total: Value | Missing) -> None:
    if isinstance(total, Missing) or not values:
        return
    below = sum(Decimal(value.denominator or 0) for value in values)
    above = sum(Decimal(value.numerator or 0) for value in values)
    if below == Decimal(total.denominator or 0):
        assert float(above / below) == pytest.approx(float(total.number), rel=1e-12)
