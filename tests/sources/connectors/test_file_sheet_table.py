"""Tables of a sheet: headers of several rows, titles and notes, several tables, totals."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from kvitto.sources import StagedTable
from kvitto.sources.connectors.file.word import total_kind
from tests.sources.conftest import Inbox, rows

Line = Sequence[object]
HEADER: Line = ("Region", "Product", "Deals", "Amount")
NORTH: list[Line] = [("North", "A", 2, 100), ("North", "B", 3, 50.5)]
SOUTH: list[Line] = [("South", "A", 1, 25), ("South", "B", 4, 75)]


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def book(*lines: Line, then: Callable[[Worksheet], object] | None = None) -> bytes:
    """A workbook of one sheet "Data"; an empty line is a blank row, None an empty cell."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    sheet = made.add_worksheet("Data")
    for number, line in enumerate(lines):
        for place, cell in enumerate(line):
            if cell is not None:
                sheet.write(number, place, cell)
    if then is not None:
        then(sheet)
    made.close()
    return out.getvalue()


def found(table: StagedTable, code: str) -> tuple[int, tuple[str, ...]]:
    (one,) = [finding for finding in table.findings if finding.code == code]
    return one.rows, one.records


def texts(lines: Sequence[Line]) -> list[tuple[str | None, ...]]:
    return [tuple(None if cell is None else str(cell) for cell in line) for line in lines]


def decided(table: StagedTable) -> dict[str, str]:
    return {decision.what: decision.value for decision in table.decisions}


def test_a_subtotal_under_each_group_and_a_grand_total_are_left_out(inbox: Inbox) -> None:
    lines = [
        HEADER,
        *NORTH,
        ("North Total", None, 5, 150.5),
        *SOUTH,
        ("South Total", None, 5, 100),
        ("Grand Total", None, 10, 250.5),
    ]
    table = inbox.table(book(*lines), "a.xlsx")
    assert rows(table) == texts([*NORTH, *SOUTH])
    assert found(table, "totals_row") == (3, ("Data!A4", "Data!A7", "Data!A8"))
    assert (table.rows, table.rejected) == (4, 3)
    assert decided(table)["left out"] == "totals in rows 4, 7, 8"


@pytest.mark.parametrize(
    "label",
    [
        "Total",
        "TOTAL:",
        "Grand-Total",
        "GRAND  TOTAL",
        "Summa",
        "Yhteensä",
        "Gesamtergebnis",
        "Total général",
        "Totaal",
        "Итого",
        "合計",
        "Razem",
        "I alt",
    ],
)
def test_a_total_at_the_end_is_left_out_in_any_language(inbox: Inbox, label: str) -> None:
    table = inbox.table(book(HEADER, *NORTH, *SOUTH, (label, None, 10, 250.5)), "a.xlsx")
    assert rows(table) == texts([*NORTH, *SOUTH])
    assert found(table, "totals_row") == (1, ("Data!A6",))


def test_a_total_without_a_label_is_known_by_what_it_adds_up_to(inbox: Inbox) -> None:
    table = inbox.table(book(HEADER, *NORTH, *SOUTH, (None, None, 10, 250.5)), "a.xlsx")
    assert rows(table) == texts([*NORTH, *SOUTH])
    assert found(table, "totals_row") == (1, ("Data!C6",))


def test_a_last_row_without_names_that_adds_up_to_nothing_stays(inbox: Inbox) -> None:
    table = inbox.table(book(HEADER, *NORTH, *SOUTH, (None, None, 9, 77)), "a.xlsx")
    assert (table.rows, table.findings) == (5, ())


def test_a_customer_called_total_is_a_record(inbox: Inbox) -> None:
    lines: list[Line] = [
        ("Customer", "Stage", "Created", "Amount"),
        ("Acme", "Won", date(2024, 1, 5), 500),
        ("Total", "Won", date(2024, 1, 6), 500),
        ("TotalEnergies", "Lost", date(2024, 1, 7), 1000),
        ("Total Energies", "Open", date(2024, 1, 8), 70),
    ]
    table = inbox.table(book(*lines), "a.xlsx")
    assert (table.rows, table.findings) == (4, ())


def test_a_row_called_like_a_total_that_does_not_add_up_is_read_and_said(inbox: Inbox) -> None:
    lines: list[Line] = [("Customer", "Amount"), ("Acme", 5), ("Total Energies", 70), ("Bo", 4)]
    table = inbox.table(book(*lines), "a.xlsx")
    assert rows(table) == texts(lines[1:])
    assert found(table, "maybe_total") == (1, ("Data!A3",))


def test_a_total_that_does_not_agree_is_left_out_and_said(inbox: Inbox) -> None:
    table = inbox.table(book(HEADER, *NORTH, *SOUTH, ("Total", None, 10, 999)), "a.xlsx")
    assert table.rows == 4
    (said,) = [one for one in table.findings if one.code == "total_differs"]
    assert said.records == ("Data!A6",)
    assert "'Amount' adds up to 250.5, not 999" in said.message


def test_a_formula_that_adds_up_its_column_makes_a_total(inbox: Inbox) -> None:
    def formulas(sheet: Worksheet) -> None:
        sheet.write_formula("C6", "=SUM(C2:C5)", None, 10)
        sheet.write_formula("D6", "=SUBTOTAL(9,D2:D5)", None, 999)

    lines: list[Line] = [HEADER, *NORTH, *SOUTH, ("All of it", None)]
    table = inbox.table(book(*lines, then=formulas), "a.xlsx")
    assert table.rows == 5
    lines[-1] = (None, None)
    table = inbox.table(book(*lines, then=formulas), "a.xlsx")
    assert (table.rows, found(table, "totals_row")) == (4, (1, ("Data!C6",)))


def test_a_formula_across_a_row_is_no_total(inbox: Inbox) -> None:
    def formulas(sheet: Worksheet) -> None:
        for row in (2, 3):
            sheet.write_formula(f"D{row}", f"=SUM(B{row}:C{row})", None, 3)

    lines: list[Line] = [("Name", "One", "Two", "Total"), ("a", 1, 2), ("b", 1, 2)]
    table = inbox.table(book(*lines, then=formulas), "a.xlsx")
    assert rows(table) == [("a", "1", "2", "3"), ("b", "1", "2", "3")]


def test_groups_merged_above_the_columns_are_part_of_their_names(inbox: Inbox) -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_range("B1:C1", "Q1")
        sheet.merge_range("D1:E1", "Q2")
        sheet.merge_range("A1:A2", "Region")

    lines: list[Line] = [
        (),
        (None, "Clicks", "Cost", "Clicks", "Cost"),
        ("North", 1, 2, 3, 4),
        ("South", 5, 6, 7, 8),
    ]
    table = inbox.table(book(*lines, then=merge), "a.xlsx")
    names = ["Region", "Q1 Clicks", "Q1 Cost", "Q2 Clicks", "Q2 Cost"]
    assert [column.header for column in table.columns] == names
    assert rows(table) == texts(lines[2:])
    assert decided(table)["header"] == "rows 1 to 2"
    assert table.findings == ()


def test_groups_whose_merging_was_lost_are_known_by_doubled_names(inbox: Inbox) -> None:
    lines: list[Line] = [
        (None, "2023", None, "2024"),
        ("Region", "Clicks", "Cost", "Clicks", "Cost"),
        ("North", 1, 2, 3, 4),
        ("South", 5, 6, 7, 8),
    ]
    table = inbox.table(book(*lines), "a.xlsx")
    names = ["Region", "2023 Clicks", "2023 Cost", "2024 Clicks", "2024 Cost"]
    assert [column.header for column in table.columns] == names


def test_a_title_merged_over_the_table_is_no_group(inbox: Inbox) -> None:
    lines: list[Line] = [(), HEADER, *NORTH]
    made = book(*lines, then=lambda sheet: sheet.merge_range("A1:D1", "Sales 2024"))
    table = inbox.table(made, "a.xlsx")
    assert [column.header for column in table.columns] == list(HEADER)
    assert found(table, "lines_before_header") == (1, ("Data!A1",))


def test_titles_above_and_notes_below_are_left_out_and_said(inbox: Inbox) -> None:
    lines: list[Line] = [
        ("Sales report",),
        ("Client:", "Acme"),
        (),
        HEADER,
        *NORTH,
        ("Total", None, 5, 150.5),
        (),
        ("Figures are preliminary.",),
        ("Source: the CRM",),
    ]
    table = inbox.table(book(*lines), "a.xlsx")
    assert rows(table) == texts(NORTH)
    assert found(table, "lines_before_header") == (2, ("Data!A1", "Data!A2"))
    assert found(table, "notes_below_table") == (2, ("Data!A9", "Data!A10"))
    assert found(table, "totals_row") == (1, ("Data!A7",))


def test_the_header_again_after_a_page_break_is_left_out(inbox: Inbox) -> None:
    lines = [HEADER, *NORTH, (), ("Page 2",), HEADER, SOUTH[0], HEADER, SOUTH[1]]
    table = inbox.table(book(*lines), "a.xlsx")
    assert rows(table) == texts([*NORTH, *SOUTH])
    assert found(table, "repeated_header") == (2, ("Data!A6", "Data!A8"))
    assert found(table, "lines_before_header") == (1, ("Data!A5",))


def test_blank_rows_between_records_are_nothing(inbox: Inbox) -> None:
    table = inbox.table(book(HEADER, NORTH[0], (), NORTH[1], (), (), SOUTH[0]), "a.xlsx")
    assert (rows(table), table.findings) == (texts([*NORTH, SOUTH[0]]), ())


SECOND: list[Line] = [("Owner", "Meetings"), ("Anna", 4), ("Bo", 6)]


def test_a_second_table_below_is_a_table_of_its_own(inbox: Inbox) -> None:
    lines = [("Deals",), HEADER, *NORTH, (), ("Meetings",), *SECOND]
    inbox.put("a.xlsx", book(*lines))
    one, other = inbox.read().tables
    assert (one.sheet, other.sheet) == ("Data", "Data (table 2)")
    assert (rows(one), rows(other)) == (texts(NORTH), texts(SECOND[1:]))
    assert decided(other)["range"] == "A7:D9"
    assert found(one, "lines_before_header") == (2, ("Data!A1", "Data!A6"))


def test_a_definition_names_the_table_that_it_wants(inbox: Inbox) -> None:
    inbox.put("a.xlsx", book(HEADER, *NORTH, (), *SECOND))
    told = [{"file": "a.xlsx", "sheet": "Data (table 2)"}]
    (table,) = inbox.read(tables=told).tables
    assert rows(table) == texts(SECOND[1:])
    (table,) = inbox.read(tables=[{"file": "a.xlsx", "sheet": "Data"}]).tables
    assert rows(table) == texts(NORTH)
    assert found(table, "tables_not_read")[1] == ("Data (table 2)",)


def test_tables_side_by_side_are_read_one_by_one(inbox: Inbox) -> None:
    left = [HEADER, *NORTH, *SOUTH, ("East", "A", 1, 1)]
    right = [*SECOND]
    lines = [(*line, None, *(right[at] if at < len(right) else ())) for at, line in enumerate(left)]
    inbox.put("a.xlsx", book(*lines))
    one, other = inbox.read().tables
    assert (rows(one), rows(other)) == (texts(left[1:]), texts(SECOND[1:]))
    assert decided(other)["range"].startswith("F1:")


def test_an_empty_column_inside_a_table_is_said(inbox: Inbox) -> None:
    lines: list[Line] = [
        ("Id", "Name", None, "Amount", "Day"),
        (1, "a", None, 5, "x"),
        (2, "b", None, 6, "y"),
    ]
    table = inbox.table(book(*lines), "a.xlsx")
    assert rows(table) == [("1", "a", "5", "x"), ("2", "b", "6", "y")]
    assert found(table, "empty_column") == (0, ("Data!C:C",))


def test_records_of_words_alone_after_a_blank_row_start_no_table(inbox: Inbox) -> None:
    lines: list[Line] = [
        ("Name", "City", "Owner"),
        ("a", "Lund", "Bo"),
        (),
        ("b", "Umeå", "Bo"),
        ("c", "Kiruna", "Bo 2"),
    ]
    table = inbox.table(book(*lines), "a.xlsx")
    assert (rows(table), table.findings) == (texts([lines[1], *lines[3:]]), ())


def test_merged_cells_in_records_are_said_with_their_range(inbox: Inbox) -> None:
    lines: list[Line] = [HEADER, NORTH[0], (None, *NORTH[1][1:]), *SOUTH]
    made = book(*lines, then=lambda sheet: sheet.merge_range("A2:A3", "North"))
    table = inbox.table(made, "a.xlsx")
    assert rows(table)[:2] == [("North", "A", "2", "100"), (None, "B", "3", "50.5")]
    assert found(table, "merged_cells") == (1, ("Data!A2:A3",))


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("Summa Nord", "named"),
        ("Delsumma", "subtotal"),
        ("Sub-total North", "subtotal"),
        ("Zwischensumme:", "subtotal"),
        ("Totally", ""),
        ("Summary", ""),
        ("12 total", ""),
    ],
)
def test_words_of_totals_are_told_apart(cell: str, kind: str) -> None:
    assert total_kind(cell) == kind


def test_a_total_of_one_table_leaves_out_no_row_of_the_one_beside(inbox: Inbox) -> None:
    left = [HEADER, *NORTH, ("Total", None, 5, 150.5)]
    right = [SECOND[0], *SECOND[1:], ("Cia", 1), ("Dan", 2), ("Eva", 3)]
    lines = [
        (*(left[at] if at < len(left) else (None,) * 4), None, *line)
        for at, line in enumerate(right)
    ]
    inbox.put("a.xlsx", book(*lines))
    one, other = inbox.read().tables
    assert (rows(one), rows(other)) == (texts(NORTH), texts(right[1:]))
    assert found(one, "totals_row") == (1, ("Data!A4",))


def test_an_open_document_is_looked_at_in_the_same_way(inbox: Inbox) -> None:
    lines = [("Report",), HEADER, *NORTH, ("Total", None, 5, 150.5), ("Note: by hand",)]
    table = inbox.table(open_document(lines), "a.ods")
    assert rows(table) == texts(NORTH)
    assert found(table, "lines_before_header") == (1, ("Data!A1",))
    assert found(table, "totals_row") == (1, ("Data!A5",))
    assert found(table, "notes_below_table") == (1, ("Data!A6",))


def open_document(lines: Sequence[Line]) -> bytes:
    """The smallest spreadsheet of that kind."""
    body = "".join(
        f"<table:table-row>{''.join(map(ods_cell, line))}</table:table-row>" for line in lines
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0"'
        f' xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="Data">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def ods_cell(cell: object) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        told = f"<text:p>{cell}</text:p>"
        return f'<table:table-cell office:value-type="string">{told}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
