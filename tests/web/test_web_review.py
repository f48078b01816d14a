"""Records to review: side by side, deciding, being told, undoing."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from kvitto.app.house import House
from kvitto.app.sync import sync
from kvitto.app.who import Role, Who
from kvitto.audit.candidate import Candidate, Reason
from kvitto.model.scope import Scope
from kvitto.web import create_app
from kvitto.web.view.review import compare, lay_queue, per_cent, show
from kvitto.web.words import speak
from tests.web.browsing import MANAGER, ONE, OWNER, TWO, signed_in, token_of

QUEUE = "/clients/northgate/review"


@pytest.fixture
def app(deciding: House) -> FastAPI:
    return create_app(deciding)


@pytest.fixture
def elin(app: FastAPI) -> TestClient:
    return signed_in(app, MANAGER)


def decide(client: TestClient, decision: str, **more: str) -> Response:
    data = {"table": "accounts", "one": ONE, "other": TWO, "decision": decision, **more}
    return client.post(QUEUE, data={"form_token": token_of(client, QUEUE), **data})


def decisions(house: House) -> str:
    path = house.root / "decisions" / "northgate.yml"
    return path.read_text() if path.exists() else ""


def test_both_records_stand_side_by_side_with_what_differs_marked(elin: TestClient) -> None:
    page = elin.get(QUEUE).text
    assert "Pair 1 of 2" in page
    assert '<mark class="differs">Betasoloin</mark>' in page
    assert '<mark class="differs">Kenya</mark>' in page
    assert "Very likely one" in page
    assert "97% likely to be one" in page
    assert "company name alike 0.93" in page
    assert "−2.1" in page
    assert re.search(r"Named by</th><td>[\d,]+ rows</td><td>[\d,]+ rows", page)
    assert "Figures follow with the next sync." in page


@pytest.mark.parametrize(("decision", "kept", "gone"), [("left", ONE, TWO), ("right", TWO, ONE)])
def test_merging_writes_who_stands_and_by_whom(
    elin: TestClient, deciding: House, decision: str, kept: str, gone: str
) -> None:
    answer = decide(elin, decision, why="same company number")
    assert answer.headers["location"] == QUEUE
    (made,) = deciding.reopened().workspace.decisions["northgate"].merges
    assert (made.keep, made.merge, made.by) == (kept, (gone,), "Elin Sandberg")
    page = elin.get(QUEUE).text
    assert "Written down: one record." in page
    assert "Pair 1 of 1" in page
    assert "With the next sync" in page
    assert "same company number" in page


def test_after_a_sync_the_decision_is_in_the_figures_and_undoing_takes_it_back(
    elin: TestClient, deciding: House
) -> None:
    decide(elin, "left")
    sync(deciding.reopened(), Who("Elin", Role.owner, Scope.of("Elin", "northgate", "acme")))
    page = elin.get(QUEUE).text
    assert "Counted as one" in page
    data = {"table": "accounts", "record": TWO, "form_token": token_of(elin, QUEUE)}
    assert elin.post(f"{QUEUE}/undo", data=data).status_code == 303
    assert "1 decision taken back." in elin.get(QUEUE).text
    assert deciding.reopened().workspace.decisions["northgate"].merges == ()
    elin.post(f"{QUEUE}/undo", data=data)
    assert "Somebody has taken that decision back already." in elin.get(QUEUE).text


def test_records_that_are_different_leave_the_queue(elin: TestClient, deciding: House) -> None:
    decide(elin, "apart")
    page = elin.get(QUEUE).text
    assert "two different records" in page
    assert "Kept apart:" in page
    (made,) = deciding.reopened().workspace.decisions["northgate"].apart
    assert made.ids == (ONE, TWO)


def test_the_second_person_to_decide_is_told_and_changes_nothing(
    app: FastAPI, deciding: House
) -> None:
    elin, olga = signed_in(app, MANAGER), signed_in(app, OWNER)
    token = token_of(olga, QUEUE)
    decide(elin, "left")
    before = decisions(deciding)
    data = {"table": "accounts", "one": ONE, "other": TWO, "decision": "apart"}
    assert olga.post(QUEUE, data={"form_token": token, **data}).status_code == 303
    assert "Elin Sandberg merged them on 5 Jan 2018. Nothing was changed." in olga.get(QUEUE).text
    assert decisions(deciding) == before
    decide(elin, "right")
    assert "You merged them on 5 Jan 2018 already." in elin.get(QUEUE).text


def test_what_another_process_decided_a_moment_ago_is_seen(
    elin: TestClient, deciding: House
) -> None:
    from kvitto.app.review import keep_apart

    token = token_of(elin, QUEUE)
    jonas = Who("Jonas Lind", Role.owner, Scope.of("Jonas Lind", "northgate"))
    keep_apart(deciding.reopened(), jonas, "northgate", "accounts", [ONE, TWO])
    data = {"table": "accounts", "one": ONE, "other": TWO, "decision": "left"}
    elin.post(QUEUE, data={"form_token": token, **data})
    assert "Jonas Lind decided on 5 Jan 2018 that they are different." in elin.get(QUEUE).text


def test_a_contradiction_is_told_and_nothing_is_written(elin: TestClient, deciding: House) -> None:
    decide(elin, "left")
    before = decisions(deciding)
    answer = decide(elin, "left", one="crm:account:Bioplex")
    assert answer.status_code == 409
    assert "This was not written down" in answer.text
    assert f"merges it into {ONE}" in answer.text
    assert decisions(deciding) == before


def test_a_record_that_is_gone_is_told(elin: TestClient, deciding: House) -> None:
    answer = decide(elin, "left", other="crm:account:Nobody")
    assert answer.status_code == 404
    assert "northgate has no such record" in answer.text
    assert decisions(deciding) == ""


def test_a_form_without_the_token_of_the_session_decides_nothing(
    elin: TestClient, deciding: House
) -> None:
    assert decide(elin, "left", form_token="0" * 64).status_code == 403
    assert decisions(deciding) == ""


def test_later_goes_to_the_next_pair_and_a_decision_stays_in_its_place(elin: TestClient) -> None:
    assert f'href="{QUEUE}?at=2"' in elin.get(QUEUE).text
    later = elin.get(QUEUE, params={"at": "2"}).text
    assert "Pair 2 of 2" in later
    assert "No reasons are kept for this pair." in later
    answer = decide(elin, "apart", at="2", shown="accounts")
    assert answer.headers["location"] == f"{QUEUE}?table=accounts&at=2"
    assert "Pair 1 of 1" in elin.get(answer.headers["location"]).text


def test_the_queue_can_be_of_one_table(elin: TestClient) -> None:
    page = elin.get(QUEUE, params={"table": "contacts"}).text
    assert "Nothing waits for a decision among people." in page
    assert "<script>" not in elin.get(QUEUE, params={"table": "<script>"}).text


def test_an_earlier_decision_named_on_two_records_says_what_else_is_undone(
    elin: TestClient,
) -> None:
    decide(elin, "left")
    decide(elin, "left", other="crm:account:Bioplex")
    assert "also undoes" not in elin.get(QUEUE).text
    decide(elin, "apart", one=TWO, other="crm:account:Bioholding")
    decide(elin, "apart", one=ONE, other="crm:account:Bioholding")
    assert "also undoes 1 other decision" in elin.get(QUEUE).text


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_parts_joined_are_the_values(left: str, right: str) -> None:
    for text, parts in zip((left, right), compare(left, right), strict=True):
        assert "".join(part.text for part in parts) == text
        if left.casefold() == right.casefold():
            assert not any(part.differs for part in parts)


@given(st.floats(0, 1))
def test_only_what_is_certain_is_shown_as_all(score: float) -> None:
    assert (per_cent(score) == "100%") == (score == 1)


def test_case_alone_is_no_difference_and_an_empty_value_is_said() -> None:
    pair = candidate({"name": "ACME", "domain": None}, {"name": "Acme", "domain": "acme.example"})
    name, domain = show(pair).rows
    assert name.same is True
    assert domain.same is None
    assert domain.left == ()


def test_reasons_are_said_in_the_language_of_the_person_as_far_as_they_are_known() -> None:
    speak("sv")
    reasons = (Reason("company name alike 0.93", 4.5), Reason("a reason of tomorrow", -1.0))
    known, unknown = show(candidate({}, {}, reasons)).reasons
    assert (known.said, known.is_translated) == ("företagsnamnen är lika varandra 0,93", True)
    assert (unknown.said, unknown.is_translated) == ("a reason of tomorrow", False)
    assert not unknown.speaks_for


@given(st.integers(-5, 50), st.integers(0, 30))
def test_the_place_in_the_queue_always_exists(at: int, count: int) -> None:
    queue = lay_queue([candidate({}, {})] * count, "", at)
    assert 1 <= queue.at <= max(count, 1)
    assert (queue.pair is None) == (count == 0)


def candidate(
    one: dict[str, str | None], other: dict[str, str | None], reasons: tuple[Reason, ...] = ()
) -> Candidate:
    return Candidate("acme", "accounts", "a", "b", 0.9, "ask", reasons, one, other, (0, 0))
