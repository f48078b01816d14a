"""How often and how long a server is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from kvitto.errors import SourceBusy, SourceUnreachable
from tests.sources.http.conftest import Client
from tests.sources.http.scripted import Reply, Scripted, data


def busy(**headers: str) -> Reply:
    return data({"message": "slow down"}, 429, **headers)


def test_a_wait_in_seconds_is_taken_at_its_word(server: Scripted, client: Client) -> None:
    server.answers(busy(Retry_After="7"), busy(Retry_After="3"), data([1]))
    assert client.open().get("deals") == [1]
    assert client.waits == [7, 3]


def test_a_wait_until_a_date_is_counted_by_the_servers_clock(
    server: Scripted, client: Client
) -> None:
    there = datetime.now(UTC) - timedelta(days=3)
    until = format_datetime(there + timedelta(seconds=12), usegmt=True)
    server.answers(busy(Retry_After=until, Date=format_datetime(there, usegmt=True)), data([1]))
    assert client.open().get("deals") == [1]
    assert client.waits == [pytest.approx(12, abs=1)]


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        ("X-HubSpot-RateLimit-Interval-Milliseconds", "10000", 10),
        ("RateLimit-Reset", "4", 4),
        ("X-RateLimit-Reset", "1795298130", 30),
        ("X-Acme-Pause", "6", 6),
    ],
)
def test_a_vendors_own_header_is_understood(
    server: Scripted, client: Client, name: str, value: str, seconds: float
) -> None:
    there = {"Date": "Sat, 21 Nov 2026 21:55:00 GMT"}  # instant 1795298100
    server.answers(Reply(429, b"", {name: value, **there}), data([1]))
    assert client.open(waits=("X-Acme-Pause",)).get("deals") == [1]
    assert client.waits == [pytest.approx(seconds, abs=2)]


def test_a_wait_longer_than_the_run_may_is_busy_and_is_not_waited(
    server: Scripted, client: Client
) -> None:
    server.answers(busy(Retry_After="3600"))
    with pytest.raises(SourceBusy, match=r'wait 60 minutes.*"slow down"'):
        client.open().get("deals")
    assert client.waits == []


def test_a_days_quota_that_is_spent_is_not_waited_for(server: Scripted, client: Client) -> None:
    spent = {"X-HubSpot-RateLimit-Daily-Remaining": "0"}
    server.answers(Reply(429, b"", spent | {"X-HubSpot-RateLimit-Interval-Milliseconds": "10"}))
    with pytest.raises(SourceBusy, match="wait 24 hours"):
        client.open().get("deals")
    assert len(server.asked) == 1


def test_waits_are_added_up_over_the_run(server: Scripted, client: Client) -> None:
    server.answers(busy(Retry_After="20"))
    with pytest.raises(SourceBusy, match="already waited"):
        client.open(wait_seconds=50).get("deals")
    assert client.waits == [20, 20]


def test_being_turned_away_without_a_word_pauses_longer_each_time(
    server: Scripted, client: Client
) -> None:
    server.answers(busy(), busy(), busy(), data([1]))
    assert client.open().get("deals") == [1]
    assert client.waits == [0.5, 1, 2]


def test_a_wait_of_nothing_for_ever_comes_to_an_end(server: Scripted, client: Client) -> None:
    server.answers(busy(Retry_After="0"))
    with pytest.raises(SourceBusy):
        client.open().get("deals")
    assert len(server.asked) < 30


def test_a_failing_server_that_recovers_is_not_noticed(server: Scripted, client: Client) -> None:
    server.answers(Reply(500), Reply(502, b"<html>"), Reply(503), data([1]))
    assert client.open().get("deals") == [1]
    assert client.waits == [0.5, 1, 2]


@pytest.mark.parametrize("status", [500, 503, 524])
def test_a_server_that_fails_for_ever_is_unreachable_with_its_words(
    server: Scripted, client: Client, status: int
) -> None:
    server.answers(data({"message": "database is down"}, status))
    with pytest.raises(SourceUnreachable, match="database is down"):
        client.open().get("deals")
    assert len(server.asked) == 4


def test_a_failure_with_a_body_without_end_is_not_read_to_its_end(
    server: Scripted, client: Client
) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(10_000):
            yield b"x" * 1_000_000

    server.answers(Reply(503, pieces=endless), data([1]))
    assert client.open().get("deals") == [1]
    assert server.sent < 50_000_000


def test_the_budget_of_a_run_counts_every_try(server: Scripted, client: Client) -> None:
    http = client.open(requests=3)
    server.answers(Reply(500), data([1]))
    http.get("deals")
    http.get("deals")
    with pytest.raises(SourceBusy, match="within 3 requests"):
        http.get("deals")
    assert len(server.asked) == 3


def test_requests_are_begun_no_faster_than_allowed(server: Scripted, client: Client) -> None:
    http = client.open(per_second=2.0)
    for _ in range(6):
        http.get("deals")
    assert len(client.waits) == 4  # a second's worth may come at once
    assert client.waits[-1] > 1.0


def test_the_sources_own_limit_comes_before_the_connectors(client: Client) -> None:
    http = client.open(per_second=0.5)
    assert http.session.patience.per_second == 0.5
    slower = Client(client.server)
    slower_http = slower.open(per_second=9.0)
    assert slower_http.session.patience.per_second == 9.0
