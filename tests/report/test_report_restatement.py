"""Restatements: what was said, what it is now, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kvitto.model.block import RestatementsBlock
from kvitto.model.edition import Edition
from kvitto.model.receipt import Receipt
from kvitto.report.display import figures_of
from kvitto.report.lint import lint
from kvitto.report.restatement import restate
from tests.report import made


@dataclass(frozen=True)
class Row:
    record_id: str
    kind: str


@dataclass(frozen=True)
class Again:
    changed: tuple[Row, ...]


def cancelled() -> made.HandAsker:
    """The same client after one deal of December turned out not to be won."""
    rows = made.deals()
    index = next(
        i for i, deal in enumerate(rows) if deal.won and deal.closed and deal.closed.month == 12
    )
    rows[index] = replace(rows[index], won=False)
    return made.HandAsker(rows=rows, warehouse="v0002-11111111")


@pytest.fixture(scope="module")
def said() -> Edition:
    return made.standard("R13")


def test_nothing_is_restated_where_nothing_changed(said: Edition) -> None:
    later = made.HandAsker(warehouse="v0002-11111111")
    assert restate(said, later) == ()


def test_a_changed_deal_restates_the_figures_it_is_in(said: Edition) -> None:
    found = restate(said, cancelled())
    by_label = {item.label: item for item in found}
    won = by_label["Deals won, December 2017"]
    assert (won.said.display, won.now.display, won.difference) == ("111", "110", "−1")
    assert "Win rate, December 2017" in by_label
    assert not any("November" in label for label in by_label)
    assert {item.edition for item in found} == {"acme/R13/2017-12/1"}


def test_each_figure_is_restated_once(said: Edition) -> None:
    labels = [item.label for item in restate(said, cancelled())]
    assert len(labels) == len(set(labels))


def test_the_reason_names_the_rows(said: Edition) -> None:
    def rerun(receipt: Receipt) -> Again:
        return Again((Row("crm:deal:D12000", "removed"), Row("crm:deal:D12001", "changed")))

    item = restate(said, cancelled(), rerun=rerun)[0]
    assert item.because == "1 row no longer counts and 1 row was changed"
    assert item.records == ("crm:deal:D12000", "crm:deal:D12001")
    assert restate(said, cancelled())[0].because == "the source has changed since"


def test_a_restatement_is_told_in_the_language_of_the_edition_that_prints_it(
    said: Edition,
) -> None:
    item = restate(said, cancelled(), language="sv")[0]
    assert item.label.startswith("Ordervärde")
    assert item.because == "källan har ändrats sedan dess"


def test_a_record_in_both_parts_of_a_ratio_counts_once(said: Edition) -> None:
    def rerun(receipt: Receipt) -> Again:
        return Again((Row("d:1", "removed"), Row("d:2", "removed"), Row("d:1", "removed")))

    item = restate(said, cancelled(), rerun=rerun)[0]
    assert (item.because, item.records) == ("2 rows no longer count", ("d:1", "d:2"))


def test_what_was_said_is_written_as_one_writes_now(said: Edition) -> None:
    item = restate(said, cancelled(), language="sv")[0]
    assert item.said.display == "130\u00a0351\u00a0US$"


def test_a_new_definition_is_named_before_anything_else(said: Edition) -> None:
    older = said.model_copy(
        update={
            "receipts": {
                code: receipt.model_copy(update={"definition_version": 7, "value": "1"})
                for code, receipt in said.receipts.items()
            }
        }
    )
    assert "from version 7 to version 1" in restate(older, made.HandAsker())[0].because


def test_a_figure_that_is_now_missing_is_said_in_words(said: Edition) -> None:
    asker = made.HandAsker(rows=[deal for deal in made.deals() if not deal.won])
    item = next(i for i in restate(said, asker) if i.metric == "sales_cycle_length_median")
    assert (item.now.number, item.now.missing, item.now.display) == (None, "no_data", "no data yet")
    assert item.difference == ""


def test_the_next_edition_prints_them_and_seals_their_receipts(said: Edition) -> None:
    now = datetime(2018, 2, 5, tzinfo=UTC)
    edition = made.draft("R13", asker=cancelled(), previous=said, period=made.JANUARY, now=now)
    block = next(b for b in edition.blocks() if isinstance(b, RestatementsBlock))
    assert block.items
    assert edition.previous == said.id
    assert all(item.now.receipt in edition.receipts for item in block.items)
    assert not [p for p in lint(edition, said) if p.code == "receipt"]


def test_a_correction_names_what_it_corrects(said: Edition) -> None:
    edition = made.draft(
        "R13", asker=cancelled(), previous=said, number=2, corrects="acme/R13/2017-12/1"
    )
    assert edition.id == "acme/R13/2017-12/2"
    assert edition.corrects == said.id
    assert any(figure.display == "110" for figure in figures_of(edition))


def test_asking_again_takes_few_questions(said: Edition) -> None:
    asker = made.HandAsker()
    restate(said, asker)
    assert len(asker.asked) <= 12


def test_a_change_of_a_cent_is_a_change(said: Edition) -> None:
    rows = made.deals()
    index = next(
        i for i, deal in enumerate(rows) if deal.won and deal.closed and deal.closed.month == 12
    )
    rows[index] = replace(rows[index], amount=rows[index].amount + Decimal("0.01"))
    found = restate(said, made.HandAsker(rows=rows))
    assert "bookings_amount" in {item.metric for item in found}
