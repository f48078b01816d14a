"""Candidates of a version: written, told, merged by a rule, taken over where nothing changed."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from kvitto.audit.entity.candidates import find_candidates, write_candidates
from kvitto.audit.entity.pair import Pair, Reason
from kvitto.warehouse.schema import create_statements
from kvitto.workspace.decision import ApartDecision, DecisionsDefinition
from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.duplicate import DuplicateRule
from kvitto.workspace.duplicate_check import duplicate_problems
from tests.audit.entity_rows import fill_accounts

ROWS = [
    ("x", "1", "Volvo Cars AB", "volvo.example"),
    ("x", "2", "Volvo Cars Aktiebolag", "volvo.example"),
    ("x", "3", "Skanska Bygg AB", "skanska.example"),
    ("y", "4", "Ericsson AB", "ericsson.example"),
    ("y", "5", "L M Ericsson", "ericsson.example"),
]


def rules(*given: DuplicateRule, clients: tuple[str, ...] = ()) -> dict[str, RulesDefinition]:
    """One file of rules."""
    return {"house": RulesDefinition(clients=clients, duplicates=given)}


def written(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str]]:
    """What stands in the version."""
    return connection.execute(
        "SELECT client_id, one_id, other_id, state FROM _candidates ORDER BY ALL"
    ).fetchall()


def test_without_a_rule_people_are_asked_and_nothing_is_merged(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    fill_accounts(tables, ROWS)
    findings, same = find_candidates(tables, {})
    assert ("x", "1", "2", "ask") in written(tables)
    assert same == ()
    assert findings[0].code == "possible_duplicate"
    assert "may be one and the same" in findings[0].message


def test_a_rule_that_merges_names_the_oldest_as_the_one_that_stands(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    fill_accounts(tables, ROWS)
    tables.execute("UPDATE accounts SET created_at = '2024-01-01' WHERE account_id = '2'")
    tables.execute("UPDATE accounts SET created_at = '2025-01-01' WHERE account_id = '1'")
    _, same = find_candidates(
        tables, rules(DuplicateRule(table="accounts", do="merge"), clients=("x",))
    )
    assert [(one.client, one.record, one.kept) for one in same] == [("x", "1", "2")]
    assert same[0].rule == "house: duplicates of accounts"


def test_a_person_who_kept_two_apart_wins_over_the_rule(tables: duckdb.DuckDBPyConnection) -> None:
    fill_accounts(tables, ROWS)
    apart = ApartDecision(table="accounts", ids=("1", "2"), by="Elin", on=date(2026, 1, 2))
    decided = {"x": DecisionsDefinition(apart=(apart,))}
    _, same = find_candidates(tables, rules(DuplicateRule(table="accounts", do="merge")), decided)
    assert not [one for one in same if one.client == "x"]


def test_no_library_is_loaded_where_nothing_is_to_be_compared(
    tables: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    assert find_candidates(tables, {}) == ((), ())
    fill_accounts(tables, ROWS)
    keep = rules(DuplicateRule(table="accounts", do="keep"))
    assert find_candidates(tables, keep) == ((), ())


def follow(path: Path, rows: list[tuple[str, str, str, str]]) -> duckdb.DuckDBPyConnection:
    """A version after the one at ``path``."""
    connection = duckdb.connect()
    for statement in create_statements():
        connection.execute(statement)
    fill_accounts(connection, rows)
    connection.execute(f"ATTACH '{path}' AS previous (READ_ONLY)")
    return connection


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A version whose candidates were found."""
    path = tmp_path / "earlier.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in create_statements():
            connection.execute(statement)
        fill_accounts(connection, ROWS)
        find_candidates(connection, {})
    return path


def test_candidates_of_unchanged_clients_are_taken_over_without_comparing(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with follow(earlier, ROWS) as connection:
        findings, _ = find_candidates(connection, {})
        assert ("x", "1", "2", "ask") in written(connection)
        assert findings[0].code == "possible_duplicate"


def test_a_client_whose_records_changed_is_compared_anew(earlier: Path) -> None:
    changed = [*ROWS, ("x", "6", "Skanska Bygg", "skanska.example")]
    with follow(earlier, changed) as connection:
        find_candidates(connection, {})
        pairs = [row[:3] for row in written(connection)]
        assert {("x", "1", "2"), ("x", "3", "6")} <= set(pairs)
        assert len(pairs) == len(set(pairs))


def test_pairs_are_written_and_replace_those_of_their_client(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    pair = Pair("x", "accounts", "1", "2", 0.9, (Reason("same place", 3.3),))
    write_candidates(tables, [pair])
    write_candidates(tables, [pair])
    rows = tables.execute("SELECT reasons, state FROM _candidates").fetchall()
    assert rows == [('[{"said": "same place", "weight": 3.3}]', "ask")]


def test_rules_that_cannot_hold_are_told_together() -> None:
    wrong = {
        "a": RulesDefinition(
            duplicates=(
                DuplicateRule(table="acounts"),
                DuplicateRule(table="contacts", ask_above=0.99, merge_above=0.9),
            )
        ),
        "b": RulesDefinition(
            clients=("x",), duplicates=(DuplicateRule(table="contacts", do="keep"),)
        ),
    }
    found = duplicate_problems(wrong)
    assert [(one.name, one.keys[-1]) for one in found] == [
        ("a", "table"),
        ("a", "ask_above"),
        ("b", 0),
    ]
    assert "accounts" in found[0].todo
