"""One source for several clients: each gets its own rows, and nobody another's."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kvitto.app.ask import ask
from kvitto.app.audit import findings
from kvitto.app.house import House, local_person, open_house
from kvitto.app.source import sources
from kvitto.app.sync import sync
from kvitto.app.who import Role, Who
from kvitto.errors import BadDefinition, BadSource
from kvitto.model.scope import Scope
from kvitto.model.value import Value

DEALS = """id,brand,amount,status,created,closed
1,Nord,100,won,2025-01-02,2025-02-03
2,Nord,200,won,2025-01-05,2025-02-10
3,Lumi,1000,won,2025-01-07,2025-02-12
4,,50,won,2025-01-08,2025-02-13
5,Other,70,won,2025-01-08,2025-02-13
"""
CALLS = "call,deal,happened\nc1,1,2025-02-01\nc2,3,2025-02-01\nc3,3,2025-02-02\nc4,9,2025-02-02\n"
SOURCE = """kind: file
path: data/shared/*.csv
as_of: 2025-03-01
clients:
  column: brand
  map: {Nord: nordlys, Lumi: lumi}
  follow: {calls.csv: {on: deal, table: deals.csv, key: id}}
tables:
  - file: deals.csv
    fill: {deals: {deal_id: id, amount: amount, stage_id: status, created_at: created,
      closed_at: closed}}
  - file: calls.csv
    fill: {activities: {activity_id: call, deal_id: deal, done_at: happened}}
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    for folder in ("clients", "sources", "data/shared"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "kvitto.yml").write_text("agency: Shared\n")
    for name in ("nordlys", "lumi"):
        (tmp_path / "clients" / f"{name}.yml").write_text(f"name: {name.title()}\ncurrency: SEK\n")
    (tmp_path / "sources" / "crm.yml").write_text(SOURCE)
    (tmp_path / "data" / "shared" / "deals.csv").write_text(DEALS)
    (tmp_path / "data" / "shared" / "calls.csv").write_text(CALLS)
    return open_house(tmp_path, date(2025, 3, 1))


def _won(house: House, client: str) -> object:
    measured = ask(house, local_person(house), client, ["bookings_amount"], "2025")
    figure = measured.answer.cells[0].figure
    assert isinstance(figure, Value), figure
    return figure.number


def test_a_manager_learns_nothing_of_another_client_from_a_sync(house: House) -> None:
    (house.root / "data" / "own").mkdir()
    (house.root / "data" / "own" / "deals.csv").write_text("id,amount\n1,5\n1,5\n")
    own = "kind: file\nclient: nordlys\npath: data/own/*.csv\ntables:\n  - file: deals.csv\n"
    (house.root / "sources" / "own.yml").write_text(
        own + "    fill: {deals: {deal_id: id, amount: amount}}\n"
    )
    house = open_house(house.root, house.today)
    everybody = sync(house, local_person(house))
    assert {one.client for one in everybody.findings} == {"nordlys", "lumi"}
    maria = Who("maria", Role.manager, Scope.of("maria", "nordlys"))
    for result in (sync(house, maria), sync(house, maria, again=(house.today, house.today))):
        assert {one.client for one in result.findings} == {"nordlys"}
        assert {one.client for one in result.sources} == {"nordlys"}
        assert "lumi" not in json.dumps(result.document())


def test_each_client_has_its_own_rows_and_the_rest_is_nobodys(house: House) -> None:
    who = local_person(house)
    result = sync(house, who)
    assert [(one.client, one.name) for one in result.sources] == [
        ("lumi", "crm"),
        ("nordlys", "crm"),
    ]
    assert (_won(house, "nordlys"), _won(house, "lumi")) == (300, 1000)
    rest = [one for one in findings(house, who) if one.code == "nobodys_rows"]
    assert {(one.client, one.table, one.rows) for one in rest} == {
        (client, table, rows)
        for client in ("nordlys", "lumi")
        for table, rows in (("deals.csv", 2), ("calls.csv", 1))
    }
    assert "Other" not in "".join(one.message for one in rest)


def test_rows_of_another_table_go_with_the_row_that_they_belong_to(house: House) -> None:
    sync(house, local_person(house))
    with house.warehouse.reader() as reader:
        found = reader.query(
            "SELECT client_id, list(_source_id ORDER BY _source_id) FROM activities"
            " GROUP BY client_id ORDER BY client_id"
        )
    assert found == [("lumi", ["c2", "c3"]), ("nordlys", ["c1"])]


def test_a_rule_that_names_what_is_not_there_says_what_is(house: House) -> None:
    path = house.root / "sources" / "crm.yml"
    path.write_text(path.read_text().replace("column: brand", "column: brnad"))
    with pytest.raises(BadDefinition, match="Did you mean 'brand'"):
        sync(house.reopened(), local_person(house))


def test_the_list_of_sources_says_how_each_fares(house: House) -> None:
    who = local_person(house)
    sync(house, who)
    (row,) = sources(house, who)
    assert row.clients == ("lumi", "nordlys")
    assert (row.newest, row.lag, row.final_to) == (date(2025, 2, 12), 17, date(2025, 3, 1))
    (house.root / "data" / "shared" / "deals.csv").unlink()
    with pytest.raises(BadSource, match=r"deals\.csv"):
        sync(house, who)
    (row,) = sources(house, who)
    assert row.trouble[0].code == "KV300"
    assert row.rows > 0


def test_the_newest_day_of_advertising_figures_is_known(house: House) -> None:
    ads = house.root / "sources" / "ads.yml"
    fill = "{ad_spend: {spend_on: day, platform: {constant: meta_ads}, campaign_id: c, spend: s}}"
    table = f"tables: [{{file: ads.csv, fill: {fill}}}]"
    ads.write_text(f"client: lumi\npath: data/ads/*.csv\nas_of: 2025-03-01\n{table}\n")
    (house.root / "data" / "ads").mkdir()
    (house.root / "data" / "ads" / "ads.csv").write_text("day,c,s\n2025-02-20,k,5\n")
    fresh = house.reopened()
    sync(fresh, local_person(fresh), ["ads"])
    (row,) = [one for one in sources(fresh, local_person(fresh)) if one.name == "ads"]
    assert row.newest == date(2025, 2, 20)
