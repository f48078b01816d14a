"""What servers answer instead of what was asked."""

from __future__ import annotations

import base64
import gzip
import json
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import BadAnswer, KvittoError, SourceRefused, SourceUnreachable
from kvitto.sources.http import Http, guarded_session
from kvitto.sources.http.answer import understand
from kvitto.sources.http.word import said
from kvitto.sources.stream import Notice
from tests.sources.http.conftest import Client, opening
from tests.sources.http.scripted import Reply, Scripted, data


def test_a_fraction_is_a_decimal_and_never_a_binary_float(server: Scripted, client: Client) -> None:
    server.answers(Reply(body=b'{"amount": 0.1, "n": 3, "big": 12345678901234567890.12}'))
    got = client.open().get("deals")
    assert got == {"amount": Decimal("0.1"), "n": 3, "big": Decimal("12345678901234567890.12")}
    assert isinstance(got["amount"], Decimal)


def test_paths_parameters_and_bodies_arrive_as_they_were_given(
    server: Scripted, client: Client
) -> None:
    http = client.open(headers={"X-Version": "7"})
    http.get("/crm/deals", {"archived": True, "limit": 100})
    http.post("search", json={"limit": 200})
    first, second = server.asked
    assert first.path == "/crm/deals?archived=true&limit=100"
    assert first.headers["x-version"] == "7"
    assert (second.method, json.loads(second.body)) == ("POST", {"limit": 200})


@pytest.mark.parametrize(
    ("status", "todo"), [(401, "renew it"), (402, "renew it"), (403, "missing scope or permission")]
)
def test_a_refusal_names_what_the_server_said_and_what_to_do(
    server: Scripted, client: Client, status: int, todo: str
) -> None:
    server.answers(data({"message": "token expired, scope crm.read"}, status))
    with pytest.raises(SourceRefused, match="token expired, scope crm") as refused:
        client.open(headers={"Authorization": "Bearer pat-12345"}).get("deals")
    assert todo in str(refused.value)
    assert "the Acme API" in str(refused.value)
    assert len(server.asked) == 1


def test_a_wrong_request_is_a_bad_answer_with_the_servers_words(
    server: Scripted, client: Client
) -> None:
    server.answers(data({"errors": [{"detail": "no such property: amuont"}]}, 400))
    with pytest.raises(BadAnswer, match="no such property: amuont"):
        client.open().get("deals")


def test_an_expected_status_is_given_back(server: Scripted, client: Client) -> None:
    server.answers(data({"message": "no such module"}, 404))
    assert client.open().answer("GET", "x", expect={404}).status == 404


def test_html_instead_of_json_is_told_by_its_first_words(server: Scripted, client: Client) -> None:
    page = b"<!doctype html><style>p{}</style><h1>Down for\n maintenance</h1>" + b"x" * 9999
    server.answers(Reply(body=page, headers={"Content-Type": "text/html; charset=utf-8"}))
    with pytest.raises(BadAnswer, match='a web page: "Down for maintenance') as bad:
        client.open().get("deals")
    assert len(str(bad.value)) < 700


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": [1, 2',
        b"",
        b"OK",
        b'{"a": NaN}',
        b"\xff\xfe\x00\x00",
        b"[" * 200_000,
        b"9" * 5000,
        b'{"a": 1}{"b": 2}',
    ],
)
def test_what_is_not_json_is_a_bad_answer(server: Scripted, client: Client, body: bytes) -> None:
    server.answers(Reply(body=body, headers={"Content-Type": "application/json"}))
    with pytest.raises(BadAnswer, match="JSON from the Acme API"):
        client.open().get("deals")


def test_a_byte_order_mark_and_half_characters_do_no_harm() -> None:
    assert understand(b"\xef\xbb\xbf[1]", "x") == [1]
    assert understand(rb'["a\ud83d", {"\uD800": "\ud83d\ude00"}]', "x") == [
        "a\ufffd",
        {"\ufffd": "😀"},
    ]


def test_a_body_without_end_stops_at_the_bound_and_memory_stays_small(
    server: Scripted, client: Client
) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(10_000):
            yield b" " * 1_000_000

    server.answers(Reply(pieces=endless))
    http = client.open(megabytes=3)
    tracemalloc.start()
    with pytest.raises(BadAnswer, match="at most 3 MB"):
        http.get("deals")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert server.sent < 50_000_000
    assert peak < 20_000_000


def test_a_declared_size_over_the_bound_is_not_read_at_all(
    server: Scripted, client: Client
) -> None:
    server.answers(Reply(body=b"[", length=10_000_000_000))
    with pytest.raises(BadAnswer, match="it is larger"):
        client.open().get("deals")


def test_a_small_body_that_unpacks_to_a_large_one_stops_at_the_bound(
    server: Scripted, client: Client
) -> None:
    bomb = gzip.compress(b" " * 30_000_000)
    server.answers(Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
    assert len(bomb) < 100_000
    with pytest.raises(BadAnswer, match="at most 1 MB"):
        client.open(megabytes=1).get("deals")


def test_a_packed_body_is_read(server: Scripted, client: Client) -> None:
    server.answers(Reply(body=gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"}))
    assert client.open().get("deals") == [1]


def test_a_body_that_drips_for_ever_is_given_up(server: Scripted) -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(200):
            time.sleep(0.02)
            yield b" "

    server.answers(Reply(pieces=drip))
    session = guarded_session(opening(), where="the Acme API", body_seconds=0.2)
    with pytest.raises(SourceUnreachable, match=r"within 0\.2 seconds"):
        session.get(server.url)


def test_a_body_cut_in_the_middle_is_asked_for_again(server: Scripted, client: Client) -> None:
    server.answers(Reply(body=b'{"a":', length=500), data({"a": 1}))
    assert client.open().get("deals") == {"a": 1}
    assert len(server.asked) == 2


def test_a_body_that_is_always_cut_is_unreachable(server: Scripted, client: Client) -> None:
    server.answers(Reply(body=b'{"a":', length=500))
    with pytest.raises(SourceUnreachable, match="broke in the middle"):
        client.open().get("deals")
    assert len(server.asked) == 3


def test_no_content_is_nothing(server: Scripted, client: Client) -> None:
    server.answers(Reply(204, b""))
    assert client.open().get("deals") is None


def test_a_wrong_clock_is_noticed_and_named_where_it_may_be_the_reason(
    server: Scripted, client: Client
) -> None:
    http: Http = client.open(clock=lambda: datetime.now(UTC) - timedelta(hours=2))
    http.get("deals")
    assert http.skew is not None
    assert abs(http.now() - datetime.now(UTC)) < timedelta(minutes=1)
    server.answers(data({"message": "timestamp out of range"}, 401))
    with pytest.raises(SourceRefused, match="clock is 120 minutes behind the server's"):
        http.get("deals")


def test_a_wrong_clock_is_reported_once(server: Scripted) -> None:
    told: list[Notice] = []
    late = replace(opening(), notice=told.append)
    fast = datetime.now(UTC) + timedelta(minutes=30)
    http = Http(late, server.url, where="the Acme API", clock=lambda: fast)
    http.get("deals")
    http.get("deals")
    assert [notice.code for notice in told] == ["clock_wrong"]
    assert "30 minutes ahead of that of the Acme API" in told[0].message


def test_a_right_clock_is_not_spoken_of(server: Scripted, client: Client) -> None:
    http = client.open()
    http.get("deals")
    assert http.skew is None


secrets = st.text(min_size=8, max_size=60).filter(lambda text: len(text.strip()) >= 8)


@given(secrets, st.sampled_from(["plain", "json", "html", "spaced"]))
def test_no_secret_is_in_what_a_person_is_told(secret: str, way: str) -> None:
    shown = {
        "plain": f"bad token {secret} given",
        "json": json.dumps({"message": f"token={secret}"}),
        "html": f"<p>token <b>{secret}</b></p>",
        "spaced": f"  {secret}  " * 50,
    }[way]
    told = said(shown.encode("utf-8", "replace"), [secret])
    assert secret not in told
    assert " ".join(secret.split()) not in told


printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)


@pytest.mark.parametrize("place", ["bearer", "header", "query", "body", "basic"])
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 200])
def test_no_message_of_a_request_holds_its_secret(
    server: Scripted, client: Client, place: str, status: int
) -> None:
    """The server echoes what it was sent, everywhere a credential can be."""
    secret = "s3/cr+t&=%7 \"q'é"[:14] + "Zx9"
    server.answers(
        Reply(status, f"<html>you sent {secret!s}</html>".encode(), {"Retry-After": "9999"})
    )
    http = client.open(headers=_headers(place, secret))
    path = f"x?{urlencode({'api_key': secret})}" if place == "query" else "x"
    with pytest.raises(KvittoError) as raised:
        http.post(path, json={"client_secret": secret} if place == "body" else None)
    assert secret not in str(raised.value)
    assert "Zx9" not in str(raised.value)


def _headers(place: str, secret: str) -> dict[str, str]:
    packed = base64.b64encode(f"me:{secret}".encode()).decode()
    return {
        "bearer": {"Authorization": f"Bearer {secret}".encode().decode("latin-1")},
        "header": {"Api-Token": secret.encode().decode("latin-1")},
        "basic": {"Authorization": f"Basic {packed}"},
    }.get(place, {})


@given(printable, st.integers(400, 599))
def test_the_words_of_any_failure_are_free_of_the_kept_secret(secret: str, status: int) -> None:
    words = said(json.dumps({"message": f"Invalid {secret}!", "status": status}).encode(), [secret])
    assert secret not in words
    assert "Invalid" in words or "invalid" in secret.lower()
