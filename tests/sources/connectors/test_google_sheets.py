"""Google Sheets: cells as they are, sheets by name or number, and what a person did to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import BadDefinition, BadSource, SourceRefused
from kvitto.sources import Staged
from kvitto.sources.connectors.google_sheets.cell import address, cell_text
from tests.sources.connectors.google_source import GoogleSource, codes, table
from tests.sources.connectors.stand_in.google_sheets import BOOK, Sheets, stand_in


@pytest.fixture
def book() -> Iterator[Sheets]:
    with stand_in() as server:
        yield server


@pytest.fixture
def source(book: Sheets, tmp_path: Path) -> GoogleSource:
    return GoogleSource("google_sheets", tmp_path, book.settings, book.secrets)


def kinds(staged: Staged, name: str) -> dict[str, str]:
    (found,) = [one for one in staged.tables if one.name == name]
    return {column.header: column.format.kind for column in found.columns}


def test_a_sheet_is_read_like_a_file(source: GoogleSource) -> None:
    staged = source.sync()
    assert kinds(staged, "Affärer") == {
        "Affärs-ID": "text",
        "Affärsnamn": "text",
        "Belopp": "number",
        "Skapad": "date",
        "Status": "text",
    }
    assert table(staged, "Affärer")[0] == {
        "Affärs-ID": "D-1",
        "Affärsnamn": "Alfa",
        "Belopp": "1234.56",
        "Skapad": "2026-10-03",
        "Status": "won",
    }
    staged.close()


def test_headers_of_a_language_are_recognised(source: GoogleSource) -> None:
    from kvitto.conform import understand

    reading = source.reading()
    understood = understand(source.sync(), reading.definition)
    assert understood.problems == ()
    assert {"amount", "deal_id", "outcome"} <= set(understood.files[0].fill_of("deals"))


@pytest.mark.parametrize("locale", ["sv_SE", "en_US", "it_IT", "fi_FI"])
def test_dates_are_the_same_whatever_the_locale(
    book: Sheets, source: GoogleSource, locale: str
) -> None:
    book.locale = locale
    at = datetime(2026, 3, 4, 17, 30)
    book.tabs[0].rows = [["Day", "At", "N"], [date(2026, 3, 4), at, 1]]
    staged = source.sync()
    expected = {"Day": "2026-03-04", "At": "2026-03-04 17:30:00", "N": "1"}
    assert table(staged, "Affärer")[0] == expected
    assert staged.questions == ()


def test_dates_typed_as_text_are_asked_about_like_in_files(
    book: Sheets, source: GoogleSource
) -> None:
    book.tabs[0].rows = [["Name", "Day"], ["a", "03/04/2026"], ["b", "05/06/2026"]]
    assert [one.column for one in source.sync().questions] == ["Day"]


def test_hours_amounts_flags_and_codes_are_exact(book: Sheets, source: GoogleSource) -> None:
    book.tabs[0].rows = [
        ["Code", "Hours", "Amount", "Done"],
        ["007", timedelta(hours=26, minutes=30), 0.1 + 0.2, True],
        ["008", timedelta(minutes=15), 12345678.9, False],
    ]
    assert table(source.sync(), "Affärer") == [
        {"Code": "007", "Hours": "26:30:00", "Amount": "0.3", "Done": "true"},
        {"Code": "008", "Hours": "00:15:00", "Amount": "12345678.9", "Done": "false"},
    ]


def test_formulas_without_a_value_are_empty_and_found(book: Sheets, source: GoogleSource) -> None:
    book.tabs[0].rows[1][2] = "#REF!"
    book.tabs[0].rows[2][2] = "Loading..."
    staged = source.sync()
    assert [row["Belopp"] for row in table(staged, "Affärer")] == [None, None, None]
    found = [one for one in staged.findings if one.code == "formula_error"]
    assert [(one.rows, one.records) for one in found] == [(1, ("C2",)), (1, ("C3",))]


def test_empty_rows_between_and_after_are_left_out(book: Sheets, source: GoogleSource) -> None:
    book.tabs[0].rows[2:2] = [[], [None, None], ["", "", ""]]
    book.tabs[0].rows += [[], [], [None]]
    staged = source.sync()
    assert staged.tables[0].rows == 3
    assert "rejected_row" not in codes(staged)


def test_a_merged_text_holds_for_all_its_rows_and_a_number_for_one(
    book: Sheets, source: GoogleSource
) -> None:
    book.tabs[0].rows = [
        ["Client", "Budget", "Channel"],
        ["Acme", 900, "search"],
        [None, None, "display"],
        [None, None, "social"],
    ]
    book.tabs[0].merges = [(1, 4, 0, 1), (1, 4, 1, 2)]
    staged = source.sync()
    rows = table(staged, "Affärer")
    assert [row["Client"] for row in rows] == ["Acme"] * 3
    assert sorted(str(row["Budget"]) for row in rows) == ["900", "None", "None"]
    assert {"merged_cells", "merged_numbers"} <= set(codes(staged))


def test_all_sheets_that_are_shown_are_read(book: Sheets, source: GoogleSource) -> None:
    book.tab("Plan v1.2/Q4", ["Name", "Goal"], ["a", 1])
    book.tab("Secret", ["Name", "Goal"], ["a", 1], hidden=True)
    book.tab("Chart", kind="OBJECT")
    book.tab("Blank")
    staged = source.sync()
    assert [one.file for one in staged.tables] == ["Affärer", "Plan v1.2_Q4"]
    assert codes(staged) == ["empty_sheet"]


def test_sheets_are_chosen_by_name_or_skipped(book: Sheets, source: GoogleSource) -> None:
    book.tab("It's [draft]", ["Name", "Goal"], ["a", 1])
    named = source.sync(settings={**book.settings, "tabs": ["It's [draft]"]})
    assert [one.file for one in named.tables] == ["It's [draft]"]
    skip = [{"file": "It*", "skip": True}]
    assert [one.file for one in source.sync(tables=skip).tables] == ["Affärer"]


def test_a_renamed_sheet_is_found_by_its_number(book: Sheets, source: GoogleSource) -> None:
    source.settings = {**book.settings, "tabs": [{"name": "Affärer", "gid": 0}]}
    book.tabs[0].title = "Affärer 2026"
    staged = source.sync()
    assert [one.file for one in staged.tables] == ["Affärer"]
    (found,) = [one for one in staged.findings if one.code == "sheet_renamed"]
    assert "now called 'Affärer 2026'" in found.message


def test_a_missing_sheet_is_named_with_the_nearest(book: Sheets, source: GoogleSource) -> None:
    book.tabs[0].title = "Affärer 2026"
    with pytest.raises(BadSource, match="Did you mean 'Affärer 2026'"):
        source.sync(settings={**book.settings, "tabs": ["Affärer"]})
    with pytest.raises(BadSource, match="Did you mean 'Affärer 2026'"):
        source.sync(tables=[{"file": "Affärer", "fill": {}}])


def test_a_part_of_a_sheet(book: Sheets, source: GoogleSource) -> None:
    book.tabs[0].rows = [["Report"], [], ["x", "Name", "N"], ["x", "a", 1], ["x", "#REF!", 2]]
    tabs = [{"name": "Affärer", "range": "b3:c"}]
    staged = source.sync(settings={**book.settings, "tabs": tabs})
    assert [row["N"] for row in table(staged, "Affärer")] == ["1", "2"]
    assert staged.findings[-1].records == ("B5",)


def test_a_large_sheet_comes_in_blocks(book: Sheets, source: GoogleSource) -> None:
    book.tabs[0].rows = [["Name", "N"]]
    book.tabs[0].rows += [[f"n{number}", number] for number in range(120)]
    staged = source.sync(settings={**book.settings, "cells_per_request": 1000})
    assert staged.tables[0].rows == 120
    assert sum(int(row["N"]) for row in table(staged, "Affärer")) == 7140
    assert len(book.requests) == 1 + 2 * 27


def test_a_second_run_shows_what_is_there_now(book: Sheets, source: GoogleSource) -> None:
    source.sync()
    book.change()
    ids = [row["Affärs-ID"] for row in table(source.sync(), "Affärer")]
    assert ids == ["D-1", "D-2", "D-3", "D-4"]
    book.delete()
    rows = table(source.sync(), "Affärer")
    assert [row["Belopp"] for row in rows] == ["999.5", "500", None]


def test_nothing_new_has_the_same_fingerprint(book: Sheets, source: GoogleSource) -> None:
    from kvitto.sources.connectors.google_sheets import CONNECTOR

    first = CONNECTOR.fingerprint(source.reading())
    assert first == CONNECTOR.fingerprint(source.reading())
    book.tabs[0].rows[1][1] = "Alfa AB"
    assert CONNECTOR.fingerprint(source.reading()) != first


def test_an_empty_spreadsheet_does_not_empty_the_warehouse(
    book: Sheets, source: GoogleSource
) -> None:
    book.tabs[0].rows = []
    with pytest.raises(BadSource, match="no sheet of the spreadsheet holds anything"):
        source.sync()


def test_not_shared_names_the_address_to_share_it_with(book: Sheets, source: GoogleSource) -> None:
    book.shared = False
    with pytest.raises(SourceRefused, match=r"reports@agency(.|\n)*Share the spreadsheet"):
        source.check()


def test_no_such_spreadsheet(book: Sheets, source: GoogleSource) -> None:
    with pytest.raises(BadSource, match="was not found"):
        source.check(settings={**book.settings, "spreadsheet": "another-spreadsheet"})


def test_check_names_title_time_zone_and_sheets(source: GoogleSource) -> None:
    account = source.check()
    assert account.label == "the spreadsheet 'Agency'"
    assert (account.timezone, account.reads) == ("Europe/Stockholm", ("Affärer",))


def test_the_address_of_a_spreadsheet_is_enough(book: Sheets, source: GoogleSource) -> None:
    link = f"https://docs.google.com/spreadsheets/d/{BOOK}/edit#gid=0"
    assert source.check(settings={**book.settings, "spreadsheet": link}).reads == ("Affärer",)
    with pytest.raises(BadDefinition, match="neither a spreadsheet's address"):
        source.check(settings={**book.settings, "spreadsheet": "my sheet"})


def test_turned_away_it_goes_on(book: Sheets, source: GoogleSource) -> None:
    book.throttle(2)
    assert source.sync().tables[0].rows == 3


@given(st.datetimes(datetime(1900, 3, 1), datetime(2200, 1, 1)))
def test_a_serial_number_gives_the_second_back(moment: datetime) -> None:
    plain = moment.replace(microsecond=0)
    serial = Decimal(repr((plain - datetime(1899, 12, 30)).total_seconds() / 86_400))
    text = cell_text(serial, plain.strftime("%d/%m/%Y %H:%M:%S"))
    assert datetime.fromisoformat(text) == plain


@pytest.mark.parametrize(
    ("serial", "shown", "text"),
    [
        ("0.5", "12.00.00", "12:00:00"),
        ("0.5", "12:00 PM", "12:00:00"),
        ("1.5", "36:00", "36:00:00"),
        ("-0.25", "-6:00:00", "-06:00:00"),
        ("46085.5", "12:00", "2026-03-04 12:00:00"),
        ("46085", "3/4/26", "2026-03-04"),
        ("9e9", "?", "?"),
    ],
)
def test_moments_and_lengths_are_told_apart(serial: str, shown: str, text: str) -> None:
    assert cell_text(Decimal(serial), shown) == text


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_an_amount_comes_through_a_binary_number_unharmed(amount: Decimal) -> None:
    seen = Decimal(repr(float(amount)))
    assert Decimal(cell_text(seen, seen)) == amount


def test_addresses_are_those_that_people_use() -> None:
    assert [address(0, 0), address(9, 25), address(0, 26), address(1, 701)] == [
        "A1",
        "Z10",
        "AA1",
        "ZZ2",
    ]


def test_googles_own_client_reads_the_same_cells(book: Sheets, source: GoogleSource) -> None:
    from googleapiclient.discovery import build
    from googleapiclient.http import build_http

    service = build(
        "sheets",
        "v4",
        http=build_http(),
        static_discovery=True,
        client_options={"api_endpoint": book.url},
    )
    asked = (
        service.spreadsheets()
        .values()
        .batchGet(
            spreadsheetId=BOOK,
            ranges=["'Affärer'!A1:Z10"],
            valueRenderOption="UNFORMATTED_VALUE",
            dateTimeRenderOption="SERIAL_NUMBER",
        )
    )
    asked.headers["authorization"] = f"Bearer {book.token()}"
    theirs = asked.execute()["valueRanges"][0]["values"]
    service.close()
    ours = table(source.sync(), "Affärer")
    assert [row[0] for row in theirs[1:]] == [row["Affärs-ID"] for row in ours]
    assert theirs[1][3] == 46298
