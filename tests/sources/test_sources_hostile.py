"""Files that are broken, hostile or odd in ways that no public corpus has."""

from __future__ import annotations

import gzip
import io
import json
import threading
import zipfile
from typing import Any

import pytest
import xlsxwriter

from kvitto.errors import BadSource
from kvitto.sources import StagedTable
from kvitto.sources.connectors.file.cell import number_text, serial_text, shown_as, unescaped
from tests.sources.conftest import Inbox, kinds, rows

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def codes(table: StagedTable) -> list[str]:
    return [finding.code for finding in table.findings]


def package(
    sheet: str, *, strings: str = "", pr: str = "", more: dict[str, str] | None = None
) -> bytes:
    """An XLSX package by hand: one sheet with this XML inside its ``sheetData``."""
    main = MAIN
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rel = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{rel}">'
        f'<Relationship Id="a" Type="{office}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><workbookPr {pr}/><sheets>'
        '<sheet name="Data" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{rel}">'
        f'<Relationship Id="b" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="c" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData>'
        "</worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{strings}</sst>',
        **(more or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def cell(ref: str, value: str, kind: str = "inlineStr", more: str = "") -> str:
    inside = f"<is><t>{value}</t></is>" if kind == "inlineStr" else f"{more}<v>{value}</v>"
    return f'<c r="{ref}" t="{kind}">{inside}</c>'


HEADER = f'<row r="1">{cell("A1", "id")}{cell("B1", "amount")}</row>'


def test_failed_formulas_are_findings_with_their_cells(inbox: Inbox) -> None:
    body = HEADER + f'<row r="2">{cell("A2", "1", "n")}{cell("B2", "#REF!", "e")}</row>'
    body += f'<row r="3">{cell("A3", "2", "n")}{cell("B3", "7.5", "n")}</row>'
    table = inbox.table(package(body), "a.xlsx")
    assert rows(table) == [("1", None), ("2", "7.5")]
    assert [(one.code, one.records) for one in table.findings] == [("failed_formula", ("Data!B2",))]


def test_failed_formulas_in_text_are_findings_too(inbox: Inbox) -> None:
    table = inbox.table("id,a,b\n1,#REF!,5\n2,3,#DIV/0!\n3,4,#VÄRDEFEL!\n")
    assert rows(table) == [("1", None, "5"), ("2", "3", None), ("3", "4", None)]
    assert [(one.code, one.rows) for one in table.findings] == [("failed_formula", 3)]
    assert kinds(table) == {"id": "integer", "a": "integer", "b": "integer"}


def test_formulas_that_were_never_calculated_are_findings(inbox: Inbox) -> None:
    body = HEADER + f'<row r="2">{cell("A2", "1", "n")}<c r="B2"><f>SUM(A1)</f></c></row>'
    table = inbox.table(package(body), "a.xlsx")
    assert (rows(table), codes(table)) == ([("1", None)], ["formula_without_value"])


def test_hidden_rows_are_read_and_told_of(inbox: Inbox) -> None:
    body = HEADER + f'<row r="2" hidden="1">{cell("A2", "1", "n")}{cell("B2", "5", "n")}</row>'
    table = inbox.table(package(body), "a.xlsx")
    assert (table.rows, codes(table)) == (1, ["hidden_rows"])


def test_a_hidden_sheet_is_read_only_by_name(inbox: Inbox) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    shown, hidden = book.add_worksheet("Shown"), book.add_worksheet("Secret")
    hidden.hide()
    for sheet in (shown, hidden):
        sheet.write_column(0, 0, ["id", sheet.name, "x"])
    book.close()
    table = inbox.table(out.getvalue(), "a.xlsx")
    assert (table.sheet, codes(table)) == ("Shown", ["sheets_not_read"])
    named = [{"file": "a.xlsx", "sheet": "Secret"}]
    assert inbox.read(tables=named).tables[0].sheet == "Secret"


@pytest.mark.parametrize(("pr", "day"), [("", "2024-01-05"), ('date1904="1"', "2028-01-06")])
def test_dates_count_from_the_workbooks_own_first_day(inbox: Inbox, pr: str, day: str) -> None:
    formats = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    styles = f'<styleSheet xmlns="{MAIN}">{formats}</styleSheet>'
    body = HEADER + f'<row r="2"><c r="A2" s="1"><v>45296</v></c>{cell("B2", "1", "n")}</row>'
    table = inbox.table(package(body, pr=pr, more={"xl/styles.xml": styles}), "a.xlsx")
    assert rows(table) == [(day, "1")]


def test_a_sheet_written_in_another_way_reads_the_same(inbox: Inbox) -> None:
    plain = f'<row r="2">{cell("A2", "1", "n")}{cell("B2", "a &amp; b", "str")}</row>'
    odd = '<row r="2"><c t="n" r="A2"><v>1</v></c><!-- x -->'
    odd += '<c t="str"><v><![CDATA[a & b]]></v></c></row>'
    one = rows(inbox.table(package(HEADER + plain), "a.xlsx"))
    other = rows(inbox.table(package(HEADER + odd), "a.xlsx"))
    assert one == other == [("1", "a & b")]


def test_entities_are_never_expanded(inbox: Inbox) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    for part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"):
        inbox.put(
            "a.xlsx", package(HEADER, more={part: f"{laughs}<worksheet><sheetData/></worksheet>"})
        )
        with pytest.raises(BadSource, match="document type"):
            inbox.read()


def test_a_cell_far_away_takes_no_memory(inbox: Inbox) -> None:
    body = HEADER + f'<row r="2">{cell("A2", "1", "n")}</row>'
    body += f'<row r="1048576">{cell("A1048576", "2", "n")}{cell("XFD1048576", "9", "n")}</row>'
    table = inbox.table(package(body), "a.xlsx")
    assert (table.rows, len(table.columns)) == (2, 3)


def test_a_sheet_that_is_cut_off_is_refused(inbox: Inbox) -> None:
    cut = '<worksheet><sheetData><row r="1"><c r="A1"><v>1'
    inbox.put("a.xlsx", package("", more={"xl/worksheets/sheet1.xml": cut}))
    with pytest.raises(BadSource, match="damaged"):
        inbox.read()


def test_numbers_of_a_workbook_are_never_asked_about(inbox: Inbox) -> None:
    body = HEADER + f'<row r="2">{cell("A2", "1", "n")}{cell("B2", "1.234", "n")}</row>'
    table = inbox.table(package(body), "a.xlsx")
    assert (table.questions, kinds(table)["amount"]) == ((), "number")


def test_numbers_dates_and_escapes_of_spreadsheets() -> None:
    assert number_text("274.65999999999997") == "274.66"
    assert number_text("4.2733542752586099E-7") == "0.000000427335427525861"
    assert number_text("474939423470395392") == "474939423470395392"
    assert serial_text("60", "date", from_1904=False) == "1900-02-29"
    assert serial_text("59.5", "date", from_1904=False) == "1900-02-28 12:00:00"
    assert serial_text("0.25", "date", from_1904=False) == "06:00:00"
    assert serial_text("0.0625", "duration", from_1904=False) == "5400"
    assert unescaped("a_x000D_b_x005F_x000D_") == "a\nb_x000D_"
    shown = [
        shown_as(200, code) for code in ('#,##0 "days"', "[Red]0.0", "[h]:mm", "d. mmmm", "0%")
    ]
    assert shown == ["plain", "plain", "duration", "date", "plain"]


def test_one_packed_table_is_read_and_a_bomb_is_not(inbox: Inbox) -> None:
    assert rows(inbox.table(gzip.compress(b"id,name\n1,a\n"), "a.csv")) == [("1", "a")]
    inbox.put("a.csv", gzip.compress(b"0" * 90_000_000))
    with pytest.raises(BadSource, match="times its size"):
        inbox.read()
    inbox.put("a.csv", gzip.compress(b"id,name\n1,a\n")[:18])
    with pytest.raises(BadSource, match="packed and damaged"):
        inbox.read()


@pytest.mark.parametrize(
    ("body", "expected", "found"),
    [
        (b'\xef\xbb\xbf[{"a": 1}]', [("1",)], []),
        ('[{"a": "å"}]'.encode("utf-16"), [("å",)], []),
        (b'[{"a": NaN}, {"a": 1}]', [(None,), ("1",)], []),
        (b'{"a": 1}\n{"a": 2\n{"a": 3}\n', [("1",), ("3",)], [("broken_json", 1, ("2",))]),
        (b'[{"a": 1}, 5, null]', [("1",)], [("broken_json", 2, ())]),
        (b'[{"a": 1, "a": 2}]', [("1",)], [("duplicate_key", 1, ())]),
        (
            b'{"o": [{"i": 1}, {"i": 2}], "c": [{"i": 9}]}',
            [("1",), ("2",)],
            [("lists_not_read", 1, ())],
        ),
        (b'[{"a": 123456789012345678901234567890}]', [("123456789012345678901234567890",)], []),
        (b'[{"a": [1, 2], "b": {"c": {"d": 3}}}]', [("[1,2]", "3")], []),
        (b'[{"we\\"ird/~": 1, "": 2}]', [("2", "1")], []),
    ],
)
def test_json_of_every_make(inbox: Inbox, body: bytes, expected: Any, found: Any) -> None:
    table = inbox.table(body, "a.json")
    assert rows(table) == expected
    assert [(one.code, one.rows, one.records) for one in table.findings] == found
    assert table.rejected == sum(rows for code, rows, _ in found if code == "broken_json")


@pytest.mark.parametrize(
    "body", [b"[" * 200_000 + b"]" * 200_000, b"[]", b"{}", b"[[1, 2]]", b"[1, 2"]
)
def test_json_without_records_is_refused(inbox: Inbox, body: bytes) -> None:
    inbox.put("a.json", body)
    with pytest.raises(BadSource):
        inbox.read()


def test_deeply_nested_json_is_text(inbox: Inbox) -> None:
    deep = "[" * 900 + "]" * 900
    assert (
        rows(inbox.table(json.dumps([{"id": 1}])[:-2] + f', "a": {deep}}}]', "a.json"))[0][1] == "1"
    )


def test_encrypted_parquet_is_refused_as_such(inbox: Inbox) -> None:
    inbox.put("a.parquet", b"PARE" + bytes(64) + b"PARE")
    with pytest.raises(BadSource, match="encrypted"):
        inbox.read()


def test_a_page_instead_of_a_table_is_refused(inbox: Inbox) -> None:
    inbox.put("export.csv", "<!DOCTYPE html><html><form>Sign in</form></html>")
    with pytest.raises(BadSource, match="page or document without a table"):
        inbox.read()


def test_xml_spreadsheet_2003(inbox: Inbox) -> None:
    body = (
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="A"><Table><Row><Cell><Data ss:Type="String">id</Data></Cell>'
        '<Cell ss:Index="3"><Data ss:Type="String">day</Data></Cell></Row>'
        '<Row><Cell><Data ss:Type="Number">1</Data></Cell><Cell ss:Index="3">'
        '<Data ss:Type="DateTime">2024-01-05T00:00:00.000</Data></Cell></Row></Table></Worksheet>'
        "</Workbook>"
    )
    assert rows(inbox.table(body, "a.xls")) == [("1", "2024-01-05")]


def test_a_file_that_grows_while_it_is_read_is_refused(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = inbox.put("a.csv", "id,name\n" + "1,a\n" * 200_000)
    stop = threading.Event()

    def grow() -> None:
        with path.open("a") as out:
            while not stop.is_set():
                out.write("2,b\n")
                out.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with pytest.raises(BadSource, match="changed while it was read"):
            inbox.read()
    finally:
        stop.set()
        writer.join()


def test_a_guess_that_matters_shows_a_word_in_both_readings(inbox: Inbox) -> None:
    table = inbox.table("id;name\n1;Žižkov\n2;Brno\n".encode("cp1250"))
    finding = next(one for one in table.findings if one.code == "guessed_encoding")
    assert "Žižkov" in finding.message
    assert finding.severity == "warning"


def test_lines_that_end_in_cr_alone_are_not_one_long_line(inbox: Inbox) -> None:
    table = inbox.table(b"id,note\r" + b"1,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r" * 40_000)
    assert (table.rows, table.rejected, codes(table)) == (40_000, 0, [])


def test_a_wide_file_is_read_within_its_memory(inbox: Inbox) -> None:
    names = ",".join(f"c{number}" for number in range(600))
    table = inbox.table(names + "\n" + ",".join(["5"] * 600) + "\n")
    assert (len(table.columns), table.rows) == (600, 1)
    inbox.put("deals.csv", ",".join(["c"] * 2001) + "\n")
    with pytest.raises(BadSource, match="2,001 columns"):
        inbox.read()


def test_a_file_called_like_a_pattern_is_read(inbox: Inbox) -> None:
    inbox.put("deals [June].csv", "id,name\n1,a\n")
    assert inbox.read("in/deals [June].csv").tables[0].rows == 1


@pytest.mark.parametrize("mark", [" --", "n.d.", "..", "NaN", "ej tillgänglig", " - "])
def test_marks_for_nothing_are_nothing(inbox: Inbox, mark: str) -> None:
    table = inbox.table(f"id;v\n1;{mark}\n2;5\n3;6\n")
    assert (rows(table)[0], kinds(table)["v"]) == (("1", None), "integer")
