"""One source that serves several clients is conformed for each alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kvitto.conform import conform, understand
from kvitto.sources import read_source
from kvitto.warehouse import Version
from tests.conform.conftest import DEALS, HEADER, Desk


def sync(desk: Desk, *clients: str, rebuild: Sequence[str | tuple[str, str]] = ("crm",)) -> Version:
    """The same files for each client, as rows that every client shares would be."""
    definition = desk.definition({"deals.csv": DEALS})
    staged = read_source("crm", definition, desk.root)
    understanding = understand(staged, definition)
    with desk.warehouse.building(rebuild=rebuild) as building:
        states = []
        for client in clients:
            report = conform(
                building.connection,
                "crm",
                definition,
                staged,
                understanding,
                desk.client,
                "b1",
                today=date(2024, 6, 30),
                client_id=client,
            )
            states.append(report.state)
        version = building.publish(states)
    staged.close()
    return version


def counts(desk: Desk, table: str) -> list[tuple[object, ...]]:
    return desk.ask(f"SELECT client_id, count(*) FROM {table} GROUP BY 1 ORDER BY 1")


TABLES = ("deals", "stages", "pipelines", "deal_stage_history", "deal_snapshots")


def test_clients_of_one_source_may_have_records_of_one_id(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,Won,5,2024-01-02,2024-02-01\n2,Open,7,2024-01-03,\n")
    version = sync(desk, "acme", "birch")
    assert [(one.client, one.rows) for one in version.sources] == [("acme", 9), ("birch", 9)]
    for table in TABLES:
        (ours, theirs) = counts(desk, table)
        assert (ours[0], theirs[0]) == ("acme", "birch")
        assert ours[1] == theirs[1]


def test_one_client_s_sync_leaves_the_other_s_rows_and_history(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,Open,5,2024-01-02,\n")
    sync(desk, "acme", "birch")
    desk.put("deals.csv", HEADER + "1,Won,5,2024-01-02,2024-02-01\n")
    sync(desk, "birch", rebuild=(("crm", "birch"),))
    found = desk.ask("SELECT client_id, outcome FROM deals ORDER BY 1")
    assert found == [("acme", "open"), ("birch", "won")]
    assert counts(desk, "deal_stage_history") == [("acme", 1), ("birch", 2)]


def test_conforming_again_replaces_one_client_s_rows_only(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,Open,5,2024-01-02,\n")
    sync(desk, "acme", "birch", "acme")
    assert counts(desk, "deals") == [("acme", 1), ("birch", 1)]


def test_a_state_names_the_tables_that_its_source_feeds(desk: Desk) -> None:
    desk.put("deals.csv", HEADER + "1,Won,5,2024-01-02,2024-02-01\n")
    (state,) = sync(desk, "acme").sources
    assert state.tables == tuple(sorted(TABLES))


def test_a_table_without_rows_is_fed_too(desk: Desk) -> None:
    desk.put("deals.csv", HEADER)
    (state,) = desk.sync({"deals.csv": DEALS}).sources
    assert state.rows == 0
    assert state.tables == ("deal_snapshots", "deal_stage_history", "deals")
