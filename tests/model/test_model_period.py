"""Periods tile time, are read from what people write, and say clearly what they are not."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kvitto.errors import BadPeriod
from kvitto.model.period import (
    Calendar,
    Grain,
    Period,
    add_months,
    following,
    last_year,
    parse_period,
    period_of,
    previous,
    tile,
)

PLAIN = Calendar()
TODAY = date(2018, 5, 16)
DAYS = st.dates(date(1905, 1, 1), date(2095, 12, 31))
CALENDARS = st.builds(
    Calendar,
    timezone=st.just("UTC"),
    week_start=st.integers(1, 7),
    fiscal_start=st.integers(1, 12),
)
NATURAL = st.sampled_from([Grain.day, Grain.week, Grain.month, Grain.quarter, Grain.year])


def read(text: str, calendar: Calendar = PLAIN, today: date = TODAY) -> tuple[str, str]:
    period = parse_period(text, calendar, today)
    return period.start.isoformat(), period.last.isoformat()


@given(DAYS, st.integers(1, 900), NATURAL, CALENDARS)
def test_tiles_cover_a_period_exactly_once(
    start: date, days: int, grain: Grain, calendar: Calendar
) -> None:
    whole = Period(start, start + timedelta(days=days))
    parts = tile(whole, grain, calendar)
    assert parts[0].start == whole.start
    assert parts[-1].end == whole.end
    assert all(one.end == two.start for one, two in pairwise(parts))
    assert sum(part.days for part in parts) == whole.days


@given(DAYS, NATURAL, CALENDARS)
def test_every_day_lies_in_its_natural_period(day: date, grain: Grain, calendar: Calendar) -> None:
    period = period_of(day, grain, calendar)
    assert day in period
    assert period_of(period.last, grain, calendar) == period
    assert period_of(period.start, grain, calendar) == period


@given(DAYS, NATURAL, CALENDARS)
def test_previous_and_following_are_each_others_inverse(
    day: date, grain: Grain, calendar: Calendar
) -> None:
    period = period_of(day, grain, calendar)
    assert following(previous(period, calendar), calendar) == period
    assert previous(following(period, calendar), calendar) == period
    assert previous(period, calendar).end == period.start


@given(DAYS, st.integers(1, 400), CALENDARS)
def test_a_run_of_days_is_compared_with_an_equally_long_one(
    start: date, days: int, calendar: Calendar
) -> None:
    span = Period(start, start + timedelta(days=days))
    assert previous(span, calendar).days == span.days == following(span, calendar).days
    assert previous(span, calendar).end == span.start


@given(DAYS, NATURAL, CALENDARS)
def test_a_label_reads_back_as_the_same_period(day: date, grain: Grain, calendar: Calendar) -> None:
    period = period_of(day, grain, calendar)
    assert parse_period(period.label, calendar, TODAY) == period


@given(DAYS, st.integers(0, 400), CALENDARS)
def test_a_span_reads_back_as_the_same_days(start: date, days: int, calendar: Calendar) -> None:
    span = Period(start, start + timedelta(days=days + 1))
    assert parse_period(span.label, calendar, TODAY) == span


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017", "2017-01-01", "2017-12-31"),
        ("2017-Q4", "2017-10-01", "2017-12-31"),
        ("2017-q1", "2017-01-01", "2017-03-31"),
        ("2017-11", "2017-11-01", "2017-11-30"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2017-W46", "2017-11-13", "2017-11-19"),
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2017-11-03", "2017-11-03", "2017-11-03"),
        ("2017-01-01..2017-02-15", "2017-01-01", "2017-02-15"),
        (" 2017-01-01 .. 2017-01-01 ", "2017-01-01", "2017-01-01"),
        ("today", "2018-05-16", "2018-05-16"),
        ("yesterday", "2018-05-15", "2018-05-15"),
        ("this_week", "2018-05-14", "2018-05-20"),
        ("last_week", "2018-05-07", "2018-05-13"),
        ("this_month", "2018-05-01", "2018-05-31"),
        ("last_month", "2018-04-01", "2018-04-30"),
        ("this_quarter", "2018-04-01", "2018-06-30"),
        ("last_quarter", "2018-01-01", "2018-03-31"),
        ("this_year", "2018-01-01", "2018-12-31"),
        ("last_year", "2017-01-01", "2017-12-31"),
        ("wtd", "2018-05-14", "2018-05-16"),
        ("mtd", "2018-05-01", "2018-05-16"),
        ("qtd", "2018-04-01", "2018-05-16"),
        ("ytd", "2018-01-01", "2018-05-16"),
    ],
)
def test_every_written_form_is_read(text: str, first: str, last: str) -> None:
    assert read(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "17",
        "2017-13",
        "2017-00",
        "2017-Q5",
        "2017-W54",
        "2019-W53",
        "2017-02-29",
        "2017-02-15..2017-01-01",
        "2017-01-01..",
        "..",
        "next_month",
        "last_day",
        "0000",
        "9999-12-31",
        "2017-01-01..9999-12-31",
        "2017/11",
    ],
)
def test_what_is_no_period_is_refused_with_advice(text: str) -> None:
    with pytest.raises(BadPeriod) as error:
        parse_period(text, PLAIN, TODAY)
    assert all(problem.found and problem.todo for problem in error.value.problems)


@given(st.text(max_size=24))
def test_any_text_is_a_period_or_refused(text: str) -> None:
    with suppress(BadPeriod):
        assert parse_period(text, PLAIN, TODAY).days > 0


def test_a_fiscal_year_carries_the_year_in_which_it_begins() -> None:
    july = Calendar(fiscal_start=7)
    assert read("2017", july) == ("2017-07-01", "2018-06-30")
    assert read("2017-Q1", july) == ("2017-07-01", "2017-09-30")
    assert read("2017-Q4", july) == ("2018-04-01", "2018-06-30")
    assert period_of(date(2018, 3, 1), Grain.quarter, july).label == "2017-Q3"
    assert read("ytd", july) == ("2017-07-01", "2018-05-16")


def test_a_week_begins_where_the_client_begins_it() -> None:
    sunday = Calendar(week_start=7)
    assert read("2017-W46", sunday) == ("2017-11-12", "2017-11-18")
    assert period_of(date(2017, 11, 12), Grain.week, sunday).label == "2017-W46"
    assert period_of(date(2017, 11, 12), Grain.week, PLAIN).label == "2017-W45"


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2017-Q4", "2016-Q4"),
        ("2017-11", "2016-11"),
        ("2018", "2017"),
        ("2016-02-29", "2015-02-28"),
        ("2017-02-28", "2016-02-28"),
        ("2017-W46", "2016-W46"),
        ("2021-W10", "2020-W10"),
        ("2020-W53", "2019-W52"),
        ("2021-W52", "2020-W52"),
        ("2016-02-01..2016-02-29", "2015-02-01..2015-02-28"),
    ],
)
def test_the_same_period_of_last_year(text: str, before: str) -> None:
    period = parse_period(text, PLAIN, TODAY)
    assert last_year(period, PLAIN) == parse_period(before, PLAIN, TODAY)


@given(DAYS, CALENDARS)
def test_a_week_of_last_year_begins_on_the_same_weekday(day: date, calendar: Calendar) -> None:
    week = period_of(day, Grain.week, calendar)
    before = last_year(week, calendar)
    assert before.start.isoweekday() == week.start.isoweekday() == calendar.week_start
    assert (week.start - before.start).days in (364, 371)


@given(DAYS, st.integers(-600, 600))
def test_months_are_calendar_months(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert moved.year * 12 + moved.month == day.year * 12 + day.month + months
    assert moved.day == day.day or (moved + timedelta(days=1)).day == 1


def test_months_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(BadPeriod, match="outside the calendar"):
        add_months(date(9999, 12, 1), 1)


@given(DAYS, st.integers(1, 60), st.integers(-70, 70))
def test_a_period_until_a_day_holds_no_later_day(start: date, days: int, offset: int) -> None:
    period = Period(start, start + timedelta(days=days))
    day = start + timedelta(days=offset)
    part = period.until(day)
    if offset < 0:
        assert part is None
    else:
        assert part is not None
        assert part.start == period.start
        assert part.last == min(day, period.last)


@given(DAYS, st.integers(-50, 0))
def test_a_period_without_days_cannot_be_made(start: date, days: int) -> None:
    assume(start + timedelta(days=days) > date.min)
    with pytest.raises(BadPeriod):
        Period(start, start + timedelta(days=days))
