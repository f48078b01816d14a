"""Files without a header row: a person names their columns once, and they conform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import BadSource
from kvitto.sources import read_source
from tests.conform.conftest import Desk

WORKS = Path(__file__).parents[3] / "shared" / "data" / "adventureworks"
PERSON = "BusinessEntityID TerritoryID SalesQuota Bonus CommissionPct SalesYTD SalesLastYear"
STORED = {
    "SalesPerson.csv": f"{PERSON} rowguid ModifiedDate",
    "SalesTerritory.csv": "TerritoryID Name CountryRegionCode Group SalesYTD SalesLastYear"
    " CostYTD CostLastYear rowguid ModifiedDate",
    "SalesPersonQuotaHistory.csv": "BusinessEntityID QuotaDate SalesQuota rowguid ModifiedDate",
    "Store.csv": "BusinessEntityID Name SalesPersonID Demographics rowguid ModifiedDate",
}
"""Columns of the order system, which no script in the folder holds."""

shared = pytest.mark.skipif(not WORKS.is_dir(), reason="shared/data is not beside the repository")


def synced(desk: Desk, folder: str, tables: list[dict[str, Any]]) -> None:
    (desk.root / "in").symlink_to(WORKS / folder)
    desk.sync(name="works", tables=tables)
    report = desk.report
    excluded = sum(one.rows for one in report.findings if one.resolution == "exclude")
    assert report.rows_in == sum(report.rows.values()) + report.left_out
    assert excluded == report.left_out


def proposals(desk: Desk) -> dict[str, str]:
    """What is proposed for each file, as ``kvitto map`` shows it."""
    staged = read_source("works", desk.definition({}), desk.root)
    found = {
        table.file: decision.value.strip("[]")
        for table in staged.tables
        for decision in table.decisions
        if decision.what == "proposed columns"
    }
    staged.close()
    return found


@shared
def test_a_data_warehouse_conforms_with_the_columns_that_its_script_proposes(desk: Desk) -> None:
    (desk.root / "in").symlink_to(WORKS / "data-warehouse-install-script")
    proposed = proposals(desk)
    (desk.root / "in").unlink()
    assert len(proposed) == 8
    told = [{"file": name, "columns": text.split(", ")} for name, text in proposed.items()]
    synced(desk, "data-warehouse-install-script", told)
    assert dict(desk.report.rows) == {
        "accounts": 701,
        "contacts": 2059,
        "goals": 163,
        "survey_responses": 2727,
    }
    assert desk.report.left_out == 120 + 655 + 105 + 16
    assert "no_header" not in desk.codes


@shared
def test_an_order_system_with_marks_of_two_signs_conforms(desk: Desk) -> None:
    told = [{"file": name, "columns": text.split()} for name, text in STORED.items()]
    synced(desk, "oltp-install-script", told)
    assert dict(desk.report.rows) == {"accounts": 701, "goals": 163, "teams": 10, "users": 17}
    assert desk.report.left_out == 17 + 16
    found = desk.ask(
        "SELECT a.name, t.name FROM accounts AS a JOIN users AS u ON u.user_id = a.owner_id"
        " JOIN teams AS t USING (team_id) WHERE account_id = 'works:account:292'"
    )
    assert found == [("Next-Door Bike Store", "Southeast")]


def test_a_file_that_nothing_is_told_of_is_set_aside_beside_others(desk: Desk) -> None:
    desk.put("numbers.csv", "1,5,2024-01-01\n2,6,2024-01-02\n3,7,2024-01-03\n")
    desk.put("deals.csv", "Deal ID,Stage,Amount\n1,Won,5\n")
    desk.sync()
    assert dict(desk.report.rows) == {"deals": 1}
    assert desk.finding("file_not_understood").rows == 3
    assert "columns: [" in desk.finding("no_header").todo


def test_named_columns_conform_and_the_first_row_is_one(desk: Desk) -> None:
    desk.put("deals.csv", "1;Won;5,50\n2;Open;6,50\n")
    desk.sync(tables=[{"file": "deals.csv", "columns": ["Deal ID", "Stage", "Amount"]}])
    found = desk.ask("SELECT deal_id, CAST(amount AS VARCHAR) FROM deals ORDER BY deal_id")
    assert found == [("crm:deal:1", "5.5000"), ("crm:deal:2", "6.5000")]


def test_a_header_that_comes_later_after_all_is_no_row(desk: Desk) -> None:
    desk.put("deals.csv", "deal id,Stage,Amount\n1,Won,5\n")
    desk.sync(tables=[{"file": "deals.csv", "columns": ["Deal ID", "Stage", "Amount"]}])
    assert desk.ask("SELECT count(*) FROM deals") == [(1,)]


def test_too_few_names_are_refused(desk: Desk) -> None:
    desk.put("deals.csv", "1,Won,5\n2,Open,6\n")
    with pytest.raises(BadSource, match="2 names are given, and its rows have 3 cells"):
        desk.sync(tables=[{"file": "deals.csv", "columns": ["Deal ID", "Stage"]}])


def test_wide_text_with_marks_of_two_signs_keeps_line_breaks_in_a_cell(desk: Desk) -> None:
    desk.put("x", "")
    path = desk.root / "in" / "deals.csv"
    (desk.root / "in" / "x").unlink()
    path.write_bytes("1+|Won,\nlate+|5&|\r\n2+|Open+|6&|\r\n".encode("utf-16"))
    desk.sync(tables=[{"file": "deals.csv", "columns": ["Deal ID", "Stage", "Amount"]}])
    found = desk.ask("SELECT s.name FROM deals JOIN stages AS s USING (stage_id) ORDER BY deal_id")
    assert found == [("Won, late",), ("Open",)]


def test_a_delimiter_of_two_signs_may_be_told(desk: Desk) -> None:
    desk.put("deals.csv", "Deal ID||Stage||Amount\n1||Won, at last||5\n")
    desk.sync(tables=[{"file": "deals.csv", "delimiter": "||"}])
    assert desk.ask("SELECT name FROM stages") == [("Won, at last",)]
