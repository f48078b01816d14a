"""From a draft to a delivered edition, without a line of JavaScript."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from kvitto.app import edition as editions
from kvitto.app.house import House, local_person
from kvitto.web import create_app
from tests.web.browsing import DRAFT, READER, signed_in, token_of

ID = DRAFT.removeprefix("/editions/")
WRONG = "We won 99,999 deals because of the new website."
RIGHT = "We won {{deals_won}} deals."


def slot(house: House) -> str:
    """The first text of the draft that may be edited."""
    edition = editions.get(house, local_person(house), ID)
    return next(text.id for text in edition.texts() if text.editable)


def send(desk: TestClient, step: str, **fields: str) -> Response:
    page = desk.get(DRAFT).text
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    data = {"form_token": token_of(desk, DRAFT), "seen": seen[1] if seen else "", **fields}
    return desk.post(f"{DRAFT}/{step}", data=data)


def test_a_wrong_sentence_is_marked_and_stops_the_approval(desk: TestClient, house: House) -> None:
    text = slot(house)
    answer = send(desk, "texts", **{f"text:{text}": WRONG, "at": text})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{DRAFT}#slot-")
    page = desk.get(DRAFT).text
    assert re.search(r'<mark class="unresolved"[^>]*>99,999</mark>', page)
    assert "Saved." in page
    assert re.search(r'<button class="primary" type="submit" disabled', page)
    assert send(desk, "approve").status_code == 409


def test_the_message_about_what_was_done_is_shown_once(desk: TestClient, house: House) -> None:
    text = slot(house)
    send(desk, "texts", **{f"text:{text}": RIGHT})
    assert "Saved and checked." in desk.get(DRAFT).text
    assert "Saved and checked." not in desk.get(DRAFT).text


def test_mended_approved_sealed_delivered_and_read_by_the_client(
    desk: TestClient, house: House
) -> None:
    text = slot(house)
    send(desk, "texts", **{f"text:{text}": WRONG})
    send(desk, "texts", **{f"text:{text}": RIGHT})
    for step in ("approve", "seal", "deliver"):
        assert f'action="{DRAFT}/{step}"' in desk.get(DRAFT).text
        answer = send(desk, step, sure="yes")
        assert answer.status_code == 303, unescape(answer.text)
    page = desk.get(DRAFT).text
    assert "Sent to 3 people." in page
    assert f'action="{DRAFT}/deliver"' not in page
    assert "dana@northgate.example" in page
    reader = signed_in(create_app(house), READER)
    assert reader.get(DRAFT).status_code == 200
    assert "dana@northgate.example" not in reader.get(DRAFT).text


def test_a_draft_that_somebody_changed_meanwhile_is_not_approved(
    desk: TestClient, house: House
) -> None:
    form = desk.get(DRAFT).text.partition(f'action="{DRAFT}/approve"')[2].partition("</form>")[0]
    looked_at = re.search(r'name="seen" value="([0-9a-f]+)"', form)
    assert looked_at
    assert send(desk, "texts", **{f"text:{slot(house)}": "We won deals."}).status_code == 303
    assert send(desk, "approve", seen=looked_at[1]).status_code == 409
    assert send(desk, "approve").status_code == 303


def test_a_person_may_vouch_by_name_and_only_with_a_reason(desk: TestClient, house: House) -> None:
    text = slot(house)
    send(desk, "texts", **{f"text:{text}": "The board counted 99,999 visitors."})
    without = send(desk, "vouch", text_id=text, phrase="99,999", reason="  ")
    assert without.status_code == 400
    send(desk, "vouch", text_id=text, phrase="99,999", reason="counted at the door")
    page = desk.get(DRAFT).text
    assert 'title="Elin Sandberg vouches for this"' in page
    assert 'class="unresolved"' not in page


def test_two_people_do_not_overwrite_each_other(desk: TestClient, house: House) -> None:
    text = slot(house)
    old = re.search(r'name="seen" value="([0-9a-f]+)"', desk.get(DRAFT).text)
    assert old is not None
    send(desk, "texts", **{f"text:{text}": RIGHT})
    answer = send(desk, "texts", **{f"text:{text}": "Something else.", "seen": old[1]})
    assert answer.status_code == 409
    assert RIGHT in unescape(desk.get(DRAFT).text)


@pytest.mark.parametrize("step", ["seal", "deliver"])
def test_what_cannot_be_undone_wants_a_ticked_box(desk: TestClient, step: str) -> None:
    assert send(desk, step).status_code == 400


def test_steps_out_of_order_are_refused_with_what_to_do(desk: TestClient) -> None:
    for step in ("seal", "deliver"):
        answer = send(desk, step, sure="yes")
        assert answer.status_code == 409
        assert (
            "What to do"
            in desk.post(
                f"{DRAFT}/{step}", data={"form_token": token_of(desk, DRAFT), "sure": "yes"}
            ).text
        )


def test_hostile_text_stays_text(desk: TestClient, house: House) -> None:
    text = slot(house)
    hostile = '</textarea><script>alert(1)</script> {{7*7}} "><img src=x onerror=alert(1)>'
    send(desk, "texts", **{f"text:{text}": hostile})
    page = desk.get(DRAFT).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;/textarea&gt;" in page


def test_a_new_draft_is_made_from_the_list_of_editions(desk: TestClient) -> None:
    path = "/clients/northgate/editions"
    data = {"form_token": token_of(desk, path), "report": "R01", "period": "2017-12"}
    answer = desk.post(path, data=data)
    assert answer.headers["location"] == "/editions/northgate/R01/2017-12/1"
    bad = desk.post(path, data={**data, "period": "whenever"})
    assert bad.status_code == 400
    assert "whenever" in bad.text


def test_an_unexpected_error_shows_a_number_and_no_trace(
    desk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("kvitto.web.route.client.clients", broken)
    answer = desk.get("/clients")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert re.search(r"<code>[0-9a-f]{8}</code>", answer.text)
    assert answer.headers["content-security-policy"]


def test_changed_files_are_seen_and_broken_ones_leave_the_last_good(
    desk: TestClient, house: House
) -> None:
    assert isinstance(desk.app, FastAPI)
    site = desk.app.state.site
    file = house.root / "clients/acme.yml"
    good = file.read_text()
    file.write_text("name: [broken\n")
    site.keeper._looked = float("-inf")
    assert desk.get("/clients").status_code == 200
    file.write_text(good.replace("Paper", "Stationery"))
    site.keeper._looked = float("-inf")
    assert "Stationery" in site.house.client("acme").name
