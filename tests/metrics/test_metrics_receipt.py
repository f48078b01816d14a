"""Receipts: what they say, that their lines add up, that asking again agrees or tells why."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from kvitto.errors import NotInScope
from kvitto.metrics.answer import Measured
from kvitto.metrics.ask import ask_many
from kvitto.metrics.catalogue import load_catalogue
from kvitto.metrics.line import check_lines, line_items, write_lines
from kvitto.metrics.rerun import rerun
from kvitto.model.question import ComparisonKind, Filter, Question
from kvitto.model.receipt import LINE_COLUMNS, Receipt
from kvitto.model.scope import Scope
from kvitto.warehouse.reader import Reader
from tests.metrics.world import MAVEN, Memory, context, maven, measure, period, publish, state

CATALOGUE = load_catalogue()


def receipt_of(measured: Measured, metric: str, **place: str | None) -> Receipt:
    return measured.receipts[measured.answer.one(metric, **place).receipt]


def test_a_receipt_says_what_was_asked_and_of_what(reader: Reader) -> None:
    asked = measure(reader, "close_rate", by=["region"], where=[Filter("manager", ("cara losch",))])
    receipt = receipt_of(asked, "close_rate", region="East")
    assert receipt.period == "2017-Q4"
    assert (receipt.first_day, receipt.last_day) == ("2017-10-01", "2017-12-31")
    assert receipt.question["dimensions"] == {"region": "East"}
    assert receipt.question["where"] == [
        {"dimension": "manager", "values": ["Cara Losch"], "negated": False}
    ]
    assert receipt.definition == CATALOGUE.get("close_rate").explain("en")
    assert receipt.warehouse == reader.version.id
    assert [source.name for source in receipt.sources] == ["crm"]
    assert receipt.sources[0].complete_to == "2017-12-31"
    assert [part.part for part in receipt.parts] == ["numerator", "denominator"]
    assert len(receipt.code) == 9


def test_the_same_question_of_the_same_data_has_the_same_code(reader: Reader) -> None:
    first = measure(reader, "deals_won", by=["region"], compare=ComparisonKind.previous)
    again = measure(reader, "deals_won", by=["region"], compare=ComparisonKind.previous)
    assert dict(first.receipts) == dict(again.receipts)
    assert len(first.receipts) == 6
    other = measure(reader, "deals_won", in_="2017-Q3")
    assert not set(other.receipts) & set(first.receipts)


def test_the_lines_of_a_sum_add_up_to_it(reader: Reader, tmp_path: Path) -> None:
    asked = measure(reader, "bookings_amount", by=["region"])
    receipt = receipt_of(asked, "bookings_amount", region="West")
    path = write_lines(reader, CATALOGUE, receipt, context(), tmp_path / "lines.parquet")
    total, rows = duckdb.sql(f"SELECT SUM(amount), COUNT(*) FROM '{path}'").fetchall()[0]
    assert str(total).removesuffix(".0000000000") == receipt.value
    assert rows == receipt.n == receipt.parts[0].lines
    assert tuple(duckdb.sql(f"SELECT * FROM '{path}'").columns) == LINE_COLUMNS
    assert check_lines(path, receipt).agrees
    lines = line_items(reader, CATALOGUE, receipt, context())
    assert lines[0].record_id.startswith("crm:deals:")
    assert lines[0].label
    assert lines == tuple(sorted(lines, key=lambda line: (line.part, line.on, line.record_id)))


def test_lines_that_were_tampered_with_do_not_add_up(reader: Reader, tmp_path: Path) -> None:
    receipt = receipt_of(measure(reader, "average_deal_size"), "average_deal_size")
    path = write_lines(reader, CATALOGUE, receipt, context(), tmp_path / "lines.parquet")
    assert check_lines(path, receipt).agrees
    for change in ("amount + 1", "amount"):
        keep = "" if change != "amount" else "WHERE record_id <> (SELECT MAX(record_id) FROM old)"
        other = tmp_path / f"{len(keep)}.parquet"
        duckdb.sql(
            f"COPY (WITH old AS (FROM '{path}') SELECT * REPLACE ({change} AS amount)"
            f" FROM old {keep}) TO '{other}' (FORMAT parquet)"
        )
        check = check_lines(other, receipt)
        assert not check.agrees
        assert any("numerator" in fault for fault in check.faults)


def test_the_lines_of_a_formula_are_those_of_its_parts(reader: Reader, tmp_path: Path) -> None:
    receipt = receipt_of(measure(reader, "pipeline_velocity"), "pipeline_velocity")
    assert receipt.formula is not None
    names = {part.part for part in receipt.parts}
    assert {"open_deals.value", "trailing(close_rate, 12).numerator"} <= names
    path = write_lines(reader, CATALOGUE, receipt, context(), tmp_path / "lines.parquet")
    assert check_lines(path, receipt).agrees


def test_after_a_deal_is_changed_asking_again_names_it(tmp_path: Path) -> None:
    warehouse = maven(tmp_path / "w")
    with warehouse.reader() as reader:
        receipt = receipt_of(measure(reader, "bookings_amount"), "bookings_amount")
        old = write_lines(reader, CATALOGUE, receipt, context(), tmp_path / "old.parquet")
        assert rerun(reader, CATALOGUE, receipt, context(), old).agrees
        lines = line_items(reader, CATALOGUE, receipt, context())
    ids = [line.record_id for line in lines[:3]]
    publish(
        warehouse,
        MAVEN,
        f"UPDATE deals SET amount_base = amount_base + 100 WHERE deal_id = '{ids[0]}'",
        f"UPDATE deals SET outcome = 'lost' WHERE deal_id = '{ids[1]}'",
        f"UPDATE deals SET closed_on = DATE '2017-12-30' WHERE deal_id = '{ids[2]}'",
    )
    with warehouse.reader() as reader:
        again = rerun(reader, CATALOGUE, receipt, context(), old)
        without = rerun(reader, CATALOGUE, receipt, context(), None)
    assert not again.agrees
    assert again.value_now == without.value_now != receipt.value
    assert {row.record_id: row.kind for row in again.changed} == {
        ids[0]: "changed",
        ids[1]: "removed",
        ids[2]: "changed",
    }
    moved = next(row for row in again.changed if row.record_id == ids[2])
    assert moved.after is not None
    assert moved.after.endswith("on 2017-12-30")
    assert without.changed == ()
    assert without.changes is None


def test_a_receipt_of_another_client_is_not_opened(reader: Reader) -> None:
    receipt = receipt_of(measure(reader, "deals_won"), "deals_won")
    with pytest.raises(NotInScope):
        line_items(reader, CATALOGUE, receipt, context("other"))
    with pytest.raises(NotInScope):
        rerun(reader, CATALOGUE, receipt, context("other"), None)


def test_decisions_of_the_audit_stand_on_the_receipts_they_touch() -> None:
    deals = [
        {
            "deal_id": f"d{i}",
            "outcome": "won",
            "closed_on": date(2017, 11, 1 + i),
            "created_on": date(2017, 10, 1),
            "region": "West" if i % 2 else "East",
            "amount_base": 100 if i else None,
            "_excluded": "duplicate_key" if i == 3 else None,
        }
        for i in range(6)
    ]
    memory = Memory()
    for record, action in (("d3", "excluded"), ("d4", "defaulted"), ("d5", "set_aside")):
        memory.connection.execute(
            "INSERT INTO _applied"
            " VALUES ('north', 'deals', ?, ?, 'rule', 'amount', 'because', NULL)",
            [record, action],
        )
    memory.connection.execute(
        "INSERT INTO _applied"
        " VALUES ('south', 'deals', 'd4', 'excluded', 'rule', 'amount', 'no', NULL)"
    )
    memory.fresh({"deals": deals})
    about = context("north")
    whole = receipt_of(measure(memory, "bookings_amount", about=about), "bookings_amount")
    assert {(one.action, one.rows, one.records) for one in whole.applied} == {
        ("unknown_value", 1, ()),
        ("excluded", 1, ("d3",)),
        ("defaulted", 1, ("d4",)),
        ("set_aside", 1, ("d5",)),
    }
    east = measure(memory, "bookings_amount", by=["region"], about=about)
    assert {one.action for one in receipt_of(east, "bookings_amount", region="East").applied} == {
        "unknown_value",
        "defaulted",
    }
    october = measure(memory, "bookings_amount", in_="2017-10", about=about)
    assert receipt_of(october, "bookings_amount").applied == ()


def test_a_source_that_has_not_settled_makes_figures_provisional(reader: Reader) -> None:
    rows = {"deals": [{"deal_id": "d", "outcome": "won", "closed_on": date(2017, 11, 5)}]}
    memory = Memory(state("crm", "north", date(2017, 12, 31), settles_days=3)).fresh(rows)
    december = measure(memory, "deals_won", in_="2017-12", about=context("north"))
    november = measure(memory, "deals_won", in_="2017-11", about=context("north"))
    assert receipt_of(december, "deals_won").status == "provisional"
    assert not receipt_of(december, "deals_won").sources[0].final
    assert receipt_of(november, "deals_won").status == "final"


def test_many_questions_are_answered_as_each_alone(reader: Reader) -> None:
    scope = Scope.of("Elin", "northgate")
    questions = [
        Question(scope, "northgate", (name,), period("2017-Q4"))
        for name in ("deals_won", "close_rate", "open_deals")
    ]
    together = ask_many(reader, CATALOGUE, questions, context())
    for question, measured in zip(questions, together, strict=True):
        alone = measure(reader, *question.metrics)
        assert measured.answer.cells == alone.answer.cells
        assert dict(measured.receipts) == dict(alone.receipts)
        assert measured.answer.question == question
