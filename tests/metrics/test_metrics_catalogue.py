"""What holds for every metric of the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvitto.errors import UnknownName
from kvitto.metrics.catalogue import builtin_metrics, load_catalogue
from kvitto.metrics.check import check
from kvitto.metrics.compiler import FEW_SPANS
from kvitto.metrics.line import check_lines, write_lines
from kvitto.metrics.rerun import rerun
from kvitto.model.metric import Metric
from kvitto.model.question import ComparisonKind
from kvitto.model.value import Missing, MissingKind
from tests.metrics.made_data import made_rows
from tests.metrics.world import Memory, context, measure

CATALOGUE = load_catalogue()
NORTH = context("north")


@pytest.fixture(scope="module")
def empty() -> Memory:
    return Memory()


@pytest.fixture(scope="module")
def filled() -> Memory:
    return Memory().fresh(made_rows())


def test_no_definition_has_a_fault() -> None:
    assert [str(problem) for problem in check(builtin_metrics())] == []


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.id)
def test_is_described_in_both_languages(metric: Metric) -> None:
    for language in ("en", "sv"):
        assert metric.names[language]
        assert metric.explains[language].endswith(".")
    assert metric.names["en"] != metric.names["sv"] or metric.names["en"] == "Leads"
    assert metric.bucket
    assert metric.family
    assert metric.zero_policy
    assert metric.audience
    assert metric.disputes
    assert metric.dimensions


def test_an_unknown_id_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'deals_won'"):
        CATALOGUE.get("deal_won")


@pytest.mark.parametrize("name", CATALOGUE.ids())
def test_answers_not_connected_where_no_source_is(empty: Memory, name: str) -> None:
    figure = measure(empty, name, about=NORTH).answer.one(name).figure
    assert isinstance(figure, Missing)
    assert figure.kind is MissingKind.not_connected or name == "quota_attainment"


@pytest.mark.parametrize("name", CATALOGUE.ids())
def test_answers_with_a_value_or_a_reason_and_its_lines_add_up(
    filled: Memory, name: str, tmp_path: Path
) -> None:
    dimension = CATALOGUE.get(name).dimensions[0]
    for by in ((), ("quarter",), (dimension,)):
        measured = measure(
            filled, name, by=by, in_="2017", compare=ComparisonKind.last_year, about=NORTH
        )
        for cell in measured.answer.cells:
            receipt = measured.receipts[cell.receipt]
            assert (receipt.value is None) == isinstance(cell.figure, Missing)
    lines = write_lines(filled, CATALOGUE, receipt, NORTH, tmp_path / "lines.parquet")
    assert check_lines(lines, receipt).agrees, receipt
    assert rerun(filled, CATALOGUE, receipt, NORTH, lines).agrees, receipt


@pytest.mark.parametrize("name", CATALOGUE.ids())
def test_the_sql_of_a_receipt_can_be_run_by_hand(filled: Memory, name: str) -> None:
    for by in ((), CATALOGUE.get(name).dimensions[-2:]):
        measured = measure(filled, name, by=by, in_="2017", about=NORTH)
        for receipt in measured.receipts.values():
            statements = [text for text in receipt.sql.split(";\n\n") if text]
            assert statements or receipt.missing
            for text in statements:
                assert len(filled.query(text)) == 1


def test_a_year_by_week_is_one_select_and_equals_the_weeks_alone(filled: Memory) -> None:
    year = measure(filled, "deals_won", in_="2017", by=["week"], about=NORTH).answer
    assert len(year.sql) == 1
    assert len(year.cells) > FEW_SPANS
    for week in ("2017-W10", "2017-W37"):
        alone = measure(filled, "deals_won", in_=week, about=NORTH).answer
        assert alone.one("deals_won").figure == year.one("deals_won", week=week).figure
