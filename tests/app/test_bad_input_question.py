"""Questions that cannot be put, and definitions that do not hold: refused in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.bad_input import EDITION, Room, settled

MISTAKES = (
    ("clients/alder.yml", "currency: EUR", "currency: euro\ncolour: red"),
    ("clients/birch.yml", "name: Birch", "name: [Birch"),
    ("kvitto.yml", "timezone: Europe/Stockholm", "timezone: Europe/Stokholm"),
    ("sources/crm.yml", "client: alder", "client: aldr"),
    ("sources/crm.yml", "owner_id: owner", "ownr_id: owner"),
)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Shared: these tests change nothing but receipts."""
    return settled(tmp_path_factory, tmp_path_factory.mktemp("question"))


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Room:
    return settled(tmp_path_factory, tmp_path)


@pytest.mark.parametrize("period", ["2012", "2023-12", "2024-05", "2030", "2024-04-01..2024-04-02"])
def test_a_period_without_data_has_no_figure_and_is_not_zero(room: Room, period: str) -> None:
    assert room.ask("deals_won", period=period) == "no_data"
    assert room.ask("bookings_amount", period=period) == "no_data"


@pytest.mark.parametrize(
    ("period", "todo"),
    [
        ("someday", "2017-Q4"),
        ("", "2017-Q4"),
        ("2024-13", "a period that the calendar has"),
        ("2024-W60", "a period that the calendar has"),
        ("2024-02-30", "a period that the calendar has"),
        ("0000", "a period that the calendar has"),
        ("99999", "2017-Q4"),
        ("2024-02-30..2024-03-01", "2017-01-01..2017-02-15"),
        ("2024-03-05..2024-03-01", "a first day that is not after the last day"),
    ],
)
def test_a_period_that_is_none_says_how_to_write_one(room: Room, period: str, todo: str) -> None:
    told = room.run("ask", "deals_won", "-c", "alder", "-p", period, "--json")
    assert (told.code, told.error["code"]) == (2, "KV102")
    assert todo in told.error["problems"][0]["todo"]


@pytest.mark.parametrize(
    "command",
    [
        ("ask", "deals_won", "-p", "2024", "-c"),
        ("draft", "R01", "-p", "2024-03", "-c"),
        ("run", "-p", "2024-03", "-c"),
        ("editions", "-c"),
        ("audit", "-c"),
    ],
)
def test_a_client_that_is_not_there_reads_like_one_out_of_scope(
    room: Room, command: tuple[str, ...]
) -> None:
    from kvitto.errors import NotInScope
    from kvitto.model.scope import Scope

    told = room.run(*command, "elm", "--json")
    with pytest.raises(NotInScope) as hidden:
        Scope.of("Elin", "birch").require("alder")
    (problem,) = told.error["problems"]
    (other,) = hidden.value.problems
    assert (told.code, told.error["code"]) == (2, "KV103")
    assert problem["asked"].replace("elm", "alder") == other.asked
    assert (problem["found"], problem["todo"]) == (other.found, other.todo)


@pytest.mark.parametrize(
    ("more", "near"),
    [
        (("deals_wun",), "deals_won"),
        (("deals_won", "--by", "ownr"), "owner"),
        (("deals_won", "--where", "ownr=Anna"), "owner"),
        (("deals_won", "--where", "owner=Ana"), "Anna"),
        (("deals_won", "--where", "stage=Wonn"), "Won"),
    ],
)
def test_a_name_that_is_not_known_suggests_the_nearest(
    room: Room, more: tuple[str, ...], near: str
) -> None:
    told = room.run("ask", *more, "-c", "alder", "-p", "2024-Q1", "--json")
    assert (told.code, told.error["code"]) == (2, "KV101")
    assert told.error["problems"][0]["todo"] == f"Did you mean '{near}'?"


def test_what_is_suggested_never_comes_from_another_client(room: Room) -> None:
    told = room.run("ask", "deals_won", "-c", "birch", "-p", "2024-Q1", "--where", "owner=Ana")
    assert told.code == 2
    assert "Cleo" in told.err
    assert "Anna" not in told.err


def test_a_dimension_that_does_not_apply_lists_those_that_do(room: Room) -> None:
    told = room.run("ask", "deals_won", "-c", "alder", "-p", "2024-Q1", "--by", "activity_type")
    assert told.code == 2
    assert "deals_won cannot be told apart by activity_type" in told.err
    assert "It can by: owner, manager" in told.err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("draft", "R99", "-c", "alder", "-p", "2024-03"), "Known: R01, R06, R13, R25."),
        (("receipt", "ABCD-EFGH"), "no receipt of that code is kept here"),
        (("lint", "alder/R01/2024-09/1"), "there is no such edition"),
        (("lint", "elm/R01/2024-03/1"), "there is no such edition"),
        (("render", "../../../etc/passwd"), "there is no such edition"),
        (("render", EDITION, "-f", "docx"), "Known: csv, html, json, md, pdf, xlsx."),
        (("sync", "crn"), "Did you mean 'crm'?"),
        (("rollback", "v9"), "Known: v0001-"),
    ],
)
def test_what_is_not_there_is_wrong_use(room: Room, command: tuple[str, ...], said: str) -> None:
    before = room.print()
    told = room.run(*command)
    assert told.code == 2
    assert said in told.err
    assert room.print() == before


def test_a_report_on_a_period_without_data_says_so_and_is_not_sealed(own: Room) -> None:
    before = own.print()
    assert own.run("draft", "R01", "-c", "alder", "-p", "2024-05").code == 0
    told = own.run("approve", "alder/R01/2024-05/1", "--json")
    assert (told.code, told.error["code"]) == (1, "KV600")
    assert any("it ends on 2024-03-31" in one["found"] for one in told.error["problems"])
    assert own.run("seal", "alder/R01/2024-05/1").code != 0
    assert own.print() == before


def test_a_stage_named_as_a_part_of_a_metric_does_not_stop_the_report(own: Room) -> None:
    own.change("data/deals.csv", "Proposal", "Open")
    assert own.run("sync", "crm").code == 0
    assert own.run("draft", "R01", "-c", "alder", "-p", "2024-02").code == 0
    assert own.run("lint", "alder/R01/2024-02/1", "--json").json["problems"] == []


@pytest.mark.parametrize(
    "command", [("check",), ("sync",), ("ask", "deals_won", "-c", "alder", "-p", "2024")]
)
def test_several_mistakes_are_shown_together_with_file_and_line(
    own: Room, command: tuple[str, ...]
) -> None:
    before = own.print()
    for name, good, bad in MISTAKES:
        own.change(name, good, bad)
    told = own.run(*command)
    assert told.code == 2
    places = ("clients/alder.yml:2", "clients/alder.yml:3", "clients/birch.yml:", "kvitto.yml:2")
    for place in (*places, "sources/crm.yml:2", "sources/crm.yml:11"):
        assert place in told.out + told.err
    for near in ("'country'", "'Europe/Stockholm'", "'alder'", "'owner_id'"):
        assert f"Did you mean {near}?" in told.out + told.err
    assert own.print() == before
