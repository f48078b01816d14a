"""Numbers and dates, decided from the whole column and asked about when they are open."""

from __future__ import annotations

import pytest

from kvitto.sources import StagedColumn
from tests.sources.conftest import Inbox


def column(inbox: Inbox, *values: str, delimiter: str = ";") -> StagedColumn:
    lines = [f"{number}{delimiter}{value}" for number, value in enumerate(values, start=1)]
    table = inbox.table("\n".join([f"id{delimiter}v", *lines]) + "\n")
    found = table.column("v")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["2024-01-05", "2024-12-31"], "ymd"),
        (["2024/1/5", "2024/12/31"], "ymd"),
        (["05/01/2024", "31/12/2024"], "dmy"),
        (["5.1.2024", "31.12.2024"], "dmy"),
        (["05/01/24", "31/12/24"], "dmy"),
        (["01/05/2024", "12/31/2024"], "mdy"),
        (["1/5/2024 3:05 PM", "12/31/2024 11:59 AM"], "mdy"),
        (["5 Jan 2024", "31 December 2024"], "named"),
        (["Jan 5, 2024", "Dec 31, 2024"], "named"),
        (["5 maj 2024", "31 dec. 2024"], "worded"),
        (["5. tammikuuta 2024", "31. joulukuuta 2024"], "worded"),
        (["1 de março de 2024", "31 de dez. de 2024"], "worded"),
        (["5 gennaio 2024", "lunedì 3 giugno 2024"], "worded"),
        (["5 de enero de 2024", "31-dic-24"], "worded"),
        (["5. März 2024", "Montag, 4. November 2024"], "worded"),
        (["1er mars 2024", "7 août 2024 08:15"], "worded"),
    ],
)
def test_the_order_of_a_date_is_found(inbox: Inbox, values: list[str], order: str) -> None:
    found = column(inbox, *values)
    assert (found.format.order, found.readable, found.question) == (order, 2, None)


def test_one_day_above_twelve_anywhere_decides(inbox: Inbox) -> None:
    found = column(inbox, *["03/04/2024"] * 3000, "13/04/2024")
    assert (found.format.order, found.question) == ("dmy", None)
    assert "1 of 3001" in found.decisions[0].evidence


def test_an_open_date_order_is_asked_and_names_its_answer(inbox: Inbox) -> None:
    found = column(inbox, "03/04/2024", "11/12/2024")
    assert found.question is not None
    problem = found.question.problem("sources/crm.yml", "deals.csv", "deals", "created_at")
    assert "date_order: dmy or mdy" in problem.todo
    assert "created_at: {column: v, date_order: dmy}" in problem.todo
    assert problem.file == "sources/crm.yml"


def test_mixed_date_orders_are_asked_about(inbox: Inbox) -> None:
    found = column(inbox, "31/12/2024", "12/31/2024", "03/04/2024")
    assert found.question is not None
    assert "mixes date orders" in found.question.found


def test_days_that_read_the_same_either_way_ask_nothing(inbox: Inbox) -> None:
    assert column(inbox, "03/03/2024", "11/11/2024").question is None


@pytest.mark.parametrize(
    ("values", "decimal"),
    [
        (["1234,50", "7,25"], ","),
        (["1.234,50", "7,25"], ","),
        (["1 234,50", "12 345 678,00"], ","),
        (["1,234.50", "7.25"], "."),
        (["$1,234.50", "($7.25)"], "."),
        (["1'234.50", "7.25"], "."),
        (["kr 1 234,50", "99,00 kr"], ","),
        (["1.234.567", "12.345,5"], ","),
    ],
)
def test_the_decimal_mark_is_found(inbox: Inbox, values: list[str], decimal: str) -> None:
    found = column(inbox, *values)
    assert (found.format.decimal, found.readable, found.question) == (decimal, 2, None)


def test_thousands_that_may_be_decimals_are_asked_about(inbox: Inbox) -> None:
    for values in (("1.234", "12.500"), ("1,234", "12,500")):
        found = column(inbox, *values)
        assert found.question is not None, values
        assert found.question.key == "decimal"


def test_plain_numbers_ask_nothing(inbox: Inbox) -> None:
    assert column(inbox, "1", "-20", "3").format.kind == "integer"
    assert column(inbox, "1.5", "20", "1e3").format.kind == "number"
    assert column(inbox, "10 %", "12.5 %").format.kind == "percent"


def test_codes_are_not_amounts(inbox: Inbox) -> None:
    assert column(inbox, "D001", "D002").format.kind == "text"
    assert column(inbox, "INV 1,000", "INV 2,000").format.kind == "text"


def test_a_column_that_starts_empty_is_decided_from_what_follows(inbox: Inbox) -> None:
    found = column(inbox, *[""] * 1500, "13/04/2024", "03/04/2024")
    assert (found.format.kind, found.format.order, found.filled) == ("date", "dmy", 2)


def test_a_time_late_in_the_column_is_seen(inbox: Inbox) -> None:
    found = column(inbox, *["2024-01-05"] * 1500, "2024-01-05 10:30")
    assert found.format.kind == "instant"
    assert found.readable == found.filled


def test_zones_are_seen(inbox: Inbox) -> None:
    assert column(inbox, "2024-01-05T10:00:00Z", "2024-01-05T10:00:00+02:00").format.zoned
    assert not column(inbox, "2024-01-05 10:00:00", "2024-01-06 10:00:00").format.zoned


def table_of(inbox: Inbox, header: str, *lines: str) -> dict[str, StagedColumn]:
    table = inbox.table("\n".join([header, *lines]) + "\n")
    return {column.name: column for column in table.columns}


def test_one_thousand_among_whole_numbers_is_not_lost(inbox: Inbox) -> None:
    found = column(inbox, *map(str, range(1, 60)), "1,331")
    assert (found.format.decimal, found.readable, found.question) == (".", 60, None)
    assert "above 999" in found.decisions[-1].evidence


def test_the_other_columns_say_what_the_sign_is(inbox: Inbox) -> None:
    whole = [f"{number};{number}.5" for number in range(30)]
    found = table_of(inbox, "clicks;cost", *whole, "1,331;2.5", "2500;1.25")
    assert (found["clicks"].format.decimal, found["clicks"].question) == (".", None)
    assert "other columns" in found["clicks"].decisions[-1].evidence
    comma = [f"{number};{number},5" for number in range(30)]
    found = table_of(inbox, "hours;cost", *comma, "1,331;2,5")
    assert (found["hours"].format.decimal, found["hours"].readable) == (",", 31)


def test_a_sign_that_nothing_explains_is_asked_about(inbox: Inbox) -> None:
    found = column(inbox, *map(str, range(1200, 1260)), "1,331")
    assert found.question is not None
    assert found.question.key == "decimal"
    mixed = column(inbox, *map(str, range(60)), "12,5", "1,331.50")
    assert mixed.question is not None


def test_a_few_decimal_commas_late_in_the_column_are_read(inbox: Inbox) -> None:
    found = column(inbox, *["7"] * 3000, "12,5", "3,25")
    assert (found.format.decimal, found.readable, found.question) == (",", 3002, None)


def test_words_and_codes_among_numbers_ask_nothing(inbox: Inbox) -> None:
    found = column(inbox, *map(str, range(60)), "unknown")
    assert (found.format.decimal, found.readable, found.question) == (None, 60, None)
