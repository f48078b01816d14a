"""Figures, days and periods as people of each language write them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.model.locale import LOCALES, Formatter
from kvitto.model.period import Calendar, parse_period
from kvitto.model.value import Missing, MissingKind, Number, Unit, UnitKind, Value

LANGUAGES = sorted(LOCALES)
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=4),
)
UNITS = st.one_of(
    st.sampled_from([Unit(UnitKind.count), Unit(UnitKind.share), Unit(UnitKind.number)]),
    st.builds(Unit, st.just(UnitKind.money), st.sampled_from(["SEK", "EUR", "USD", "JPY", "BRL"])),
    st.builds(
        Unit,
        st.just(UnitKind.duration),
        st.none(),
        st.sampled_from(["days", "weeks", "months", "hours", "min", "sec"]),
    ),
)


def days(number: Number, language: str) -> str:
    shown = Formatter.of(language).number(number, Unit(UnitKind.duration, noun="days"))
    return shown.replace("\u00a0", " ").replace("\u202f", " ")


def money(number: str, currency: str, language: str) -> str:
    shown = Formatter.of(language).money(Decimal(number), currency)
    return shown.replace("\u00a0", " ").replace("\u202f", " ")


@given(NUMBERS, UNITS, st.sampled_from(LANGUAGES))
def test_a_figure_never_breaks_and_has_a_true_minus(
    number: Number, unit: Unit, language: str
) -> None:
    shown = Formatter.of(language).number(number, unit)
    assert " " not in shown
    assert "-" not in shown
    assert "duration" not in shown
    assert not shown.endswith("\u00a0")
    assert shown.startswith("\u2212") <= (number < 0)


@given(NUMBERS, UNITS, st.sampled_from(LANGUAGES))
def test_a_sign_stands_before_what_is_not_zero(number: Number, unit: Unit, language: str) -> None:
    shown = Formatter.of(language).signed(number, unit)
    seen = re.search("[1-9]", shown) is not None
    assert shown.startswith("+") == (seen and number > 0)
    assert shown.startswith("\u2212") == (seen and number < 0)


@given(st.integers(-(10**12), 10**12), st.sampled_from(LANGUAGES))
def test_a_count_reads_back(number: int, language: str) -> None:
    shown = Formatter.of(language).decimal(number)
    digits = re.sub(r"[^\d]", "", shown)
    assert int(digits) == abs(number)


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 day", "45.3 days"),
        ("sv", "1 dag", "45,3 dagar"),
        ("fi", "1 päivä", "45,3 päivää"),
        ("it", "1 giorno", "45,3 giorni"),
        ("pt-BR", "1 dia", "45,3 dias"),
        ("es", "1 día", "45,3 días"),
        ("de", "1 Tag", "45,3 Tage"),
        ("fr", "1 jour", "45,3 jours"),
    ],
)
def test_days_are_counted_in_every_language(language: str, one: str, many: str) -> None:
    assert (days(1, language), days(1.0, language), days(45.3, language)) == (one, one, many)
    assert days(-45.34, language) == "\u2212" + many
    assert days(0, "sv") == "0 dagar"


@pytest.mark.parametrize(
    ("language", "amount", "small"),
    [
        ("en", "SEK 412,300", "\u2212SEK 12.50"),
        ("sv", "412 300 kr", "\u221212,50 kr"),
        ("fi", "412 300 SEK", "\u221212,50 SEK"),
        ("it", "412.300 SEK", "\u221212,50 SEK"),
        ("pt-BR", "SEK 412.300", "\u2212SEK 12,50"),
        ("es", "412.300 SEK", "\u221212,50 SEK"),
        ("de", "412.300 SEK", "\u221212,50 SEK"),
        ("fr", "412 300 SEK", "\u221212,50 SEK"),
    ],
)
def test_amounts_stand_as_in_every_country(language: str, amount: str, small: str) -> None:
    assert money("412300", "SEK", language) == amount
    assert money("-12.5", "SEK", language) == small


def test_amounts_are_rounded_as_people_do() -> None:
    english = Formatter.of("en")
    assert english.money(Decimal("999.995"), "EUR") == "€1,000"
    assert english.money(Decimal("12.345"), "EUR") == "€12.35"
    assert english.money(12, "EUR") == "€12"
    assert english.money(12, "EUR", places=2) == "€12.00"
    assert english.money(Decimal("1234.5"), "JPY") == "JP¥1,235"
    assert english.money(Decimal("-0.001"), "EUR") == "€0"


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "63.2%"), ("sv", "63,2 %"), ("fi", "63,2 %"), ("it", "63,2%"), ("fr", "63,2 %")],
)
def test_a_share_is_shown_in_per_cent(language: str, shown: str) -> None:
    for number in (0.6315, Decimal("0.6315")):
        assert Formatter.of(language).share(number).replace("\u00a0", " ") == shown
    assert Formatter.of("en").share(0.5, places=0) == "50%"


def test_days_and_moments_are_not_ambiguous() -> None:
    english, swedish = Formatter.of("en"), Formatter.of("sv")
    assert english.day(date(2017, 11, 3)) == "3 November 2017"
    assert swedish.day(date(2017, 11, 3)) == "3 november 2017"
    assert english.short_day(date(2017, 11, 3)) == "3 Nov 2017"
    assert english.moment(datetime(2017, 11, 3, 15, 4, 59)) == "3 Nov 2017, 15:04"
    assert swedish.moment(datetime(2017, 11, 3, 15, 4)) == "3 nov. 2017 15:04"


@pytest.mark.parametrize(
    ("text", "english", "swedish"),
    [
        ("2017", "2017", "2017"),
        ("2017-Q4", "Q4 2017", "Q4 2017"),
        ("2017-11", "November 2017", "november 2017"),
        ("2017-11-03", "3 November 2017", "3 november 2017"),
        ("2017-W46", "13–19 Nov 2017", "13–19 nov. 2017"),
    ],
)
def test_periods_are_said_as_people_say_them(text: str, english: str, swedish: str) -> None:
    period = parse_period(text, Calendar(), date(2018, 1, 1))
    assert Formatter.of("en").period(period) == english
    assert Formatter.of("sv").period(period) == swedish


def test_a_fiscal_quarter_keeps_its_own_name() -> None:
    period = parse_period("2017-Q1", Calendar(fiscal_start=7), date(2018, 1, 1))
    assert Formatter.of("en").period(period) == "Q1 2017"
    assert Formatter.of("it").period(period) == "T1 2017"


def test_an_axis_has_short_names() -> None:
    month = parse_period("2017-11", Calendar(), date(2018, 1, 1))
    week = parse_period("2017-W46", Calendar(), date(2018, 1, 1))
    assert Formatter.of("en").short_period(month) == "Nov 2017"
    assert Formatter.of("en").short_period(week) == "13 Nov 2017"


def test_a_missing_figure_has_no_number() -> None:
    formatter = Formatter.of("en")
    unit = Unit(UnitKind.count)
    assert formatter.figure(Missing(MissingKind.no_data, unit)) == ""
    assert formatter.figure(Value(1234, unit, 1)) == "1,234"
    assert formatter.number(3, Unit(UnitKind.duration, noun="sprints")) == "3\u00a0sprints"
