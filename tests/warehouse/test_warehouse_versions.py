"""Versions are published whole, found again, kept and rolled back to."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.errors import Busy, UnknownName, WarehouseFailed
from kvitto.model.table import canonical_tables
from kvitto.warehouse import Warehouse
from kvitto.warehouse.digest import content_digest
from kvitto.warehouse.schema import EXTRA_TABLES, create_statements
from tests.warehouse.conftest import Publish, state


def total(warehouse: Warehouse, version: str | None = None) -> object:
    with warehouse.reader(version) as reader:
        return reader.query("SELECT sum(amount) FROM deals")[0][0]


def test_an_empty_warehouse_says_what_to_run(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseFailed, match="kvitto sync"):
        warehouse.current()
    assert warehouse.versions() == ()
    assert not warehouse.root.exists()


def test_every_table_is_in_every_version(warehouse: Warehouse, publish: Publish) -> None:
    publish(1)
    with warehouse.reader() as reader:
        found = {name for (name,) in reader.query("SELECT table_name FROM duckdb_tables()")}
    assert found == {*canonical_tables(), *EXTRA_TABLES}


def test_the_newest_version_is_current(warehouse: Warehouse, publish: Publish) -> None:
    first, second = publish(1), publish(2)
    assert (first.number, second.number) == (1, 2)
    assert warehouse.current() == second
    assert (total(warehouse), total(warehouse, first.id)) == (2, 1)


def test_unchanged_contents_publish_nothing_but_are_fresher(
    warehouse: Warehouse, publish: Publish
) -> None:
    first = publish(1, 2, batch="b1", at="2024-01-01T10:00:00+00:00")
    second = publish(1, 2, batch="b2", at="2024-01-02T10:00:00+00:00")
    assert (second.id, second.digest) == (first.id, first.digest)
    assert len(warehouse.versions()) == 1
    assert warehouse.current().sources[0].synced_at == "2024-01-02T10:00:00+00:00"


def test_contents_that_come_back_are_the_version_they_were(
    warehouse: Warehouse, publish: Publish
) -> None:
    first = publish(1)
    publish(2)
    assert publish(1).id == first.id
    assert total(warehouse) == 1


ROWS = st.lists(st.tuples(st.text(max_size=4), st.integers(0, 9)), max_size=8)


@settings(max_examples=8, deadline=None)
@given(rows=ROWS, seed=st.integers())
def test_the_digest_does_not_depend_on_the_order_of_rows(
    rows: list[tuple[str, int]], seed: int
) -> None:
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    assert digest_of(rows) == digest_of(shuffled)
    assert digest_of(rows) != digest_of([*rows, ("one more", 1)])


def digest_of(rows: list[tuple[str, int]]) -> str:
    connection = duckdb.connect()
    connection.execute(next(s for s in create_statements() if 'TABLE "deals"' in s))
    for name in EXTRA_TABLES:
        connection.execute(next(s for s in create_statements() if f'TABLE "{name}"' in s))
    for deal, amount in rows:
        connection.execute("INSERT INTO deals (deal_id, amount) VALUES (?, ?)", [deal, amount])
    return content_digest(connection, {"deals": len(rows)}, [state()])


def test_old_versions_go_but_not_one_that_is_read(warehouse: Warehouse, publish: Publish) -> None:
    first = publish(1)
    with warehouse.reader(first.id) as reader:
        publish(2), publish(3), publish(4)
        assert [version.number for version in warehouse.versions()] == [1, 3, 4]
        assert reader.query("SELECT sum(amount) FROM deals") == [(1,)]
    publish(5)
    assert [version.number for version in warehouse.versions()] == [4, 5]
    assert len(list((warehouse.root / "versions").iterdir())) == 4


def test_rolling_back_goes_to_the_version_before(warehouse: Warehouse, publish: Publish) -> None:
    first, second = publish(1), publish(2)
    assert warehouse.rollback() == first
    assert total(warehouse) == 1
    with pytest.raises(WarehouseFailed, match="oldest"):
        warehouse.rollback()
    assert warehouse.rollback(second.id) == second
    with pytest.raises(UnknownName, match="Did you mean"):
        warehouse.rollback(first.id.replace("v0001", "v0003"))


def test_another_source_is_carried_on(warehouse: Warehouse, publish: Publish) -> None:
    publish(1, source="crm")
    version = publish(10, source="shop")
    assert total(warehouse) == 11
    assert [one.name for one in version.sources] == ["crm", "shop"]
    publish(2, source="crm")
    assert total(warehouse) == 12


def test_a_source_that_is_gone_is_not_carried_on(warehouse: Warehouse, publish: Publish) -> None:
    publish(1, source="crm"), publish(10, source="shop")
    with warehouse.building(rebuild=["crm"], keep=["crm"]) as building:
        version = building.publish([state("crm")])
    assert version.rows == {}
    assert [one.name for one in version.sources] == ["crm"]


def test_a_carried_row_is_as_the_source_gave_it(warehouse: Warehouse, publish: Publish) -> None:
    with warehouse.building() as building:
        building.connection.execute(
            "INSERT INTO deals (client_id, deal_id, owner_id, _source, _excluded)"
            " VALUES ('acme', 'crm:deal:1', 'nobody', 'crm', 'test record')"
        )
        building.connection.execute(
            "INSERT INTO _applied VALUES"
            " ('acme', 'deals', 'crm:deal:1', 'defaulted', 'r', 'owner_id', 'it was empty', NULL)"
        )
        building.publish([state("crm")])
    publish(10, source="shop")
    with warehouse.reader() as reader:
        rows = reader.query("SELECT owner_id, _excluded FROM deals WHERE _source = 'crm'")
    assert rows == [(None, None)]


def test_leaving_without_publishing_changes_nothing(warehouse: Warehouse, publish: Publish) -> None:
    first = publish(1)
    with warehouse.building() as building:
        building.connection.execute("DELETE FROM deals")
    assert warehouse.current() == first
    assert list((warehouse.root / "building").iterdir()) == []


def test_only_one_run_builds_at_a_time(warehouse: Warehouse) -> None:
    with warehouse.building(), pytest.raises(Busy, match="process"), warehouse.building():
        pass
    with warehouse.building():
        pass


def test_a_reader_does_not_stop_a_build(warehouse: Warehouse, publish: Publish) -> None:
    publish(1)
    with warehouse.reader() as reader:
        publish(2)
        assert reader.query("SELECT sum(amount) FROM deals") == [(1,)]


def test_a_version_that_cannot_be_opened_is_named(warehouse: Warehouse, publish: Publish) -> None:
    version = publish(1)
    (warehouse.root / "versions" / f"{version.id}.duckdb").write_bytes(b"not a database" * 99)
    with pytest.raises(WarehouseFailed, match="rollback"):
        warehouse.reader()


def test_opening_names_no_path_outside_the_root(tmp_path: Path) -> None:
    Warehouse(tmp_path / "here")
    assert list(tmp_path.iterdir()) == []
