"""Syncing in trouble: one source fails, the others go on, and what was good stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvitto.app.ask import ask, parse_filter
from kvitto.app.audit import findings
from kvitto.app.house import House, local_person, open_house
from kvitto.app.map import describe
from kvitto.app.sync import sync
from kvitto.errors import (
    BadPeriod,
    KvittoError,
    UnknownName,
    WarehouseFailed,
    WrongState,
    WrongUse,
)
from kvitto.model.question import Filter

SECOND = "kind: file\nclient: northgate\npath: data/second/*.csv\n"


@pytest.fixture
def two(empty: House) -> House:
    """The example with a second source beside its CRM."""
    folder = empty.root / "data" / "second"
    folder.mkdir()
    (folder / "products.csv").write_text("product,series\nGTX Mini,GTX\n")
    fill = "  products: {product_id: product, name: product, family: series}\n"
    table = f"tables:\n  - file: products.csv\n    fill:\n    {fill}"
    (empty.root / "sources" / "second.yml").write_text(SECOND + table)
    return open_house(empty.root, empty.today)


def test_nothing_published_says_what_to_do(empty: House) -> None:
    with pytest.raises(WarehouseFailed, match="kvitto sync"):
        ask(empty, local_person(empty), "northgate", ["deals_won"], "2017")


def test_the_same_data_publishes_nothing_new(two: House) -> None:
    who = local_person(two)
    first = sync(two, who)
    again = sync(two, who)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.version == again.version
    assert [state.name for state in first.sources] == ["crm", "second"]


def test_one_source_that_fails_does_not_stop_the_others(two: House) -> None:
    who = local_person(two)
    (two.root / "data" / "second" / "products.csv").unlink()
    result = sync(two, who)
    assert not result.fine
    assert [name for name, _ in result.failed] == ["second"]
    assert [state.name for state in result.sources] == ["crm"]
    assert [one.source for one in findings(two, who) if one.code == "source_failed"] == ["second"]


def test_a_source_that_fails_later_keeps_what_it_gave(two: House) -> None:
    who = local_person(two)
    sync(two, who)
    before = two.warehouse.current().rows["products"]
    (two.root / "data" / "second" / "products.csv").write_bytes(b"\x00\x01\x02" * 1000)
    result = sync(two, who)
    assert [name for name, _ in result.failed] == ["second"]
    assert two.warehouse.current().rows["products"] == before


def test_a_source_that_recovered_is_no_longer_reported(two: House) -> None:
    who = local_person(two)
    path = two.root / "data" / "second" / "products.csv"
    good = path.read_text()
    path.unlink()
    sync(two, who)
    path.write_text(good)
    assert sync(two, who).fine
    assert "source_failed" not in {one.code for one in findings(two, who)}


def test_where_every_source_fails_nothing_is_published(two: House) -> None:
    who = local_person(two)
    version = sync(two, who).version
    for path in (two.root / "data").glob("*/*.csv"):
        path.unlink()
    with pytest.raises(KvittoError) as error:
        sync(two, who)
    assert len(error.value.problems) >= 2
    assert two.warehouse.current().id == version


def test_a_source_alone_can_be_synced(two: House) -> None:
    who = local_person(two)
    sync(two, who)
    assert {state.name for state in sync(two, who, ["second"]).sources} == {
        "crm",
        "second",
    }


def test_an_unknown_source_is_suggested(two: House) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'second'"):
        sync(two, local_person(two), ["secnd"])
    with pytest.raises(UnknownName):
        describe(two, local_person(two), "secnd")


def test_a_workspace_without_sources_says_so(empty: House) -> None:
    (empty.root / "sources" / "crm.yml").unlink()
    house = open_house(empty.root)
    with pytest.raises(WrongState, match="no sources"):
        sync(house, local_person(house))


def test_a_source_that_was_taken_out_leaves_with_the_next_sync(two: House) -> None:
    sync(two, local_person(two))
    (two.root / "sources" / "second.yml").unlink()
    house = open_house(two.root)
    assert [s.name for s in sync(house, local_person(house)).sources] == ["crm"]


def test_what_was_understood_is_shown(empty: House) -> None:
    described = describe(empty, local_person(empty), "crm")
    columns = {
        (column.column, column.target): column.how
        for file in described.files
        for column in file.columns
    }
    assert columns["opportunity_id", "deals.deal_id"] == "told"
    assert described.questions == ()
    assert any(name == "year_established" for name, _ in columns)


def test_a_question_waits_for_an_answer(two: House) -> None:
    text = "deal,amount,created\n" + "".join(f"d{i},{i},0{i}/0{i + 1}/2017\n" for i in range(1, 9))
    (two.root / "data" / "second" / "products.csv").write_text(text)
    fill = "fill:\n      deals: {deal_id: deal, amount: amount, created_at: created}\n"
    (two.root / "sources" / "second.yml").write_text(
        SECOND + f"tables:\n  - file: products.csv\n    {fill}"
    )
    house = open_house(two.root)
    who = local_person(house)
    assert any("created" in question for question in describe(house, who, "second").questions)
    result = sync(house, who)
    assert [(name, error.code) for name, error in result.failed] == [("second", "KV301")]
    assert "date_order" in str(result.failed[0][1])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stage=Won", Filter("stage", ("Won",))),
        ("stage!=Won|Lost", Filter("stage", ("Won", "Lost"), True)),
        ("region = Central", Filter("region", ("Central",))),
        ("account=", Filter("account", ("",))),
        ("name=a=b", Filter("name", ("a=b",))),
    ],
)
def test_a_filter_is_read_as_people_write_it(text: str, found: Filter) -> None:
    assert parse_filter(text) == found


@pytest.mark.parametrize("text", ["stage", "", "=Won", "!=x"])
def test_a_filter_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match="stage=Won"):
        parse_filter(text)


@pytest.mark.parametrize(
    ("metrics", "period", "by", "compare", "error"),
    [
        (["deals_one"], "2017", (), None, UnknownName),
        (["deals_won"], "2017-13", (), None, BadPeriod),
        (["deals_won"], "someday", (), None, BadPeriod),
        (["deals_won"], "2017", ("planet",), None, UnknownName),
        (["deals_won"], "2017", (), "yesterday", UnknownName),
    ],
)
def test_a_question_that_cannot_be_put_says_why(
    shared: House,
    metrics: list[str],
    period: str,
    by: tuple[str, ...],
    compare: str | None,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        ask(shared, local_person(shared), "northgate", metrics, period, by, (), compare)


def test_a_period_without_data_is_missing_and_not_zero(shared: House) -> None:
    measured = ask(shared, local_person(shared), "northgate", ["bookings_amount"], "2012")
    figure = measured.answer.one("bookings_amount").figure
    assert figure.is_missing


def test_a_workspace_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="kvitto init"):
        open_house(tmp_path)
