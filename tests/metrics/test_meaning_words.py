"""A client's own words: each result beside a plain calculation over the same rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from kvitto.errors import BadDefinition, WrongUse
from kvitto.metrics.catalogue import load_catalogue
from kvitto.metrics.frame import Frame, Reading
from kvitto.metrics.line import check_lines, write_lines
from kvitto.metrics.rerun import rerun
from kvitto.metrics.sense import ClientCatalogue
from kvitto.model.question import ComparisonKind
from kvitto.model.table import canonical_tables
from kvitto.model.value import Missing, MissingKind, Value
from kvitto.workspace.meaning import MeaningFile
from kvitto.workspace.meaning_check import date_column
from tests.metrics.world import Memory, context, measure, number, period, state

NORTH, SOUTH = context("north"), context("south")


def meaning(word: str, *definitions: dict[str, Any], **more: Any) -> MeaningFile:
    numbered = [
        {"version": index + 1, "says": f"{word}, number {index + 1}.", **definition}
        for index, definition in enumerate(definitions)
    ]
    return MeaningFile.model_validate({"word": word, "definitions": numbered, **more})


def catalogue(*meanings: MeaningFile, client: str = "north") -> ClientCatalogue:
    named = {f"file{index}": one for index, one in enumerate(meanings)}
    return ClientCatalogue(load_catalogue((), named), named, client, "USD")


def leads(**more: Any) -> dict[str, Any]:
    return {"table": "leads", "date": "created_on", **more}


FORMS = leads(name="form", where={"source": ["web", "form"]})
CALLS = leads(name="call", where={"source": "call"}, weight="0.5")
ORDERS = {
    "table": "orders",
    "date": "ordered_on",
    "where": {"status": "placed"},
    "value": "amount_base",
}
BOTH = meaning("conversion", {"counts": [FORMS, CALLS]})


def lead(index: int, day: date, source: str | None, **more: Any) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 12)
    return {"lead_id": f"l{index}", "created_on": day, "created_at": at, "source": source, **more}


def rows() -> dict[str, list[dict[str, Any]]]:
    sources = ("web", "form", "call", "spam", None)
    listed = [
        lead(index, date(2017, 1 + index % 12, 1 + index % 28), sources[index % 5], score=index)
        for index in range(400)
    ]
    orders = [
        {
            "order_id": f"o{index}",
            "ordered_on": date(2017, 1 + index % 12, 1 + index % 28),
            "status": ("placed", "cancelled")[index % 7 == 0],
            "amount_base": str(Decimal(index) + Decimal("0.1")),
        }
        for index in range(200)
    ]
    return {"leads": listed, "orders": orders}


@pytest.fixture(scope="module")
def reader() -> Memory:
    both = rows()
    for table in both:
        both[table] += [{**row, "client_id": "south"} for row in both[table]]
    sources = (state(client="north"), state("crm", "south"))
    return Memory(*sources).fresh(both)


def by_hand(reader: Memory, select: str, first: str, after: str) -> Any:
    """One number straight from the table, with the days put in."""
    sql = f"{select} AND client_id = 'north' AND day >= '{first}' AND day < '{after}'"
    table = "leads" if "FROM leads" in sql else "orders"
    day = {"leads": "created_on", "orders": "ordered_on"}[table]
    return reader.query(sql.replace("day >=", f"{day} >=").replace("day <", f"{day} <"))[0][0]


def test_kinds_of_rows_are_added_each_by_its_weight(reader: Memory) -> None:
    asked = measure(reader, "conversion", about=NORTH, catalogue=catalogue(BOTH))
    days = ("2017-10-01", "2018-01-01")
    forms = by_hand(reader, "SELECT COUNT(*) FROM leads WHERE source IN ('web','form')", *days)
    calls = by_hand(reader, "SELECT COUNT(*) FROM leads WHERE source = 'call'", *days)
    figure = asked.answer.one("conversion").figure
    assert isinstance(figure, Value)
    assert figure.number == forms + Decimal("0.5") * calls
    assert figure.n == forms + calls


def test_two_clients_get_different_numbers_from_equal_rows(reader: Memory) -> None:
    own = meaning("conversion", {"clients": ["south"], "counts": [FORMS]})
    both = (meaning("conversion", {"counts": [leads()]}), own)
    north = measure(
        reader, "conversion", about=NORTH, catalogue=catalogue(*both, client="north"), in_="2017"
    )
    south = measure(
        reader, "conversion", about=SOUTH, catalogue=catalogue(*both, client="south"), in_="2017"
    )
    assert number(north, "conversion") == 400
    assert number(south, "conversion") == 160


def test_revenue_is_an_exact_sum_of_money(reader: Memory) -> None:
    words = catalogue(meaning("revenue", {"counts": [ORDERS]}))
    figure = measure(reader, "revenue", in_="2017", about=NORTH, catalogue=words)
    expected = by_hand(
        reader,
        "SELECT SUM(amount_base) FROM orders WHERE status = 'placed'",
        "2017-01-01",
        "2018-01-01",
    )
    found = figure.answer.one("revenue").figure
    assert isinstance(found, Value)
    assert found.number == expected
    assert not isinstance(found.number, float)
    assert found.unit.currency == "USD"


def test_an_amount_in_another_currency_is_left_out_and_said() -> None:
    row = {"occurred_on": date(2017, 10, 1), "site": "s", "name": "buy", "events": 1}
    listed = [
        {**row, "source": f"{index}", "value": "10", "currency_code": code}
        for index, code in enumerate(("USD", "USD", "EUR", None))
    ]
    value = {"table": "web_key_events", "date": "occurred_on", "value": "value"}
    words = catalogue(meaning("revenue", {"counts": [value]}))
    made = Memory().fresh({"web_key_events": listed})
    asked = measure(made, "revenue", about=NORTH, catalogue=words)
    assert number(asked, "revenue") == 20
    (applied,) = asked.receipts[asked.answer.one("revenue").receipt].applied
    assert (applied.action, applied.rows) == ("unknown_value", 2)


def test_a_quantity_counts_what_a_daily_row_stands_for() -> None:
    row = {"site": "s", "name": "signup", "occurred_on": date(2017, 10, 1)}
    listed = [{**row, "channel": f"{index}", "events": f"{index}.5"} for index in range(5)]
    counted = {
        "table": "web_key_events",
        "date": "occurred_on",
        "quantity": "events",
        "weight": "2",
        "value": {"amount": "0.10", "currency": "USD"},
    }
    words = catalogue(meaning("conversion", {"counts": [counted]}))
    made = Memory().fresh({"web_key_events": listed})
    asked = measure(made, "conversion", "conversion_value", about=NORTH, catalogue=words)
    assert number(asked, "conversion") == 2 * sum(index + 0.5 for index in range(5))
    worth = asked.answer.one("conversion_value").figure
    assert isinstance(worth, Value)
    assert worth.number == Decimal("1.25")


def test_an_earlier_period_uses_the_earlier_version_and_the_change_is_said(
    reader: Memory,
) -> None:
    words = catalogue(
        meaning(
            "conversion",
            {"counts": [FORMS]},
            {"counts": [leads()], "valid_from": "2017-11-16"},
        )
    )
    asked = measure(
        reader,
        "conversion",
        by=["month"],
        compare=ComparisonKind.previous,
        about=NORTH,
        catalogue=words,
    )
    versions = {
        month: asked.receipts[asked.answer.one("conversion", month=month).receipt]
        for month in ("2017-10", "2017-11", "2017-12")
    }
    assert [receipt.definition_version for receipt in versions.values()] == [1, 2, 2]
    assert "number 1" in versions["2017-10"].definition
    assert versions["2017-11"].definition.startswith("The definition changes in this period.")
    notes = [cell.compared.note for cell in asked.answer.cells if cell.compared]
    assert notes[0] == ""
    assert "changed on 2017-11-16" in notes[1]
    assert "changed on 2017-11-16" in notes[2]


def test_the_days_before_and_after_a_change_are_counted_by_their_own(reader: Memory) -> None:
    words = catalogue(
        meaning(
            "conversion",
            {"counts": [FORMS]},
            {"counts": [leads()], "valid_from": "2017-11-16"},
        )
    )
    asked = measure(reader, "conversion", about=NORTH, catalogue=words)
    forms = "SELECT COUNT(*) FROM leads WHERE source IN ('web','form')"
    before = by_hand(reader, forms, "2017-10-01", "2017-11-16")
    after = by_hand(reader, "SELECT COUNT(*) FROM leads WHERE TRUE", "2017-11-16", "2018-01-01")
    assert number(asked, "conversion") == before + after


def test_without_a_definition_there_is_no_number_and_something_to_do(reader: Memory) -> None:
    late = meaning("conversion", {"counts": [FORMS], "valid_from": "2017-11-16"})
    for words, said in ((catalogue(), "nothing says"), (catalogue(late), "from 2017-11-16")):
        asked = measure(reader, "conversion", about=NORTH, catalogue=words)
        figure = asked.answer.one("conversion").figure
        assert isinstance(figure, Missing)
        assert figure.kind is MissingKind.not_applicable
        assert said in figure.why
        assert "meanings/conversion.yml" in figure.why


def test_a_definition_without_values_has_no_conversion_value(reader: Memory) -> None:
    asked = measure(reader, "conversion_value", about=NORTH, catalogue=catalogue(BOTH))
    figure = asked.answer.one("conversion_value").figure
    assert isinstance(figure, Missing)
    assert "gives no value for form, call" in figure.why


def test_a_share_is_over_what_the_definition_names(reader: Memory) -> None:
    happy = leads(name="happy", where={"score": {"at_least": "300", "below": "350.5"}})
    words = catalogue(meaning("customer_success", {"counts": [happy], "of": [leads(name="asked")]}))
    asked = measure(reader, "customer_success_rate", in_="2017", about=NORTH, catalogue=words)
    assert number(asked, "customer_success_rate") == pytest.approx(51 / 400)


def test_what_is_made_of_conversions_uses_the_clients_own() -> None:
    listed = {
        "leads": [lead(index, date(2017, 10, 1 + index), "web") for index in range(10)],
        "ad_spend": [
            {"spend_on": date(2017, 10, day), "platform": "x", "spend_base": "100", "clicks": 5}
            for day in (1, 2)
        ],
        "web_traffic": [{"visited_on": date(2017, 10, 1), "site": "s", "sessions": 50}],
    }
    worth = {**FORMS, "value": {"amount": 40, "currency": "USD"}}
    words = catalogue(meaning("conversion", {"counts": [worth]}))
    made = Memory().fresh(listed)
    names = ("conversion_rate", "cost_per_conversion", "roas")
    asked = measure(made, *names, about=NORTH, catalogue=words)
    assert [number(asked, name) for name in names] == [0.2, 20.0, 2.0]
    code = asked.answer.one("roas").receipt
    assert "form: leads by created_on" in asked.receipts[code].definition


def test_revenue_tells_the_return_where_conversions_have_no_value() -> None:
    made = Memory().fresh(
        {
            **rows(),
            "ad_spend": [{"spend_on": date(2017, 10, 1), "platform": "x", "spend_base": "10"}],
        }
    )
    words = catalogue(BOTH, meaning("revenue", {"counts": [ORDERS]}))
    asked = measure(made, "roas", "revenue", about=NORTH, catalogue=words)
    assert number(asked, "roas") == pytest.approx(number(asked, "revenue") / 10)


def test_receipts_add_up_can_be_asked_again_and_run_by_hand(reader: Memory, tmp_path: Path) -> None:
    words = catalogue(
        meaning(
            "conversion",
            {"counts": [FORMS, CALLS], "of": [leads(name="any")]},
            {"counts": [CALLS], "of": [leads(name="any")], "valid_from": "2017-11-16"},
        )
    )
    names = ("conversion", "conversion_rate")
    for split in ((), ("source",)):
        asked = measure(reader, *names, by=split, about=NORTH, catalogue=words)
        for receipt in asked.receipts.values():
            lines = write_lines(reader, words, receipt, NORTH, tmp_path / "lines.parquet")
            assert check_lines(lines, receipt).agrees, receipt
            assert rerun(reader, words, receipt, NORTH, lines).agrees
            for text in receipt.sql.split(";\n\n"):
                assert len(reader.query(text)) == 1


def test_a_changed_definition_is_another_receipt(reader: Memory) -> None:
    codes = set()
    for one in ("web", "form"):
        words = catalogue(meaning("conversion", {"counts": [leads(where={"source": one})]}))
        answer = measure(reader, "conversion", about=NORTH, catalogue=words).answer
        codes.add(answer.one("conversion").receipt)
    assert len(codes) == 2


def test_a_word_of_the_workspaces_own_is_a_metric(reader: Memory) -> None:
    worth = {**FORMS, "value": {"amount": 7, "currency": "USD"}}
    words = catalogue(
        meaning("booked_demo", {"counts": [worth], "of": [leads(name="any")]}, names={"sv": "Demo"})
    )
    names = ("booked_demo", "booked_demo_value", "booked_demo_rate")
    asked = measure(reader, *names, in_="2017", about=NORTH, catalogue=words)
    assert [number(asked, name) for name in names] == [160, 1120, 0.4]
    assert words.get("booked_demo").name("sv") == "Demo"


def test_a_word_that_is_a_metric_already_is_refused() -> None:
    listed = {"won": meaning("deals_won", {"counts": [FORMS]})}
    with pytest.raises(BadDefinition, match=r"meanings/won.yml.*'deals_won' is there already"):
        load_catalogue((), listed)


def test_a_word_is_split_by_what_all_its_tables_reach(reader: Memory) -> None:
    claimed = {"table": "ad_spend", "date": "spend_on", "value": "conversion_value"}
    words = catalogue(meaning("revenue", {"counts": [claimed]}), BOTH)
    assert "platform" in words.get("revenue").dimensions
    assert "source" in words.get("conversion").dimensions
    assert "source" not in words.get("revenue").dimensions
    with pytest.raises(WrongUse, match="cannot be told apart by source"):
        measure(reader, "revenue", by=["source"], about=NORTH, catalogue=words)


def test_a_trailing_window_over_a_change_uses_both_versions(reader: Memory) -> None:
    from kvitto.model.metric import Metric

    ours = Metric.model_validate(
        {
            "id": "year_so_far",
            "names": {"en": "Year"},
            "explains": {"en": "Year."},
            "unit": "number",
            "good": "higher",
            "additivity": "none",
            "formula": "trailing(conversion, 12) * 1",
        }
    )
    two = meaning(
        "conversion", {"counts": [FORMS]}, {"counts": [CALLS], "valid_from": "2017-07-01"}
    )
    named = {"file": two}
    words = ClientCatalogue(load_catalogue((ours,), named), named, "north", "USD")
    year = measure(reader, "conversion", in_="2017", about=NORTH, catalogue=words)
    asked = measure(reader, "year_so_far", in_="2017-12", about=NORTH, catalogue=words)
    assert number(asked, "year_so_far") == number(year, "conversion")
    assert words.at(ours, period("2017-05")).formula == "(trailing(conversion_v1_form, 12)) * 1"


def test_a_platforms_value_counts_where_its_currency_is_known_to_be_the_clients() -> None:
    day = {"spend_on": date(2017, 10, 1), "conversion_value": "10"}
    told = (
        ("USD", "5", "4"),
        ("EUR", "5", "5"),
        (None, "5", "5"),
        (None, "5", "4"),
        (None, "0", "0"),
    )
    listed = [
        {**day, "platform": f"{index}", "currency_code": code, "spend": spent, "spend_base": base}
        for index, (code, spent, base) in enumerate(told)
    ]
    claimed = {"table": "ad_spend", "date": "spend_on", "value": "conversion_value"}
    words = catalogue(meaning("revenue", {"counts": [claimed]}))
    asked = measure(Memory().fresh({"ad_spend": listed}), "revenue", about=NORTH, catalogue=words)
    assert number(asked, "revenue") == 20


def test_a_clients_own_definition_comes_before_the_one_for_all_on_its_days() -> None:
    shared = meaning("conversion", {"counts": [leads()]})
    own = meaning(
        "conversion",
        {
            "counts": [FORMS],
            "clients": ["north"],
            "valid_from": "2017-03-01",
            "valid_to": "2017-04-30",
        },
    )
    held = [
        (form.segment.own, str(form.segment.first), str(form.segment.last))
        for form in catalogue(shared, own).sense("conversion").forms
    ]
    assert held == [
        (False, "None", "2017-02-28"),
        (True, "2017-03-01", "2017-04-30"),
        (False, "2017-05-01", "None"),
    ]


def test_a_day_between_two_definitions_has_none(reader: Memory) -> None:
    words = catalogue(
        meaning(
            "conversion",
            {"counts": [FORMS], "valid_to": "2017-10-31"},
            {"counts": [FORMS], "valid_from": "2017-11-02"},
        )
    )
    asked = measure(reader, "conversion", by=["month"], about=NORTH, catalogue=words)
    missing = [cell.figure.is_missing for cell in asked.answer.cells]
    assert missing == [False, True, False]


@pytest.mark.parametrize(
    ("where", "plain"),
    [
        ({"source": {"other_than": ["web"]}}, "source IS NULL OR source <> 'web'"),
        ({"source": {"empty": True}}, "source IS NULL"),
        ({"source": {"empty": False, "like": "%e%"}}, "source LIKE '%e%'"),
        ({"score": ["7", "9.0"]}, "score IN (7, 9)"),
        ({"score": {"above": "10", "at_most": "300"}}, "score > 10 AND score <= 300"),
        ({"created_on": {"at_least": "2017-12-05"}}, "created_on >= DATE '2017-12-05'"),
        (
            {"created_at": {"below": "2017-12-05T12:30"}},
            "created_at < TIMESTAMP '2017-12-05 12:30'",
        ),
        ({"is_test": {"other_than": ["true"]}}, "TRUE"),
        ({"source": "o'ne"}, "FALSE"),
    ],
)
def test_conditions_mean_what_plain_sql_says(
    reader: Memory, where: dict[str, Any], plain: str
) -> None:
    words = catalogue(meaning("conversion", {"counts": [leads(where=where)]}))
    asked = measure(reader, "conversion", about=NORTH, catalogue=words)
    sql = f"SELECT COUNT(*) FROM leads WHERE ({plain})"
    assert number(asked, "conversion") == by_hand(reader, sql, "2017-10-01", "2018-01-01")


def test_every_table_with_a_date_can_be_counted() -> None:
    made = Memory()
    for table in canonical_tables().values():
        dates = [
            column.name
            for column in table.columns
            if column.type in ("date", "ts") and date_column(table, column.name)
        ]
        for day in dates:
            kind: dict[str, Any] = {"table": table.name, "date": day}
            if len(table.key) == 1:
                kind["once"] = {"by": table.key[0], "within": "2 days"}
            words = catalogue(meaning("conversion", {"counts": [kind]}))
            (part,) = words.sense("conversion").forms[0].metrics
            assert part.value is not None
            read = measure(made, "conversion", about=NORTH, catalogue=words)
            assert read.answer.one("conversion").figure.is_missing
            tree = Frame(Reading.of(part.value), "north")
            tree.keep(tree.read(part.value.where or "TRUE"))
            made.query(tree.build([exp.Count(this=exp.Star())], ()).sql("duckdb"))
