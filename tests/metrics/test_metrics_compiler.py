"""The SELECTs: fenced to one client, never fanned out, never made of loose strings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from kvitto.errors import NotInScope, UnknownName, WrongUse
from kvitto.metrics.ask import ask
from kvitto.metrics.catalogue import load_catalogue
from kvitto.metrics.compiler import Measure, compile_group, figure_sql
from kvitto.metrics.dimension import known_dimensions, place, reached
from kvitto.metrics.fence import fenced
from kvitto.metrics.frame import Reading, Span
from kvitto.metrics.template import fill
from kvitto.model.metric import Metric
from kvitto.model.question import Cell, ComparisonKind, Filter, Question
from kvitto.model.scope import Scope
from kvitto.model.table import canonical_tables
from kvitto.model.value import Value
from kvitto.warehouse.reader import Reader
from tests.metrics.made_data import made_rows
from tests.metrics.world import Memory, context, measure, number, period, state

CATALOGUE = load_catalogue()
YEAR = Span(date(2017, 1, 1), date(2018, 1, 1), date(2017, 12, 31))


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.id)
def test_every_table_that_is_read_is_fenced_to_the_client(metric: Metric) -> None:
    for name, part in metric.parts:
        for chosen in filter(None, (part, part.otherwise)):
            found = [(name, place(chosen.table, name)) for name in reached(chosen.table)]
            places = [(name, where) for name, where in found if where is not None]
            compiled = compile_group(
                "north", Reading.of(chosen), [Measure(name, chosen)], [YEAR] * 2, places
            )
            tree = sqlglot.parse_one(compiled.sql([YEAR] * 2), read="duckdb")
            tables = [t for t in tree.find_all(exp.Table) if t.name in canonical_tables()]
            assert tables
            for table in tables:
                assert _is_fenced(table), table


def _is_fenced(table: exp.Table) -> bool:
    holder = table.parent
    assert holder is not None
    select = holder.parent
    assert isinstance(select, exp.Select)
    places = [select.args.get("where"), holder.args.get("on")]
    wanted = f"{table.alias_or_name}.client_id IN ('north')"
    return any(wanted in found.sql("duckdb") for found in places if found is not None)


def test_a_table_where_no_fence_can_stand_is_refused() -> None:
    query = exp.select("1").where(exp.Exists(this=exp.to_table("deals")))
    with pytest.raises(ValueError, match="no scope"):
        fenced(query, "north")


def test_two_clients_in_one_warehouse_never_see_each_other() -> None:
    both = made_rows(1, 30, "north")
    for table, rows in made_rows(2, 30, "south").items():
        both[table] += rows
    two = Memory(state("crm", "north"), state("crm", "south")).fresh(both)
    alone = Memory(state("crm", "north")).fresh(made_rows(1, 30, "north"))
    for metric in CATALOGUE:
        by = metric.dimensions[:1]
        mixed = measure(two, metric.id, in_="2017", by=by, about=context("north")).answer
        own = measure(alone, metric.id, in_="2017", by=by, about=context("north")).answer
        assert [(cell.dimensions, cell.figure) for cell in mixed.cells] == [
            (cell.dimensions, cell.figure) for cell in own.cells
        ]


def test_a_question_about_another_client_than_the_context_is_refused(reader: Reader) -> None:
    scope = Scope.of("Elin", "northgate", "south")
    question = Question(scope, "south", ("deals_won",), period("2017"))
    with pytest.raises(NotInScope):
        ask(reader, CATALOGUE, question, context("northgate"))


def test_all_measures_and_both_periods_come_out_of_one_select(reader: Reader) -> None:
    asked = ("deals_won", "deals_lost", "close_rate", "bookings_amount", "median_deal_size")
    answer = measure(reader, *asked, compare=ComparisonKind.previous).answer
    assert len(answer.sql) == 1
    tree = sqlglot.parse_one(answer.sql[0], read="duckdb")
    counts = [c for c in tree.expressions if isinstance(c.this.this, exp.Count)]
    assert len({c.this.sql() for c in counts}) == len(counts)


@settings(max_examples=6, deadline=None)
@given(table=st.sampled_from(["users", "accounts", "stages", "products"]), copies=st.integers(1, 3))
def test_duplicate_keys_on_the_side_of_a_dimension_change_no_total(table: str, copies: int) -> None:
    rows = made_rows(3, 25)
    whole = Memory().fresh(rows)
    planted = [{**row, **other} for row in rows[table] for other in _OTHERWISE[table][:copies]]
    twice = Memory().fresh({**rows, table: rows[table] + planted})
    for metric in ("deals_won", "bookings_amount", "open_deals"):
        for by in (["manager"], ["industry"], ["stage", "product_family"]):
            expected = measure(whole, metric, in_="2017", by=by, about=context("north")).answer
            found = measure(twice, metric, in_="2017", by=by, about=context("north")).answer
            assert _total(found.cells) == _total(expected.cells)


_OTHERWISE: dict[str, list[dict[str, str | None]]] = {
    "users": [{"manager_id": "crm:users:1"}, {"manager_id": None}, {"name": "Twin"}],
    "accounts": [{"industry": "North"}, {"industry": None}, {"name": "Twin"}],
    "stages": [{"outcome": "open"}, {"outcome": "won"}, {"name": "Twin"}],
    "products": [{"family": "North"}, {"family": None}, {"family": "Twin"}],
}


def _total(cells: tuple[Cell, ...]) -> Decimal:
    values = [cell.figure for cell in cells if isinstance(cell.figure, Value)]
    return sum((Decimal(value.number) for value in values), Decimal(0))


@settings(max_examples=20, deadline=None)
@given(text=st.text(min_size=1, max_size=30).filter(lambda t: "\x00" not in t and t.strip()))
def test_whatever_a_value_holds_it_stays_a_value(text: str) -> None:
    rows = made_rows(4, 6)
    for row in rows["deals"]:
        row.update(region=text, outcome="won", closed_on=date(2017, 11, 5))
    memory = Memory().fresh({"deals": rows["deals"]})
    found = measure(memory, "deals_won", by=["region"], about=context("north"))
    assert number(found, "deals_won", region=text) == 6
    kept = measure(memory, "deals_won", where=[Filter("region", (text,))], about=context("north"))
    assert number(kept, "deals_won") == 6
    receipt = next(iter(found.receipts.values()))
    assert memory.query(receipt.sql)[0][0] == 6


def test_a_typed_text_that_looks_like_a_date_of_the_template_stays_as_it_is() -> None:
    text = "SELECT 'CAST(''1000-01-01'' AS DATE)', CAST('1000-01-01' AS DATE)"
    assert fill(text, [YEAR]) == (
        "SELECT 'CAST(''1000-01-01'' AS DATE)', CAST('2017-01-01' AS DATE)"
    )


def test_a_dimension_that_does_not_apply_names_those_that_do(reader: Reader) -> None:
    with pytest.raises(WrongUse, match="It can by: owner, manager"):
        measure(reader, "deals_won", by=["activity_type"])
    with pytest.raises(UnknownName, match="Did you mean 'region'"):
        measure(reader, "deals_won", by=["regoin"])
    with pytest.raises(WrongUse, match="two of these are of time"):
        measure(reader, "deals_won", by=["month", "quarter"])
    with pytest.raises(WrongUse, match="Ask for that period"):
        measure(reader, "deals_won", where=[Filter("month", ("2017-11",))])


def test_a_filter_finds_names_whatever_their_case_and_suggests_others(reader: Reader) -> None:
    west = measure(reader, "deals_won", by=["region"])
    kept = measure(reader, "deals_won", where=[Filter("region", ("west",))])
    assert number(kept, "deals_won") == number(west, "deals_won", region="West") > 0
    rest = measure(reader, "deals_won", where=[Filter("region", ("WEST",), negated=True)])
    whole = number(measure(reader, "deals_won"), "deals_won")
    assert number(rest, "deals_won") == whole - number(kept, "deals_won")
    with pytest.raises(UnknownName, match="Did you mean 'West'"):
        measure(reader, "deals_won", where=[Filter("region", ("Wset",))])
    stage = measure(reader, "open_deals", where=[Filter("stage", ("prospecting",))])
    assert number(stage, "open_deals") == 500


def test_rows_without_a_value_are_a_member_of_their_own(reader: Reader) -> None:
    by_account = measure(reader, "open_deals", by=["account"])
    without = number(by_account, "open_deals", account=None)
    kept = measure(reader, "open_deals", where=[Filter("account", ("",))])
    assert number(kept, "open_deals") == without > 0
    assert by_account.answer.cells[-1].dimensions == (("account", None),)


def test_two_people_of_one_name_stay_two_members() -> None:
    rows = made_rows(5, 4)
    for index, row in enumerate(rows["users"]):
        row["name"] = "Anna Berg" if index < 2 else f"Person {index}"
    for index, row in enumerate(rows["deals"]):
        row.update(owner_id=f"crm:users:{index % 2}", outcome="won", closed_on=date(2017, 11, 5))
    memory = Memory().fresh(rows)
    cells = measure(memory, "deals_won", by=["owner"], about=context("north")).answer.cells
    names = [dict(cell.dimensions)["owner"] for cell in cells]
    assert names == ["Anna Berg (0)", "Anna Berg (1)"]


def test_dimensions_are_known_by_name_in_both_languages() -> None:
    for dimension in known_dimensions().values():
        assert dimension.name("sv")
        assert dimension.name("en")


def test_the_sql_for_one_figure_may_be_read_by_a_person() -> None:
    part = CATALOGUE.get("deals_won").value
    assert part is not None
    text = figure_sql("north", Reading.of(part), [Measure("deals_won", part)], YEAR, ())
    assert text == (
        "SELECT\n  COUNT(*) AS deals_won\nFROM deals\nWHERE\n  (\n    deals._excluded IS NULL\n"
        "    AND NOT deals.is_deleted IS TRUE\n    AND NOT deals.is_test IS TRUE\n"
        "    AND deals.merged_into_id IS NULL\n    AND deals.outcome = 'won'\n    AND (\n"
        "      deals.closed_on >= CAST('2017-01-01' AS DATE)\n"
        "      AND deals.closed_on < CAST('2018-01-01' AS DATE)\n    )\n  )\n"
        "  AND deals.client_id IN ('north')"
    )
