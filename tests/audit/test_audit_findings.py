"""What is wrong in the data is counted, named and told; nothing crashes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kvitto.audit import audit
from kvitto.audit.catalogue import CHECKS
from kvitto.audit.reading import read_findings
from kvitto.model.finding import Finding, Severity
from kvitto.model.table import canonical_tables
from kvitto.workspace.definition import ClientDefinition

CLIENTS = {"a": ClientDefinition(name="A", currency="EUR"), "b": ClientDefinition(name="B")}
TODAY = date(2018, 1, 2)
DEMO = Path(__file__).parents[2] / "src" / "kvitto" / "app" / "example" / "data" / "crm"


def insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        full = {"client_id": "a", "_source": "crm"} | row
        columns, marks = ", ".join(full), ", ".join("?" for _ in full)
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(full.values()))


def deal(number: int, **columns: Any) -> dict[str, Any]:
    return {
        "deal_id": f"d{number}",
        "account_id": "a1",
        "owner_id": "u1",
        "stage_id": "s1",
        "outcome": "won",
        "amount": 100,
        "currency_code": "EUR",
        "created_at": "2017-01-01",
        "closed_at": "2017-02-01",
    } | columns


def found(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None, int]]:
    result = audit(connection, CLIENTS, [], today=TODAY)
    return [(finding.code, finding.column, finding.rows) for finding in result.findings]


def test_clean_rows_give_no_finding(tables: duckdb.DuckDBPyConnection) -> None:
    insert(tables, "deals", *(deal(number) for number in range(20)))
    assert found(tables) == []


def test_empty_tables_give_no_finding(tables: duckdb.DuckDBPyConnection) -> None:
    assert audit(tables, CLIENTS, []).findings == ()


@pytest.mark.parametrize(
    ("columns", "code", "column"),
    [
        ({"outcome": "wonn"}, "unknown_value", "outcome"),
        ({"created_at": "1017-01-01"}, "date_out_of_range", "created_at"),
        ({"closed_at": "2171-02-01"}, "date_out_of_range", "closed_at"),
        ({"expected_close_on": "1900-01-01"}, "date_out_of_range", "expected_close_on"),
        ({"closed_at": "2016-12-31"}, "impossible_order", "closed_at"),
        ({"amount": -5}, "negative_number", "amount"),
        ({"probability": 70.0}, "share_out_of_range", "probability"),
        ({"probability": float("nan")}, "share_out_of_range", "probability"),
        ({"currency_code": "EURO"}, "unknown_currency", "currency_code"),
        ({"currency_code": "XQQ"}, "unknown_currency", "currency_code"),
        ({"owner_id": None}, "missing_field", "owner_id"),
        ({"amount": None}, "missing_field", "amount"),
        ({"closed_at": None}, "missing_field", "closed_at"),
        ({"deal_id": None}, "missing_key", "deal_id"),
    ],
)
def test_each_kind_of_trouble_is_found_where_it_is(
    tables: duckdb.DuckDBPyConnection, columns: dict[str, Any], code: str, column: str
) -> None:
    insert(tables, "deals", deal(1), deal(2) | columns)
    assert found(tables) == [(code, column, 1)]


def test_every_check_has_a_case_above_or_below() -> None:
    others = {"duplicate_key", "orphan", "invalid_email"}
    others |= {"placeholder", "unknown_country", "invalid_phone", "impossible_number"}
    others |= {"impossible_amount", "test_record", "double_submitted", "bulk_change", "date_ahead"}
    cases = test_each_kind_of_trouble_is_found_where_it_is.pytestmark[0].args[1]
    assert {case[1] for case in cases} | others == set(CHECKS.names())


@pytest.mark.parametrize(
    ("email", "wrong"),
    [
        ("elin@byrå.se", False),
        ("o'neil+x@a-b.co.uk", False),
        ("elin", True),
        ("elin@", True),
        ("a@b", True),
        ("a b@c.se", True),
        ("a@b..se", True),
        ("<a@b.se>", True),
    ],
)
def test_an_address_is_told_by_its_form(
    tables: duckdb.DuckDBPyConnection, email: str, wrong: bool
) -> None:
    insert(tables, "contacts", {"contact_id": "c1", "email": email})
    assert (("invalid_email", "email", 1) in found(tables)) is wrong


def test_a_reference_that_points_nowhere_is_an_orphan(tables: duckdb.DuckDBPyConnection) -> None:
    insert(tables, "accounts", {"account_id": "a1", "name": "One"})
    insert(tables, "deals", deal(1), deal(2, account_id="gone"), deal(3, account_id="lost"))
    (finding,) = audit(tables, CLIENTS, [], today=TODAY).findings
    assert (finding.code, finding.rows, finding.records) == ("orphan", 2, ("d2", "d3"))


def test_a_table_that_is_not_connected_makes_no_orphans(tables: duckdb.DuckDBPyConnection) -> None:
    insert(tables, "accounts", {"client_id": "b", "account_id": "a1", "name": "Of another client"})
    insert(tables, "deals", deal(1), deal(2, client_id="b", account_id="none"))
    findings = audit(tables, CLIENTS, [], today=TODAY).findings
    assert [(finding.code, finding.client) for finding in findings] == [("orphan", "b")]


def test_an_id_of_another_client_is_no_duplicate_and_no_target(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    for client, account in (("a", "x"), ("b", "y")):
        insert(tables, "accounts", {"client_id": client, "account_id": account, "name": "N"})
        insert(tables, "deals", deal(1, client_id=client, account_id="x"))
    findings = audit(tables, CLIENTS, [], today=TODAY).findings
    assert [(finding.code, finding.client) for finding in findings] == [("orphan", "b")]


def test_unknown_labels_are_shown_the_most_frequent_first(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    labels = ["lst", "wonn", "wonn", "open", "won"]
    insert(tables, "deals", *(deal(n, outcome=label) for n, label in enumerate(labels)))
    (finding,) = audit(tables, CLIENTS, [], today=TODAY).findings
    assert finding.message == "3 of 5 deals have an unknown label in outcome: 'wonn', 'lst'"
    assert "labels: deals.outcome" in finding.todo


def test_findings_name_client_and_source_apart(tables: duckdb.DuckDBPyConnection) -> None:
    insert(tables, "deals", deal(1, owner_id=None), deal(2, owner_id=None, _source="erp"))
    insert(tables, "deals", deal(3, owner_id=None, client_id="b"))
    findings = audit(tables, CLIENTS, [], today=TODAY).findings
    assert {(one.client, one.source, one.records) for one in findings} == {
        ("a", "crm", ("d1",)),
        ("a", "erp", ("d2",)),
        ("b", "crm", ("d3",)),
    }


def test_findings_are_written_and_read_back_with_those_of_the_sources(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    class Reader:
        def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
            return tables.execute(sql, parameters).fetchall()

    insert(tables, "deals", deal(1, owner_id=None))
    extra = Finding(
        code="bad_number",
        severity=Severity.error,
        client="a",
        source="crm",
        table="deals",
        rows=2,
        message="m",
        todo="t",
    )
    result = audit(tables, CLIENTS, [], [extra], today=TODAY)
    again = audit(tables, CLIENTS, [], [extra], today=TODAY)
    assert [finding.code for finding in result.findings] == ["bad_number", "missing_field"]
    assert read_findings(Reader(), {"a"}) == result.findings == again.findings
    assert read_findings(Reader(), {"b"}) == read_findings(Reader(), ()) == ()


def test_every_check_runs_over_every_table(tables: duckdb.DuckDBPyConnection) -> None:
    for name, table in canonical_tables().items():
        row = {"client_id": "a", table.key[0]: None}
        if table.column(table.key[0]).sql_type == "VARCHAR":
            row[table.key[0]] = "k"
        insert(tables, name, row)
    result = audit(tables, CLIENTS, [], today=TODAY)
    assert set(result.tallies) == set(canonical_tables())
    assert {finding.rows for finding in result.findings} == {1}


def test_the_example_data_has_the_troubles_that_it_is_known_for(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    tables.execute(
        "INSERT INTO deals (client_id, deal_id, account_id, owner_id, stage_id, outcome,"
        " created_at, closed_at, amount, _source) SELECT 'a', opportunity_id, account,"
        " sales_agent, deal_stage, CASE deal_stage WHEN 'Won' THEN 'won' WHEN 'Lost' THEN 'lost'"
        " ELSE 'open' END, engage_date, close_date, close_value, 'crm'"
        f" FROM read_csv('{DEMO / 'sales_pipeline.csv'}')"
    )
    result = audit(tables, CLIENTS, [], today=TODAY)
    assert {(one.column, one.rows) for one in result.findings} == {
        ("account_id", 1425),
        ("created_at", 500),
        ("amount", 2089),
    }
    assert {one.message.partition(" have")[0] for one in result.findings} == {
        "1,425 of 2,089 open deals",
        "500 of 2,089 open deals",
        "all 2,089 open deals",
    }
