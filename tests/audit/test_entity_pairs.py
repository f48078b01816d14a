"""Pairs of accounts and contacts: found, explained, bounded, and never of two clients."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvitto.audit.entity.cluster import merged_groups
from kvitto.audit.entity.pair import ASK, CERTAIN, MERGED, Pair
from kvitto.audit.entity.resolution import find_pairs
from kvitto.audit.entity.setting import Setting
from kvitto.warehouse.schema import create_statements
from tests.audit.entity_rows import fill_accounts, fill_contacts

FIRMS = ["Volvo Cars", "Ericsson", "Ikea Möbler", "Skanska Bygg", "Handelsbanken", "Telia Nät"]


def ids(pairs: tuple[Pair, ...]) -> list[tuple[str, str]]:
    """The pairs as ids."""
    return [(pair.one, pair.other) for pair in pairs]


def firms(client: str, start: int = 0) -> list[tuple[str, str, str, str]]:
    """Some companies that have nothing to do with each other."""
    return [
        (client, f"{client}{start + n}", f"{name} AB", f"{name.split()[0].lower()}.example")
        for n, name in enumerate(FIRMS)
    ]


def test_a_company_spelled_otherwise_is_found_and_nothing_is_merged(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    fill_accounts(tables, [*firms("x"), ("x", "x9", "Volvo Cars Aktiebolag", "www.volvo.example")])
    found = find_pairs(tables, "accounts").pairs
    assert ids(found) == [("x0", "x9")]
    assert (found[0].state, found[0].score) == (ASK, 1.0)
    assert found[0].reasons[0].weight == CERTAIN


def test_reasons_say_in_words_what_speaks_for_and_against(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    rows = [("x", "1", "Anna Berg", "anna@berg.example", "+46 70 111 22 33")]
    rows += [("x", "2", "Anna Bergh", "anna@berg.example", "+46 70 987 65 43")]
    fill_contacts(tables, [*rows, ("x", "3", "Karl Holm", "karl@holm.example", None)])
    (pair,) = find_pairs(tables, "contacts").pairs
    said = [str(reason) for reason in pair.reasons]
    assert said[0].startswith("same e-mail +")
    assert any(text.startswith("family name alike 0.9") for text in said)
    assert any(text.startswith("telephone number differs -") for text in said)


def test_the_same_companies_at_two_clients_are_no_pair(tables: duckdb.DuckDBPyConnection) -> None:
    fill_accounts(tables, [*firms("x"), *firms("y")])
    assert find_pairs(tables, "accounts").pairs == ()


NAMES = st.sampled_from(
    ["Anna Berg", "A. Berg", "Berg, Anna", "Karl Holm", "Karl Holmm", "", "Eva"]
)
MAILS = st.sampled_from(["anna@berg.example", "ANNA@berg.example", "info@berg.example", None, "x"])
PHONES = st.sampled_from(["+46 70 111 22 33", "0701112233", None, "0"])


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from("xyz"), NAMES, MAILS, PHONES), max_size=25))
def test_no_pair_ever_crosses_clients(rows: list[tuple[str, str, str | None, str | None]]) -> None:
    with duckdb.connect() as tables:
        for statement in create_statements():
            tables.execute(statement)
        numbered = [(row[0], f"{n:03}", *row[1:]) for n, row in enumerate(rows)]
        fill_contacts(tables, numbered)
        owner = {row[1]: row[0] for row in numbered}
        for pair in find_pairs(tables, "contacts").pairs:
            assert owner[pair.one] == owner[pair.other] == pair.client
            assert pair.one < pair.other
            assert 0 <= pair.score <= 1


def test_a_clients_pairs_do_not_depend_on_the_other_clients(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    mine = [*firms("x"), ("x", "x8", "Skanska Byg AB", None), ("x", "x9", "Ericson AB", None)]
    fill_accounts(tables, mine)
    alone = find_pairs(tables, "accounts").pairs
    fill_accounts(tables, [("y", f"y{n}", "Skanska Bygg AB", None) for n in range(40)])
    together = find_pairs(tables, "accounts").pairs
    assert len(alone) == 2
    assert alone == tuple(pair for pair in together if pair.client == "x")


def test_the_same_data_in_another_order_give_the_same_pairs(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    rows = [*firms("x"), *firms("x", 50), ("x", "x99", "Ericson", None)]
    fill_accounts(tables, rows)
    first = find_pairs(tables, "accounts")
    tables.execute("DELETE FROM accounts")
    fill_accounts(tables, reversed(rows))
    assert find_pairs(tables, "accounts") == first


def test_task_mailboxes_and_free_hosts_make_nobody_one(tables: duckdb.DuckDBPyConnection) -> None:
    people = ["Anna Berg", "Karl Holm", "Eva Lind", "Ola Ek", "Siv Dal"]
    fill_contacts(
        tables, [("x", f"{n}", name, "info@firm.example") for n, name in enumerate(people)]
    )
    fill_contacts(
        tables, [("x", f"g{n}", name[::-1], f"p{n}@gmail.com") for n, name in enumerate(people)]
    )
    assert find_pairs(tables, "contacts").pairs == ()


def test_a_mailbox_of_a_couple_is_not_certain(tables: duckdb.DuckDBPyConnection) -> None:
    rows = [
        ("x", "1", "Anna Berg", "berg@home.example"),
        ("x", "2", "Karl Holm", "berg@home.example"),
    ]
    fill_contacts(tables, rows)
    assert all(pair.score < 1 for pair in find_pairs(tables, "contacts").pairs)


def test_what_the_source_merged_is_certain(tables: duckdb.DuckDBPyConnection) -> None:
    fill_accounts(tables, [("x", "1", "Volvo"), ("x", "2", "Ericsson")])
    tables.execute(
        "UPDATE accounts SET merged_into_id = '1', is_deleted = TRUE WHERE account_id = '2'"
    )
    (pair,) = find_pairs(tables, "accounts").pairs
    assert (pair.one, pair.other, pair.score) == ("1", "2", 1.0)
    assert "the source" in pair.reasons[0].said


def test_rows_that_do_not_count_are_not_compared(tables: duckdb.DuckDBPyConnection) -> None:
    fill_accounts(tables, [*firms("x"), *firms("x", 50)])
    tables.execute("UPDATE accounts SET _excluded = 'no name' WHERE account_id LIKE 'x5%'")
    tables.execute("UPDATE accounts SET is_deleted = TRUE WHERE account_id = 'x0'")
    assert find_pairs(tables, "accounts").pairs == ()


def test_numbers_in_names_tell_branches_apart(tables: duckdb.DuckDBPyConnection) -> None:
    fill_accounts(tables, [("x", f"{n:02}", f"Burger King Restaurant {n}") for n in range(30)])
    assert find_pairs(tables, "accounts").pairs == ()


def test_a_rule_merges_what_is_sure_and_asks_about_the_rest(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        *firms("x"),
        ("x", "x8", "Volvo Cars", "volvo.example"),
        ("x", "x9", "Ericson AB", None),
    ]
    fill_accounts(tables, rows)
    found = find_pairs(tables, "accounts", {"x": Setting("merge", 1.0, 0.3, "r")}).pairs
    assert {pair.other: pair.state for pair in found} == {"x8": MERGED, "x9": ASK}


def test_a_group_that_contradicts_itself_is_asked_about(tables: duckdb.DuckDBPyConnection) -> None:
    rows = [
        ("x", "1", "Anna Berg", "anna@berg.example"),
        ("x", "2", None, "anna@berg.example"),
        ("x", "3", "Karl Holm", "karl@holm.example"),
    ]
    fill_contacts(tables, rows)
    tables.execute("UPDATE contacts SET merged_into_id = '2' WHERE contact_id = '3'")
    found = find_pairs(tables, "contacts", {"x": Setting("merge")}).pairs
    assert len(found) == 2
    assert {pair.state for pair in found} == {ASK}


def test_what_people_keep_apart_is_never_merged_even_through_a_third(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    fill_contacts(tables, [("x", n, "Anna Berg", "anna@berg.example") for n in "123"])
    found = find_pairs(tables, "contacts", {"x": Setting("merge")}, apart=[("x", "2", "3")]).pairs
    assert not [pair for pair in found if pair.state == MERGED]


def test_groups_hang_together_through_their_pairs() -> None:
    assert merged_groups([("b", "c"), ("a", "b"), ("y", "z")]) == {
        "a": "a",
        "b": "a",
        "c": "a",
        "y": "y",
        "z": "y",
    }


def test_a_client_that_is_kept_as_it_is_loads_nothing(tables: duckdb.DuckDBPyConnection) -> None:
    fill_accounts(tables, [*firms("x"), *firms("x", 50)])
    assert find_pairs(tables, "accounts", {"x": Setting("keep")}).pairs == ()


@pytest.mark.parametrize("table", ["accounts", "contacts"])
def test_empty_tables_have_no_pairs(tables: duckdb.DuckDBPyConnection, table: str) -> None:
    assert find_pairs(tables, table).pairs == ()


def test_nothing_of_the_comparing_is_left_in_the_version(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    fill_accounts(tables, [*firms("x"), *firms("x", 50)])
    before = tables.execute("SELECT database_name, table_name FROM duckdb_tables()").fetchall()
    find_pairs(tables, "accounts")
    assert (
        tables.execute("SELECT database_name, table_name FROM duckdb_tables()").fetchall() == before
    )
