"""Files without a mapping are understood by their headers, in every language."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest

from kvitto.conform.suggestion import VENDORS
from kvitto.errors import BadDefinition
from kvitto.model.table import canonical_tables
from tests.conform.conftest import Desk

DEMO = Path(__file__).parents[2] / "src" / "kvitto" / "app" / "example" / "data" / "crm"
LANGUAGES = ("en", "sv", "fi", "it", "pt", "es", "de", "fr")
TABLES = (
    "accounts",
    "contacts",
    "users",
    "teams",
    "products",
    "pipelines",
    "stages",
    "deals",
    "deal_stage_history",
    "activities",
    "goals",
    "leads",
)


def known(name: str) -> list[dict[str, str]]:
    text = files("kvitto.conform").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def guessed(desk: Desk, **more: str) -> dict[str, dict[str, str | None]]:
    understanding = desk.understand(None, **more)
    return {
        file.staged.file: {f"{f.table}.{f.column}": f.map.column for f in file.fills}
        for file in understanding.files
    }


@pytest.mark.parametrize("name", ["headers.csv", "vendors.csv", "nouns.csv", "labels.csv"])
def test_the_data_names_only_what_exists(name: str) -> None:
    for row in known(name):
        assert None not in row
        place = row.get("field", f"{row.get('table')}.{row.get('column', '')}").split(".")
        table = canonical_tables()[place[0]]
        if len(place) > 1 and place[1] and place[1] != "rank":
            column = table.column(place[1])
            if name == "labels.csv":
                assert row["value"] in column.values


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_known_in_every_language(desk: Desk, table: str, language: str) -> None:
    headers: dict[str, str] = {}
    for row in known("headers.csv"):
        if row["table"] == table and row["language"] == language:
            headers.setdefault(row["headers"].split("|")[0], row["column"])
    assert len(headers) >= 2
    desk.put(f"{table}.csv", ";".join(headers) + "\n" + ";".join("x" * len(headers)) + "\n")
    found = guessed(desk)[f"{table}.csv"]
    assert {name.split(".")[0] for name in found} == {table}
    assert len(found) >= len(headers) * 0.7


def test_the_demo_s_files_are_understood_without_a_mapping(desk: Desk) -> None:
    for path in DEMO.glob("*.csv"):
        desk.put(path.name, path.read_text(encoding="utf-8"))
    found = guessed(desk)
    assert found["sales_pipeline.csv"] == {
        "deals.deal_id": "opportunity_id",
        "deals.owner_id": "sales_agent",
        "deals.product": "product",
        "deals.account_id": "account",
        "deals.stage_id": "deal_stage",
        "deals.created_at": "engage_date",
        "deals.closed_at": "close_date",
        "deals.amount": "close_value",
    }
    assert found["sales_teams.csv"] == {
        "users.user_id": "sales_agent",
        "users.name": "sales_agent",
        "users.manager_id": "manager",
        "users.team_id": "regional_office",
    }
    assert found["accounts.csv"]["accounts.parent_account_id"] == "subsidiary_of"
    assert found["products.csv"]["products.family"] == "series"


def test_what_is_unknown_is_listed_and_each_guess_says_why(desk: Desk) -> None:
    desk.put("accounts.csv", "account,sector,year_established\nAcme,steel,1999\n")
    (file,) = desk.understand().files
    assert [unknown.header for unknown in file.unknown] == ["year_established"]
    assert all(fill.how == "guessed" and fill.why for fill in file.fills)


def test_a_told_file_shows_what_its_other_columns_may_be(desk: Desk) -> None:
    desk.put("deals.csv", "deal id,amount,stage\n1,5,Won\n")
    (file,) = desk.understand({"deals.csv": {"deals": {"deal_id": "deal id"}}}).files
    assert {unknown.header: unknown.near for unknown in file.unknown} == {
        "amount": "deals.amount",
        "stage": "deals.stage_id",
    }
    assert file.fills[0].how == "told"


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_s_headers_are_known(desk: Desk, vendor: str) -> None:
    headers = {
        row["headers"].split("|")[0]: row["column"]
        for row in known("vendors.csv")
        if row["vendor"] == vendor and row["table"] == "deals"
    }
    desk.put("deals.csv", ",".join(headers) + "\n" + ",".join("1" * len(headers)) + "\n")
    found = guessed(desk, vendor=vendor)["deals.csv"]
    assert found == {f"deals.{column}": header for header, column in headers.items()}


def test_a_vendor_s_percentages_and_cents_become_fractions_and_units(desk: Desk) -> None:
    desk.put("deals.csv", "id,value,percent,status,title,cdate\n1,12345,40,1,A,2024-01-05\n")
    desk.sync(vendor="activecampaign")
    found = desk.ask("SELECT CAST(amount AS VARCHAR), probability, outcome FROM deals")
    assert found == [("123.4500", 0.4, "won")]


def test_the_close_date_of_an_open_deal_is_a_hope(desk: Desk) -> None:
    desk.put(
        "deals.csv",
        "Opportunity ID,Stage,Close Date,Amount\n"
        "1,Proposal,2024-09-30,5\n2,Closed Won,2024-05-01,6\n",
    )
    desk.sync(vendor="salesforce")
    found = desk.ask(
        "SELECT CAST(closed_on AS VARCHAR), CAST(expected_close_on AS VARCHAR)"
        " FROM deals ORDER BY deal_id"
    )
    assert found == [(None, "2024-09-30"), ("2024-05-01", None)]


def test_a_source_that_says_nothing_known_is_refused(desk: Desk) -> None:
    desk.put("weather.csv", "humidity,wind\n1,2\n")
    assert desk.understand().problems
    with pytest.raises(BadDefinition, match="no header"):
        desk.sync()
