"""A word that a client defines for itself, from the file to the figure and its receipt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvitto.app.workspace import init_from

Kvitto = Callable[..., Any]

MEANINGS = """\
word: conversion
definitions:
  - version: 1
    says: Every won deal.
    counts: [{table: deals, date: closed_on, where: {outcome: won}}]
  - version: 2
    valid_from: 2017-11-01
    clients: [northgate]
    says: A won deal, and half of a lost one.
    counts:
      - {name: won, table: deals, date: closed_on, where: {outcome: won}}
      - {name: lost, table: deals, date: closed_on, where: {outcome: lost}, weight: 0.5}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with two clients that have equal rows and unequal definitions."""
    from kvitto.app.house import local_person, open_house
    from kvitto.app.sync import sync

    root = tmp_path_factory.mktemp("meaning") / "shop"
    init_from(root, "example")
    for folder, name in (("clients", "northgate"), ("sources", "crm")):
        text = (root / folder / f"{name}.yml").read_text(encoding="utf-8")
        twin = text.replace("client: northgate", "client: southgate")
        new = "southgate" if folder == "clients" else "south"
        (root / folder / f"{new}.yml").write_text(twin, encoding="utf-8")
    (root / "meanings").mkdir()
    (root / "meanings" / "conversion.yml").write_text(MEANINGS, encoding="utf-8")
    house = open_house(root)
    sync(house, local_person(house))
    house.store.close()
    return root


def ask(kvitto: Kvitto, shop: Path, client: str, *more: str) -> Any:
    done = kvitto("-w", str(shop), "ask", *more, "-c", client, "-p", "2017-12", "--json")
    assert done.code == 0, done.err
    return {row["metric"]: row for row in done.json["rows"]}


def test_two_clients_with_equal_rows_get_numbers_of_their_own(kvitto: Kvitto, shop: Path) -> None:
    names = ("conversion", "deals_won", "deals_lost")
    north, south = (ask(kvitto, shop, name, *names) for name in ("northgate", "southgate"))
    won, lost = north["deals_won"]["value"], north["deals_lost"]["value"]
    assert (won, lost) == (south["deals_won"]["value"], south["deals_lost"]["value"])
    assert south["conversion"]["value"] == won
    assert north["conversion"]["value"] == won + lost / 2


def test_it_is_told_which_definition_holds_for_whom_and_since_when(
    kvitto: Kvitto, shop: Path
) -> None:
    north = kvitto("-w", str(shop), "metrics", "conversion", "-c", "northgate").out
    assert "conversion for northgate, the beginning to 2017-10-31" in north
    assert "A won deal, and half of a lost one (version 2, the client's own" in north
    south = kvitto("-w", str(shop), "metrics", "conversion", "-c", "southgate", "--json").json
    (meant,) = south["meanings"]
    assert (meant["version"], meant["first"], meant["own"]) == (1, "", False)


def test_the_receipt_shows_the_clients_own_definition(kvitto: Kvitto, shop: Path) -> None:
    code = ask(kvitto, shop, "northgate", "conversion")["conversion"]["receipt"]
    shown = kvitto("-w", str(shop), "receipt", code, "--lines", "--rerun")
    assert shown.code == 0, shown.out
    assert "A won deal, and half of a lost one" in shown.out
    assert "(definition conversion, version 2)" in shown.out
    assert "The lines add up" in shown.out


def test_a_comparison_over_a_change_says_so(kvitto: Kvitto, shop: Path) -> None:
    arguments = ("-c", "northgate", "-p", "2017-11", "--compare", "previous")
    shown = kvitto("-w", str(shop), "ask", "conversion", *arguments)
    assert "The definition of conversion changed on 2017-11-01" in shown.out
    calm = kvitto("-w", str(shop), "ask", "conversion", *arguments[:2], "-p", "2017-12")
    assert "changed on" not in calm.out


def test_what_is_not_defined_says_where_to_define_it(kvitto: Kvitto, shop: Path) -> None:
    row = ask(kvitto, shop, "northgate", "revenue")["revenue"]
    assert row["missing"] == "not_applicable"
    shown = kvitto("-w", str(shop), "receipt", row["receipt"]).out
    assert "define it in meanings/revenue.yml" in shown
    listed = kvitto("-w", str(shop), "metrics", "revenue", "-c", "northgate").out
    assert "nothing says what counts as 'revenue' for northgate" in listed
