"""Data that would make too many pairs, or none: bounded, and said."""

from __future__ import annotations

import duckdb
import pytest

from kvitto.audit.entity.resolution import find_pairs
from tests.audit.entity_rows import fill_accounts, fill_contacts

MANY = 3_000


def insert(tables: duckdb.DuckDBPyConnection, table: str, columns: str) -> None:
    """Many rows of client x from SQL over the number ``i``."""
    tables.execute(
        f"INSERT INTO {table} BY NAME SELECT 'x' AS client_id, {columns} FROM range({MANY}) AS t(i)"
    )


def test_where_all_is_duplicated_each_is_paired_with_the_first_alone(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    insert(
        tables,
        "contacts",
        "lpad(i::VARCHAR, 6, '0') AS contact_id, 'Anna Berg' AS full_name,"
        " 'anna@berg.example' AS email, '0701112233' AS phone",
    )
    found = find_pairs(tables, "contacts")
    assert len(found.pairs) == MANY - 1
    assert {pair.one for pair in found.pairs} == {"000000"}
    assert {one.shares for one in found.left_out} >= {"the same e-mail", "the same name"}


def test_where_only_a_name_is_shared_by_all_it_is_said_and_nobody_is_one(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    insert(tables, "contacts", "i::VARCHAR AS contact_id, 'Anna Berg' AS full_name")
    found = find_pairs(tables, "contacts")
    assert found.pairs == ()
    assert [(one.client, one.rows, one.largest) for one in found.left_out] == [("x", MANY, MANY)]


def test_where_all_names_are_empty_there_is_nothing_to_compare(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    insert(tables, "accounts", "i::VARCHAR AS account_id, '  ' AS name")
    assert find_pairs(tables, "accounts").pairs == ()


def test_names_that_are_all_different_make_no_pair(tables: duckdb.DuckDBPyConnection) -> None:
    insert(tables, "accounts", "i::VARCHAR AS account_id, md5(i::VARCHAR) AS name")
    assert find_pairs(tables, "accounts").pairs == ()


def test_one_huge_host_is_bounded_and_duplicates_within_it_are_found(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    insert(
        tables,
        "contacts",
        "lpad(i::VARCHAR, 6, '0') AS contact_id,"
        " md5(i::VARCHAR)[:6] || ' ' || md5((i * 7)::VARCHAR)[:9] AS full_name,"
        " md5(i::VARCHAR)[:12] || '@huge.example' AS email",
    )
    fill_contacts(tables, [("x", "z", "?", None)])
    tables.execute(
        "UPDATE contacts SET full_name = 'Anna Berg', email = 'Anna.Berg@huge.example'"
        " WHERE contact_id IN ('000001', '000002')"
    )
    assert [(pair.one, pair.other) for pair in find_pairs(tables, "contacts").pairs] == [
        ("000001", "000002")
    ]


def test_other_scripts_and_very_long_names_are_compared(tables: duckdb.DuckDBPyConnection) -> None:
    long = "Långa Namnet " * 800
    rows = [("x", "1", "Ромашка Москва ООО"), ("x", "2", "ООО «Ромашка Москва»")]
    rows += [("x", "3", "株式会社 山田 製作所"), ("x", "4", "山田 製作所 株式会社")]
    rows += [("x", "5", long), ("x", "6", long.upper())]
    fill_accounts(tables, rows)
    found = find_pairs(tables, "accounts").pairs
    assert [(pair.one, pair.other) for pair in found] == [("1", "2"), ("3", "4"), ("5", "6")]


def test_quotes_and_wildcards_in_data_are_data(tables: duckdb.DuckDBPyConnection) -> None:
    rows = [("x'", n, "Robert'); DROP TABLE accounts;--", "x%.example") for n in ("1'", '2"')]
    fill_accounts(tables, rows)
    assert len(find_pairs(tables, "accounts").pairs) == 1


@pytest.mark.parametrize("filled", ["full_name", "email", "phone", "job_title"])
@pytest.mark.parametrize("rows", [3, 300])
def test_contacts_of_which_one_column_is_filled_are_compared_by_it_or_not(
    tables: duckdb.DuckDBPyConnection, filled: str, rows: int
) -> None:
    tables.execute(
        f"INSERT INTO contacts (client_id, contact_id, _source, {filled})"
        " SELECT 'a', 'c' || i, 'crm', 'ann' || (i // 2) || '@nord.example'"
        f" FROM range({rows}) AS t(i)"
    )
    found = find_pairs(tables, "contacts").pairs
    assert {pair.client for pair in found} <= {"a"}
    assert not found or filled != "job_title"
