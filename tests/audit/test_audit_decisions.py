"""Rules are carried out over sets, every touched row is noted, no row disappears."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.audit import audit, check_rules, merging
from kvitto.errors import BadDefinition
from kvitto.model.table import canonical_table
from kvitto.warehouse.schema import create_table
from kvitto.workspace import load_workspace
from kvitto.workspace.definition import ClientDefinition, FieldRule, RulesDefinition

CLIENTS = {"a": ClientDefinition(name="A", currency="EUR"), "b": ClientDefinition(name="B")}
TODAY = date(2018, 1, 2)


def deals(connection: duckdb.DuckDBPyConnection, *rows: dict[str, Any]) -> None:
    for row in rows:
        full = {"client_id": "a", "_source": "crm", "outcome": "won"} | row
        columns, marks = ", ".join(full), ", ".join("?" for _ in full)
        connection.execute(f"INSERT INTO deals ({columns}) VALUES ({marks})", list(full.values()))


def rules(*fields: dict[str, Any], clients: tuple[str, ...] = ()) -> RulesDefinition:
    return RulesDefinition(
        clients=clients, fields=tuple(FieldRule(table="deals", **field) for field in fields)
    )


def applied(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT record_id, action, column_name FROM _applied ORDER BY ALL"
    ).fetchall()


def column(connection: duckdb.DuckDBPyConnection, name: str) -> list[Any]:
    rows = connection.execute(f"SELECT {name} FROM deals ORDER BY deal_id, rowid").fetchall()
    return [row[0] for row in rows]


def test_exclude_leaves_the_row_out_and_says_why(tables: duckdb.DuckDBPyConnection) -> None:
    deals(tables, {"deal_id": "1", "amount": 5}, {"deal_id": "2"})
    result = audit(tables, CLIENTS, [rules({"column": "amount", "missing": "exclude"})])
    assert column(tables, "_excluded") == [None, "no amount"]
    assert applied(tables) == [("2", "excluded", "amount")]
    assert (result.tallies["deals"].counted, result.tallies["deals"].excluded) == (1, 1)
    (amount,) = [one for one in result.findings if one.column == "amount"]
    assert amount.message == "1 of 2 deals have no amount and are left out of all figures"


def test_default_fills_the_value_and_what_was_made_from_it(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    deals(
        tables,
        {"deal_id": "1", "amount": 5, "amount_base": 5},
        {"deal_id": "2", "currency_code": "EUR"},
        {"deal_id": "3", "currency_code": "USD"},
    )
    fields = {"column": "amount", "missing": "default", "default": "12.50"}
    moment = {"column": "created_at", "missing": "default", "default": "2017-01-31"}
    audit(tables, CLIENTS, [rules(fields, moment)])
    assert column(tables, "amount") == [5, Decimal("12.5"), Decimal("12.5")]
    assert column(tables, "amount_base") == [5, Decimal("12.5"), None]
    assert column(tables, "created_on") == [date(2017, 1, 31)] * 3
    assert ("2", "defaulted", "amount_base") in applied(tables)
    assert ("3", "defaulted", "amount_base") not in applied(tables)


def test_review_lets_the_row_count_and_notes_it(tables: duckdb.DuckDBPyConnection) -> None:
    deals(tables, {"deal_id": "1"}, {"deal_id": "2", "amount": 1})
    rule = {"column": "amount", "missing": "review", "where": "outcome = 'won'"}
    result = audit(tables, CLIENTS, [rules(rule)])
    assert column(tables, "_excluded") == [None, None]
    assert applied(tables) == [("1", "review", "amount")]
    (amount,) = [one for one in result.findings if one.column == "amount"]
    assert amount.decides == "account manager"


def test_keep_is_told_and_nothing_is_done(tables: duckdb.DuckDBPyConnection) -> None:
    deals(tables, {"deal_id": "1"})
    result = audit(tables, CLIENTS, [rules({"column": "amount", "missing": "keep"})])
    assert result.applied == 0
    assert [one.rows for one in result.findings if one.column == "amount"] == [1]


def test_a_rule_touches_only_its_clients_and_its_rows(tables: duckdb.DuckDBPyConnection) -> None:
    deals(
        tables,
        {"deal_id": "1"},
        {"deal_id": "2", "outcome": "open"},
        {"deal_id": "3", "client_id": "b"},
    )
    rule = {"column": "amount", "missing": "exclude", "where": "deals.outcome = 'won'"}
    audit(tables, CLIENTS, [rules(rule, clients=("a",))])
    assert column(tables, "_excluded") == ["no amount", None, None]


def test_what_a_rule_covers_is_not_told_twice(tables: duckdb.DuckDBPyConnection) -> None:
    deals(tables, {"deal_id": "1"}, {"deal_id": "2", "outcome": "open"})
    rule = {"column": "amount", "missing": "review", "where": "outcome = 'won'"}
    result = audit(tables, CLIENTS, [rules(rule)])
    assert sorted(one.rows for one in result.findings if one.column == "amount") == [1, 1]


def test_of_equal_ids_the_latest_row_counts(tables: duckdb.DuckDBPyConnection) -> None:
    deals(tables, *({"deal_id": "1", "amount": n} for n in range(3)), {"deal_id": "2"})
    result = audit(tables, CLIENTS, [])
    assert column(tables, "_excluded") == ["duplicate", "duplicate", None, None]
    assert [row for row in applied(tables) if row[1] == "merged"] == [
        ("1", "merged", "deal_id")
    ] * 2
    (finding,) = [one for one in result.findings if one.code == "duplicate_key"]
    assert (finding.rows, finding.records) == (2, ("1",))
    assert finding.message.startswith("2 more rows of deals have 1 id that")


def test_equal_rows_are_only_a_notice(tables: duckdb.DuckDBPyConnection) -> None:
    deals(tables, *({"deal_id": "1", "owner_id": "u", "amount": 1},) * 3)
    (finding,) = [one for one in audit(tables, CLIENTS, []).findings if one.code == "duplicate_key"]
    assert (finding.rows, finding.severity.value) == (2, "notice")


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(4)))
def test_without_a_source_order_the_row_with_the_latest_moment_counts(order: list[int]) -> None:
    rows = [
        {"closed_at": "2017-05-01", "amount": 9},
        {"closed_at": "2017-06-01", "amount": 2, "expected_close_on": "2019-01-01"},
        {"closed_at": "2017-06-01", "amount": 3},
        {"expected_close_on": "2030-01-01", "amount": 8},
    ]
    with pytest.MonkeyPatch.context() as patch, duckdb.connect() as connection:
        patch.setattr(merging, "ORDERED_ROWS", 0)
        patch.setattr(merging, "PART_ROWS", 2)
        connection.execute(create_table(canonical_table("deals")))
        deals(connection, *({"deal_id": "1"} | rows[place] for place in order))
        audit(connection, CLIENTS, [])
        kept = connection.execute("SELECT amount FROM deals WHERE _excluded IS NULL").fetchall()
    assert kept == [(3,)]


def test_everything_doubled_counts_once(tables: duckdb.DuckDBPyConnection) -> None:
    for _ in range(2):
        deals(tables, *({"deal_id": str(n), "amount": n} for n in range(50)))
    result = audit(tables, CLIENTS, [rules({"column": "owner_id", "missing": "exclude"})])
    tally = result.tallies["deals"]
    assert (tally.rows, tally.merged, tally.excluded, tally.counted) == (100, 50, 50, 0)
    assert [one.rows for one in result.findings if one.column == "owner_id"] == [50]


def test_repeated_keys_of_two_columns_are_told_by_both(tables: duckdb.DuckDBPyConnection) -> None:
    tables.execute(
        "INSERT INTO deal_stage_history (client_id, deal_id, seq, stage_id)"
        " VALUES ('a', 'd', 1, 'x'), ('a', 'd', 2, 'y'), ('a', 'd', 2, 'z')"
    )
    assert audit(tables, CLIENTS, []).tallies["deal_stage_history"].merged == 1


def test_an_audit_of_what_was_audited_says_the_same(tables: duckdb.DuckDBPyConnection) -> None:
    deals(tables, {"deal_id": "1", "amount": -1}, {"deal_id": "2", "owner_id": "u", "amount": 2})
    rule = rules({"column": "owner_id", "missing": "review"})
    first = audit(tables, CLIENTS, [rule], today=TODAY)
    assert audit(tables, CLIENTS, [rule], today=TODAY) == first


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"table": "deal", "column": "amount"}, "Did you mean 'deals'?"),
        ({"table": "deals", "column": "ammount"}, "Did you mean 'amount'?"),
        ({"column": "amount", "missing": "default"}, "no default"),
        ({"column": "amount", "missing": "default", "default": "much"}, "not a number"),
        ({"column": "amount", "missing": "default", "default": "NaN"}, "not a number"),
        ({"column": "created_at", "missing": "default", "default": "31/12/2017"}, "not a moment"),
        ({"column": "outcome", "missing": "default", "default": "maybe"}, "not one of open"),
        ({"column": "is_test", "missing": "default", "default": "no"}, "neither true nor false"),
        ({"column": "deal_id", "missing": "default", "default": "x"}, "a key"),
        ({"column": "amount", "default": "1"}, "missing is 'review'"),
        ({"column": "amount", "where": "outcome = "}, "cannot be read"),
        ({"column": "amount", "where": "stage = 'x'"}, "has no column stage"),
        ({"column": "amount", "where": "users.name = 'x'"}, "has no column users.name"),
        ({"column": "amount", "where": "amount = 'x'"}, "cannot be evaluated"),
        ({"column": "amount", "where": "1=1) OR (1=1"}, "more than one"),
        ({"column": "amount", "where": "outcome IN (SELECT name FROM users)"}, "other tables"),
        ({"column": "amount", "where": "1=1); DROP TABLE deals; --"}, "rule on deals.amount"),
        (
            {"table": "deal_stage_history", "column": "stage_id", "missing": "default"}
            | {"default": "x"},
            "could not be undone",
        ),
    ],
)
def test_a_rule_that_cannot_hold_is_refused_before_anything_changes(
    tables: duckdb.DuckDBPyConnection, field: dict[str, Any], said: str
) -> None:
    deals(tables, {"deal_id": "1"}, {"deal_id": "1"})
    rule = RulesDefinition(fields=(FieldRule(**{"table": "deals"} | field),))
    with pytest.raises(BadDefinition, match=said.replace("?", r"\?")):
        audit(tables, CLIENTS, [rule])
    assert column(tables, "_excluded") == [None, None]


def test_conditions_are_checked_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "kvitto.yml").write_text("agency: A\n")
    (tmp_path / "rules" / "crm.yml").write_text(
        "fields:\n  - {table: deals, column: amount, where: outcome = 'won'}\n"
        "  - {table: deals, column: owner_id, where: outcom = 'won'}\n"
    )
    (problem,) = check_rules(load_workspace(tmp_path))
    assert (problem.file, problem.line) == ("rules/crm.yml", 3)
    assert "Did you mean 'outcome'?" in problem.todo


def test_two_rules_in_conflict_are_refused_naming_both(tables: duckdb.DuckDBPyConnection) -> None:
    one = rules({"column": "amount", "missing": "exclude"})
    other = rules({"column": "amount", "missing": "review"}, clients=("a",))
    with pytest.raises(BadDefinition, match=r"rule 1 of 'two' says review, rule 1 of 'one'"):
        audit(tables, CLIENTS, {"one": one, "two": other})
    apart = rules({"column": "amount", "missing": "exclude"}, clients=("b",))
    audit(tables, CLIENTS, {"one": apart, "two": other})


def test_a_rule_for_an_unknown_client_is_refused(tables: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(BadDefinition, match="the client 'c'"):
        audit(tables, CLIENTS, [rules({"column": "amount"}, clients=("c",))])


ROW = st.fixed_dictionaries(
    {
        "client_id": st.sampled_from(["a", "b"]),
        "deal_id": st.sampled_from([None, "1", "2", "3", "4"]),
        "amount": st.sampled_from([None, -1, 0, 7]),
        "owner_id": st.sampled_from([None, "u"]),
        "outcome": st.sampled_from([None, "won", "open", "??"]),
        "closed_at": st.sampled_from([None, date(1900, 1, 1), date(2017, 5, 5)]),
    }
)
RULE = st.fixed_dictionaries(
    {"column": st.sampled_from(["amount", "owner_id", "outcome"])},
    optional={
        "missing": st.sampled_from(["review", "exclude", "keep"]),
        "where": st.sampled_from(["outcome = 'won'", "amount > 0 OR owner_id IS NULL"]),
    },
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, max_size=12), st.lists(RULE, max_size=3, unique_by=lambda r: r["column"]))
def test_rows_in_are_rows_counted_under_review_excluded_and_merged(
    rows: list[dict[str, Any]], fields: list[dict[str, Any]]
) -> None:
    with duckdb.connect() as connection:
        connection.execute(create_table(canonical_table("deals")))
        deals(connection, *rows)
        result = audit(connection, CLIENTS, [rules(*fields)], today=TODAY)
        assert sum(tally.rows for tally in result.tallies.values()) == len(rows)
        for tally in result.tallies.values():
            parts = (tally.counted, tally.reviewed, tally.excluded, tally.merged)
            assert tally.rows == sum(parts)
        keys = connection.execute(
            "SELECT client_id, deal_id FROM deals WHERE _excluded IS NULL"
        ).fetchall()
        assert len(keys) == len(set(keys))
        assert all(deal is not None for _, deal in keys)
        noted = connection.execute(
            "SELECT count(*) FROM deals WHERE _excluded <> 'duplicate' AND NOT EXISTS (SELECT 1"
            " FROM _applied AS x WHERE x.client_id = deals.client_id AND x.action = 'excluded'"
            " AND x.record_id IS NOT DISTINCT FROM deals.deal_id)"
        ).fetchall()
        assert noted == [(0,)]
