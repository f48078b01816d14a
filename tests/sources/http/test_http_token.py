"""Access tokens that end, and paging that does not."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from kvitto.errors import BadAnswer, SourceRefused
from kvitto.sources.http import client_credentials, guarded_session, never_ending, refreshed
from kvitto.sources.http.token import BearerToken, FetchedToken
from tests.sources.http.conftest import Client, opening
from tests.sources.http.scripted import Scripted, data, scripted


@pytest.fixture
def issuer(server: Scripted) -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.fixture
def kept() -> dict[str, str]:
    return {"client_id": "app", "client_secret": "s3cret-app", "refresh_token": "r3fresh-one"}


@pytest.fixture
def auth(issuer: Scripted, kept: dict[str, str]) -> FetchedToken:
    given = opening()
    session = guarded_session(given, where="the Acme API")
    return refreshed(session, issuer.url, kept.__getitem__, kept.__setitem__, now=given.now)


def test_a_token_is_fetched_once_and_used_until_it_ends(
    server: Scripted, client: Client, issuer: Scripted, auth: FetchedToken
) -> None:
    issuer.answers(data({"access_token": "first", "expires_in": 1800}))
    http = client.open(auth=auth)
    http.get("a")
    http.get("b")
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer first"] * 2
    assert parse_qs(issuer.asked[0].body.decode())["refresh_token"] == ["r3fresh-one"]
    assert len(issuer.asked) == 1


def test_a_token_that_is_refused_is_renewed_once_and_the_request_sent_again(
    server: Scripted, client: Client, issuer: Scripted, auth: FetchedToken
) -> None:
    issuer.answers(data({"access_token": "old"}), data({"access_token": "new"}))
    server.answers(data({"message": "expired"}, 401), data([1]))
    assert client.open(auth=auth).get("deals") == [1]
    assert server.asked[1].headers["authorization"] == "Bearer new"


def test_a_token_that_stays_refused_is_an_error_and_not_a_loop(
    server: Scripted, client: Client, issuer: Scripted, auth: FetchedToken
) -> None:
    issuer.answers(data({"access_token": "any"}))
    server.answers(data({"message": "revoked"}, 401))
    with pytest.raises(SourceRefused, match="revoked"):
        client.open(auth=auth).get("deals")
    assert len(server.asked) == 2


def test_a_renewed_refresh_token_is_kept(
    client: Client, issuer: Scripted, auth: FetchedToken, kept: dict[str, str]
) -> None:
    issuer.answers(data({"access_token": "first", "refresh_token": "r3fresh-two"}))
    client.open(auth=auth).get("deals")
    assert kept["refresh_token"] == "r3fresh-two"


def test_a_refresh_token_that_ended_asks_to_sign_in_again_without_being_shown(
    client: Client, issuer: Scripted, auth: FetchedToken
) -> None:
    said = {"error": "invalid_grant", "error_description": "r3fresh-one is not valid: s3cret-app"}
    issuer.answers(data(said, 400))
    with pytest.raises(SourceRefused, match="Sign in again") as raised:
        client.open(auth=auth).get("deals")
    assert "r3fresh-one" not in str(raised.value)
    assert "s3cret-app" not in str(raised.value)


def test_an_answer_without_a_token_is_a_bad_one(
    client: Client, issuer: Scripted, auth: FetchedToken
) -> None:
    issuer.answers(data({"ok": True}))
    with pytest.raises(BadAnswer, match="without access_token"):
        client.open(auth=auth).get("deals")


def test_a_program_signs_in_as_itself(
    server: Scripted, client: Client, issuer: Scripted, kept: dict[str, str]
) -> None:
    given = opening()
    session = guarded_session(given, where="the Acme API")
    issuer.answers(data({"access_token": "mine", "expires_in": "3600"}))
    scope = {"scope": "read"}
    signed = client_credentials(session, issuer.url, kept.__getitem__, now=given.now, extra=scope)
    client.open(auth=signed).get("deals")
    assert parse_qs(issuer.asked[0].body.decode())["scope"] == ["read"]
    assert server.asked[0].headers["authorization"] == "Bearer mine"


def test_a_bearer_token_signs_each_request(server: Scripted, client: Client) -> None:
    client.open(auth=BearerToken("abc")).get("deals")
    assert server.asked[0].headers["authorization"] == "Bearer abc"


def test_pages_end_where_there_is_no_next_one() -> None:
    pages = [("a", [{"id": 1}]), ("b", []), (None, [{"id": 2}])]
    assert [len(page) for page in never_ending(pages)] == [1, 0, 1]


def test_a_cursor_that_comes_back_is_a_bad_answer() -> None:
    def endless() -> Iterator[tuple[str, list[dict[str, object]]]]:
        for number in range(100):
            yield ("ab"[number % 2], [{"id": number}])

    seen: list[object] = []
    with pytest.raises(BadAnswer, match="points back to an earlier page"):
        seen.extend(never_ending(endless()))
    assert len(seen) == 3


def test_a_page_that_comes_back_under_new_cursors_is_a_bad_answer() -> None:
    pages = ((str(number), [{"id": number % 3}]) for number in range(100))
    with pytest.raises(BadAnswer, match="page 4 holds the records of an earlier page"):
        list(never_ending(pages))


def test_pages_are_not_read_ahead() -> None:
    read: list[int] = []

    def pages() -> Iterator[tuple[int, list[dict[str, object]]]]:
        for number in range(5):
            read.append(number)
            yield number, [{"id": number}]

    first = next(iter(never_ending(pages())))
    assert first == [{"id": 0}]
    assert read == [0]
