"""Which remarks on the data a report makes, and that none speaks in our own names."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kvitto.model.block import ChartBlock, NoticeBlock, TableBlock, TextBlock
from kvitto.model.edition import Edition
from kvitto.model.finding import Finding, Severity
from kvitto.model.table import canonical_tables
from kvitto.report.concern import gathered
from kvitto.report.words import languages, words_of
from tests.report import made

LANGUAGES = languages()


def texts(edition: Edition) -> list[str]:
    """What the remarks and the table of open issues say."""
    lines: list[str] = []
    for block in edition.blocks():
        if isinstance(block, NoticeBlock):
            lines += block.lines
        if isinstance(block, TableBlock) and block.id == "findings":
            lines += [row[0].text for row in block.rows]
    return lines


def with_findings(*wrong: Finding, language: str = "en", report: str = "R13") -> Edition:
    return made.draft(report, language, made.HandAsker(wrong=wrong))


def test_a_table_that_no_figure_was_read_from_is_not_spoken_of() -> None:
    mine = made.finding(table="deals", column="amount", rows=7)
    other = made.finding(table="ad_spend", column="spend", rows=118, code="unreadable_value")
    edition = with_findings(mine, other)
    assert edition.findings == (mine,)
    assert not any("118" in line for line in texts(edition))
    assert any(line.startswith("7 open deals") for line in texts(edition))


def test_a_file_is_spoken_of_where_its_source_stands_on_a_receipt() -> None:
    told = [
        made.finding(code="totals_row", table="export.csv", source=source, column=None)
        for source in ("crm", "ads")
    ]
    assert with_findings(*told).findings == (told[0],)


def test_a_source_that_failed_is_told_where_a_figure_is_missing_for_it() -> None:
    failed = made.finding(code="source_failed", table="", source="ads", column=None)
    assert with_findings(failed, report="R13").findings == ()
    assert with_findings(failed, report="R01").findings == (failed,)


def test_the_same_trouble_of_three_files_is_one_line_with_all_its_rows() -> None:
    same = [made.finding(table="deals", column="amount", rows=rows) for rows in (147, 97, 59)]
    other = made.finding(table="deals", column="closed_at", rows=2)
    assert [item.rows for item in gathered([*same, other])] == [303, 2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_table_and_no_column_is_called_by_the_name_that_only_we_use(language: str) -> None:
    columns = {
        (table.name, column.name)
        for table in canonical_tables().values()
        for column in table.columns
    }
    ours = {name for pair in columns for name in pair if "_" in name}
    wrong = [
        made.finding(table=table, column=column, code=code, rows=2, severity=Severity.error)
        for table, column in sorted(columns)
        if table in ("deals", "stages")
        for code in ("missing_field", "unreadable_value", "some_new_code")
    ]
    said = " ".join(texts(with_findings(*wrong, language=language)))
    assert not set(re.findall(r"[a-z]+(?:_[a-z]+)+", said)) & ours
    assert not re.search(r"\b(?:spend base|some new code)\b", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_a_word_of_its_own(language: str) -> None:
    words = words_of(language)
    assert [name for name in canonical_tables() if not words.has(f"subject.{name}")] == []
    assert not [key for key in words.texts if key.startswith("subject.") and "_" in words(key)]
    assert not [key for key in words.texts if key.startswith("column_name.") and "_" in words(key)]


def test_a_change_is_split_by_the_first_fields_that_the_data_fills() -> None:
    rows = [replace(deal, region="") for deal in made.deals()]
    edition = made.draft(asker=made.HandAsker(rows=rows))
    charts = [block.id for block in edition.blocks() if isinstance(block, ChartBlock)]
    assert "bookings_product" in charts
    assert "close_rate_product" in charts
    assert "bookings_region" not in charts


def test_where_nothing_can_be_split_one_sentence_names_the_empty_fields() -> None:
    rows = [replace(deal, region="", product="") for deal in made.deals()]
    edition = made.draft(language="sv", asker=made.HandAsker(rows=rows))
    why = next(section for section in edition.sections if section.id == "why")
    notices = [block for block in why.blocks if isinstance(block, NoticeBlock)]
    assert [notice.lines for notice in notices] == [
        (
            "Det här går inte att dela upp: uppgift om region, produkt, källa eller bransch"
            " saknas i CRM-systemet.",
        )
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kpi_has_a_paragraph_of_its_own(language: str) -> None:
    edition = made.standard("R13", language)
    text = next(block for block in edition.texts() if block.id == "results_text")
    paragraphs = text.source.split("\n\n")
    assert len(paragraphs) == len(edition.agreed) + 1
    assert sum(sentence.text.endswith("\n") for sentence in text.sentences) == len(edition.agreed)
    assert all("\n" not in sentence.text.rstrip("\n") for sentence in text.sentences)


def test_a_second_comparison_follows_in_the_same_paragraph_and_is_brief() -> None:
    edition = made.draft(period=made.JANUARY, now=made.NOW.replace(month=2))
    text = next(block for block in edition.texts() if block.id == "results_text")
    first = text.source.split("\n\n")[0]
    assert first.count("compared with") == 2
    assert first.endswith("compared with January 2017.")
    assert first.count(" from ") == 1


def test_a_typed_text_keeps_its_paragraphs() -> None:
    from kvitto.report.text import edit_text

    edited = edit_text(made.standard(), "summary", "We go on.\n\nWe meet soon.\nDone.", "Elin")
    block = next(block for block in edited.blocks() if block.id == "summary")
    assert isinstance(block, TextBlock)
    assert [each.text for each in block.sentences] == ["We go on.\n", "We meet soon.", "Done."]
