"""Every file of the dirty corpora: read right, asked about, or refused with the reason."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from kvitto.sources.connectors.file.cell import cell_text
from kvitto.sources.format import NOTHING
from tests.sources.corpus import DATA, MOST_RESIDENT, PAGE, Outcome, Read, files, page, read_all

pytestmark = pytest.mark.skipif(
    not (DATA / "dirty_messytables").is_dir(),
    reason="needs ../shared/data beside the repository",
)

OTHERWISE_COUNTED = {
    "dirty_frictionless/dialect.csv": "its quote is #, which is neither found nor told",
    "dirty_messytables/weird_head_padding.csv": "its cells hold no-break spaces alone",
}
"""Text files that the csv module counts in another way, and why that is right."""


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return read_all(files())


def found(outcomes: Sequence[Outcome], name: str) -> Outcome:
    return next(one for one in outcomes if f"{one.corpus}/{one.file}".endswith(name))


def test_every_file_is_read_asked_about_or_refused_with_a_reason(outcomes: list[Outcome]) -> None:
    assert len(outcomes) == len(files()) > 450
    assert [one for one in outcomes if one.verdict not in ("read", "asked", "refused")] == []
    assert [one.file for one in outcomes if one.verdict != "read" and len(one.reason) < 10] == []
    assert [one.file for one in outcomes if one.verdict == "read" and not one.tables] == []


def test_no_file_takes_much_memory_or_time(outcomes: list[Outcome]) -> None:
    assert max(one.peak for one in outcomes) < MOST_RESIDENT
    assert max(one.seconds for one in outcomes) < 20


def test_the_page_of_all_files_is_not_behind(outcomes: list[Outcome]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(outcomes), "run: python -m tests.sources.corpus"


def test_rows_of_text_files_are_given_or_stand_in_findings(outcomes: list[Outcome]) -> None:
    wrong = {}
    for one in outcomes:
        path = DATA / one.corpus / one.file
        if one.verdict == "refused" or path.suffix not in (".csv", ".tsv", ".psv", ".ssv", ".zip"):
            continue
        if f"{one.corpus}/{one.file}" in OTHERWISE_COUNTED:
            continue
        (table,) = one.tables
        counted = below_header(text_rows(path, table), table)
        if counted != table.rows + table.rejected:
            wrong[one.file] = (counted, table.rows, table.rejected)
    assert wrong == {}


def test_rows_of_workbooks_are_given_or_stand_in_findings(outcomes: list[Outcome]) -> None:
    wrong = {}
    for one in outcomes:
        path = DATA / one.corpus / one.file
        if one.verdict == "refused" or path.suffix not in (
            ".xlsx",
            ".xlsm",
            ".xls",
            ".xlsb",
            ".ods",
        ):
            continue
        for table in one.tables:
            if table.sheet is None or len(one.tables) > 1:  # text called a workbook, or parts
                continue
            decided = table.decided.get("header", "")
            if decided.startswith("rows"):  # a header of several rows has names of its own
                counted = filled_below(path, table, int(decided.split()[-1]))
            else:
                counted = below_header(sheet_rows(path, table), table)
            if counted != table.rows + table.rejected:
                wrong[one.file] = (counted, table.rows, table.rejected)
    assert wrong == {}


def test_tables_side_by_side_are_read_one_by_one(outcomes: list[Outcome]) -> None:
    one = found(outcomes, "table_with_insertrow_attribute.xlsx")
    read = [(table.header[:2], table.rows, table.cells[0][:2]) for table in one.tables]
    assert read == [
        (["Id", "Price"], 30, ["1", "62.2038720159507"]),
        (["Id", "Price"], 32, ["1", "16.9442226514945"]),
    ]
    assert [other.file for other in outcomes if len(other.tables) > 1] == [one.file]


def text_rows(path: Path, table: Read) -> list[list[str]]:
    """The rows as Python's own reader cuts them, with the encoding and delimiter decided on."""
    raw = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            raw = archive.read(archive.namelist()[0])
    encoding = {"utf-8": "utf-8-sig"}.get(table.decided["encoding"], table.decided["encoding"])
    text = raw.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    csv.field_size_limit(1 << 30)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=table.decided["delimiter"]))


def sheet_rows(path: Path, table: Read) -> list[list[str]]:
    """The rows as the reader of workbooks gives them, which reads XLSX in its own way."""
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(table.sheet or "")
    return [[cell_text(cell) for cell in row] for row in sheet.to_python()]


def filled_below(path: Path, table: Read, number: int) -> int:
    """How many rows with anything in them stand below the row of that number."""
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(table.sheet or "")
    below = sheet.to_python(skip_empty_area=False)[number:]
    return sum(any(cell_text(cell).strip() not in NOTHING for cell in row) for row in below)


def below_header(rows: list[list[str]], table: Read) -> int:
    """How many rows with anything in them stand below the row that is the header."""
    filled = [row for row in rows if any(cell.strip() not in NOTHING for cell in row)]
    unnamed = re.compile(r"column_\d+")
    wanted = [cell.strip() for cell in table.header if not unnamed.fullmatch(cell)]
    if not wanted and table.cells:  # there is no header: the first row given is where it starts
        wanted = [cell for cell in table.cells[0] if cell is not None]
        return below(filled, wanted) + 1
    return below(filled, wanted)


def below(filled: list[list[str]], wanted: list[str]) -> int:
    """How many rows stand below the one that holds these cells; -1 without one."""
    for at, row in enumerate(filled):
        if [
            cell.strip("\ufeff ").strip() for cell in row if cell.strip("\ufeff ") not in NOTHING
        ] == wanted:
            return len(filled) - at - 1
    return -1


@pytest.mark.parametrize(
    "name",
    [
        "comma_in_quotes",
        "empty",
        "empty_crlf",
        "escaped_quotes",
        "json",
        "newlines",
        "newlines_crlf",
        "quotes_and_newlines",
        "simple",
        "simple_crlf",
        "utf8",
    ],
)
def test_csv_spectrum_gives_the_answers_that_come_with_it(
    outcomes: list[Outcome], name: str
) -> None:
    (table,) = found(outcomes, f"csvs/{name}.csv").tables
    answers = json.loads((DATA / f"dirty_csv_spectrum/json/{name}.json").read_text("utf-8"))
    given = [dict(zip(table.header, row, strict=True)) for row in table.cells]
    assert given == [
        {key: value.replace("\r\n", "\n") or None for key, value in row.items()} for row in answers
    ]


Pin = tuple[int, int, dict[tuple[int, str], str | None]]

PINS: dict[str, Pin] = {
    # Title lines, comments, footers and broken rows.
    "clevercsv/example/airedale.csv": (
        54,
        0,
        {(0, "Payment Date"): "16/07/2010", (0, "Amount"): "43,774.58"},
    ),
    "clevercsv/example/imdb.csv": (
        99,
        1,
        {(0, "title"): "Der Vagabund und das Kind (1921)", (0, "imdbRating"): "8.4"},
    ),
    "frictionless/countries.csv": (
        3,
        2,
        {(0, "neighbor_id"): "Ireland", (2, "name"): "Italy", (2, "neighbor_id"): None},
    ),
    "frictionless/defective-rows.csv": (0, 2, {}),
    "frictionless/matrix-with-comment.csv": (4, 0, {(0, "f1"): "11", (3, "f4"): "44"}),
    "frictionless/escaping.csv": (2, 1, {(1, "Test"): 'Test " line 2'}),
    "messytables/mixedGLB.csv": (133, 0, {(0, "Year"): "1880", (0, "Jan"): "-43"}),
    # Encodings and marks.
    "frictionless/bom.csv": (2, 0, {(1, "name"): "中国人"}),
    "frictionless/latin1.csv": (2, 0, {(1, "name"): "©"}),
    "openrefine/example-latin1.tsv": (
        2,
        0,
        {(0, "Start"): "02042003", (0, "Location"): "Tizi Ouzou, Béjaïa, (Kaby ..."},
    ),
    "openrefine/example-utf16be-bom.tsv": (
        2,
        0,
        {(0, "Location"): "Tizi Ouzou, Béjaïa, (Kaby ..."},
    ),
    "openrefine/example-utf16le-bom.tsv": (2, 0, {(1, "Start"): "07122002", (1, "Sub_Type"): None}),
    "openrefine/csv-with-bom.csv": (2, 0, {(1, "ColA"): "A2"}),
    "messytables/characters.csv": (382, 0, {(0, "景點中文名稱"): "雲嘉南濱海國家風景區管理處"}),
    "messytables/spanish_chars.csv": (
        115,
        0,
        {(0, "GF"): "Gobierno", (0, "Gasto total 2011"): "229,932.50"},
    ),
    "messytables/utf-16le_encoded.csv": (
        327,
        0,
        {(0, "Organisation_code"): "5C1", (0, "Reporting_period"): "2010-11"},
    ),
    "messytables/211.csv": (
        2132,
        0,
        {(0, "ResourceAgencyNum"): "373463", (0, "ParentAgency"): "CentroNia"},
    ),
    # Quotes, line breaks, codes, dates.
    "frictionless/leading-zeros.csv": (3, 0, {(0, "value"): "01", (2, "value"): "00003"}),
    "frictionless/issue-1232.csv": (
        5,
        0,
        {(0, "comune"): "030151360", (0, "codice_provincia"): "015"},
    ),
    "frictionless/duplicate-headers.csv": (2, 0, {(0, "name"): "John", (1, "age"): "26"}),
    "frictionless/issue-1138.csv": (
        7,
        0,
        {(0, "Zeit [MEZ]"): "09.07.2013 12:00:00", (1, "Wasserstand"): "145"},
    ),
    "openrefine/example-linebreaks-in-cells.tsv": (2, 0, {(1, "2nd"): "f\nf", (1, "4th"): "h\nh"}),
    "openrefine/movies-condensed.tsv": (
        20,
        0,
        {(0, "name"): "Wayne's World", (0, "Initial release date"): "2/14/1992"},
    ),
    "openrefine/presidents.tsv": (43, 0, {(0, "guid"): "#9202a8c04000641f8000000000003bcf"}),
    "messytables/complex.csv": (
        3,
        0,
        {(2, "temperature"): "6,000,000", (1, "place"): "Galway and more"},
    ),
    "messytables/null.csv": (10, 0, {}),
    # Packed, and tables in markup.
    "messytables/simple.zip": (6, 0, {(0, "place"): "Galway", (5, "place"): "Berkeley"}),
    "tabulator/special/table.csv.html": (2, 0, {(1, "name"): "中国人"}),
    "messytables/rowcolspan.html": (
        10,
        0,
        {(0, "column_1"): "05", (9, "column_5"): "99", (2, "column_4"): None},
    ),
    # Workbooks.
    "janitor/dirty_data.xlsx": (
        12,
        0,
        {
            (0, "Last Name"): "Bourne",
            # Stored as 39690 without a format, among days: read as the day, with a finding.
            (0, "Hire Date"): "2008-08-30",
            (1, "Hire Date"): "2019-01-14",
            (1, "% Allocated"): "0.25",
        },
    ),
    "inst/extdata/clippy.xlsx": (4, 0, {(2, "value"): "2007-01-01", (3, "value"): "0.9"}),
    "inst/extdata/clippy.xls": (4, 0, {(2, "value"): "2007-01-01", (3, "value"): "0.9"}),
    "inst/extdata/type-me.xlsx": (
        10,
        0,
        {(0, "description"): "empty", (3, "maybe boolean?"): "2016-01-01"},
    ),
    "sheets/dates-leap-year-1900-xlsx.xlsx": (
        7,
        0,
        {(0, "dttm"): "1900-01-01 08:00:00", (6, "dttm"): "1904-01-01 08:00:00"},
    ),
    "sheets/datetime-rounding.xlsx": (
        4,
        0,
        {(0, "dttm"): "2016-04-28 11:30:00", (3, "dttm"): "2017-01-03 11:30:00"},
    ),
    "sheets/names-need-repair-xlsx.xlsx": (2, 0, {(0, "a b"): "1", (1, "c%&$"): "2.2"}),
    "sheets/texty-dates-xlsx.xlsx": (
        2,
        0,
        {(0, "a"): "1985-03-11 13:00:00", (1, "a"): "1985-03-11 13:23:32"},
    ),
    "sheets/big-texty-numbers-xlsx.xlsx": (
        6,
        0,
        {(1, "number"): "2147483647", (5, "number as text"): "-2147483649"},
    ),
    "sheets/currency-formats-xlsx.xlsx": (2, 0, {(0, "cost_CHF"): "0.5", (1, "cost_EUR"): "10000"}),
    "sheets/blanks.xlsx": (2, 0, {(0, "y"): "a", (1, "x"): "1"}),
    "sheets/iris-google-doc.xlsx": (
        150,
        0,
        {(0, "Sepal.Length"): "5.1", (149, "Species"): "virginica"},
    ),
    "sheets/mtcars.xls": (6, 0, {(0, "mpg"): "21", (2, "drat"): "3.85", (2, "carb"): "1"}),
    "calamine/sheet_name_parsing.xls": (0, 0, {}),
    "sheets/iris-excel-xls.xls": (
        150,
        0,
        {(0, "Sepal.Length"): "5.1", (149, "Species"): "virginica"},
    ),
    "calamine/date_1904.xlsx": (
        3,
        0,
        {(0, "column_1"): "2021-01-01", (1, "column_1"): "2021-01-02", (2, "column_2"): "17"},
    ),
    "calamine/date_1904.xls": (
        3,
        0,
        {(0, "column_1"): "2021-01-01", (1, "column_1"): "2021-01-02", (2, "column_2"): "17"},
    ),
    "calamine/date_1904.xlsb": (3, 0, {(1, "column_1"): "2021-01-02"}),
    "calamine/has_x000D_.xlsx": (0, 0, {}),
    "calamine/table-multiple.xlsx": (4, 0, {(0, "Type"): "Apple", (3, "Quantity"): "100"}),
    "messytables/sw_gen.xlsx": (15, 0, {(0, "id_str"): "474939423470395392"}),
    "messytables/simple.xls": (6, 0, {(0, "date"): "2011-01-01", (0, "temperature"): "1"}),
    "messytables/simple.ods": (3, 0, {(0, "When"): "2010-10-10", (2, "Age"): "34"}),
    "frictionless/adjust-floating-point-error.xlsx": (5, 0, {(1, "actual PO4 (values)"): "274.66"}),
    "frictionless/number-format-multicode.xlsx": (3, 0, {(1, "col1"): "-9.03233986479077"}),
    "frictionless/table-with-ints-floats-dates.ods": (
        3,
        0,
        {(0, "Date"): "2009-08-16", (1, "Datetime"): "2009-09-20 15:30:00"},
    ),
}
"""Rows, rows left out, and cells (row from 0, header) as a person reads them in the file."""


@pytest.mark.parametrize("name", PINS)
def test_what_stands_in_the_file_comes_out(outcomes: list[Outcome], name: str) -> None:
    one = found(outcomes, name)
    rows, rejected, cells = PINS[name]
    (table,) = one.tables
    headers = [header.strip() for header in table.header]
    given = {key: table.cells[key[0]][headers.index(key[1])] for key in cells}
    assert (table.rows, table.rejected, given) == (rows, rejected, cells)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pass_protected.xlsx", "password"),
        ("pass_protected.ods", "password"),
        ("pass_protected.xlsb", "password"),
        ("encrypted_no_password.xls", "password"),
        ("OOM_alloc3.xls", "damaged"),
        ("issue_594_dos.ods", "damaged"),
        ("issue252.xlsx", "damaged"),
        ("frictionless/wide.csv", "9,074 columns"),
        ("calamine/errors.xlsx", "failed formulas (A1 #DIV/0!"),
        ("frictionless/empty.csv", "it is empty"),
        ("calamine/empty_sheet.xlsx", "no sheet of it holds anything"),
    ],
)
def test_what_cannot_be_read_says_why(outcomes: list[Outcome], name: str, reason: str) -> None:
    one = found(outcomes, name)
    assert (one.verdict, reason in one.reason) == ("refused", True), one.reason


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("janitor/dirty_data.xlsx", "failed_formula"),
        ("frictionless/sheets.xlsx", "sheets_not_read"),
        ("frictionless/merged-cells.xlsx", "merged_cells"),
        ("messytables/html.html", "tables_not_read"),
        ("frictionless/table-infer-iso-8859-7.csv", "guessed_encoding"),
        ("sheets/missing-v-node-xlsx.xlsx", "formula_without_value"),
        ("janitor/dirty_data.xlsx", "serial_dates"),
        ("messytables/large.xlsx", "totals_row"),
        ("tabulator/special/skip-rows.csv", "rejected_row"),
    ],
)
def test_what_is_wrong_is_a_finding(outcomes: list[Outcome], name: str, code: str) -> None:
    one = found(outcomes, name)
    assert code in [finding["code"] for finding in one.findings]


def test_an_open_date_order_is_asked_about(outcomes: list[Outcome]) -> None:
    one = found(outcomes, "table-with-accents.csv")
    assert (one.verdict, one.tables[0].questions) == ("asked", ["Date"])
