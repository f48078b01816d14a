"""No row is lost in silence, and values are what the files say."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.errors import BadDefinition, NeedsAnswer
from tests.conform.conftest import DEALS, HEADER, Desk

IDS = st.sampled_from(["", "A1", "A2", " A3 ", "-", "007"])
AMOUNTS = st.sampled_from(["", "1", "12.50", "abc", "N/A", "1e3"])
DAYS = st.sampled_from(["", "2024-01-05", "2024-13-01", "soon", "2024-02-29"])
SHAPES = st.sampled_from(["", ",extra", "ragged"])


@settings(max_examples=8, deadline=None)
@given(lines=st.lists(st.tuples(IDS, AMOUNTS, DAYS, SHAPES), min_size=1, max_size=10))
def test_every_row_is_canonical_or_in_a_finding(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str, str, str]]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    text = [HEADER.strip(), "sure,Won,1,2024-01-01,2024-01-02"]
    for key, amount, day, shape in lines:
        text.append("A" if shape == "ragged" else f"{key},Won,{amount},{day},{day}{shape}")
    desk.put("deals.csv", "\n".join(text) + "\n")
    desk.sync({"deals.csv": DEALS})
    report = desk.report
    assert report.rows_in == len(lines) + 1
    assert report.rows_in == report.rows["deals"] + report.left_out
    outs = [f.rows for f in report.findings if f.code in ("rejected_row", "missing_id")]
    assert sum(outs) == report.left_out
    assert desk.ask("SELECT count(*) FROM deals") == [(report.rows["deals"],)]


def test_a_row_without_an_id_is_a_finding(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,Won,5,2024-01-01,2024-01-02\n,Won,6,2024-01-01,2024-01-02\n")
    desk.sync({"deals.csv": DEALS})
    finding = desk.finding("missing_id")
    assert (finding.rows, finding.column, desk.report.left_out) == (1, "deal_id", 1)


def test_duplicate_ids_are_all_kept_for_the_audit(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,Won,5,,\n1,Won,6,,\n")
    desk.sync({"deals.csv": DEALS})
    assert desk.ask("SELECT deal_id, amount FROM deals ORDER BY amount") == [
        ("crm:deal:1", Decimal("5")),
        ("crm:deal:1", Decimal("6")),
    ]


def test_a_value_that_cannot_be_read_is_empty_and_a_finding(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,Won,5,2024-01-01,\n2,Won,ask Bo,2024-01-02,\n3,Won,7,soon,\n")
    desk.sync({"deals.csv": DEALS})
    assert desk.codes == ["unreadable_value", "unreadable_value"]
    amount, created = sorted(desk.report.findings, key=lambda f: f.column or "")
    assert (amount.column, amount.rows, amount.records) == ("amount", 1, ("2",))
    assert "'ask Bo'" in amount.message
    assert (created.column, created.records) == ("created_at", ("3",))
    assert desk.ask("SELECT count(*), count(amount), count(created_at) FROM deals") == [(3, 2, 2)]


def test_money_is_exact(desk: Desk) -> None:
    rows = "".join(f"{n},Won,0.1,2024-01-01,2024-01-02\n" for n in range(10))
    desk.put("deals.csv", HEADER + rows + "x,Won,9007199254740993.25,2024-01-01,2024-01-02\n")
    desk.sync({"deals.csv": DEALS})
    assert desk.ask("SELECT sum(amount_base) FROM deals") == [(Decimal("9007199254740994.25"),)]


def test_decimal_commas_and_percentages_are_read(desk: Desk) -> None:
    desk.put("deals.csv", "id;stage;amount;chance\n1;Won;1.234,50;10 %\n2;Won;7,25;12,5 %\n")
    fill = {"deal_id": "id", "stage_id": "stage", "amount": "amount", "probability": "chance"}
    desk.sync({"deals.csv": {"deals": fill}})
    assert desk.ask("SELECT amount, probability FROM deals ORDER BY deal_id") == [
        (Decimal("1234.50"), 0.1),
        (Decimal("7.25"), 0.125),
    ]


def test_constants_factors_and_values(desk: Desk) -> None:
    desk.put("deals.csv", "id,cents,kind\n1,12345,Ny\n2,,Gammal\n")
    fill = {
        "deal_id": "id",
        "amount": {"column": "cents", "factor": "0.01"},
        "kind": {"column": "kind", "values": {"Gammal": "renewal"}},
        "source": {"constant": "fair"},
    }
    desk.sync({"deals.csv": {"deals": fill}})
    assert desk.ask("SELECT amount, kind, source FROM deals ORDER BY deal_id") == [
        (Decimal("123.45"), "Ny", "fair"),
        (None, "renewal", "fair"),
    ]


def test_a_label_rule_is_applied_and_told(desk: Desk) -> None:
    desk.labels = {"deals.product": {"GTXPro": "GTX Pro"}}
    desk.put("deals.csv", "id,product\n1,GTXPro\n2,GTX Pro\n3, GTXPro \n")
    desk.sync({"deals.csv": {"deals": {"deal_id": "id", "product": "product"}}})
    assert desk.ask("SELECT DISTINCT product FROM deals") == [("GTX Pro",)]
    assert desk.finding("label_replaced").rows == 2


def test_a_lookup_brings_one_value_and_doubles_nothing(desk: Desk) -> None:
    desk.put("deals.csv", "id,rep\n1,Bo\n2,Eva\n")
    desk.put("teams.csv", "rep,office\nBo,North\nBo,North\nBo,South\n")
    fill = {
        "deal_id": "id",
        "region": {"lookup": {"table": "teams", "column": "office", "on": "rep", "key": "rep"}},
    }
    desk.sync({"deals.csv": {"deals": fill}, "teams.csv": {}})
    assert desk.ask("SELECT deal_id, region FROM deals ORDER BY 1") == [
        ("crm:deal:1", "North"),
        ("crm:deal:2", None),
    ]


def test_numbers_in_date_columns_are_days_or_seconds(desk: Desk) -> None:
    desk.put("deals.csv", "id,serial,millis,packed\n1,45296,1704445200000,20240105\n")
    fill = {
        "deal_id": "id",
        "created_at": "serial",
        "closed_at": "millis",
        "qualified_at": "packed",
    }
    desk.sync({"deals.csv": {"deals": fill}})
    assert desk.ask("SELECT created_on, closed_at, qualified_on FROM deals") == [
        (date(2024, 1, 5), datetime(2024, 1, 5, 9, 0), date(2024, 1, 5))
    ]


def test_an_open_question_stops_only_where_the_column_is_used(desk: Desk) -> None:
    desk.put("deals.csv", "id,when,other\n1,03/04/2024,05/06/2024\n")
    desk.sync({"deals.csv": {"deals": {"deal_id": "id", "product": "other"}}})
    with pytest.raises(NeedsAnswer, match="date_order: dmy or mdy") as caught:
        desk.sync({"deals.csv": {"deals": {"deal_id": "id", "created_at": "when"}}})
    assert caught.value.problems[0].file == "sources/crm.yml"


@pytest.mark.parametrize(("order", "day"), [("dmy", date(2024, 4, 3)), ("mdy", date(2024, 3, 4))])
def test_the_answer_is_followed(desk: Desk, order: str, day: date) -> None:
    desk.put("deals.csv", "id,when\n1,03/04/2024\n")
    when = {"column": "when", "date_order": order}
    desk.sync({"deals.csv": {"deals": {"deal_id": "id", "created_at": when}}})
    assert desk.ask("SELECT created_on FROM deals") == [(day,)]


def test_an_answer_that_does_not_fit_all_rows_is_a_finding(desk: Desk) -> None:
    desk.put("deals.csv", "id,when\n1,03/04/2024\n2,25/04/2024\n3,04/25/2024\n")
    when = {"column": "when", "date_order": "dmy"}
    desk.sync({"deals.csv": {"deals": {"deal_id": "id", "created_at": when}}})
    assert desk.finding("unreadable_value").records == ("3",)
    assert "day first" in desk.finding("unreadable_value").message


def test_all_faults_of_a_definition_come_together(desk: Desk) -> None:
    desk.put("deals.csv", "id,stage\n1,Won\n")
    bad = {
        "deals.csv": {
            "deal": {"deal_id": "id"},
            "deals": {"stage_id": "stag", "ammount": "id"},
        }
    }
    with pytest.raises(BadDefinition) as caught:
        desk.sync(bad)
    said = str(caught.value)
    assert len(caught.value.problems) == 4
    for hint in ("'deals'", "'stage'", "'amount'", "deal_id"):
        assert hint in said


def test_a_failed_sync_leaves_the_last_good_version(desk: Desk, tmp_path: Path) -> None:
    desk.put("deals.csv", "id,when\n1,2024-04-03\n")
    fill = {"deals.csv": {"deals": {"deal_id": "id", "created_at": "when"}}}
    good = desk.sync(fill)
    desk.put("deals.csv", "id,when\n1,03/04/2024\n")
    with pytest.raises(NeedsAnswer):
        desk.sync(fill)
    assert desk.warehouse.current() == good
