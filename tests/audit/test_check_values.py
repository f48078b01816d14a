"""Values that cannot be or say nothing: phones, countries, placeholders, amounts, units."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.audit.word import placeholder_words, stripped
from kvitto.model.table import canonical_table
from kvitto.warehouse.schema import create_table
from tests.audit.checked import audited, lines, put, told


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("+46 70 740 24 83", None),
        ("+46707402483", None),
        ("0046 70-740 24 83", None),
        ("+44 (0)20 7946 0958", None),
        ("070-740 24 83", "local_phone"),
        ("+46 70", "invalid_phone"),
        ("+999 123 456 789", "invalid_phone"),
        ("call Elin", "invalid_phone"),
        ("12", "invalid_phone"),
    ],
)
def test_a_phone_is_told_by_its_country_and_length(
    tables: duckdb.DuckDBPyConnection, phone: str, code: str | None
) -> None:
    put(tables, "contacts", [{"contact_id": "c", "phone": phone}])
    codes = {one.code for one in audited(tables).findings if one.column == "phone"}
    assert codes == ({code} if code else set())


def test_a_country_is_its_code(tables: duckdb.DuckDBPyConnection) -> None:
    countries = ["SE", "GB", "XK", "UK", "Sverige", "EU", "ZZ", "se", None]
    put(
        tables,
        "accounts",
        [
            {"account_id": str(n), "name": "N", "country_code": one}
            for n, one in enumerate(countries)
        ],
    )
    (finding,) = [one for one in audited(tables).findings if one.code == "unknown_country"]
    assert finding.records == ("3", "4", "5", "6", "7")


@pytest.mark.parametrize(
    "word",
    [
        "Select",
        "- None -",
        "N/A",
        "n/a.",
        "unknown",
        "xxx",
        "asdf",
        ".",
        "---",
        "<Välj>",
        "Valitse",
        "Seleziona",
        "Não informado",
        "Ninguno",
        "k.A.",
        "Keine Angabe",
        "Non renseigné",
        "  ?  ",
    ],
)
def test_a_placeholder_is_found_and_kept_without_a_rule(
    tables: duckdb.DuckDBPyConnection, word: str
) -> None:
    put(tables, "deals", [{"deal_id": "1", "product": word}, {"deal_id": "2", "product": "Testa"}])
    result = audited(tables)
    assert told(result, "placeholder") == {("a", "product"): 1}
    assert tables.execute("SELECT product FROM deals ORDER BY deal_id").fetchall()[0] == (word,)


@pytest.mark.parametrize("word", ["Selecta AB", "Norway", "NA", "Nonesuch", "Leer", "Bar", "X1"])
def test_what_only_looks_like_a_placeholder_is_none(
    tables: duckdb.DuckDBPyConnection, word: str
) -> None:
    put(tables, "accounts", [{"account_id": "1", "name": word, "region": word}])
    assert told(audited(tables), "placeholder") == {}


def test_an_emptied_placeholder_counts_as_missing_and_is_remembered(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    put(tables, "leads", [{"lead_id": "1", "source": "Select"}, {"lead_id": "2", "source": "fair"}])
    field = {"table": "leads", "column": "source", "missing": "default", "default": "other"}
    result = audited(tables, placeholders={"do": "empty"}, fields=[field])
    assert tables.execute("SELECT source, _was FROM leads ORDER BY lead_id").fetchall() == [
        ("other", '{"source":"Select"}'),
        ("fair", None),
    ]
    assert told(result, "missing_field")["a", "source"] == 1
    assert ("1", "emptied", "placeholders: empty") in lines(tables, "record_id", "action", "rule")


def test_a_rule_adds_words_for_its_clients_alone(tables: duckdb.DuckDBPyConnection) -> None:
    rows = [{"deal_id": "1", "product": "to sort"}]
    put(tables, "deals", [*rows, {**rows[0], "client_id": "b"}])
    result = audited(tables, clients=["b"], placeholders={"words": ["To sort!"]})
    assert told(result, "placeholder") == {("b", "product"): 1}


def test_a_table_of_placeholders_alone_is_told_in_full(tables: duckdb.DuckDBPyConnection) -> None:
    put(
        tables,
        "accounts",
        [{"account_id": str(n), "name": "n/a", "region": "-"} for n in range(40)],
    )
    result = audited(tables, placeholders={"do": "empty"})
    assert told(result, "placeholder") == {("a", "name"): 40, ("a", "region"): 40}
    assert told(result, "missing_field")["a", "name"] == 40
    assert result.tallies["accounts"].rows == 40


def test_the_words_are_in_eight_languages_and_bare() -> None:
    assert {"select", "välj", "valitse", "seleziona"} <= placeholder_words()
    assert {
        "selecione",
        "seleccione",
        "bitte wählen",
        "veuillez sélectionner",
    } <= placeholder_words()
    assert all(stripped(word) == word for word in placeholder_words())


def amounts(count: int, **columns: Any) -> list[dict[str, Any]]:
    return [
        {"deal_id": f"d{n}", "amount": 800 + n * 7, "currency_code": "EUR", "outcome": "open"}
        | columns
        for n in range(count)
    ]


def test_an_amount_far_outside_the_client_s_own_is_found(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    odd = [("x1", 999_999), ("x2", 50_000_000), ("ok", 60_000)]
    put(tables, "deals", amounts(60))
    put(tables, "deals", [amounts(1)[0] | {"deal_id": key, "amount": one} for key, one in odd])
    (finding,) = [one for one in audited(tables).findings if one.code == "impossible_amount"]
    assert finding.records == ("x1", "x2")


def test_large_is_large_in_its_own_currency(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "deals", amounts(40))
    huge = {"amount": 90_000_000, "currency_code": "IDR"}
    put(tables, "deals", [one | huge | {"deal_id": f"i{n}"} for n, one in enumerate(amounts(40))])
    assert told(audited(tables), "impossible_amount") == {}


def test_few_amounts_say_nothing_about_what_is_usual(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "deals", [*amounts(5), amounts(1)[0] | {"deal_id": "x", "amount": 999_999}])
    assert told(audited(tables), "impossible_amount") == {}


def spend(month: int, factor: float, count: int = 28, **columns: Any) -> list[dict[str, Any]]:
    return [
        {
            "spend_on": date(2017, month, day),
            "platform": "meta",
            "campaign_id": "c",
            "spend": round((20 + day * 3 % 17) * factor, 2),
            "currency_code": "EUR",
        }
        | columns
        for day in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ([1, 1, 1, 100, 100], "from 2017-04 on, 56 rows have values about 100 times as large"),
        (
            [1, 1, 100, 1, 1],
            "from 2017-03 to 2017-03, 28 rows have values about 100 times as large",
        ),
        ([1000, 1000, 1, 1], "from 2017-03 on, 56 rows have values about 1,000 times as small"),
        ([1, 1.4, 0.6, 3, 1], None),
        ([1, 10, 10], None),
    ],
)
def test_a_unit_that_changes_between_months_is_found(
    tables: duckdb.DuckDBPyConnection, factors: list[float], said: str | None
) -> None:
    for month, factor in enumerate(factors, 1):
        put(tables, "ad_spend", spend(month, factor))
    found = [one.message for one in audited(tables).findings if one.code == "unit_jump"]
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


def test_a_unit_that_changes_between_batches_is_found(tables: duckdb.DuckDBPyConnection) -> None:
    put(tables, "ad_spend", spend(1, 1, _batch="1", platform="google_ads"))
    put(tables, "ad_spend", spend(1, 100, _batch="2"))
    (found,) = [one for one in audited(tables).findings if one.code == "unit_jump"]
    assert "from batch 2 on, 28 rows" in found.message


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("time_logs", {"log_id": "1", "hours": 25}, "hours"),
        ("survey_responses", {"response_id": "1", "score": 11, "scale_max": 10}, "score"),
        ("survey_responses", {"response_id": "1", "score": 12, "survey_kind": "nps"}, "score"),
        ("calls", {"call_id": "1", "talk_sec": 90_000}, "talk_sec"),
        ("meetings", {"meeting_id": "1", "duration_min": 2_000}, "duration_min"),
    ],
)
def test_numbers_beyond_their_limit_are_found(
    tables: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any], column: str
) -> None:
    put(tables, table, [row])
    assert told(audited(tables), "impossible_number") == {("a", column): 1}


def test_what_has_happened_cannot_lie_ahead(tables: duckdb.DuckDBPyConnection) -> None:
    days = [date(2018, 1, 3), date(2018, 1, 4), date(2019, 5, 1)]
    put(
        tables,
        "deals",
        [{"deal_id": str(n), "closed_at": d, "expected_close_on": d} for n, d in enumerate(days)],
    )
    assert told(audited(tables), "date_ahead") == {("a", "closed_at"): 2}


def test_a_day_without_a_time_is_not_before_its_own_morning(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    day = date(2017, 7, 5)
    for number, done in enumerate(["2017-07-04 22:00", "2017-07-05 06:00"]):
        put(
            tables,
            "tasks",
            [
                {"task_id": str(number), "created_at": "2017-07-05 08:00", "created_on": day}
                | {"done_at": done, "done_on": day}
            ],
        )
    (finding,) = [one for one in audited(tables).findings if one.code == "impossible_order"]
    assert finding.records == ("1",)


CLEAN = {"phone": "+46707402483", "job_title": "Buyer", "full_name": "Elin Berg"}
SPOILED = {"phone": ("12", "invalid_phone"), "job_title": ("n/a", "placeholder")}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([None, "phone", "job_title"]), min_size=1, max_size=12))
def test_exactly_the_planted_rows_are_found(planted: list[str | None]) -> None:
    with duckdb.connect() as connection:
        for name in ("contacts", "users"):
            connection.execute(create_table(canonical_table(name)))
        for number, place in enumerate(planted):
            spoiled = {place: SPOILED[place][0]} if place else {}
            put(connection, "contacts", [{"contact_id": f"{number:02}"} | CLEAN | spoiled])
        findings = audited(connection).findings
    for place, (_, code) in SPOILED.items():
        wrong = [f"{n:02}" for n, one in enumerate(planted) if one == place]
        assert [list(one.records) for one in findings if one.code == code] == (
            [wrong[:5]] if wrong else []
        )
    assert {one.code for one in findings} <= {code for _, code in SPOILED.values()}


def test_a_million_labels_are_counted_and_the_first_five_named(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    tables.execute(
        "INSERT INTO accounts (client_id, _source, account_id, name, country_code)"
        " SELECT 'a', 'crm', i, 'N' || i, 'land ' || i FROM range(1000000) AS n(i)"
    )
    tables.execute("SET memory_limit = '1GB'")
    (finding,) = [one for one in audited(tables).findings if one.code == "unknown_country"]
    assert finding.rows == 1_000_000
    assert finding.message.count("'") == 10
    assert len(finding.message) < 200


def test_all_fired_probes_of_a_table_are_counted_in_one_scan(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    from kvitto.audit import scan as scanning
    from kvitto.audit.catalogue import CHECKS
    from kvitto.audit.probe import Probe, Setting

    table, today = canonical_table("deals"), date(2018, 1, 2)
    bad = {"outcome": "wonn", "amount": -5, "currency_code": "EURO", "probability": 70.0}
    moments = {"created_at": "2017-02-01", "closed_at": "2017-01-01", "qualified_at": "1017-01-01"}
    put(tables, "deals", [{"deal_id": "1"} | bad | moments, {"deal_id": "2"}])
    setting = Setting((), {"deals": frozenset({"a"})}, today)
    probes = [
        one
        for _, check in CHECKS
        for one in check(table, setting)
        if isinstance(one, Probe) and one.reference is None
    ]
    asked: list[str] = []
    connection = Listening(tables, asked)
    hits = scanning.scan(connection, table, probes)  # type: ignore[arg-type] # a spy on the real one
    counts = [sql for sql in asked if "min(CAST" in sql]
    plan = tables.execute(f"EXPLAIN {counts[0]}").fetchall()[0][1]
    assert len({hit.probe for hit in hits}) >= 8
    assert (len(counts), plan.count("SEQ_SCAN")) == (1, 1)


class Listening:
    """The connection, which writes down what it is asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, asked: list[str]) -> None:
        self._connection = connection
        self._asked = asked

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Ask, and write it down."""
        self._asked.append(sql)
        return self._connection.execute(sql)


def test_a_week_of_days_is_no_jump(tables: duckdb.DuckDBPyConnection) -> None:
    start = date(2017, 1, 1)
    rows = [
        {"log_id": str(n), "worked_on": start + timedelta(days=n), "hours": 1 + n % 8}
        for n in range(200)
    ]
    put(tables, "time_logs", rows)
    assert told(audited(tables), "unit_jump") == {}
