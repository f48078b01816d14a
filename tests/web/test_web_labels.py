"""Labels to decide: the queue, what changes, deciding and taking it back."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kvitto.app.house import House
from kvitto.web import create_app
from kvitto.web.view.label import translated
from kvitto.web.words import speak
from tests.web.browsing import MANAGER, OWNER, signed_in, token_of

LABELS = "/clients/northgate/labels"
ASKED = {"concept": "product", "label": "GTK 500"}


@pytest.fixture
def app(house: House) -> FastAPI:
    return create_app(house)


@pytest.fixture
def elin(app: FastAPI) -> TestClient:
    return signed_in(app, MANAGER)


def test_all_undecided_labels_are_listed_with_their_rows(elin: TestClient) -> None:
    page = elin.get(LABELS, params={"all": "true"}).text
    assert "GTK 500" in page
    assert "deals" not in page.split("GTK 500")[0].rsplit("<section", 1)[1]
    assert re.search(r'GTK 500</strong>.*?class="number"[^>]*>40<', page, re.S)
    assert "label=GTK%20500" in page


def test_what_changes_is_shown_before_anything_is_written(elin: TestClient, house: House) -> None:
    asked = {**ASKED, "other": "GTX Basic", "period": "2017-Q4"}
    page = elin.get(f"{LABELS}/decide", params=asked).text
    assert "“GTK 500” as “GTX Basic”" in page
    assert "It takes up 40 rows." in page
    assert "Write the rule" in page
    assert not (house.root / "rules" / "northgate.yml").exists()


def test_a_rule_is_written_listed_and_taken_back(elin: TestClient, house: House) -> None:
    data = {**ASKED, "canonical": "GTX Basic", "form_token": token_of(elin, LABELS)}
    assert elin.post(LABELS, data=data).status_code == 303
    (rule,) = house.reopened().workspace.rules["northgate"].concepts["product"].rules
    assert (rule.exact, rule.means, rule.by) == ("GTK 500", "GTX Basic", "Elin Sandberg")
    page = elin.get(LABELS, params={"all": "true"}).text
    assert "GTK 500 means GTX Basic" in page
    assert "With the next sync" in page
    assert "label=GTK%20500" not in page
    undo = {**ASKED, "form_token": data["form_token"]}
    elin.post(f"{LABELS}/undo", data=undo)
    assert "The rule on GTK 500 was ended." in elin.get(LABELS).text
    elin.post(f"{LABELS}/undo", data=undo)
    assert "taken that decision back already" in elin.get(LABELS).text


def test_the_second_person_is_told_what_was_decided(app: FastAPI, house: House) -> None:
    elin, olga = signed_in(app, MANAGER), signed_in(app, OWNER)
    token = token_of(olga, LABELS)
    data = {**ASKED, "canonical": "GTX Basic", "form_token": token_of(elin, LABELS)}
    elin.post(LABELS, data=data)
    olga.post(LABELS, data={**ASKED, "canonical": "MG Special", "form_token": token})
    assert "Elin Sandberg decided on 5 Jan 2018 that it means GTX Basic" in olga.get(LABELS).text
    (rule,) = house.reopened().workspace.rules["northgate"].concepts["product"].rules
    assert rule.means == "GTX Basic"


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"concept": "nothing"}, 404, "there is none"),
        ({"canonical": " "}, 400, "it means nothing"),
    ],
)
def test_what_cannot_be_written_is_told(
    elin: TestClient, house: House, wrong: dict[str, str], status: int, said: str
) -> None:
    token = token_of(elin, LABELS)
    data = {**ASKED, "canonical": "GTX Basic", "form_token": token, **wrong}
    answer = elin.post(LABELS, data=data)
    assert answer.status_code == status
    assert said in answer.text
    assert not (house.root / "rules" / "northgate.yml").exists()


def test_a_period_that_cannot_be_read_is_told_on_the_page(elin: TestClient) -> None:
    asked = {**ASKED, "other": "GTX Basic", "period": "someday"}
    answer = elin.get(f"{LABELS}/decide", params=asked)
    assert answer.status_code == 400
    assert "Someday" in answer.text or "someday" in answer.text
    assert "Write the rule" not in answer.text


def test_the_grounds_of_a_suggestion_are_translated() -> None:
    speak("sv")
    why = "both are usual words for referral; 27 % of it occurs with the same campaign; new words"
    assert translated(why) == (
        "båda är vanliga ord för referral; 27 % förekommer med samma campaign; new words"
    )
