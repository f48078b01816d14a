"""Whole records: tests and what hangs on them, forms sent twice, bulk changes; rules for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.errors import BadDefinition
from kvitto.model.table import canonical_table
from kvitto.warehouse.schema import create_table
from kvitto.workspace import load_workspace
from tests.audit.checked import audited, lines, put, told

NOON = datetime(2017, 5, 4, 12, 0, 7)


@pytest.mark.parametrize(
    ("name", "is_test"),
    [
        ("TEST", True),
        ("Test Test", True),
        ("TEST - please ignore", True),
        ("[test] Acme", True),
        ("asdf", True),
        ("Testi 2", True),
        ("Prueba", True),
        ("Testa Panificio Torino S.p.A.", False),
        ("Test Valley Borough Council", False),
        ("Test-Achats", False),
        ("Contest Ltd", False),
    ],
)
def test_a_test_is_told_by_its_name(
    tables: duckdb.DuckDBPyConnection, name: str, is_test: bool
) -> None:
    put(tables, "accounts", [{"account_id": "1", "name": name}])
    assert bool(told(audited(tables), "test_record")) is is_test


@pytest.mark.parametrize(
    ("email", "is_test"),
    [
        ("test@acme.se", True),
        ("Test.Test@test.example", True),
        ("elin+test2@acme.se", True),
        ("a@mailinator.com", True),
        ("a@x.invalid", True),
        ("testa@acme.it", False),
        ("elin@speed-test.se", False),
        ("contest@acme.se", False),
    ],
)
def test_a_test_is_told_by_its_address(
    tables: duckdb.DuckDBPyConnection, email: str, is_test: bool
) -> None:
    put(tables, "leads", [{"lead_id": "1", "email": email}])
    assert bool(told(audited(tables), "test_record")) is is_test


def hanging(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "accounts", [{"account_id": "t", "name": "TEST"}, {"account_id": "r", "name": "R"}])
    put(tables, "contacts", [{"contact_id": "c", "account_id": "t", "email": "eva@r.se"}])
    put(tables, "leads", [{"lead_id": "l", "contact_id": "c", "email": "eva@r.se"}])
    put(tables, "deals", [{"deal_id": "d1", "lead_id": "l"}, {"deal_id": "d2", "account_id": "r"}])
    put(tables, "activities", [{"activity_id": "x", "deal_id": "d1"}])


def test_what_hangs_on_a_test_is_left_out_with_it(tables: duckdb.DuckDBPyConnection) -> None:
    hanging(tables)
    result = audited(tables, tests={"do": "exclude"})
    out = {(table, key) for table, key in lines(tables, "table_name", "record_id")}
    assert out >= {("accounts", "t"), ("contacts", "c"), ("leads", "l"), ("deals", "d1")}
    assert ("activities", "x") in out
    assert tables.execute("SELECT deal_id FROM deals WHERE _excluded IS NULL").fetchall() == [
        ("d2",)
    ]
    assert result.tallies["deals"].excluded == 1


def test_without_a_rule_tests_wait_for_review_and_count(tables: duckdb.DuckDBPyConnection) -> None:
    hanging(tables)
    audited(tables)
    actions = {row for row in lines(tables, "action", "rule") if "tests" in row[1]}
    assert actions == {("review", "tests: review")}
    assert tables.execute("SELECT count(*) FROM deals WHERE _excluded IS NULL").fetchall() == [(2,)]


def test_an_id_of_a_test_at_another_client_is_no_test(tables: duckdb.DuckDBPyConnection) -> None:
    hanging(tables)
    put(tables, "deals", [{"client_id": "b", "deal_id": "d1", "account_id": "t", "lead_id": "l"}])
    audited(tables, tests={"do": "exclude"})
    assert {row[0] for row in lines(tables, "client_id")} == {"a"}


def test_patterns_of_a_rule_add_to_what_is_known(tables: duckdb.DuckDBPyConnection) -> None:
    emails = ["QA+1@x.se", "me@norrsken.se", "me@mail.norrsken.se", "you@notnorrsken.se"]
    put(tables, "leads", [{"lead_id": str(n), "email": one} for n, one in enumerate(emails)])
    put(tables, "accounts", [{"account_id": "1", "name": "Acme_Trial 7"}])
    rule = {"do": "exclude", "emails": ["qa+*@*"], "domains": ["norrsken.se"], "names": ["acme_*"]}
    audited(tables, tests=rule)
    left = lines(tables, "table_name", "record_id")
    assert left == [("accounts", "1"), ("leads", "0"), ("leads", "1"), ("leads", "2")]


def test_people_of_the_client_s_own_are_told_and_kept(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "users", [{"user_id": "u", "name": "U", "email": "u@acme.se"}])
    put(tables, "leads", [{"lead_id": "1", "email": "V@acme.se"}, {"lead_id": "2"}])
    assert told(audited(tables), "internal_record") == {("a", "email"): 1}


def lead(number: int, seconds: int, **columns: Any) -> dict[str, Any]:
    sent = NOON + timedelta(seconds=seconds)
    return {"lead_id": f"l{number}", "email": "eva@r.se", "created_at": sent} | columns


def copies(tables: duckdb.DuckDBPyConnection, **rule: Any) -> list[tuple[Any, ...]]:
    audited(tables, forms={"do": "merge"} | rule)
    return [row[:2] for row in lines(tables, "record_id", "kept_id", "rule") if "forms" in row[2]]


def test_of_a_chain_the_first_stands(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "leads", [lead(n, n * 500) for n in range(5)])
    assert copies(tables) == [(f"l{n}", "l0") for n in range(1, 5)]
    found = tables.execute("SELECT DISTINCT _excluded FROM leads ORDER BY 1").fetchall()
    assert found == [("double submitted",), (None,)]
    assert set(lines(tables, "action", "rule")) == {("merged", "forms: copies within 10 minutes")}


@pytest.mark.parametrize(
    "other",
    [
        {"created_at": NOON + timedelta(minutes=11)},
        {"email": "eva@s.se"},
        {"source": "fair"},
        {"campaign_id": "k2"},
        {"client_id": "b"},
        {"_source": "shop"},
        {"is_test": True},
    ],
)
def test_another_person_form_or_hour_is_no_copy(
    tables: duckdb.DuckDBPyConnection, other: dict[str, Any]
) -> None:
    same = {"source": "google", "campaign_id": "k1"}
    put(tables, "leads", [lead(1, 0) | same, lead(2, 60) | same | other])
    assert copies(tables) == []


def test_what_one_of_two_does_not_say_is_taken_to_be_equal(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    put(tables, "leads", [lead(1, 0, campaign_id="k"), lead(2, 60)])
    assert copies(tables) == [("l2", "l1")]


def test_two_forms_in_turn_are_two_enquiries(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "leads", [lead(n, n * 60, product="ab"[n % 2]) for n in range(6)])
    assert sorted({kept for _, kept in copies(tables)}) == ["l0", "l1"]


def test_a_contact_s_address_tells_the_person_too(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "contacts", [{"contact_id": "c", "email": "EVA@r.se"}])
    put(tables, "leads", [lead(1, 0), lead(2, 90, email=None, contact_id="c")])
    assert copies(tables) == [("l2", "l1")]


def test_days_without_times_tell_no_minutes(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "leads", [lead(n, 0, created_at=datetime(2017, 5, 4, 22)) for n in range(3)])
    assert copies(tables) == []


def test_ask_is_the_default_and_keep_says_nothing(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "leads", [lead(1, 0), lead(2, 60)])
    assert told(audited(tables), "double_submitted") == {("a", "lead_id"): 1}
    assert lines(tables, "action", "record_id", "kept_id") == [("review", "l2", "l1")]
    assert told(audited(tables, forms={"do": "keep"}), "double_submitted") == {}


def test_everything_sent_again_counts_once(tables: duckdb.DuckDBPyConnection) -> None:
    tables.execute(
        "INSERT INTO leads (client_id, _source, lead_id, email, created_at) SELECT 'a', 'crm', i,"
        " 'p' || (i // 2) || '@x.se', TIMESTAMP '2017-01-01 08:00:03' + INTERVAL (i // 2 * 37 + i)"
        " SECOND FROM range(100000) AS n(i)"
    )
    result = audited(tables, forms={"do": "merge"})
    assert told(result, "double_submitted") == {("a", "lead_id"): 50_000}
    assert result.tallies["leads"].counted + result.tallies["leads"].reviewed == 50_000


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 5000)), max_size=14))
def test_a_lead_is_a_copy_if_the_one_before_is_near(sent: list[tuple[str, int]]) -> None:
    with duckdb.connect() as connection:
        for name in ("leads", "contacts", "users"):
            connection.execute(create_table(canonical_table(name)))
        rows = [lead(n, at, email=f"{who}@r.se") for n, (who, at) in enumerate(sent)]
        put(connection, "leads", rows)
        found = {record for record, _ in copies(connection)}
    expected = set()
    for who in "xyz":
        mine = sorted((at, f"l{n}") for n, (one, at) in enumerate(sent) if one == who)
        near = pairwise(mine)
        expected |= {key for (before, _), (at, key) in near if at - before <= 600}
    assert found == expected


def change(number: int, **columns: Any) -> dict[str, Any]:
    return {
        "change_id": str(number),
        "user_id": "u1",
        "object": "deals",
        "record_id": f"d{number}",
        "field": "owner_id",
        "change_type": "update",
        "changed_at": NOON + timedelta(seconds=number),
    } | columns


def test_many_records_in_minutes_by_one_actor_are_told(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "record_changes", [change(n) for n in range(120)])
    put(tables, "record_changes", [change(n + 500, user_id="u2") for n in range(20)])
    (finding,) = [one for one in audited(tables).findings if one.code == "bulk_change"]
    assert finding.rows == 120
    assert finding.message == (
        "u1 changed owner_id of 120 deals within 2 minutes from 2017-05-04 12:00 (UTC) on"
    )


def test_an_automation_is_named_and_a_day_s_work_is_none(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    put(tables, "record_changes", [change(n, is_automated=True) for n in range(60)])
    slow = [
        change(n, user_id="u2", changed_at=NOON + timedelta(minutes=n * 4)) for n in range(200, 270)
    ]
    put(tables, "record_changes", slow)
    (finding,) = [one for one in audited(tables).findings if one.code == "bulk_change"]
    assert "by an automation" in finding.message
    assert finding.severity.value == "notice"


def test_wrong_rules_are_told_together_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "kvitto.yml").write_text("agency: A\n")
    (tmp_path / "rules" / "crm.yml").write_text(
        "forms: {do: merge}\ntests:\n  emails: ['*']\n  domains:\n    - a@b.se\n  names: ['Te*']\n"
    )
    (tmp_path / "rules" / "more.yml").write_text("placeholders: {words: [' ']}\nforms: {do: ask}\n")
    with pytest.raises(BadDefinition) as caught:
        load_workspace(tmp_path)
    places = [(one.file, one.line) for one in caught.value.problems]
    assert places == [
        ("rules/crm.yml", 3),
        ("rules/crm.yml", 5),
        ("rules/more.yml", 1),
        ("rules/more.yml", 2),
    ]


def test_rules_for_different_clients_do_not_conflict(tmp_path: Path) -> None:
    for folder in ("rules", "clients"):
        (tmp_path / folder).mkdir()
    (tmp_path / "kvitto.yml").write_text("agency: A\n")
    for name, do in (("a", "merge"), ("b", "ask")):
        (tmp_path / "clients" / f"{name}.yml").write_text(f"name: {name}\n")
        (tmp_path / "rules" / f"{name}.yml").write_text(f"clients: [{name}]\nforms: {{do: {do}}}\n")
    assert len(load_workspace(tmp_path).rules) == 2
