"""Days are the client's days, and instants are in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.conform.zone import Kind, midnight_of, offset_sql
from tests.conform.conftest import Desk

ZONES = (
    "Europe/Stockholm",
    "America/Chicago",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Apia",
    "UTC",
)
FILL = {"deals.csv": {"deals": {"deal_id": "id", "created_at": "at"}}}


def sync(
    desk: Desk, *values: str, zone: str = "America/Chicago", **more: str
) -> list[tuple[Any, ...]]:
    desk.client = desk.client.model_copy(update={"timezone": zone})
    desk.put("deals.csv", "id,at\n" + "".join(f"{n},{v}\n" for n, v in enumerate(values)))
    desk.sync(FILL, **more)
    return list(desk.ask("SELECT created_at, created_on FROM deals ORDER BY deal_id"))


def test_a_day_is_never_shifted(desk: Desk) -> None:
    assert sync(desk, "2024-01-05", "2024-07-05") == [
        (datetime(2024, 1, 5, 6), date(2024, 1, 5)),
        (datetime(2024, 7, 5, 5), date(2024, 7, 5)),
    ]


def test_a_day_is_not_shifted_by_the_zone_of_the_source(desk: Desk) -> None:
    found = sync(desk, "2024-01-05", timezone="Asia/Tokyo")
    assert found == [(datetime(2024, 1, 5, 6), date(2024, 1, 5))]


def test_an_instant_falls_on_the_client_s_day(desk: Desk) -> None:
    assert sync(desk, "2024-01-05T03:00:00Z", "2024-01-05T07:00:00+01:00") == [
        (datetime(2024, 1, 5, 3), date(2024, 1, 4)),
        (datetime(2024, 1, 5, 6), date(2024, 1, 5)),
    ]


def test_a_clock_time_is_the_client_s_unless_the_source_says_otherwise(desk: Desk) -> None:
    assert sync(desk, "2024-01-05 23:30") == [(datetime(2024, 1, 6, 5, 30), date(2024, 1, 5))]
    assert sync(desk, "2024-01-05 03:30", timezone="UTC") == [
        (datetime(2024, 1, 5, 3, 30), date(2024, 1, 4))
    ]
    assert sync(desk, "2024-01-05 10:30", timezone="Asia/Tokyo") == [
        (datetime(2024, 1, 5, 1, 30), date(2024, 1, 4))
    ]


def test_a_midnight_that_the_clock_skips(desk: Desk) -> None:
    found = sync(desk, "2018-11-04", zone="America/Sao_Paulo")
    assert found == [(datetime(2018, 11, 4, 3), date(2018, 11, 4))]


def test_days_beyond_the_known_ones_keep_their_day(desk: Desk) -> None:
    found = sync(desk, "1890-01-05", "9999-12-31")
    assert [row[1] for row in found] == [date(1890, 1, 5), date(9999, 12, 31)]


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    moment=st.datetimes(datetime(1990, 1, 2), datetime(2050, 1, 1)),
)
def test_local_days_agree_with_the_zone_s_rules(
    engine: duckdb.DuckDBPyConnection, zone: str, moment: datetime
) -> None:
    def at(kind: Kind, value: str) -> timedelta:
        asked = engine.execute(f"SELECT {offset_sql(zone, kind, 'v')} FROM (SELECT {value} AS v)")
        found: timedelta = asked.fetchall()[0][0]
        return found

    there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    assert at("utc", f"TIMESTAMP '{moment}'") == there.utcoffset()
    known = datetime.combine(moment.date(), datetime.min.time())
    assert known - at("midnight", f"DATE '{moment.date()}'") == midnight_of(moment.date(), zone)
    clock = there.replace(tzinfo=None)
    heard = clock - at("local", f"TIMESTAMP '{clock}'")
    assert heard.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == clock


LEADS = {
    "leads": {
        "lead_id": "id",
        "created_at": "created",
        "converted_at": "converted",
        "disqualified_at": "lost",
    }
}


def test_a_day_without_a_time_is_not_before_the_beginning_on_the_same_day(desk: Desk) -> None:
    desk.client = desk.client.model_copy(update={"timezone": "Europe/Stockholm"})
    desk.put(
        "leads.csv",
        "id,created,converted,lost\n1,2024-01-10T22:30:00Z,2024-01-10,2024-01-12\n"
        "2,2024-01-10T23:30:00Z,2024-01-10,\n",
    )
    desk.sync({"leads.csv": LEADS})
    found = desk.ask(
        "SELECT CAST(created_on AS VARCHAR), CAST(converted_on AS VARCHAR),"
        " converted_at >= created_at, CAST(converted_at AS VARCHAR),"
        " CAST(disqualified_at AS VARCHAR) FROM leads ORDER BY lead_id"
    )
    assert found == [
        ("2024-01-10", "2024-01-10", True, "2024-01-10 22:30:00", "2024-01-11 23:00:00"),
        ("2024-01-11", "2024-01-10", False, "2024-01-09 23:00:00", None),
    ]
