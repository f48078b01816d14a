"""XLSX and CSV: numbers are numbers, dates are dates, text is never a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.model.block import CellShown, Column, TableBlock
from kvitto.model.edition import Edition, Section
from kvitto.render import render
from kvitto.render.book.sheet import number_format
from kvitto.render.formats.csv import number_text
from kvitto.render.guard import guarded
from tests.render.sample import BRAND, make_edition

FORMULAS = (
    "=1+1",
    '=HYPERLINK("http://evil.example")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|'/C'!A",
    "@SUM(A1)",
    "-A1",
    " =1+1",
    "\t=1+1",
    "\uff1d1+1",
    "+SUM(A1:A9)",
    "-cmd",
)
NUMBERS = ("-5 %", "-5%", "+49 30", "+49 30 1234-567", "-1e3", "+1.5E-3", "-1 234,50 kr", "-$5,000")
HARMLESS = (*NUMBERS, "+18.2%", "-14", "- 3", "Åsa", "", "a=b", "x-1", "\u221214")


def _book(data: bytes) -> dict[str, list[list[Any]]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def _parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def _lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_what_would_be_calculated_is_defused(text: str) -> None:
    assert guarded(text).startswith("'")


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_percentages_and_phone_numbers_are_left_alone(text: str) -> None:
    assert guarded(text) == text


@given(st.text())
def test_no_text_starts_a_formula_in_any_list_separator(text: str) -> None:
    for part in re.split(r"[;\t\n]", guarded(text)):
        start = part.lstrip()[:1]
        harmless = re.fullmatch(r"[\s+\-\d.,'\u2019()/eE%$\u20ac\u00a3\u00a5\w]*", part)
        assert start not in ("=", "@")
        assert start not in ("+", "-") or harmless


def test_the_csv_has_a_byte_order_mark_and_a_line_per_figure(made: dict[str, bytes]) -> None:
    assert made["csv"].startswith(b"\xef\xbb\xbf")
    lines = _lines(made["csv"])
    assert len(lines) > 400
    won = next(line for line in lines if line["kind"] == "tile")
    assert (won["value"], won["currency"], won["metric"]) == ("1131573", "USD", "bookings_amount")
    assert won["receipt"]
    assert (won["sources"], won["lines"]) == ("crm", "37")


def test_missing_figures_in_the_csv_have_words_and_no_number(made: dict[str, bytes]) -> None:
    lost = [line for line in _lines(made["csv"]) if line["missing"]]
    assert lost
    assert all(line["value"] == "" and line["display"] for line in lost)


def test_names_that_are_formulas_are_text_in_the_csv(made: dict[str, bytes]) -> None:
    rows = {line["row"] for line in _lines(made["csv"])}
    assert '\'=HYPERLINK("http://evil.example")' in rows


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, ""), (5.0, "5"), (-0.5, "-0.5"), (1e20, "1e+20"), (0.6315, "0.6315")],
)
def test_numbers_in_the_csv_are_for_programs(number: float | None, text: str) -> None:
    assert number_text(number) == text


def test_the_workbook_holds_numbers_and_dates(made: dict[str, bytes]) -> None:
    book = _book(made["xlsx"])
    rows = book["Each salesperson's December"]
    assert rows[2][:3] == ["Deals won by", "First won", "Won value"]
    assert rows[3][1] == date(2017, 12, 1)
    assert rows[3][2] == pytest.approx(98000.5)
    assert rows[6][2] == "no data yet"
    assert [row[1] for row in book["Summary"] if row[0] == "Period"][1:] == [
        date(2017, 12, 1),
        date(2017, 12, 31),
    ]


def test_the_workbook_has_a_line_per_receipt(edition: Edition, made: dict[str, bytes]) -> None:
    rows = _book(made["xlsx"])["Receipts"]
    assert {row[0] for row in rows[1:]} == set(edition.receipts)


def test_no_cell_is_a_formula_and_no_link_leaves_the_workbook(made: dict[str, bytes]) -> None:
    parts = _parts(made["xlsx"])
    sheets = {name: text for name, text in parts.items() if "worksheets/sheet" in name}
    assert sheets
    assert not [name for name, text in sheets.items() if "<f>" in text or "<f " in text]
    assert not [name for name, text in parts.items() if 'TargetMode="External"' in text]
    assert any('location="' in text for text in sheets.values())


def test_the_workbook_carries_the_time_of_the_data_not_of_the_clock(
    made: dict[str, bytes],
) -> None:
    assert "2018-01-03T06:00:00Z" in _parts(made["xlsx"])["docProps/core.xml"]


@pytest.mark.parametrize("title", ["a/b\\c?*[]:", "'quoted'", "History", "x" * 200, "", "Receipts"])
def test_any_title_becomes_a_sheet(title: str) -> None:
    table = TableBlock(
        id="t", title=title, columns=(Column(key="a", label="A"),), rows=((CellShown(text="x"),),)
    )
    section = Section(id="s", title="S", blocks=(table, table))
    edition = make_edition("en").model_copy(update={"sections": (section,)})
    book = _book(render(edition, BRAND, "xlsx"))
    assert len(book) == len({name.lower() for name in book}) == 4


def test_a_unit_with_quotes_cannot_break_a_number_format() -> None:
    assert number_format("duration", None, 'da"ys\\', 1.0) == '#,##0.0\\ "days"'
    assert number_format("money", "SEK", None, 0.5) == '#,##0.00\\ "SEK"'
    assert number_format("money", None, None, 5000.0) == "#,##0"
