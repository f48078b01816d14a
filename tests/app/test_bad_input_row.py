"""Rows that contradict themselves or each other: asked about, or told as findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.bad_input import EDITION, HEADER, ROWS, Room, settled

EITHER = "1,A,Won,01/02/2024,02/03/2024,5\n2,A,Won,03/01/2024,04/03/2024,7\n"
BOTH = "1,A,Won,25/01/2024,26/02/2024,5\n2,A,Won,01/25/2024,02/28/2024,7\n"


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Room:
    return settled(tmp_path_factory, tmp_path)


@pytest.mark.parametrize(
    ("rows", "found"), [(EITHER, "may be day first or month first"), (BOTH, "mixes date orders")]
)
def test_dates_in_an_open_order_are_asked_about_by_the_key_that_answers(
    room: Room, rows: str, found: str
) -> None:
    before = room.print()
    room.put(HEADER + rows)
    told = room.run("sync", "crm", "--json")
    assert (told.code, told.error["code"]) == (1, "KV301")
    created, closed = told.error["problems"]
    assert found in created["found"]
    assert "{created_at: {column: created, date_order: dmy}}" in created["todo"]
    assert "{closed_at: {column: closed, date_order: dmy}}" in closed["todo"]
    assert created["file"] == "sources/crm.yml"
    assert room.run("map", "crm").code == 1
    assert room.print() == before


def test_an_answered_order_is_used_and_what_does_not_fit_it_is_a_finding(room: Room) -> None:
    for column, source in (("created_at", "created"), ("closed_at", "closed")):
        answer = f"{column}: {{column: {source}, date_order: dmy}}"
        room.change("sources/crm.yml", f"{column}: {source}", answer)
    room.put(HEADER + EITHER + BOTH.replace("2,A", "4,A").replace("1,A", "3,A"))
    assert room.run("sync", "crm").code == 0
    assert room.ask("deals_created", period="2024-01") == 2
    assert room.ask("deals_won", period="2024-03") == 2
    unread = {one["column"]: one["records"] for one in room.findings("unreadable_value")}
    assert unread == {"created_at": ["4"], "closed_at": ["4"]}


def test_a_column_that_is_not_known_is_shown_and_does_no_harm(room: Room) -> None:
    rows = (HEADER + ROWS).replace("\n", ",43\n").replace("amount,43", "amount,shoe_size")
    room.put(rows)
    told = room.run("map", "crm", "--json")
    assert told.code == 0
    columns = told.json["sources"][0]["files"][0]["columns"]
    assert [one["column"] for one in columns if one["how"] == "unknown"] == ["shoe_size"]
    assert room.run("sync", "crm").code == 0
    assert room.ask("bookings_amount") == 1250.5


def test_a_column_that_was_renamed_stops_its_source(room: Room) -> None:
    before = room.print()
    room.put((HEADER + ROWS).replace("created", "create_date"))
    told = room.run("sync", "crm", "--json")
    assert (told.code, told.error["code"]) == (2, "KV200")
    (problem,) = told.error["problems"]
    assert problem["found"] == "deals.csv has no column 'created'"
    assert "create_date" in problem["todo"]
    assert room.print() == before


def test_of_one_id_the_last_row_counts_and_the_other_is_told(room: Room) -> None:
    room.put(HEADER + ROWS + "003,Anna,Won,2024-01-15,2024-03-05,999\n")
    assert room.run("sync", "crm").code == 0
    (finding,) = room.findings("duplicate_key")
    assert (finding["rows"], finding["records"]) == (1, ["crm:deal:003"])
    assert (room.ask("deals_won"), room.ask("bookings_amount")) == (2, 1999)


def test_a_deal_that_closed_before_it_began_is_told_and_has_no_duration(room: Room) -> None:
    room.put(HEADER + ROWS + "006,Anna,Won,2024-03-15,2024-03-05,9\n")
    assert room.run("sync", "crm").code == 0
    about = {(one["table"], one["column"]) for one in room.findings("impossible_order")}
    assert ("deals", "closed_at") in about
    assert room.ask("deals_won", period="2024-03") == 2
    assert room.ask("sales_cycle_length_mean", period="2024-03") == 50
    assert room.run("audit").code == 1


def test_values_that_cannot_be_meant_are_findings_and_the_other_rows_count(room: Room) -> None:
    start = "Anna,Won,2024-03-01"
    bad = f"006,{start},2024-03-02,abc\n007,{start},soon,5\n,{start},2024-03-02,5\n"
    bad += f"008,{start},0202-03-02,5\n009,{start},2024-03-02,-5\n"
    room.put(HEADER + ROWS + bad)
    assert room.run("sync", "crm").code == 0
    for code in ("unreadable_value", "missing_id", "date_out_of_range", "negative_number"):
        found = room.findings(code)
        assert found, code
        assert all(one["rows"] == 1 and one["todo"] for one in found)
    assert len(room.findings("unreadable_value")) == 2
    assert (room.ask("deals_won"), room.ask("bookings_amount")) == (4, 1245.5)


def test_semicolons_and_decimal_commas_are_read_as_they_are_meant(room: Room) -> None:
    rows = ROWS.replace("1000", "1.234,50").replace("250.50", "2,25")
    text = HEADER.replace(",", ";")
    text += "".join(";".join(line.split(",", 5)) + "\n" for line in rows.split())
    room.put(text)
    assert room.run("sync", "crm").code == 0
    assert room.ask("bookings_amount") == 1236.75
    assert room.findings("unreadable_value") == []


def test_a_row_of_totals_at_the_end_adds_to_nothing(room: Room) -> None:
    room.put(HEADER + ROWS + "Total,,,,,2440.50\n")
    assert room.run("sync", "crm").code == 0
    assert (room.ask("deals_created"), room.ask("bookings_amount")) == (5, 1250.5)
    (finding,) = room.findings("totals_row")
    assert (finding["rows"], finding["resolution"]) == (1, "exclude")


def test_percents_become_fractions_and_leading_zeros_stay(room: Room) -> None:
    from kvitto.app.house import open_house

    room.change("sources/crm.yml", "amount: amount", "amount: amount\n        probability: p")
    line = "{0},A,Proposal,2024-01-02,,100,{1}\n"
    cells = [("007", "50%"), ("7", "25 %"), ("0007", '"12,5%"')]
    room.put(HEADER.replace("amount", "amount,p") + "".join(line.format(*two) for two in cells))
    assert room.run("sync", "crm").code == 0
    with open_house(room.root).warehouse.reader() as reader:
        query = "SELECT deal_id, probability FROM deals WHERE client_id = 'alder' ORDER BY 1"
        rows = reader.query(query)
    shown = {"crm:deal:0007": 0.125, "crm:deal:007": 0.5, "crm:deal:7": 0.25}
    assert {key: float(value) for key, value in rows} == shown


def test_two_clients_with_the_same_ids_are_never_mixed(room: Room) -> None:
    room.put(HEADER + ROWS.replace("1000", "1"), "data/birch.csv")
    assert room.run("sync").code == 0
    assert room.ask("bookings_amount") == 1250.5
    assert room.ask("bookings_amount", client="birch") == 251.5
    told = room.run("ask", "deals_won", "-c", "birch", "-p", "2024", "--json")
    lines = room.run("receipt", told.json["rows"][0]["receipt"], "--lines", "--json").json["lines"]
    assert {line["record_id"] for line in lines} == {"other:deal:001", "other:deal:003"}


def test_a_row_that_left_the_source_leaves_the_figures_and_the_seal_says_so(room: Room) -> None:
    sealed = room.sealed()
    room.put(HEADER + ROWS.replace("003,Anna,Won,2024-01-15,2024-03-05,250.50\n", ""))
    assert room.run("sync").code == 0
    assert (room.ask("deals_won"), room.ask("bookings_amount")) == (1, 1000)
    told = room.run("receipt", _receipt_of(room, "deals_won"), "--rerun")
    assert told.code == 1
    assert "removed: crm:deal:003" in told.out
    assert room.sealed() == sealed


def _receipt_of(room: Room, metric: str) -> str:
    """The code of the metric's own figure in the sealed edition."""
    import json

    path = room.root / ".kvitto" / "editions" / EDITION / "edition.json"
    text = json.loads(path.read_text())
    found = [
        figure["receipt"]
        for section in text["sections"]
        for block in section["blocks"]
        for figure in (tile["figure"] for tile in block.get("tiles", ()))
        if figure["metric"] == metric
    ]
    return str(found[0])
