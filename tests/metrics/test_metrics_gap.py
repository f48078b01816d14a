"""A feed that broke: its days are missing, never zero, and a sum over them is never silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from kvitto.metrics.catalogue import load_catalogue
from kvitto.model.metric import Metric
from kvitto.model.value import Missing, MissingKind, Status, Value
from tests.metrics.world import Memory, context, measure, state

FED = replace(state("ga4", "north"), tables=("web_traffic",))
NORTH = context("north")
BROKEN = {date(2017, 11, 11) + timedelta(days=day) for day in range(7)}


def traffic() -> list[dict[str, Any]]:
    days = [date(2017, 11, 1) + timedelta(days=day) for day in range(30)]
    return [
        {"_source": "ga4", "visited_on": day, "site": "s", "sessions": 10}
        for day in days
        if day not in BROKEN
    ]


def world(*findings: tuple[str, str, str]) -> Memory:
    memory = Memory(FED).fresh({"web_traffic": traffic()})
    for code, client, source in findings:
        memory.connection.execute(
            "INSERT INTO _findings BY NAME SELECT ? AS code, ? AS client_id, ? AS source,"
            " 'web_traffic' AS table_name, DATE '2017-11-11' AS first_day,"
            " DATE '2017-11-17' AS last_day",
            [code, client, source],
        )
    return memory


TOLD = world(("gap", "north", "ga4"))


def test_a_period_within_a_gap_has_no_data_instead_of_zero() -> None:
    measured = measure(TOLD, "sessions", in_="2017-11-12..2017-11-14", about=NORTH)
    figure = measured.answer.cells[0].figure
    assert isinstance(figure, Missing)
    assert figure.kind is MissingKind.no_data
    assert figure.why == "ga4 brought no web traffic from 2017-11-11 to 2017-11-17"


def test_a_period_that_holds_a_gap_is_provisional_and_its_receipt_names_the_days() -> None:
    measured = measure(TOLD, "sessions", in_="2017-11", about=NORTH)
    (cell,) = measured.answer.cells
    assert isinstance(cell.figure, Value)
    assert (cell.figure.number, cell.figure.status) == (230, Status.provisional)
    (applied,) = measured.receipts[cell.receipt].applied
    assert (applied.action, applied.rows) == ("gap", 7)
    assert applied.why.endswith("; 7 days of the period are lacking")


def test_the_days_before_and_after_a_gap_are_final() -> None:
    for asked in ("2017-11-01..2017-11-10", "2017-11-18..2017-11-30"):
        figure = measure(TOLD, "sessions", in_=asked, about=NORTH).answer.cells[0].figure
        assert isinstance(figure, Value)
        assert figure.status is Status.final


def test_by_day_each_day_of_a_gap_is_missing_and_no_other() -> None:
    cells = measure(TOLD, "sessions", in_="2017-11", by=["day"], about=NORTH).answer.cells
    lost = {cell.dimensions[0][1] for cell in cells if isinstance(cell.figure, Missing)}
    assert lost == {day.isoformat() for day in BROKEN}


def test_a_formula_carries_what_a_gap_leaves_out() -> None:
    double = Metric.model_validate(
        {
            **load_catalogue().get("sessions").model_dump(exclude={"value", "id"}),
            "id": "twice",
            "formula": "sessions * 2",
            "final_only": True,
        }
    )
    catalogue = load_catalogue([double])
    whole = measure(TOLD, "twice", in_="2017-11", about=NORTH, catalogue=catalogue)
    within = measure(TOLD, "twice", in_="2017-11-12..2017-11-14", about=NORTH, catalogue=catalogue)
    kinds = [
        figure.kind
        for figure in (whole.answer.cells[0].figure, within.answer.cells[0].figure)
        if isinstance(figure, Missing)
    ]
    assert kinds == [MissingKind.not_final, MissingKind.no_data]


def test_a_gap_of_another_client_or_source_and_other_findings_touch_nothing() -> None:
    memory = world(("gap", "south", "ga4"), ("gap", "north", "matomo"), ("orphan", "north", "ga4"))
    figure = measure(memory, "sessions", in_="2017-11", about=NORTH).answer.cells[0].figure
    assert isinstance(figure, Value)
    assert figure.status is Status.final
