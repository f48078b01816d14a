"""One source may bring data of several clients: each is replaced and kept on its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from kvitto.warehouse import SourceState, Version, Warehouse
from kvitto.warehouse.version import from_plain, to_plain
from tests.warehouse.conftest import state


def of(client: str, *tables: str) -> SourceState:
    return replace(state(), client=client, tables=tables)


def fill(
    warehouse: Warehouse,
    *clients: str,
    amount: int = 1,
    rebuild: Sequence[str | tuple[str, str]] = ("crm",),
) -> Version:
    """Publish one deal, of the same id, for each client."""
    with warehouse.building(rebuild=rebuild) as building:
        for client in clients:
            building.connection.execute(
                "INSERT INTO deals (client_id, deal_id, amount, _source)"
                " VALUES (?, 'crm:deal:1', ?, 'crm')",
                [client, amount],
            )
            building.connection.execute(
                "INSERT INTO _source_findings (code, client_id, source) VALUES ('x', ?, 'crm')",
                [client],
            )
        return building.publish([of(client) for client in clients])


def amounts(warehouse: Warehouse) -> list[tuple[object, ...]]:
    with warehouse.reader() as reader:
        return reader.query("SELECT client_id, CAST(amount AS INTEGER) FROM deals ORDER BY ALL")


def test_a_source_has_a_state_for_each_client(warehouse: Warehouse) -> None:
    version = fill(warehouse, "birch", "acme")
    assert [one.key for one in version.sources] == [("crm", "acme"), ("crm", "birch")]
    assert version.source("crm", "birch") == of("birch")
    assert version.source("crm") == of("acme")
    assert version.source("crm", "cedar") is None
    assert version.states("shop") == ()


def test_a_name_stands_for_all_clients_of_a_source(warehouse: Warehouse) -> None:
    fill(warehouse, "acme", "birch")
    fill(warehouse, "acme", amount=2)
    assert amounts(warehouse) == [("acme", 2)]
    assert [one.client for one in warehouse.current().sources] == ["acme"]


def test_a_pair_stands_for_one_client_of_a_source(warehouse: Warehouse) -> None:
    fill(warehouse, "acme", "birch")
    version = fill(warehouse, "acme", amount=2, rebuild=[("crm", "acme")])
    assert amounts(warehouse) == [("acme", 2), ("birch", 1)]
    assert [one.client for one in version.sources] == ["acme", "birch"]
    with warehouse.reader() as reader:
        found = reader.query("SELECT client_id FROM _source_findings ORDER BY 1")
    assert found == [("acme",), ("birch",)]


def test_a_client_that_a_source_no_longer_serves_is_not_kept(warehouse: Warehouse) -> None:
    fill(warehouse, "acme", "birch")
    with warehouse.building(keep=[("crm", "birch")]) as building:
        building.publish([])
    assert amounts(warehouse) == [("birch", 1)]
    assert [one.client for one in warehouse.current().sources] == ["birch"]


def test_the_tables_that_a_source_feeds_are_kept_and_carried_on(warehouse: Warehouse) -> None:
    with warehouse.building() as building:
        first = building.publish([of("acme", "deals", "leads")])
    with warehouse.building() as building:
        second = building.publish([of("birch")])
    assert second.source("crm", "acme") == first.source("crm", "acme")
    assert warehouse.versions()[-1] == second
    with warehouse.reader() as reader:
        kept = reader.query("SELECT filled_tables FROM _source_state WHERE client_id = 'acme'")
    assert kept == [(["deals", "leads"],)]


def test_a_table_that_a_source_begins_to_feed_makes_a_new_version(warehouse: Warehouse) -> None:
    first = fill(warehouse, "acme")
    with warehouse.building() as building:
        second = building.publish([of("acme", "leads")])
    assert second.id != first.id
    assert amounts(warehouse) == [("acme", 1)]


def test_a_version_written_before_tables_were_is_read(warehouse: Warehouse) -> None:
    version = fill(warehouse, "acme")
    plain = json.loads(json.dumps(to_plain(version)))
    for one in plain["sources"]:
        del one["tables"]
    assert from_plain(plain) == version


def test_rows_of_a_version_written_before_tables_were_are_carried_on(warehouse: Warehouse) -> None:
    version = fill(warehouse, "acme")
    path = warehouse.root / "versions" / f"{version.id}.duckdb"
    with duckdb.connect(str(path)) as old:
        old.execute("ALTER TABLE _source_state DROP COLUMN filled_tables")
    with warehouse.building(rebuild=["shop"]) as building:
        found = building.publish([replace(of("acme"), name="shop")])
    assert [one.key for one in found.sources] == [("crm", "acme"), ("shop", "acme")]
    assert amounts(warehouse) == [("acme", 1)]
