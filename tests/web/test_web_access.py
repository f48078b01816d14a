"""Who may see which page: every route, every role."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from kvitto.app.edition import get
from kvitto.app.house import local_person, open_house
from tests.web.browsing import (
    DRAFT,
    MANAGER,
    OTHER,
    OWNER,
    READER,
    SEALED,
    TODAY,
    Enter,
    token_of,
)

CHART, BLOCKS, RECEIPT = "CHART", "BLOCKS", "RECEIPT"
NOBODY = "/editions/nobody/R13/2017-12/1"

# path: owner, manager of northgate, manager of acme, the client northgate
PAGES: dict[str, tuple[int, int, int, int]] = {
    "/clients": (200, 200, 200, 403),
    "/clients/northgate": (200, 200, 404, 200),
    "/clients/acme": (200, 404, 200, 404),
    "/clients/nobody": (404, 404, 404, 404),
    "/clients/northgate/brand.css": (200, 200, 404, 200),
    "/clients/northgate/charts/deals_won.json": (200, 200, 404, 200),
    "/clients/northgate/editions": (200, 200, 404, 200),
    "/clients/northgate/findings": (200, 200, 404, 403),
    "/clients/northgate/review": (200, 200, 404, 404),
    "/clients/northgate/labels": (200, 200, 404, 404),
    "/clients/northgate/labels/decide?concept=source&label=Web": (200, 200, 404, 404),
    "/clients/northgate/health": (200, 200, 404, 404),
    "/clients/northgate/compare": (200, 200, 404, 404),
    "/findings": (200, 200, 200, 403),
    "/sources": (200, 200, 200, 403),
    "/sources/crm": (200, 200, 404, 403),
    "/sources/nothing": (404, 404, 404, 404),
    DRAFT: (200, 200, 404, 404),
    f"{DRAFT}/files/json": (200, 200, 404, 404),
    f"{DRAFT}/charts/CHART.json": (200, 200, 404, 404),
    SEALED: (200, 200, 404, 200),
    f"{SEALED}/files/json": (200, 200, 404, 200),
    f"{SEALED}/files/exe": (404, 404, 404, 404),
    f"{SEALED}/charts/CHART.json": (200, 200, 404, 200),
    NOBODY: (404, 404, 404, 404),
    "/receipts/SEALED": (200, 200, 404, 200),
    "/receipts/ZZZZ-ZZZZ": (404, 404, 404, 404),
}
FORMS: dict[str, tuple[int, ...]] = {
    "/clients/northgate/editions": (404, 403),
    "/clients/northgate/review": (404, 404),
    "/clients/northgate/review/undo": (404, 404),
    "/clients/northgate/labels": (404, 404),
    "/clients/northgate/labels/undo": (404, 404),
    f"{DRAFT}/texts": (404, 404),
    f"{DRAFT}/vouch": (404, 404),
    f"{DRAFT}/approve": (404, 404),
    f"{DRAFT}/pass": (404, 404),
    f"{DRAFT}/seal": (404, 404),
    f"{DRAFT}/deliver": (404, 404),
    f"{SEALED}/texts": (404, 403),
    f"{SEALED}/vouch": (404, 403),
    f"{SEALED}/approve": (404, 403),
    f"{SEALED}/seal": (404, 403),
    f"{SEALED}/deliver": (404, 403),
    "/receipts/SEALED/rerun": (404, 403),
}
"""What the manager of another client and the client itself get for each form."""

FIELDS = {
    "report": "R13",
    "period": "2017-11",
    "sure": "yes",
    "text_id": "x",
    "phrase": "x",
    "reason": "x",
    "text:summary": "x",
    "table": "accounts",
    "one": "x",
    "other": "y",
    "decision": "left",
    "record": "x",
    "concept": "source",
    "label": "x",
    "canonical": "y",
}
OPEN = {"/", "/sign-in", "/sign-out", "/language", "/healthz", "/assets/{digest}/{name}"}


@pytest.fixture(scope="module")
def filled(made: Path) -> dict[str, str]:
    """Names that only exist once the workspace is made: a chart, a receipt."""
    house = open_house(made, TODAY)
    who = local_person(house)
    sealed = get(house, who, SEALED.removeprefix("/editions/"))
    draft = get(house, who, DRAFT.removeprefix("/editions/"))
    charts = {
        name: next(block.id for block in edition.blocks() if block.kind == "chart")
        for name, edition in ((SEALED, sealed), (DRAFT, draft))
    }
    house.store.close()
    return {"receipt": next(iter(sealed.receipts)), **charts}


def fill(path: str, filled: dict[str, str]) -> str:
    chart = filled[DRAFT] if path.startswith(DRAFT) else filled[SEALED]
    return path.replace("CHART", chart).replace("/SEALED", f"/{filled['receipt']}")


@pytest.mark.parametrize("path", PAGES)
def test_each_role_gets_its_pages_and_no_other(
    enter: Enter, filled: dict[str, str], path: str
) -> None:
    got = tuple(
        enter(email).get(fill(path, filled)).status_code
        for email in (OWNER, MANAGER, OTHER, READER)
    )
    assert got == PAGES[path]


@pytest.mark.parametrize("path", [*PAGES, *FORMS])
def test_without_a_session_there_is_only_the_door(
    anonymous: TestClient, filled: dict[str, str], path: str
) -> None:
    path = fill(path, filled)
    data = {"form_token": token_of(anonymous), **FIELDS}
    for answer in (anonymous.get(path), anonymous.post(path, data=data)):
        assert answer.status_code in (303, 405)
        assert answer.headers.get("location", "/sign-in").startswith("/sign-in")


@pytest.mark.parametrize("path", FORMS)
def test_a_form_changes_nothing_for_those_who_may_not(
    enter: Enter, filled: dict[str, str], path: str
) -> None:
    got = []
    for email, page in ((OTHER, "/clients/acme"), (READER, "/clients/northgate")):
        client = enter(email)
        data = {"form_token": token_of(client, page), **FIELDS}
        got.append(client.post(fill(path, filled), data=data).status_code)
    assert tuple(got) == FORMS[path]


def test_every_route_is_in_the_matrix(reading_app: FastAPI, filled: dict[str, str]) -> None:
    known = [fill(path, filled).partition("?")[0] for path in (*PAGES, *FORMS)]
    missing = [
        route.path
        for route in reading_app.routes
        if isinstance(route, APIRoute)
        and route.path not in OPEN
        and not any(route.path_regex.match(path) for path in known)
    ]
    assert missing == []


def test_out_of_scope_and_nonexistent_look_exactly_alike(enter: Enter) -> None:
    client = enter(OTHER)
    pairs = [
        ("/clients/northgate", "/clients/nobody"),
        (DRAFT, NOBODY),
        (f"{SEALED}/files/pdf", f"{NOBODY}/files/pdf"),
        ("/clients/northgate/editions", "/clients/nobody/editions"),
        ("/clients/northgate/review", "/clients/nobody/review"),
        ("/clients/northgate/compare", "/clients/nobody/compare"),
    ]
    for hidden, absent in pairs:
        one, other = client.get(hidden), client.get(absent)
        assert one.status_code == other.status_code == 404
        assert one.text == other.text


def test_a_clients_sign_in_learns_of_no_page_about_the_data(enter: Enter) -> None:
    client = enter(READER)
    absent = client.get("/clients/nobody").text
    for page in ("review", "labels", "health", "compare"):
        answer = client.get(f"/clients/northgate/{page}")
        assert answer.status_code == 404
        assert answer.text == absent
    assert "gate-word" not in client.get("/clients/northgate").text


def test_a_client_is_offered_nothing_of_the_teams(enter: Enter) -> None:
    client = enter(READER)
    assert client.get("/").headers["location"] == "/clients/northgate"
    pages = [client.get(path).text for path in ("/clients/northgate", SEALED)]
    pages.append(client.get("/clients/northgate/editions").text)
    for page in pages:
        assert 'href="/findings"' not in page
        assert "/review" not in page
        assert "/approve" not in page
        assert "brief/2017-12" not in page
    assert SEALED in pages[2]


def test_names_of_clients_are_escaped(enter: Enter) -> None:
    page = enter(OWNER).get("/clients").text
    assert "<b>Paper</b>" not in page
    assert "Acme &lt;b&gt;Paper&lt;/b&gt;" in page


def test_the_search_finds_by_client_and_by_manager(enter: Enter) -> None:
    page = enter(OWNER).get("/clients", params={"q": "elin"}).text
    assert "Northgate" in page
    assert "Acme" not in page
    assert "<script>" not in enter(OWNER).get("/clients?q=<script>").text


def test_every_figure_of_the_live_page_opens_a_receipt(enter: Enter) -> None:
    client = enter(READER)
    codes = set(re.findall(r'href="/receipts/([^"]+)"', client.get("/clients/northgate").text))
    assert codes
    for code in sorted(codes)[:6]:
        assert client.get(f"/receipts/{code}").status_code == 200
