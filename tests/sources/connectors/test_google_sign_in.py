"""Signing in at Google: keys, consents, renewal, refusals; and nothing beside it on the network."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import (
    AddressRefused,
    KvittoError,
    MissingExtra,
    SecretMissing,
    SourceRefused,
    SourceUnreachable,
)
from kvitto.sources.connectors.ga4.api import Ga4
from kvitto.sources.connectors.ga4.settings import Ga4Settings
from kvitto.sources.google.fault import fault_of
from kvitto.sources.stream import Opening, Wanted
from kvitto.workspace.definition import ConnectionDefinition, LimitsDefinition
from tests.sources.connectors.google_source import FIRST, NOW, GoogleSource
from tests.sources.connectors.stand_in.ga4 import SCOPE, Analytics, stand_in
from tests.sources.connectors.stand_in.google import EMAIL

LOOKED_UP: list[str] = []
_LISTENING = threading.Event()


def _hear(event: str, values: tuple[Any, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.gethostbyname") and _LISTENING.is_set():
        LOOKED_UP.append(str(values[0]))


@pytest.fixture(scope="module", autouse=True)
def _ear() -> None:
    """Hear which names are looked up; such a hook cannot be taken off again."""
    sys.addaudithook(_hear)


@pytest.fixture
def site() -> Iterator[Analytics]:
    with stand_in() as server:
        yield server


def opened(site: Analytics, secrets: Mapping[str, str], kept: dict[str, str] | None = None) -> Ga4:
    def secret(name: str) -> str:
        if name not in secrets:
            raise SecretMissing.of(f"the credential '{name}'", "nothing names it", "Name it.")
        return secrets[name]

    settings = {**site.settings, "token_url": f"{site.url}/token"}
    return Ga4(
        Opening(
            source="web",
            settings=Ga4Settings.model_validate(settings),
            secret=secret,
            keep_secret=({} if kept is None else kept).__setitem__,
            limits=LimitsDefinition(wait_seconds=1),
            allow_private=True,
            now=lambda: NOW,
        )
    )


def read(api: Ga4) -> int:
    """The rows of a stream, read in two pages at least."""
    stream = api.streams()[0]
    found = sum(len(page) for page in api.pages(stream, Wanted(first=FIRST, last=NOW.date())))
    api.close()
    return found


def refused(site: Analytics, secrets: Mapping[str, str]) -> KvittoError:
    with pytest.raises(KvittoError) as caught:
        read(opened(site, secrets))
    return caught.value


def test_a_service_account_signs_for_one_scope_and_once(site: Analytics) -> None:
    assert read(opened(site, site.secrets)) == 41
    assert len(site.signed_in) == 1


def test_a_person_signs_in_with_a_refresh_token(site: Analytics) -> None:
    assert read(opened(site, site.person)) == 41
    assert site.signed_in[0]["grant_type"] == "refresh_token"


def test_a_token_that_ended_is_renewed_in_the_middle(site: Analytics) -> None:
    api = opened(site, site.secrets)
    api.account()
    site.run_out()
    assert read(api) == 41
    assert len(site.signed_in) == 2


def test_a_token_that_ends_soon_is_renewed_before(site: Analytics) -> None:
    site.lives = 60
    api = opened(site, site.secrets)
    api.account()
    assert read(api) == 41
    assert len(site.signed_in) == len(site.requests) == 2


def test_a_renewed_refresh_token_is_kept(site: Analytics) -> None:
    kept: dict[str, str] = {}
    site.new_refresh_token = "1//newer"
    read(opened(site, site.person, kept))
    assert kept == {"refresh_token": "1//newer"}


def test_one_connection_serves_sources_that_name_no_secret(site: Analytics, tmp_path: Path) -> None:
    shared = GoogleSource("ga4", tmp_path, {}, site.secrets, Ga4).references()
    connection = ConnectionDefinition(
        kind="ga4", settings={"endpoint": site.url}, secrets=shared, allow_private=True
    )
    source = GoogleSource("ga4", tmp_path, {"properties": ["1001"]}, {}, Ga4, connection=connection)
    assert source.ask("sessions").total("sessions") == 41


@pytest.mark.parametrize(
    ("code", "said", "advice"),
    [
        ("invalid_grant", "Token has been expired or revoked.", "Sign in again"),
        ("invalid_grant", "Invalid JWT: short-lived token", "clock is wrong"),
        ("invalid_client", "The OAuth client was deleted.", "client id and secret"),
        ("unauthorized_client", "Client is unauthorized.", SCOPE),
        ("access_denied", "Requested client not authorized.", SCOPE),
    ],
)
def test_a_refused_sign_in_says_what_to_do(
    site: Analytics, code: str, said: str, advice: str
) -> None:
    site.signing = (400, {"error": code, "error_description": said})
    error = refused(site, site.secrets)
    assert isinstance(error, SourceRefused)
    assert said in str(error)
    assert advice in str(error)
    assert EMAIL in str(error)


def test_no_secret_stands_in_a_message(site: Analytics) -> None:
    site.signing = (400, {"error": "invalid_grant", "error_description": str(site.person)})
    text = str(refused(site, site.person))
    assert site.person["client_secret"] not in text
    assert site.person["refresh_token"] not in text


def test_a_sign_in_that_fails_again_and_again_is_unreachable(site: Analytics) -> None:
    site.signing = (500, {"error": "internal_failure"})
    assert isinstance(refused(site, site.secrets), SourceUnreachable)


def test_without_credentials_both_ways_are_named(site: Analytics) -> None:
    error = refused(site, {})
    assert isinstance(error, SecretMissing)
    names = ("service_account", "client_id", "client_secret", "refresh_token")
    assert all(name in str(error) for name in names)


def test_half_a_consent_names_the_missing_half(site: Analytics) -> None:
    error = refused(site, {"client_id": "x", "client_secret": "y"})
    assert len(error.problems) == 1
    assert "refresh_token" in str(error)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (None, "not the JSON of a key"),
        ({"type": "authorized_user"}, "its type is authorized_user"),
        ({"private_key": ""}, "lacks private_key"),
        (
            {"private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"},
            "be read",
        ),
    ],
)
def test_a_key_that_is_none_is_told(
    site: Analytics, change: dict[str, str] | None, words: str
) -> None:
    text = "/home/me/key.json" if change is None else json.dumps({**site.key(), **change})
    assert words in str(refused(site, {"service_account": text}))


def test_a_key_may_not_send_us_to_the_metadata_server(site: Analytics) -> None:
    key = {**site.key(), "token_uri": "http://169.254.169.254/token"}
    assert isinstance(refused(site, {"service_account": json.dumps(key)}), AddressRefused)


def test_nothing_but_the_named_servers_is_looked_up(
    site: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    LOOKED_UP.clear()
    _LISTENING.set()
    try:
        read(opened(site, site.secrets))
        read(opened(site, site.person))
        refused(site, {})
        others = [one for one in threading.enumerate() if "Refresh" in type(one).__name__]
    finally:
        _LISTENING.clear()
    assert set(LOOKED_UP) == {"127.0.0.1"}
    assert others == []


def test_without_the_library_the_extra_is_named(
    site: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.oauth2.service_account", None)
    error = refused(site, site.secrets)
    assert isinstance(error, MissingExtra)
    assert "kvitto[google]" in str(error)


def test_connectors_come_without_the_library_until_they_are_opened() -> None:
    import subprocess

    code = (
        "import sys\n"
        "import kvitto.sources.connectors.ga4, kvitto.sources.connectors.google_ads\n"
        "import kvitto.sources.connectors.google_sheets\n"
        "print([one for one in ('google', 'requests', 'dlt', 'duckdb') if one in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'{"error": "text"}', b"[1]"])
def test_what_is_not_googles_error_is_none(content: bytes) -> None:
    assert fault_of(500, content) is None


def test_the_error_of_a_stream_stands_in_a_list() -> None:
    content = json.dumps(
        [{"error": {"status": "PERMISSION_DENIED", "message": "no", "details": [{"reason": "X"}]}}]
    )
    fault = fault_of(403, content.encode())
    assert fault is not None
    assert fault.says("X")
    assert replace(fault, reasons=()).says("PERMISSION_DENIED")
