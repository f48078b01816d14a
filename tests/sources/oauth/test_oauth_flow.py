"""Signing in with the browser, against an authorisation server over loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from kvitto.errors import (
    AddressRefused,
    Busy,
    SecretMissing,
    SourceRefused,
    SourceUnreachable,
    WrongUse,
)
from kvitto.sources.oauth import OAuthProvider, place_of
from kvitto.sources.oauth.callback import PATH, listening
from kvitto.sources.oauth.flow import Grant, sign_in
from kvitto.sources.stream import Opening
from kvitto.workspace.definition import LimitsDefinition
from tests.sources.oauth.stand_in import APP, Server, browse, in_browser, stand_in, status_of

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
PROVIDER = OAuthProvider(
    name="Acme",
    authorise="{base}/authorise?tenant=1",
    exchange="{base}/token",
    scopes="read offline",
    help="Acme says how to make an app.",
)


@pytest.fixture
def server() -> Iterator[Server]:
    with stand_in() as found:
        yield found


def opening(secrets: dict[str, str] = APP) -> Opening:
    def secret(name: str) -> str:
        if name not in secrets:
            raise SecretMissing.of(f"the credential {name}", "there is none", "Keep it.")
        return secrets[name]

    return Opening(
        "crm",
        None,
        secret,
        lambda *_: None,
        LimitsDefinition(),
        allow_private=True,
        now=lambda: NOW,
    )


def signed_in(
    server: Server,
    show: Callable[[str], object] = in_browser,
    provider: OAuthProvider = PROVIDER,
    seconds: float = 10,
    secrets: dict[str, str] = APP,
) -> Grant:
    place = place_of(provider, SimpleNamespace(base=server.url), "crm")
    return sign_in(opening(secrets), place, show, seconds=seconds)


def test_a_person_who_allows_it_gives_a_token_that_lasts(server: Server) -> None:
    grant = signed_in(server)
    assert grant.token == server.refresh
    assert grant.scopes == "read"
    assert grant.token not in repr(grant)
    asked = server.seen[0]
    assert asked["scope"] == "read offline"
    assert asked["tenant"] == "1"
    assert asked["code_challenge_method"] == "S256"
    assert urlsplit(asked["redirect_uri"]).hostname == "127.0.0.1"


def test_no_two_sign_ins_share_anything_secret(server: Server) -> None:
    for _ in range(2):
        signed_in(server)
    first, second = server.seen
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


def test_an_answer_to_another_sign_in_is_turned_away_and_ours_still_taken(server: Server) -> None:
    statuses: list[int] = []

    def show(address: str) -> None:
        asked = dict(parse_qsl(urlsplit(address).query))
        back = asked["redirect_uri"]
        statuses.append(status_of(f"{back}?code=stolen&state=guessed"))
        statuses.append(status_of(f"{back}?code=stolen"))
        statuses.append(status_of(f"{back}?state={asked['state']}"))
        statuses.append(status_of(back.removesuffix(PATH) + "/favicon.ico"))
        in_browser(address)

    assert signed_in(server, show).token == server.refresh
    assert statuses == [400, 400, 400, 404]


def test_who_only_sees_strange_answers_is_told_of_them(server: Server) -> None:
    def show(address: str) -> None:
        back = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        status_of(f"{back}?code=stolen&state=guessed")

    with pytest.raises(SourceUnreachable, match="1 that belong to another sign-in"):
        signed_in(server, show, seconds=0.05)
    assert server.forms == []


def test_a_person_who_says_no_is_understood(server: Server) -> None:
    server.deny = "access_denied"
    with pytest.raises(SourceRefused, match="access_denied the person said no"):
        signed_in(server)
    assert server.forms == []


def test_nobody_waits_for_ever(server: Server) -> None:
    with pytest.raises(SourceUnreachable, match="no answer came within"):
        signed_in(server, lambda _address: None, seconds=0.05)


def test_a_sign_in_without_a_lasting_token_says_what_to_do(server: Server) -> None:
    server.no_refresh = True
    with pytest.raises(SourceRefused, match="no refresh token came with it") as caught:
        signed_in(server)
    assert "connect again" in str(caught.value)
    assert not any(token in str(caught.value) for token in server.access)


def test_the_end_of_the_token_is_known_where_it_is_said(server: Server) -> None:
    server.life = 86_400
    assert signed_in(server).expires_at == NOW + timedelta(days=1)
    server.life = None
    assert signed_in(server).expires_at is None


def test_a_short_token_is_made_a_long_one(server: Server) -> None:
    provider = replace(PROVIDER, keeps="access_token", prolong="long_token", separator=",")
    grant = signed_in(server, provider=provider)
    assert grant.token in server.access
    assert grant.expires_at == NOW + timedelta(seconds=server.long_life)
    assert server.seen[0]["scope"] == "read,offline"
    assert server.forms[1]["grant_type"] == "long_token"


def test_a_wrong_secret_is_refused_without_being_shown(server: Server) -> None:
    wrong = {**APP, "client_secret": "not-this-one-77"}
    with pytest.raises(SourceRefused, match="invalid_client") as caught:
        signed_in(server, secrets=wrong)
    said = str(caught.value)
    assert "not-this-one-77" not in said
    assert server.forms[0]["code_verifier"] not in said
    assert server.forms[0]["code"] not in said


def test_an_app_that_is_not_known_is_asked_for_before_anything_opens(server: Server) -> None:
    opened: list[str] = []
    with pytest.raises(SecretMissing):
        signed_in(server, opened.append, secrets={})
    assert opened == []


def test_an_app_without_a_secret_is_known_by_the_verifier(server: Server) -> None:
    with pytest.raises(SourceRefused):
        signed_in(server, secrets={"client_id": "app-1"})
    assert "client_secret" not in server.forms[0]


def test_two_wait_at_once_and_each_gets_its_own(server: Server) -> None:
    addresses: dict[str, str] = {}
    ready = threading.Barrier(3)
    grants: dict[str, str] = {}

    def waiting(name: str) -> None:
        def show(address: str) -> None:
            addresses[name] = address
            ready.wait(10)

        grants[name] = signed_in(server, show).token

    both = [threading.Thread(target=waiting, args=(name,)) for name in ("a", "b")]
    for one in both:
        one.start()
    ready.wait(10)
    browse(addresses["b"])
    both[1].join(10)
    after_b = server.refresh
    browse(addresses["a"])
    both[0].join(10)
    assert grants == {"a": server.refresh, "b": after_b}


def test_a_port_that_is_taken_is_told(server: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        provider = replace(PROVIDER, port=taken.getsockname()[1], host="localhost")
        with pytest.raises(Busy, match="--port"):
            signed_in(server, provider=provider)


def test_vendors_who_compare_addresses_get_the_name_they_want(server: Server) -> None:
    signed_in(server, provider=replace(PROVIDER, host="localhost"))
    assert server.seen[0]["redirect_uri"].startswith("http://localhost:")


def test_nobody_is_sent_to_an_address_of_the_own_network_unless_allowed(server: Server) -> None:
    place = place_of(PROVIDER, SimpleNamespace(base=server.url), "crm")
    opened: list[str] = []
    with pytest.raises(AddressRefused):
        sign_in(replace(opening(), allow_private=False), place, opened.append)
    assert opened == []


def test_the_first_answer_counts(server: Server) -> None:
    with listening("state-1") as callback:
        at = f"http://127.0.0.1:{callback.port}{PATH}?state=state-1&code="
        assert [status_of(at + "one"), status_of(at + "two")] == [200, 400]
        arrived = callback.wait(5)
    assert arrived is not None
    assert arrived.code == "one"


def test_what_comes_back_is_not_shown_in_the_browser() -> None:
    from urllib.request import urlopen

    with listening("state-1") as callback:
        address = f"http://127.0.0.1:{callback.port}{PATH}?state=state-1&error=<b>x&code=c0de"
        with urlopen(address, timeout=10) as page:
            text = page.read().decode()
            assert page.headers["Content-Security-Policy"] == "default-src 'none'"
        assert "c0de" not in text
        assert "<b>x" not in text


def test_a_source_that_signs_in_another_way_says_which_setting_to_change() -> None:
    provider = replace(PROVIDER, needs={"sign_in": "oauth"})
    with pytest.raises(WrongUse, match="sign_in: oauth"):
        place_of(provider, SimpleNamespace(base="https://x.example", sign_in="token"), "crm")


def test_an_address_that_nobody_gave_is_asked_for() -> None:
    with pytest.raises(WrongUse, match="Write base under settings"):
        place_of(PROVIDER, SimpleNamespace(base=None), "crm")
