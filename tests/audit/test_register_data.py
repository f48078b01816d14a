"""The registers of a version: states, issues and fields, kept and never worked out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.audit import audit
from kvitto.audit.register import Given, Use, register
from kvitto.audit.register.field import field_values
from kvitto.audit.register.fill import fill_sql, judged_tables, measure_fill
from kvitto.audit.register.health import HealthPart, score, shown_days
from kvitto.audit.register.issue import Issue, follow
from kvitto.audit.register.quality import address_states
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.warehouse.version import SourceState
from kvitto.workspace.definition import ClientDefinition
from kvitto.workspace.system import SystemsDefinition

CLIENTS = {"a": ClientDefinition(name="A", currency="EUR"), "b": ClientDefinition(name="B")}
DAY = date(2025, 3, 1)
LATER = DAY + timedelta(days=10)


def insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        full = {"client_id": "a", "_source": "crm"} | row
        columns, marks = ", ".join(full), ", ".join("?" for _ in full)
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(full.values()))


def kept(connection: duckdb.DuckDBPyConnection, **more: Any) -> Given:
    """Audit and register what is in the tables; what the registers were made from."""
    given_ = Given({"a": DAY, "b": DAY}, **more)
    found = audit(connection, CLIENTS, [], today=DAY)
    register(connection, found.findings, given_)
    return given_


def states(connection: duckdb.DuckDBPyConnection, measure: str, client: str = "a") -> Any:
    return connection.execute(
        "SELECT object, source, part, whole FROM data_states WHERE measure = ? AND client_id = ?"
        " ORDER BY ALL",
        [measure, client],
    ).fetchall()


def finding(code: str = "missing_field", **more: Any) -> Finding:
    plain = {"severity": Severity.warning, "client": "a", "source": "crm", "table": "deals"}
    words = {"column": "amount", "rows": 3, "message": "m", "todo": "t"}
    return Finding(code=code, **{**plain, **words, **more})


def test_all_columns_of_a_table_are_counted_in_one_scan(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    for table in judged_tables():
        tables.execute(f"INSERT INTO {table.name} (client_id) VALUES ('a')")
        plan = tables.execute(f"EXPLAIN {fill_sql(table)}").fetchall()[0][1]
        assert plan.count("SEQ_SCAN") == 1, table.name


def test_fill_is_counted_by_client_and_source(tables: duckdb.DuckDBPyConnection) -> None:
    insert(tables, "contacts", {"contact_id": "1", "email": "a@b.se"}, {"contact_id": "2"})
    insert(tables, "contacts", {"contact_id": "1", "client_id": "b", "phone": "+46"})
    insert(tables, "contacts", {"contact_id": "3", "_excluded": "duplicate", "email": "x@y.se"})
    found = measure_fill(lambda sql: tables.execute(sql).fetchall())
    shown = {(one.client, one.rows, one.filled["email"], one.filled["phone"]) for one in found}
    assert shown == {("a", 2, 1, 0), ("b", 1, 0, 1)}
    only = measure_fill(lambda sql: tables.execute(sql).fetchall(), "b")
    assert [one.client for one in only] == ["b"]


def test_addresses_are_invalid_by_form_by_check_or_by_age(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    old, new = "2022-01-01", "2024-12-01"
    rows: list[dict[str, Any]] = [
        {"email": "fine@b.se"},
        {"email": "fine2@b.se", "last_verified_at": new, "last_verified_on": new},
        {"email": "stale@b.se", "last_verified_at": old, "last_verified_on": old},
        {"email": "dead@b.se", "email_valid": False},
        {"email": "no address"},
        {"email": None},
        {"email": "gone@", "is_deleted": True},
    ]
    insert(tables, "contacts", *({"contact_id": str(n)} | row for n, row in enumerate(rows)))
    (found,) = address_states(tables, {"a": DAY, "b": DAY})
    assert (found.part, found.whole, found.source) == (3, 5, "crm")


def test_duplicates_are_merged_ones_and_all_but_one_of_those_that_wait(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    from kvitto.audit.register.duplicate import duplicate_states

    insert(tables, "accounts", *({"account_id": str(n)} for n in range(6)))
    insert(tables, "accounts", {"account_id": "7", "_excluded": "merged"})
    insert(tables, "accounts", {"account_id": "8", "_excluded": "no name"})
    insert(tables, "accounts", {"account_id": "9", "is_test": True})
    for one, other, state in (("0", "1", "ask"), ("1", "2", "ask"), ("4", "5", "apart")):
        tables.execute(
            "INSERT INTO _candidates VALUES ('a', 'accounts', ?, ?, 0.9, '[]', ?)",
            [one, other, state],
        )
    (found,) = duplicate_states(tables)
    assert (found.part, found.whole, found.source) == (3, 7, "crm")


def test_a_client_without_records_has_no_share_and_not_a_full_one(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    insert(tables, "deals", {"deal_id": "d1", "outcome": "won", "created_at": "2025-01-01"})
    kept(tables)
    assert states(tables, "uniqueness") == states(tables, "duplicates") == []
    assert states(tables, "audited", "b") == [(None, None, 0, 0)]
    assert states(tables, "validity", "b") == []


def test_fields_of_one_client_are_not_those_of_another(tables: duckdb.DuckDBPyConnection) -> None:
    insert(tables, "deals", {"deal_id": "d1", "amount": 5, "outcome": "open"})
    insert(tables, "deals", {"deal_id": "d2", "client_id": "b", "amount": 5, "product": "x"})
    given_ = kept(tables, uses={"a": (Use("deals", "amount", "metric", "bookings", DAY),)})
    fills = measure_fill(lambda sql: tables.execute(sql).fetchall())
    by = {(one.client, one.column): one.advice for one in field_values(fills, given_)}
    assert by["a", "amount"] == "keep"
    assert by["b", "amount"] == by["b", "product"] == "drop"
    assert ("a", "product") not in by


@pytest.mark.parametrize(
    ("filled", "last", "why", "advice", "reason"),
    [
        (3, None, None, "drop", "filled 3 %, used by nothing"),
        (41, DAY, None, "complete", "filled 41 %, needed by bookings_amount"),
        (95, DAY, None, "keep", "filled 95 %, needed by bookings_amount"),
        (3, None, "bookkeeping act", "keep", "filled 3 %, kept because: bookkeeping act"),
        (0, DAY, None, "complete", "filled 0 %, needed by bookings_amount"),
        (95, DAY - timedelta(days=400), None, "drop", "filled 95 %, used by nothing"),
    ],
)
def test_advice_says_why(
    filled: int, last: date | None, why: str | None, advice: str, reason: str
) -> None:
    from kvitto.audit.register.fill import Fill

    retained = [] if why is None else [{"field": "deals.product", "why": why}]
    uses = () if last is None else (Use("deals", "product", "metric", "bookings_amount", last),)
    given_ = Given(
        {"a": DAY},
        systems={"a": SystemsDefinition.model_validate({"retained": retained})},
        uses={"a": uses},
    )
    fills = [Fill("a", "crm", "deals", 100, {"product": filled})]
    (found,) = field_values(fills, given_)
    assert (found.advice, found.reason) == (advice, reason)


def test_an_amount_is_used_where_the_amount_in_the_clients_currency_is() -> None:
    from kvitto.audit.register.fill import Fill

    uses = {"a": (Use("deal_snapshots", "amount_base", "metric", "open_pipeline", DAY),)}
    fills = [Fill("a", "crm", "deals", 10, {"amount": 10, "product": 10})]
    found = {one.column: one.advice for one in field_values(fills, Given({"a": DAY}, uses=uses))}
    assert found == {"amount": "keep", "product": "drop"}


def test_what_is_found_no_more_is_fixed_on_that_day() -> None:
    first = follow((), [finding()], {"a": DAY})
    again = follow(first, [finding(rows=9)], {"a": LATER})
    assert again == first
    (gone,) = follow(again, [], {"a": LATER})
    assert (gone.detected, gone.resolved, gone.resolution) == (DAY, LATER, "fixed")
    assert follow((gone,), [], {"a": LATER + timedelta(days=1)}) == (gone,)


def test_what_comes_back_is_a_new_issue_and_on_the_same_day_the_old_one() -> None:
    (fixed,) = follow(follow((), [finding()], {"a": DAY}), [], {"a": LATER})
    same = follow((fixed,), [finding()], {"a": LATER})
    assert [one.resolved for one in same] == [LATER, None]
    assert [one.detected for one in same] == [DAY, LATER]
    days = {"a": LATER}
    assert follow(follow(same, [], days), [finding()], days)[1].resolved is None


@pytest.mark.parametrize(
    ("resolution", "said"), [(Resolution.default, "defaulted"), (Resolution.exclude, "excluded")]
)
def test_a_rule_settles_an_issue_and_taking_it_back_opens_a_new_one(
    resolution: Resolution, said: str
) -> None:
    first = follow((), [finding()], {"a": DAY})
    (ruled,) = follow(first, [finding(resolution=resolution)], {"a": LATER})
    assert (ruled.resolved, ruled.resolution) == (LATER, said)
    day = LATER + timedelta(days=3)
    assert follow((ruled,), [finding(resolution=resolution)], {"a": day}) == (ruled,)
    back = follow((ruled,), [finding()], {"a": day})
    assert [one.resolved for one in back] == [LATER, None]


def test_issues_of_clients_that_are_gone_are_not_kept() -> None:
    first = follow((), [finding(), finding(client="b")], {"a": DAY, "b": DAY})
    assert {one.place[0] for one in follow(first, [], {"a": LATER})} == {"a"}


codes = st.lists(st.sampled_from(["missing_field", "orphan", "negative_number"]), max_size=3)


@given(st.lists(codes, min_size=1, max_size=8))
def test_an_issue_is_open_on_a_day_exactly_where_it_was_found_that_day(
    history: Sequence[Sequence[str]],
) -> None:
    issues: tuple[Issue, ...] = ()
    for number, found in enumerate(history):
        day = DAY + timedelta(days=number)
        issues = follow(issues, [finding(code) for code in found], {"a": day})
        assert {one.place[1] for one in issues if one.resolved is None} == set(found)
        assert len({one.id for one in issues}) == len(issues)
    for number, found in enumerate(history):
        day = DAY + timedelta(days=number)
        open_then = {
            one.place[1]
            for one in issues
            if one.detected <= day and (one.resolved is None or one.resolved > day)
        }
        assert open_then == set(found)


def test_a_score_leaves_out_what_cannot_be_counted() -> None:
    parts = [HealthPart("completeness", 50, 100), HealthPart("uniqueness", 0, 0)]
    assert score(parts) == 50
    assert score([HealthPart("uniqueness", 0, 0)]) is score([]) is None
    assert score([HealthPart("validity", 9, 10), HealthPart("freshness", 0, 30)]) == pytest.approx(
        100 * (25 * 0.9) / 35
    )


@pytest.mark.parametrize(
    ("complete_to", "shown"),
    [
        (DAY, 30),
        (DAY - timedelta(days=1), 30),
        (DAY - timedelta(days=11), 20),
        (DAY - timedelta(days=90), 0),
    ],
)
def test_freshness_is_the_days_that_are_shown(complete_to: date, shown: int) -> None:
    assert shown_days(complete_to, DAY) == shown


def test_every_part_of_the_score_can_be_worked_out_from_the_rows(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    insert(tables, "accounts", {"account_id": "a1", "name": "One"})
    for number in range(4):
        account = "a1" if number else "lost"
        dates = {"created_at": "2025-01-01", "closed_at": "2025-02-01"}
        row = {"deal_id": f"d{number}", "account_id": account, "outcome": "won", **dates}
        insert(tables, "deals", row | {"amount": -1 if number == 3 else 5, "owner_id": None})
    state = SourceState("crm", "file", "a", "", DAY, 5, 0)
    kept(tables, states=(state,))
    assert states(tables, "validity") == [("accounts", "crm", 1, 1), ("deals", "crm", 3, 4)]
    assert states(tables, "consistency") == [("deals", "crm", 3, 4)]
    assert states(tables, "completeness") == [("accounts", "crm", 1, 1), ("deals", "crm", 4, 8)]
    assert states(tables, "freshness") == [(None, "crm", 30, 30)]


def test_registering_twice_on_a_day_changes_nothing(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    insert(tables, "deals", {"deal_id": "d1", "outcome": "won", "created_at": "2025-01-01"})
    kept(tables)
    before = [tables.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in _OURS]
    kept(tables)
    assert [tables.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in _OURS] == before
    assert before[0]


_OURS = ("data_issues", "data_states", "field_usage")
