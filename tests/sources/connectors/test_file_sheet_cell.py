"""Cells of a sheet that are no plain values, and what is hidden: each found by its address."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from kvitto.model.finding import Finding
from kvitto.sources import StagedTable
from kvitto.sources.connectors.file.mixed import plain_day, plain_number
from tests.sources.conftest import Inbox, kinds, rows

Write = Callable[[Workbook, Worksheet], object]


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def book(write: Write, options: Mapping[str, Any] | None = None) -> bytes:
    """A workbook whose first sheet is "Data"."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd", **(options or {})})
    write(made, made.add_worksheet("Data"))
    made.close()
    return out.getvalue()


def sheet_of(*lines: tuple[object, ...]) -> Write:
    def write(_: Workbook, sheet: Worksheet) -> None:
        fill(sheet, lines)

    return write


def fill(sheet: Worksheet, lines: tuple[tuple[object, ...], ...]) -> None:
    for number, line in enumerate(lines):
        for place, cell in enumerate(line):
            if cell is not None:
                sheet.write(number, place, cell)


def changed(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The same workbook with one of its parts written otherwise."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, change(body.decode()) if name == part else body)
    return out.getvalue()


def finding(table: StagedTable, code: str) -> Finding:
    (one,) = [one for one in table.findings if one.code == code]
    return one


AMOUNTS = (("Name", "Amount"), *((f"n{at}", at + 0.5) for at in range(10)))


def test_numbers_stored_as_text_are_read_and_said(inbox: Inbox) -> None:
    odd = (("a", "'12"), ("b", "1\u00a0234,50"), ("c", " 7.25 "), ("d", "1.234.567"))
    table = inbox.table(book(sheet_of(*AMOUNTS, *odd)), "a.xlsx")
    assert [amount for _, amount in rows(table)][10:] == ["12", "1234.50", "7.25", "1234567"]
    said = finding(table, "text_numbers")
    assert (said.rows, said.column) == (4, "Amount")
    assert said.records == ("Data!B12", "Data!B13", "Data!B14", "Data!B15")
    assert kinds(table)["Amount"] == "number"


def test_numbers_with_units_are_missing_and_said(inbox: Inbox) -> None:
    odd = (("a", "12 kr"), ("b", "3 h"), ("c", "about 5"))
    table = inbox.table(book(sheet_of(*AMOUNTS, *odd)), "a.xlsx")
    said = finding(table, "text_among_numbers")
    assert (said.rows, said.records) == (3, ("Data!B12", "Data!B13", "Data!B14"))
    assert "B12 '12 kr', B13 '3 h'" in said.message


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", ""),
        ("1.234", "1.234"),
        ("1,5", "1.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("-5", "-5"),
        ("−5", "-5"),
        ("007", ""),
        ("12 kr", ""),
        ("1,23,4", ""),
        ("2024-01-05", ""),
    ],
)
def test_a_text_is_a_number_where_it_can_be_read_in_one_way(text: str, number: str) -> None:
    assert plain_number(text) == number


def test_days_stored_as_numbers_among_days_are_read_and_said(inbox: Inbox) -> None:
    days = tuple((f"n{at}", date(2024, 1, at + 1)) for at in range(5))
    lines = (("Name", "Day"), *days, ("a", 45_292), ("b", "soon"))
    table = inbox.table(book(sheet_of(*lines)), "a.xlsx")
    assert [day for _, day in rows(table)][5:] == ["2024-01-01", "soon"]
    assert finding(table, "serial_dates").records == ("Data!B7",)
    assert "B7 '45292' = 2024-01-01" in finding(table, "serial_dates").message
    assert finding(table, "text_dates").records == ("Data!B8",)


def test_days_are_counted_from_1904_where_the_workbook_does(inbox: Inbox) -> None:
    lines = (("Name", "Day"), *((f"n{at}", date(2024, 1, 5)) for at in range(4)), ("a", 43_830))
    table = inbox.table(book(sheet_of(*lines), {"date_1904": True}), "a.xlsx")
    assert rows(table)[0][1] == "2024-01-05"
    assert rows(table)[4][1] == plain_day("43830", from_1904=True) == "2024-01-01"
    assert ("date system", "1904") in [(one.what, one.value) for one in table.decisions]


def test_a_failed_formula_is_missing_and_named(inbox: Inbox) -> None:
    codes = ("#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")

    def write(_: Workbook, sheet: Worksheet) -> None:
        fill(sheet, (("Name", "Amount"), ("a", 5)))
        for at, code in enumerate(codes, start=2):
            sheet.write(at, 0, f"b{at}")
            sheet.write_formula(at, 1, "=1/0", None, code)

    table = inbox.table(book(write), "a.xlsx")
    assert [amount for _, amount in rows(table)] == ["5", *([None] * 7)]
    said = finding(table, "failed_formula")
    assert said.rows == 7
    assert said.records == tuple(f"Data!B{at}" for at in range(3, 10))
    assert "B3 #DIV/0!, B4 #REF!, B5 #N/A" in said.message


def test_a_formula_that_no_program_calculated_is_missing_and_not_zero(inbox: Inbox) -> None:
    def write(_: Workbook, sheet: Worksheet) -> None:
        fill(sheet, (("Name", "Amount"), ("a", 5), ("b", None), ("c", None)))
        sheet.write_formula("B3", "=B2*2")
        sheet.write_formula("B4", "=B2*3", None, 15)

    table = inbox.table(book(write), "a.xlsx")
    assert rows(table) == [("a", "5"), ("b", None), ("c", "15")]
    assert finding(table, "formula_without_value").records == ("Data!B3",)


def test_a_zero_that_a_program_calculated_is_a_zero(inbox: Inbox) -> None:
    def write(_: Workbook, sheet: Worksheet) -> None:
        fill(sheet, (("Name", "Amount"), ("a", 5), ("b", None)))
        sheet.write_formula("B3", "=B2*0")

    made = changed(book(write), "xl/workbook.xml", lambda text: text.replace("fullCalcOnLoad", "x"))
    table = inbox.table(made, "a.xlsx")
    assert (rows(table)[1], table.findings) == (("b", "0"), ())


def hide(filtered: bool) -> Write:
    def write(_: Workbook, sheet: Worksheet) -> None:
        fill(sheet, (("Name", "Amount"), ("a", 1), ("b", 2), ("c", 3)))
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column("B:B", None, None, {"hidden": True})
        if filtered:
            sheet.autofilter("A1:B4")
            sheet.filter_column("A", "x == a or x == c")

    return write


@pytest.mark.parametrize(("filtered", "code"), [(False, "hidden_rows"), (True, "filtered_rows")])
def test_hidden_rows_and_columns_are_read_and_said(inbox: Inbox, filtered: bool, code: str) -> None:
    table = inbox.table(book(hide(filtered)), "a.xlsx")
    assert rows(table) == [("a", "1"), ("b", "2"), ("c", "3")]
    assert finding(table, code).records == ("Data!3:3",)
    assert finding(table, "hidden_columns").records == ("Data!B:B",)


def test_hidden_rows_are_left_out_where_the_definition_says_so(inbox: Inbox) -> None:
    told = [{"file": "a.xlsx", "hidden": "leave_out"}]
    table = inbox.table(book(hide(True)), "a.xlsx", tables=told)
    assert (rows(table), table.rejected) == ([("a", "1"), ("c", "3")], 1)
    assert finding(table, "filtered_rows").resolution.value == "exclude"


def test_hidden_and_very_hidden_sheets_are_said(inbox: Inbox) -> None:
    def write(made: Workbook, sheet: Worksheet) -> None:
        for name, act in (("Old", "hide"), ("Secret", "very_hidden")):
            more = made.add_worksheet(name)
            fill(more, AMOUNTS)
            getattr(more, act)()
        fill(sheet, AMOUNTS)

    table = inbox.table(book(write), "a.xlsx")
    said = finding(table, "sheets_not_read").message
    assert "'Old' with 11 rows (hidden), 'Secret' with 11 rows (very hidden)" in said


def test_rows_struck_through_are_said(inbox: Inbox) -> None:
    def write(made: Workbook, sheet: Worksheet) -> None:
        fill(sheet, AMOUNTS)
        sheet.write(3, 0, "gone", made.add_format({"font_strikeout": True}))

    table = inbox.table(book(write), "a.xlsx")
    assert table.rows == 10
    assert finding(table, "struck_rows").records == ("Data!4:4",)


def test_percents_are_fractions(inbox: Inbox) -> None:
    def write(made: Workbook, sheet: Worksheet) -> None:
        fill(sheet, (("Name", "Share"), ("a", None), ("b", None)))
        percent = made.add_format({"num_format": "0.0%"})
        sheet.write(1, 1, 0.125, percent)
        sheet.write(2, 1, 1, percent)

    assert rows(inbox.table(book(write), "a.xlsx")) == [("a", "0.125"), ("b", "1")]


def test_links_to_other_workbooks_and_macros_are_said(inbox: Inbox) -> None:
    out = io.BytesIO(book(sheet_of(*AMOUNTS)))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"
    link = (
        f'<Relationship Id="r1" Type="{kind}" Target="C:\\x\\Budget.xlsx" TargetMode="External"/>'
    )
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
        archive.writestr(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            f"<Relationships>{link}</Relationships>",
        )
    table = inbox.table(out.getvalue(), "a.xlsm")
    assert finding(table, "external_links").records == ("Budget.xlsx",)
    assert finding(table, "macros_not_run").severity.value == "notice"


def test_cells_are_named_with_the_sheet_as_a_spreadsheet_program_takes_it(inbox: Inbox) -> None:
    made = changed(
        book(sheet_of(*AMOUNTS, ("a", "3 h"))),
        "xl/workbook.xml",
        lambda text: re.sub('name="Data"', 'name="Bo\'s deals"', text),
    )
    said = finding(inbox.table(made, "a.xlsx"), "text_among_numbers")
    assert said.records == ("'Bo''s deals'!B12",)
