"""Files that are missing, empty, misnamed or no tables at all."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from kvitto.errors import BadSource, UnknownName
from kvitto.sources import Reading, Staged
from kvitto.sources.connector import CONNECTORS, Connector, Settings
from kvitto.sources.stream import Account
from tests.sources.conftest import Inbox, kinds, rows


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    for name, lines in sheets.items():
        sheet = book.add_worksheet(name)
        for number, line in enumerate(lines):
            for place, cell in enumerate(line):
                sheet.write(number, place, cell)
    book.close()
    return out.getvalue()


DEALS: list[list[object]] = [
    ["Deal ID", "Created", "Amount"],
    ["007", date(2024, 1, 5), 1234.5],
    ["8", None, 2],
]


def test_a_missing_file_is_named_with_the_nearest(inbox: Inbox) -> None:
    inbox.put("deals.csv", "id\n1\n")
    with pytest.raises(BadSource, match=r"Did you mean 'deals\.csv'"):
        inbox.read("in/deal.csv")


def test_all_problems_come_together(inbox: Inbox) -> None:
    inbox.put("empty.csv", b"")
    inbox.put("picture.csv", bytes(range(256)) * 20)
    inbox.put("good.csv", "id,name\n1,a\n")
    with pytest.raises(BadSource) as caught:
        inbox.read(tables=[{"file": "orders.csv"}])
    said = [problem.found for problem in caught.value.problems]
    assert len(said) == 3
    assert {"it is empty", "it is not a table but binary data"} < set(said)


def test_a_packed_folder_says_unpack(inbox: Inbox) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("deals.csv", "id\n1\n")
        archive.writestr("more.csv", "id\n1\n")
    inbox.put("deals.csv", out.getvalue())
    with pytest.raises(BadSource, match="Unpack"):
        inbox.read()


def test_folders_globs_and_what_is_ignored(inbox: Inbox) -> None:
    for name in ("a.csv", "b.csv", "notes.md", ".hidden.csv"):
        inbox.put(name, "id,name\n1,a\n")
    assert [table.file for table in inbox.read("in").tables] == ["a.csv", "b.csv"]
    assert [table.file for table in inbox.read("in/b*.csv").tables] == ["b.csv"]
    assert [table.file for table in inbox.read("in", ignore=["a*"]).tables] == ["b.csv"]
    skip = [{"file": "b.csv", "skip": True}]
    assert [table.file for table in inbox.read("in", tables=skip).tables] == ["a.csv"]


@pytest.mark.parametrize("name", ["deals.xlsx", "deals.csv", "deals.xls"])
def test_a_workbook_is_known_by_its_content(inbox: Inbox, name: str) -> None:
    table = inbox.table(workbook({"Cover": [], "Deals": DEALS}), name)
    assert (table.sheet, table.rows) == ("Deals", 2)
    assert rows(table) == [("007", "2024-01-05", "1234.5"), ("8", None, "2")]
    assert kinds(table) == {"Deal ID": "text", "Created": "date", "Amount": "number"}


def test_named_sheets_are_read_and_a_wrong_name_is_refused(inbox: Inbox) -> None:
    book = workbook({"One": [["id"], ["1"]], "Deals": DEALS})
    inbox.put("book.xlsx", book)
    both = [{"file": "book.xlsx", "sheet": "Deals"}, {"file": "book.xlsx", "sheet": "One"}]
    assert [table.sheet for table in inbox.read(tables=both).tables] == ["Deals", "One"]
    with pytest.raises(BadSource, match="Did you mean 'Deals'"):
        inbox.read(tables=[{"file": "book.xlsx", "sheet": "Deal"}])


def test_a_table_in_markup_called_xls(inbox: Inbox) -> None:
    page = "<html><table><tr><th>Id<th>Name</tr><tr><td>1</td><td>Bo &amp; Co</td></tr></table>"
    page = page.replace("<th>Id<th>Name", "<th>Id</th><th>Name</th>")
    assert rows(inbox.table(page, "export.xls")) == [("1", "Bo & Co")]


def test_a_csv_called_xlsx(inbox: Inbox) -> None:
    assert rows(inbox.table("id;name\n1;a\n", "export.xlsx")) == [("1", "a")]


def test_a_workbook_that_unpacks_to_too_much_is_refused(inbox: Inbox) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 120_000_000)
    inbox.put("bomb.xlsx", out.getvalue())
    with pytest.raises(BadSource, match="unpacks to"):
        inbox.read()


def test_parquet_keeps_money_exact(inbox: Inbox) -> None:
    duckdb.sql(
        "SELECT '007' AS id, 12345678901234.56::DECIMAL(18,2) AS amount, DATE '2024-01-05' AS day"
    ).write_parquet(str(inbox.folder / "deals.parquet"))
    assert rows(inbox.read().tables[0]) == [("007", "12345678901234.56", "2024-01-05")]


def test_json_keeps_money_exact_and_opens_objects(inbox: Inbox) -> None:
    body = '{"results": [{"id": "1", "properties": {"amount": 12345678901234.10, "name": "-"}}]}'
    table = inbox.table(body, "deals.json")
    assert [column.name for column in table.columns] == [
        "id",
        "properties.amount",
        "properties.name",
    ]
    assert rows(table)[0][0] == "1"
    assert rows(table)[0][2] is None


def test_json_in_lines_and_in_a_list_read_alike(inbox: Inbox) -> None:
    records = [{"id": 1, "day": "2024-01-05"}, {"id": 2, "day": None, "more": True}]
    lines = "\n".join(json.dumps(record) for record in records)
    inbox.put("a.ndjson", lines)
    inbox.put("b.json", json.dumps(records))
    one, other = inbox.read().tables
    assert sorted(rows(one), key=str) == sorted(rows(other), key=str)


def test_broken_json_is_refused(inbox: Inbox) -> None:
    with pytest.raises(BadSource, match="cannot be read"):
        inbox.table('[{"id": 1}, {"id": ', "deals.json")


def test_rewritten_files_go_away(inbox: Inbox) -> None:
    inbox.put("deals.csv", "id;name\n1;Åke\n".encode("cp1252"))
    left = inbox.root / ".kvitto" / "staging" / "999999999-crm-dead"
    left.mkdir(parents=True)
    staged = inbox.read()
    assert not left.exists()
    assert len(os.listdir(left.parent)) == 1
    staged.close()
    staged.close()
    assert os.listdir(left.parent) == []


def test_the_file_itself_is_never_changed(inbox: Inbox) -> None:
    path = inbox.put("deals.csv", b"id;name\r\n1;\xc5ke\n")
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    inbox.read()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_an_unknown_kind_of_source_is_named(inbox: Inbox) -> None:
    with pytest.raises(UnknownName, match="Known: file"):
        inbox.read(kind="xyz")


def test_a_connector_of_another_package_is_used(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONNECTORS.builtin, "fixed", f"{__name__}:FIXED")
    monkeypatch.setattr(CONNECTORS, "_paths", None)
    assert inbox.read(kind="fixed").tables == ()


def read_nothing(reading: Reading) -> Staged:
    return Staged(reading.name, ())


FIXED = Connector(
    kind="fixed",
    title="Fixed",
    reads="Nothing.",
    settings=Settings,
    read=read_nothing,
    check=lambda reading: Account(reading.name),
)


def test_the_corpus_of_broken_files_never_crashes(inbox: Inbox) -> None:
    corpus = Path(__file__).parents[2].parent / "shared" / "data" / "dirty_csv_spectrum" / "csvs"
    if not corpus.is_dir():
        pytest.skip("needs ../shared/data beside the repository")
    for path in sorted(corpus.glob("*.csv")):
        inbox.put(path.name, path.read_bytes())
    staged = inbox.read()
    assert {table.file for table in staged.tables} == {path.name for path in corpus.glob("*.csv")}


def test_a_day_in_a_workbook_with_a_time_keeps_it(inbox: Inbox) -> None:
    table = inbox.table(
        workbook({"A": [["id", "at"], ["1", datetime(2024, 1, 5, 10, 30)]]}), "a.xlsx"
    )
    assert rows(table)[0][0] == "1"


@pytest.mark.parametrize("form", ['[{{"id": 1, "amount": {0}}}]', '{{"id": 1, "amount": {0}}}\n'])
def test_a_long_decimal_of_json_stays_as_it_is_written(inbox: Inbox, form: str) -> None:
    for number in ("1234567890.12345678901", "0.12345678901234567890", "-98765432109876543.21"):
        table = inbox.table(form.format(number), "amounts.json")
        assert number in rows(table)[0]
