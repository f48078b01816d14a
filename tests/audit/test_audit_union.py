"""Records that are one: one stands, references turn to it, nothing is lost, clients never mix."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.audit import audit
from kvitto.warehouse import Warehouse
from kvitto.warehouse.schema import create_statements
from kvitto.warehouse.version import SourceState
from kvitto.workspace.decision import DecisionsDefinition
from kvitto.workspace.definition import ClientDefinition

CLIENTS = {"a": ClientDefinition(name="A", currency="EUR"), "b": ClientDefinition(name="B")}
TODAY = date(2018, 1, 2)


def merges(*groups: tuple[str, ...], table: str = "accounts") -> DecisionsDefinition:
    """The first of each group stands for the others."""
    return DecisionsDefinition.model_validate(
        {
            "merges": [
                {"table": table, "keep": keep, "merge": others, "by": "Elin", "on": "2018-01-01"}
                for keep, *others in groups
            ]
        }
    )


def rows(connection: duckdb.DuckDBPyConnection, table: str, *listed: dict[str, Any]) -> None:
    for row in listed:
        full = {"client_id": "a", "_source": "crm"} | row
        marks = ", ".join("?" for _ in full)
        connection.execute(
            f"INSERT INTO {table} ({', '.join(full)}) VALUES ({marks})", list(full.values())
        )


def some(connection: duckdb.DuckDBPyConnection) -> None:
    rows(
        connection,
        "accounts",
        {"account_id": "1", "name": "Nord AB", "domain": None, "region": "North"},
        {"account_id": "2", "name": "Nord Aktiebolag", "domain": "nord.example", "region": "South"},
        {"account_id": "3", "name": "Syd AB"},
        {"account_id": "2", "client_id": "b", "name": "Another client's"},
    )
    rows(
        connection,
        "deals",
        {"deal_id": "d1", "account_id": "1"},
        {"deal_id": "d2", "account_id": "2"},
        {"deal_id": "d3", "account_id": "2", "client_id": "b"},
    )


def test_one_stands_and_takes_what_it_lacks(tables: duckdb.DuckDBPyConnection) -> None:
    some(tables)
    result = audit(tables, CLIENTS, [], today=TODAY, decisions={"a": merges(("1", "2"))})
    found = tables.execute(
        "SELECT account_id, name, domain, region, _excluded FROM accounts"
        " WHERE client_id = 'a' ORDER BY 1"
    ).fetchall()
    assert found == [
        ("1", "Nord AB", "nord.example", "North", None),
        ("2", "Nord Aktiebolag", "nord.example", "South", "merged"),
        ("3", "Syd AB", None, None, None),
    ]
    assert (result.tallies["accounts"].merged, result.tallies["accounts"].excluded) == (1, 0)


def test_what_names_the_other_one_names_the_one_that_stands(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    some(tables)
    audit(tables, CLIENTS, [], today=TODAY, decisions={"a": merges(("1", "2"))})
    found = tables.execute("SELECT deal_id, account_id, _was FROM deals ORDER BY 1").fetchall()
    assert found == [("d1", "1", None), ("d2", "1", '{"account_id":"2"}'), ("d3", "2", None)]


def test_every_change_is_noted_with_who_decided(tables: duckdb.DuckDBPyConnection) -> None:
    some(tables)
    audit(tables, CLIENTS, [], today=TODAY, decisions={"a": merges(("1", "2"))})
    noted = tables.execute(
        "SELECT table_name, record_id, action, column_name, kept_id FROM _applied ORDER BY ALL"
    ).fetchall()
    assert noted == [
        ("accounts", "1", "completed", "domain", None),
        ("accounts", "2", "merged", "account_id", "1"),
        ("deals", "d2", "relinked", "account_id", "1"),
    ]
    why = tables.execute("SELECT DISTINCT why FROM _applied WHERE action = 'merged'").fetchall()
    assert why == [("Elin on 2018-01-01",)]


def test_a_chain_ends_at_the_last_one(tables: duckdb.DuckDBPyConnection) -> None:
    some(tables)
    audit(tables, CLIENTS, [], today=TODAY, decisions={"a": merges(("1", "2"), ("3", "1"))})
    found = tables.execute("SELECT DISTINCT account_id FROM deals WHERE client_id = 'a'").fetchall()
    assert found == [("3",)]


def test_a_record_of_another_client_is_never_reached(tables: duckdb.DuckDBPyConnection) -> None:
    some(tables)
    rows(tables, "accounts", {"account_id": "9", "client_id": "b", "name": "Theirs"})
    result = audit(tables, CLIENTS, [], today=TODAY, decisions={"a": merges(("1", "9"))})
    (finding,) = [one for one in result.findings if one.code == "unknown_merge"]
    assert (finding.client, finding.records) == ("a", ("9 into 1",))
    assert tables.execute("SELECT count(*) FROM _applied").fetchone() == (0,)
    assert tables.execute("SELECT _excluded FROM accounts WHERE account_id = '9'").fetchone() == (
        None,
    )


def test_a_merge_can_be_taken_back_though_the_source_is_not_read_again(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    state = SourceState("crm", "file", "a", "2018-01-01T00:00:00+00:00", None, 6, 0)
    theirs = SourceState("crm", "file", "b", "2018-01-01T00:00:00+00:00", None, 6, 0)
    with warehouse.building() as building:
        some(building.connection)
        before = content(building.connection)
        audit(building.connection, CLIENTS, [], today=TODAY, decisions={"a": merges(("1", "2"))})
        merged = building.publish([state, theirs])
    with warehouse.building() as building:
        assert content(building.connection) == before
        audit(building.connection, CLIENTS, [], today=TODAY)
        assert building.publish([]).digest != merged.digest


def content(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    return [
        connection.execute(f"SELECT * EXCLUDE (_batch) FROM {table} ORDER BY ALL").fetchall()
        for table in ("accounts", "deals")
    ]


IDS = st.sampled_from(["1", "2", "3", "4", "5"])
ACCOUNT = st.fixed_dictionaries(
    {
        "client_id": st.sampled_from(["a", "b"]),
        "account_id": IDS,
        "name": st.sampled_from([None, "Nord", "Syd"]),
        "is_deleted": st.sampled_from([None, False, True]),
        "is_test": st.sampled_from([None, True]),
        "merged_into_id": st.sampled_from([None, None, "1"]),
    }
)
DEAL = st.fixed_dictionaries(
    {"client_id": st.sampled_from(["a", "b"]), "deal_id": IDS, "account_id": IDS}
)
PAIR = st.tuples(IDS, IDS).filter(lambda pair: pair[0] < pair[1])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(ACCOUNT, max_size=10),
    st.lists(DEAL, max_size=8),
    st.lists(PAIR, max_size=4, unique_by=lambda pair: pair[1]),
)
def test_rows_are_kept_and_told_whatever_is_merged(
    accounts: list[dict[str, Any]], deals: list[dict[str, Any]], pairs: list[tuple[str, str]]
) -> None:
    with duckdb.connect() as connection:
        for statement in create_statements():
            connection.execute(statement)
        rows(connection, "accounts", *accounts)
        rows(connection, "deals", *deals)
        result = audit(connection, CLIENTS, [], today=TODAY, decisions={"a": merges(*pairs)})
        for name, listed in (("accounts", accounts), ("deals", deals)):
            tally = result.tallies.get(name)
            parts = (
                ()
                if tally is None
                else (tally.counted, tally.reviewed, tally.excluded, tally.merged)
            )
            assert sum(parts) == len(listed) == (tally.rows if tally else 0)
        stands = "SELECT 1 FROM accounts AS k WHERE k.client_id = a.client_id AND"
        lost = connection.execute(
            "SELECT count(*) FROM _applied AS a WHERE a.table_name = 'accounts' AND"
            f" a.rule LIKE 'decisions/%' AND NOT EXISTS ({stands} k.account_id = a.kept_id"
            " AND k._excluded IS NULL) AND action = 'merged'"
        ).fetchone()
        assert lost == (0,)
        others = connection.execute(
            "SELECT count(*) FROM _applied WHERE client_id = 'b' AND rule LIKE 'decisions/%'"
        ).fetchone()
        assert others == (0,)
