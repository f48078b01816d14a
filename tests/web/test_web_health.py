"""Data health, the gate, two sources compared, and the language of the screens."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from kvitto.app import edition as editions
from kvitto.app.data_health import DataHealth, Score
from kvitto.app.house import Role, local_person, open_house
from kvitto.app.person import create_person
from kvitto.audit.register.health import HealthPart
from kvitto.web import create_app
from kvitto.web.view.bridge import signed
from kvitto.web.view.health import grade, show_health
from tests.app.bridge_made import CLIENT
from tests.app.bridge_made import made as bridge_made
from tests.web.browsing import (
    DRAFT,
    MANAGER,
    OTHER,
    OWNER,
    PASSWORD,
    READER,
    Enter,
    browser,
    signed_in,
    token_of,
)


def test_the_score_is_shown_with_what_each_part_is_a_share_of(enter: Enter) -> None:
    page = enter(MANAGER).get("/clients/northgate/health").text
    assert re.search(r'health-number">[\d.]+<', page)
    for part in ("Complete", "Valid", "Unique", "Consistent", "Fresh"):
        assert f">{part}<" in page
    assert re.search(r"[\d,]+ of [\d,]+ rows have no invalid value", page)
    assert 'href="/clients/northgate/findings?source=crm"' in page


def test_a_client_that_nobody_audited_has_no_score(enter: Enter) -> None:
    assert "The next sync does." in enter(OTHER).get("/clients/acme/health").text


def test_findings_can_be_those_of_one_source(enter: Enter) -> None:
    path = "/clients/northgate/findings"
    every = enter(MANAGER).get(path).text
    assert every.count("<tr>") == enter(MANAGER).get(f"{path}?source=crm").text.count("<tr>")
    assert "nothing to look at" in enter(MANAGER).get(f"{path}?source=other").text


@given(st.one_of(st.none(), st.floats(0, 100)))
def test_a_score_has_a_grade_and_what_lacks_a_little_is_never_all(score: float | None) -> None:
    part = HealthPart("validity", 99_999, 100_000)
    course = ((date(2026, 1, 1), 50.0), (date(2026, 1, 2), score))
    shown = show_health(DataHealth("acme", date(2026, 1, 2), Score("", score, (part,)), (), course))
    assert grade(score) in ("sound", "fair", "poor", "none")
    assert (shown.whole.score == "100") == (score == 100)
    assert shown.whole.bars[0].share == "99.9%"
    assert (shown.line is None) == (score is None)


def test_the_gate_says_in_words_why_a_report_waits_and_what_to_do(root: Path) -> None:
    house = open_house(root, date(2018, 3, 1))
    page = signed_in(create_app(house), MANAGER).get("/clients/northgate").text
    house.store.close()
    assert "On hold" in page
    assert "crm ends on 2017-12-31" in page
    assert "kvitto sync crm" in page


def test_a_report_with_fresh_data_is_clear(enter: Enter) -> None:
    page = enter(MANAGER).get("/clients/northgate").text
    assert "May the reports be sent?" in page
    assert "the data is fresh, whole and settled" in page
    assert "May the reports be sent?" not in enter(READER).get("/clients/northgate").text
    assert "The gate" in enter(MANAGER).get(DRAFT).text


def test_an_owner_lets_a_held_report_pass_by_name_and_a_manager_does_not(root: Path) -> None:
    house = open_house(root, date(2018, 2, 20))
    draft = editions.draft(
        house, local_person(house, "Olga Owner"), "northgate", "brief", "2018-01"
    )
    app, path = create_app(house), f"/editions/{draft.id}"
    elin, olga = signed_in(app, MANAGER), signed_in(app, OWNER)
    held = elin.get(path).text
    assert "On hold" in held
    assert "Let it pass" not in held
    data = {"reason": "The client waits.", "form_token": token_of(elin, path)}
    assert elin.post(f"{path}/pass", data=data).status_code == 403
    assert "Let it pass in my name" in olga.get(path).text
    data["form_token"] = token_of(olga, path)
    assert olga.post(f"{path}/pass", data=data).status_code == 303
    passed = elin.get(path).text
    assert "Olga Owner let it pass" in passed
    assert "The client waits." in passed
    assert "On hold" not in passed
    house.store.close()


@pytest.fixture(scope="module")
def akerstroms() -> TestClient:
    """The client whose CRM and ad platform disagree."""
    house, _ = bridge_made(0.1, 20260101)
    who = local_person(house, "Olga Owner")
    create_person(
        house, who, name="Olga Owner", email=OWNER, role=Role.owner, clients=(), password=PASSWORD
    )
    return signed_in(create_app(house), OWNER)


def test_the_bridge_leads_from_one_figure_to_the_other(akerstroms: TestClient) -> None:
    page = akerstroms.get(f"/clients/{CLIENT}/compare", params={"period": "2025-09"}).text
    table = page[page.index('<table class="bridge"') : page.index("</table>")]
    rows = re.findall(r'class="number">([^<]+)<', table.partition("<tbody>")[2])
    numbers = [Decimal(row.replace("\u2212", "-").replace("?", "0")) for row in rows]
    assert sum(numbers[:-1]) == numbers[-1]
    assert "Unexplained" in page or "unexplained" in table
    assert "Cannot be told:" in table
    codes = re.findall(r'href="/receipts/([^"]+)"', table)
    assert {akerstroms.get(f"/receipts/{code}").status_code for code in codes} == {200}


def test_each_step_opens_its_records(akerstroms: TestClient) -> None:
    asked = {"period": "2025-09", "step": "claimed"}
    page = akerstroms.get(f"/clients/{CLIENT}/compare", params=asked).text
    records = page[page.index('id="records"') :]
    told = re.search(r"([+\u2212]\d+) · Receipt", records)
    assert told is not None
    assert records.count('class="record-id"') == abs(int(told[1].replace("\u2212", "-")))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"pair": "google_lead|crm|crm"}, 400),
        ({"pair": "nothing|a|b"}, 404),
        ({"period": "someday"}, 400),
    ],
)
def test_what_cannot_be_compared_is_told_on_the_page(
    akerstroms: TestClient, asked: dict[str, str], status: int
) -> None:
    answer = akerstroms.get(f"/clients/{CLIENT}/compare", params=asked)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_a_client_with_one_source_has_nothing_to_compare(enter: Enter) -> None:
    page = enter(MANAGER).get("/clients/northgate/compare").text
    assert "No two sources of this client tell the same figure." in page


@given(st.decimals(-1000, 1000, places=2))
def test_an_amount_shows_its_sign_and_zero_has_none(amount: Decimal) -> None:
    first = signed(amount)[0]
    assert first == ("+" if amount > 0 else "\u2212" if amount < 0 else "0")


def test_a_person_changes_the_language_and_stays_on_the_page(root: Path) -> None:
    house = open_house(root, date(2018, 1, 5))
    client = browser(create_app(house))
    data = {"language": "sv", "next": "/sign-in", "form_token": token_of(client)}
    answer = client.post("/language", data=data)
    assert answer.headers["location"] == "/sign-in"
    page = client.get("/sign-in").text
    assert '<html lang="sv">' in page
    assert "Logga in" in page
    client.post("/language", data={**data, "language": "xx", "next": "//evil.example"})
    assert "Logga in" in client.get("/sign-in").text
    house.store.close()


def test_the_screens_speak_the_agencys_language_until_somebody_chooses(root: Path) -> None:
    path = root / "kvitto.yml"
    path.write_text(
        re.sub(r"^language: .*\n", "", path.read_text(), flags=re.M) + "\nlanguage: sv\n"
    )
    house = open_house(root, date(2018, 1, 5))
    assert "Logga in" in browser(create_app(house)).get("/sign-in").text
    house.store.close()
