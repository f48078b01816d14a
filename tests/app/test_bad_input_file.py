"""Files that are no tables, or not what they say: refused whole, or told as findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.bad_input import BIRCH, HEADER, ROWS, Room, settled

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 40
WITH_A_LETTER = HEADER + ROWS.replace("Anna", "Åsa")


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Room:
    return settled(tmp_path_factory, tmp_path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "there is no file at data/deals.csv"),
        (b"", "it is empty"),
        (b"\xef\xbb\xbf", "there is no header in it"),
        (b"\n\n   \n", "there is no header in it"),
        (PNG, "it is not a table but binary data"),
        (b"PK\x03\x04" + b"x" * 900, "it is not a table but binary data"),
        (b"\x1f\x8b\x08" + b"x" * 900, "it is packed and damaged"),
        (b"<html><body>Sign in</body></html>", "it is a page or document without a table in it"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_is_touched(
    room: Room, content: bytes | None, found: str
) -> None:
    before = room.print()
    path = room.put(content or b"")
    if content is None:
        path.unlink()
    told = room.run("sync", "crm", "--json")
    assert told.code == 3
    assert told.error["code"] == "KV300"
    assert [problem["found"].split(" (")[0] for problem in told.error["problems"]] == [found]
    assert all(problem["todo"] for problem in told.error["problems"])
    assert room.print() == before


def test_a_missing_file_suggests_the_one_that_is_there(room: Room) -> None:
    room.change("sources/crm.yml", "deals.csv", "dels.csv")
    told = room.run("sync", "crm")
    assert told.code == 3
    assert "Did you mean 'deals.csv'?" in told.err
    assert "sources/crm.yml" in told.err


def test_a_source_that_vanishes_leaves_the_others_and_its_last_good_rows(room: Room) -> None:
    sealed, won = room.sealed(), room.ask("bookings_amount")
    (room.root / "data" / "deals.csv").unlink()
    room.put(HEADER + BIRCH + "D-3,Cleo,Won,2024-01-02,2024-03-29,3\n", "data/birch.csv")
    told = room.run("sync", "--json")
    assert told.code == 1
    assert [one["source"] for one in told.json["failed"]] == ["crm"]
    assert "data/deals.csv" in told.json["failed"][0]["problems"][0]
    assert room.ask("bookings_amount") == won
    assert room.ask("bookings_amount", client="birch") == 80
    assert [one["severity"] for one in room.findings("source_failed")] == ["error"]
    assert room.sealed() == sealed


def test_a_header_without_rows_is_a_finding_and_no_figure_is_zero(room: Room) -> None:
    sealed = room.sealed()
    room.put(HEADER)
    assert room.run("sync").code == 0
    (finding,) = room.findings("no_rows")
    assert "deals.csv has a header and no rows" in finding["message"]
    assert room.ask("deals_won") in ("no_data", "not_connected")
    assert room.run("rollback").code == 0
    assert room.ask("deals_won") == 2
    assert room.sealed() == sealed


def test_a_line_beyond_the_limit_is_left_out_and_told(room: Room) -> None:
    huge = "006," + "x" * 20_000_000 + ",Won,2024-03-01,2024-03-02,5\n"
    room.put(HEADER + ROWS + huge + "007,Anna,Won,2024-03-01,2024-03-02,5\n")
    assert room.run("sync").code == 0
    (finding,) = room.findings("line_too_long")
    assert (finding["rows"], finding["records"]) == (1, ["7"])
    assert "1,000,000 bytes" in finding["message"]
    assert room.ask("deals_won") == 3


def test_lines_that_cannot_be_cut_into_cells_are_told_by_their_number(room: Room) -> None:
    short, long = "006,Anna\n", "007,Anna,Won,2024-03-01,2024-03-02,5,6,7\n"
    unclosed = '009,"Anna,Won,2024-03-01,2024-03-02,5\n'
    room.put(HEADER + ROWS + short + long + "008,Bo,Won,2024-03-01,2024-03-02,5\n" + unclosed)
    assert room.run("sync", "crm").code == 0
    found = room.findings("rejected_row")
    assert {record for one in found for record in one["records"]} == {"7", "8", "10"}
    assert {one["resolution"] for one in found} == {"exclude"}
    assert room.ask("deals_won") == 3


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_name_survives_the_encoding_of_its_file(room: Room, encoding: str) -> None:
    room.put(WITH_A_LETTER.encode(encoding))
    files = room.run("map", "crm", "--json").json["sources"][0]["files"]
    owner = next(one for one in files[0]["columns"] if one["column"] == "owner")
    assert owner["sample"] == "Åsa, Bo"


def test_an_encoding_that_was_guessed_is_shown_and_can_be_told(room: Room) -> None:
    room.put(WITH_A_LETTER.encode("cp1252"))
    assert "encoding: " in room.run("map", "crm").out
    assert "(guessed;" in room.run("map", "crm").out
    room.change("sources/crm.yml", "- file: deals.csv", "- file: deals.csv\n    encoding: cp1252")
    assert "encoding: cp1252 (told;" in room.run("map", "crm").out
    assert "Åsa" in room.run("map", "crm").out


def test_an_encoding_that_was_told_wrongly_is_a_finding(room: Room) -> None:
    room.put(WITH_A_LETTER.encode("cp1252"))
    room.change("sources/crm.yml", "- file: deals.csv", "- file: deals.csv\n    encoding: utf-8")
    assert room.run("sync", "crm").code == 0
    (finding,) = room.findings("wrong_encoding")
    assert finding["message"] == "2 characters of deals.csv cannot be read as utf-8"
    assert "encoding: cp1252" in finding["todo"]


def test_an_encoding_that_nobody_knows_is_refused(room: Room) -> None:
    before = room.print()
    room.put(WITH_A_LETTER.encode("cp1252"))
    room.change("sources/crm.yml", "- file: deals.csv", "- file: deals.csv\n    encoding: klingon")
    told = room.run("sync", "crm")
    assert told.code == 3
    assert "the encoding 'klingon' is not known" in told.err
    assert room.print() == before


def test_a_workbook_that_is_called_csv_is_read_without_its_row_of_totals(room: Room) -> None:
    cells: list[list[object]] = [list(line.split(",")) for line in (HEADER + ROWS).split()]
    for row in cells[1:]:
        row[5] = float(str(row[5]))
    room.put(_workbook([*cells, ["Summa", "", "", "", "", 2440.5]]))
    assert room.run("sync", "crm").code == 0
    assert (room.ask("deals_created"), room.ask("bookings_amount")) == (5, 1250.5)
    (finding,) = room.findings("totals_row")
    assert (finding["rows"], finding["resolution"]) == (1, "exclude")


def _workbook(rows: list[list[object]]) -> bytes:
    import io

    import xlsxwriter

    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet("Deals")
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    book.close()
    return content.getvalue()
