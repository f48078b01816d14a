"""Two sources fill one table: added unless an order says which one tells which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.metrics.priority import Rule
from kvitto.model.receipt import Receipt
from kvitto.model.value import Missing, MissingKind, Status, Value
from kvitto.workspace.priority import Priority
from tests.metrics.world import Memory, context, measure, state

OLD = replace(state("old", "north"), tables=("leads",))
NEW = replace(state("new", "north"), tables=("leads",))


def rows(source: str, *days: str) -> list[dict[str, Any]]:
    return [
        {"lead_id": f"{source}{n}", "_source": source, "created_on": date.fromisoformat(day)}
        for n, day in enumerate(days)
    ]


def world(old: Sequence[str], new: Sequence[str], **more: Any) -> Memory:
    memory = Memory(more.get("first", OLD), more.get("second", NEW))
    return memory.fresh({"leads": [*rows("old", *old), *rows("new", *new)]})


def rule(**given: Any) -> Rule:
    return Rule("rules/north.yml, priority 1", Priority.model_validate(given))


def told(memory: Memory, period: str, *rules: Rule, metric: str = "leads_created") -> Any:
    about = context("north", priorities=rules)
    return measure(memory, metric, in_=period, about=about)


def number(memory: Memory, period: str, *rules: Rule) -> Any:
    figure = told(memory, period, *rules).answer.cells[0].figure
    assert isinstance(figure, Value), figure
    return figure.number


def receipt(memory: Memory, period: str, *rules: Rule) -> Receipt:
    measured = told(memory, period, *rules)
    found: Receipt = measured.receipts[measured.answer.cells[0].receipt]
    return found


BOTH = world(["2017-11-02", "2017-11-05", "2017-11-20"], ["2017-11-02", "2017-11-20"])


def test_without_an_order_the_rows_of_both_are_added() -> None:
    assert number(BOTH, "2017-11") == 5


def test_the_first_source_tells_the_metric_and_the_receipt_says_what_the_other_says() -> None:
    first = rule(metric="leads_created", sources=["old", "new"])
    assert number(BOTH, "2017-11", first) == 3
    (applied,) = receipt(BOTH, "2017-11", first).applied
    assert (applied.action, applied.rows) == ("source_priority", 2)
    assert applied.rule == "rules/north.yml, priority 1"
    assert applied.why == "old tells it; new says 2, 33.3% apart, more than the 3% allowed"


def test_a_source_of_the_order_that_is_not_connected_leaves_its_place_to_the_next() -> None:
    first = rule(metric="leads_created", sources=["gone", "new"])
    assert number(BOTH, "2017-11", first) == 2


def test_an_order_of_a_table_holds_for_every_metric_and_gives_way_to_one_of_the_metric() -> None:
    table = rule(table="leads", sources=["new"])
    own = rule(metric="leads_created", sources=["old"])
    assert number(BOTH, "2017-11", table) == 2
    assert number(BOTH, "2017-11", table, own) == 3


def test_windows_change_hands_on_a_day() -> None:
    before = rule(metric="leads_created", sources=["old"], valid_to=date(2017, 11, 9))
    after = rule(metric="leads_created", sources=["new"], valid_from=date(2017, 11, 10))
    assert number(BOTH, "2017-11", before, after) == 3
    (applied,) = receipt(BOTH, "2017-11", before, after).applied
    assert applied.rows == 2
    assert applied.why.startswith(
        "old tells it from 2017-11-01 to 2017-11-09; new tells it from 2017-11-10 to 2017-11-30"
    )


def test_days_outside_of_every_window_are_added_as_before() -> None:
    late = rule(metric="leads_created", sources=["new"], valid_from=date(2017, 11, 10))
    assert number(BOTH, "2017-11", late) == 4


@pytest.mark.parametrize(("unit", "expected"), [("never", 1), ("day", 3), ("month", 1)])
def test_whole_days_or_months_fall_to_the_next_source_where_the_first_has_none(
    unit: str, expected: int
) -> None:
    memory = world(["2017-11-05"], ["2017-11-05", "2017-11-06", "2017-11-07"])
    first = rule(metric="leads_created", sources=["old", "new"], fallback=unit)
    assert number(memory, "2017-11", first) == expected


def test_a_month_without_any_row_of_the_first_falls_to_the_next_as_a_whole() -> None:
    memory = world(["2017-10-05"], ["2017-10-05", "2017-10-06", "2017-11-06", "2017-11-07"])
    first = rule(metric="leads_created", sources=["old", "new"], fallback="month")
    assert number(memory, "2017-Q4", first) == 3
    (applied,) = receipt(memory, "2017-11", first).applied
    assert "new tells it, for old has no data" in applied.why


def test_days_that_the_first_may_still_change_fall_to_the_next_and_are_final() -> None:
    memory = world(
        ["2017-11-05", "2017-12-30"],
        ["2017-12-29", "2017-12-30"],
        first=replace(OLD, settles_days=7),
    )
    order = {"metric": "leads_created", "sources": ["old", "new"]}
    waiting = rule(**order)
    filled = rule(**order, fallback="day", fallback_when=["not_final"])
    assert told(memory, "2017-12", waiting).answer.cells[0].figure.status is Status.provisional
    assert number(memory, "2017-12", filled) == 2


def test_a_stale_loser_does_not_keep_the_winner_from_answering() -> None:
    stale = replace(NEW, complete_to=date(2017, 6, 30))
    memory = world(["2017-11-05"], ["2017-06-05"], second=stale)
    lost = told(memory, "2017-11").answer.cells[0].figure
    assert isinstance(lost, Missing)
    assert lost.kind is MissingKind.no_data
    assert number(memory, "2017-11", rule(metric="leads_created", sources=["old"])) == 1


def test_all_says_that_the_sources_hold_different_things() -> None:
    both = rule(table="leads", sources=["old", "new"], counts="all")
    assert number(BOTH, "2017-11", both) == 5


def test_one_side_alone_is_asked_by_its_name() -> None:
    first = rule(metric="leads_created", sources=["old"])
    other = told(BOTH, "2017-11", first, metric="leads_created@new").answer.cells[0].figure
    assert other.number == 2
    gone = told(BOTH, "2017-11", metric="leads_created@gone").answer.cells[0].figure
    assert isinstance(gone, Missing)
    assert gone.kind is MissingKind.not_connected


def test_the_same_order_has_the_same_receipt_and_another_one_another() -> None:
    one = rule(metric="leads_created", sources=["old"])
    assert receipt(BOTH, "2017-11", one).code == receipt(BOTH, "2017-11", one).code
    two = rule(metric="leads_created", sources=["new"])
    assert receipt(BOTH, "2017-11", one).code != receipt(BOTH, "2017-11", two).code


days = st.lists(st.integers(0, 29).map(lambda n: date(2017, 11, 1) + timedelta(days=n)), max_size=6)


EMPTY = Memory(OLD, NEW)


@settings(deadline=None, max_examples=30)
@given(days, days, st.integers(1, 30))
def test_each_row_counts_once_whatever_the_windows(
    old: list[date], new: list[date], cut: int
) -> None:
    listed = [*rows("old", *map(str, old)), *rows("new", *map(str, new))]
    memory = EMPTY.fresh({"leads": listed})
    edge = date(2017, 11, cut)
    before = rule(table="leads", sources=["old"], valid_to=edge - timedelta(days=1))
    after = rule(table="leads", sources=["new"], valid_from=edge)
    expected = sum(day < edge for day in old) + sum(day >= edge for day in new)
    figure = told(memory, "2017-11", before, after).answer.cells[0].figure
    if isinstance(figure, Value):
        assert figure.number == expected
    else:
        assert not old + new


def test_the_tolerance_decides_what_is_called_a_conflict() -> None:
    wide = rule(metric="leads_created", sources=["old"], tolerance=Decimal("0.5"))
    (applied,) = receipt(BOTH, "2017-11", wide).applied
    assert applied.why == "old tells it; new says 2, within 50% of it"
