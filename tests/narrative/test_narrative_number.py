"""Numbers in every way that people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.model.locale import Formatter
from kvitto.report.narrative.lexicon import lexicon_of
from kvitto.report.narrative.measure import numbers_in
from kvitto.report.narrative.number import Number, readings
from kvitto.report.narrative.reading import read


def found(text: str, language: str = "en") -> list[Number]:
    return numbers_in(read(text), lexicon_of(language), [])


def only(text: str, language: str = "en") -> tuple[list[float], int, str]:
    (number,) = found(text, language)
    return [read.number for read in number.reads], number.sign, number.unit


@pytest.mark.parametrize(
    ("text", "number", "sign", "unit"),
    [
        ("1,234.5", 1234.5, 0, ""),
        ("1 234,5", 1234.5, 0, ""),
        ("1\u00a0234\u00a0567", 1_234_567, 0, ""),
        ("1\u202f234,5", 1234.5, 0, ""),
        ("1\u2009234", 1234, 0, ""),
        ("1.234.567,8", 1_234_567.8, 0, ""),
        ("12 %", 12, 0, "percent"),
        ("12%", 12, 0, "percent"),
        ("12 percent", 12, 0, "percent"),
        ("12 per cent", 12, 0, "percent"),
        ("−14.0%", 14, -1, "percent"),
        ("-14 %", 14, -1, "percent"),
        ("–14 %", 14, -1, "percent"),
        ("+3.1 percentage points", 3.1, 1, "points"),
        ("3 pp", 3, 0, "points"),
        ("$1.2m", 1_200_000, 0, "money"),
        ("€3k", 3000, 0, "money"),
        ("−US$1,234", 1234, -1, "money"),
        ("$-1,234", 1234, -1, "money"),
        ("SEK 12,300", 12_300, 0, "money"),
        ("+SEK12,300", 12_300, 1, "money"),
        ("12 300 kr", 12_300, 0, "money"),
        ("1.2 million dollars", 1_200_000, 0, "money"),
        ("two million euros", 2_000_000, 0, "money"),
        ("12 deals", 12, 0, "count"),
        ("twelve new deals", 12, 0, "count"),
        ("twenty-five deals", 25, 0, "count"),
        ("12.3 days", 12.3, 0, "duration"),
        ("30-day", 30, 0, "duration"),
        ("1.5x", 1.5, 0, "times"),
        ("１２", 12, 0, ""),
        ("١٢", 12, 0, ""),
        ("1\u200b2", 12, 0, ""),
        ("1\u00ad2", 12, 0, ""),
    ],
)
def test_a_number_is_read_with_its_sign_and_unit(
    text: str, number: float, sign: int, unit: str
) -> None:
    numbers, *rest = only(text)
    assert any(each == pytest.approx(number) for each in numbers)
    assert rest == [sign, unit]


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("1,2 mn kr", 1_200_000, "money"),
        ("1,2 mkr", 1_200_000, "money"),
        ("450 tkr", 450_000, "money"),
        ("3 miljoner kronor", 3_000_000, "money"),
        ("en miljon kronor", 1_000_000, "money"),
        ("12 procent", 12, "percent"),
        ("3,1 procentenheter", 3.1, "points"),
        ("tjugofem affärer", 25, "count"),
        ("12,3 dygn", 12.3, "duration"),
    ],
)
def test_swedish_units_and_words(text: str, number: float, unit: str) -> None:
    numbers, *rest = only(text, "sv")
    assert any(each == pytest.approx(number) for each in numbers)
    assert rest == [0, unit]


def test_both_readings_of_a_lone_comma_are_kept() -> None:
    assert sorted(each.number for each in readings("1,234")) == [1.234, 1234.0]


@pytest.mark.parametrize("text", ["1.2.3", "1,23,4", "9" * 200, "12,3456,7.8"])
def test_what_is_no_number_has_no_reading(text: str) -> None:
    assert readings(text) == ()


@pytest.mark.parametrize("text", ["GTX500", "v3", "12kg3", "1e6", "O7", "x_12"])
def test_digits_glued_to_letters_do_not_pass_as_numbers(text: str) -> None:
    (number,) = found(text)
    assert number.odd


@pytest.mark.parametrize("text", ["½", "Ⅻ", "五"])
def test_other_numerals_are_found_too(text: str) -> None:
    assert len(found(text)) == 1


def test_parentheses_may_stand_for_a_minus() -> None:
    (number,) = found("(1 200)")
    assert number.paren


def test_a_range_shares_its_unit() -> None:
    one, other = found("10–12 %")
    assert (one.unit, other.unit, other.sign) == ("percent", "percent", 0)
    one, other = found("$10–12")
    assert (one.unit, other.unit) == ("money", "money")


def test_one_and_en_are_articles_unless_they_count() -> None:
    assert found("one of the reasons") == []
    assert found("en ny kund", "sv") == []
    assert len(found("one deal")) == 1


@given(st.floats(-(10**9), 10**9).filter(lambda x: abs(x) > 0.01), st.sampled_from(["en", "sv"]))
def test_what_the_formatter_writes_is_read_back(number: float, language: str) -> None:
    formatter = Formatter.of(language)
    for text, size in (
        (formatter.decimal(number, 2), number),
        (formatter.money(number, "SEK"), number),
        (formatter.share(number / 1e7), number / 1e5),
    ):
        (back,) = found(text, language)
        read_back = [each for each in back.reads if abs(abs(size) - each.number) <= each.step]
        assert read_back, (text, back)
        assert back.sign == (-1 if text.startswith("−") else 0)
