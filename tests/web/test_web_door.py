"""Signing in and out, the headers of every answer, forms that are refused."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kvitto.web.header import LARGEST_REQUEST, PAGE_POLICY
from kvitto.web.throttle import FREE_TRIES, Throttle
from tests.web.browsing import (
    DRAFT,
    MANAGER,
    MONTHLY,
    PASSWORD,
    READER,
    Enter,
    browser,
    sign_in,
    token_of,
)

INLINE = re.compile(
    r"<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|javascript:", re.IGNORECASE
)


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/nowhere", "/clients", "/assets/x/y"])
def test_every_answer_carries_the_strict_headers(anonymous: TestClient, path: str) -> None:
    headers = anonymous.get(path).headers
    assert headers["content-security-policy"] == PAGE_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"].startswith("private")


def test_the_policy_allows_no_inline_code_and_no_foreign_address() -> None:
    assert "unsafe" not in PAGE_POLICY
    assert "http" not in PAGE_POLICY
    assert "frame-ancestors 'none'" in PAGE_POLICY


@pytest.mark.parametrize(
    "path",
    [
        "/clients",
        "/clients/northgate",
        "/clients/northgate/editions",
        MONTHLY,
        DRAFT,
        "/findings",
    ],
)
def test_no_page_holds_inline_scripts_or_styles(enter: Enter, path: str) -> None:
    page = enter(MANAGER).get(path)
    assert page.status_code == 200
    assert INLINE.search(page.text) is None


def test_signing_in_changes_the_token_and_signing_out_ends_it(reading_app: FastAPI) -> None:
    client = browser(reading_app)
    before = token_of(client) and client.cookies["kvitto_session"]
    answer = sign_in(client, MANAGER)
    after = client.cookies["kvitto_session"]
    assert before != after
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    client.post("/sign-out", data={"form_token": token_of(client, "/clients")})
    client.cookies.set("kvitto_session", after)
    assert client.get("/clients").headers["location"] == "/sign-in?next=/clients"


def test_a_second_sign_in_ends_the_session_before_it(reading_app: FastAPI) -> None:
    client = browser(reading_app)
    sign_in(client, MANAGER)
    old = client.cookies["kvitto_session"]
    form = token_of(client, "/clients")
    client.post("/sign-in", data={"account": READER, "password": PASSWORD, "form_token": form})
    stolen = browser(reading_app)
    stolen.cookies.set("kvitto_session", old)
    assert stolen.get("/clients").status_code == 303


def test_over_https_the_cookie_is_bound_to_the_host(reading_app: FastAPI) -> None:
    client = TestClient(reading_app, base_url="https://reports.example", follow_redirects=False)
    answer = client.get("/sign-in")
    assert answer.headers["set-cookie"].startswith("__Host-kvitto=")
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_a_form_without_the_sessions_token_is_refused(enter: Enter, token: str | None) -> None:
    client = enter(MANAGER)
    data = {} if token is None else {"form_token": token}
    assert client.post("/sign-out", data=data).status_code == 403
    assert client.get("/clients").status_code == 200


def test_a_token_of_another_session_is_refused(enter: Enter) -> None:
    foreign = token_of(enter(READER), "/clients/northgate")
    assert enter(MANAGER).post("/sign-out", data={"form_token": foreign}).status_code == 403


def test_a_form_sent_by_another_site_is_refused(enter: Enter) -> None:
    client = enter(MANAGER)
    data = {"form_token": token_of(client, "/clients")}
    for site in ("cross-site", "same-site"):
        answer = client.post("/sign-out", data=data, headers={"sec-fetch-site": site})
        assert answer.status_code == 403


def test_an_unknown_account_and_a_wrong_password_get_the_same_words(
    reading_app: FastAPI,
) -> None:
    pages = []
    for account in (MANAGER, "nobody@brightlane.example"):
        answer = sign_in(browser(reading_app), account, "not the password")
        assert answer.status_code == 401
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert pages[0] == pages[1]


def test_guessing_is_slowed_down_and_the_right_password_does_not_help_meanwhile(
    reading_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = reading_app.state.site
    monkeypatch.setattr(site.throttle, "_counts", Throttle()._counts)
    client = browser(reading_app)
    for _ in range(FREE_TRIES):
        sign_in(client, READER, "wrong wrong wrong")
    answer = sign_in(client, READER)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/findings", "/findings"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
    ],
)
def test_after_signing_in_one_lands_on_a_page_of_ours(
    reading_app: FastAPI, wanted: str, lands: str
) -> None:
    answer = sign_in(browser(reading_app), MANAGER, next=wanted)
    assert answer.headers["location"] == lands


def test_what_was_typed_into_the_form_comes_back_escaped(reading_app: FastAPI) -> None:
    answer = sign_in(browser(reading_app), '"><script>alert(1)</script>')
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_request_that_is_too_large_is_not_read(anonymous: TestClient) -> None:
    announced = anonymous.post("/sign-in", content=b"x" * (LARGEST_REQUEST + 1))
    streamed = anonymous.post(
        "/sign-in",
        content=iter([b"x" * 600_000, b"x" * 600_000]),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert streamed.headers["content-security-policy"] == PAGE_POLICY


def test_no_documentation_of_the_api_is_served(anonymous: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert anonymous.get(path).status_code == 404


def test_assets_may_be_kept_for_long_and_an_old_address_is_gone(
    reading_app: FastAPI, anonymous: TestClient
) -> None:
    assets = reading_app.state.site.assets
    for name in assets.named:
        answer = anonymous.get(assets.address(name))
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert anonymous.get("/assets/0000000000000000/frame.css").status_code == 404


def test_the_chart_library_comes_out_of_the_installed_package(
    reading_app: FastAPI, anonymous: TestClient
) -> None:
    vega = reading_app.state.site.vega
    answer = anonymous.get(vega.address)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "window.vegaEmbed" in answer.text
    assert vega._read_or_make() == vega.asset().content
