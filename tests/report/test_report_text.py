"""Texts: edited, bound, checked, vouched for."""

from __future__ import annotations

import pytest

from kvitto.errors import UnknownName, Unresolved, WrongUse
from kvitto.model.edition import Edition, State
from kvitto.report.approval import approve, state_of
from kvitto.report.lint import lint
from kvitto.report.text import edit_text, find_text, recheck, vouch
from tests.report import made


@pytest.fixture(scope="module")
def edition() -> Edition:
    return made.standard("R13")


def unresolved(edition: Edition, text_id: str = "summary") -> list[str]:
    found = find_text(edition, text_id)
    return [
        sentence.text[mark.start : mark.end]
        for sentence in found.sentences
        for mark in sentence.marks
        if mark.state == "unresolved"
    ]


def test_every_generated_text_resolves(edition: Edition) -> None:
    for name in ("R01", "R06", "R13"):
        for language in ("en", "sv"):
            draft = made.standard(name, language)
            for text in draft.texts():
                assert unresolved(draft, text.id) == [], text.source


@pytest.mark.parametrize(
    "wrong",
    [
        "Bookings came to US$999,999 in December 2017.",
        "Bookings fell compared with November 2017.",
        "Bookings rose because of our new web site.",
    ],
)
def test_what_was_not_measured_is_marked_and_blocks(edition: Edition, wrong: str) -> None:
    changed = edit_text(edition, "summary", wrong, "Elin")
    assert unresolved(changed)
    with pytest.raises(Unresolved) as caught:
        approve(changed, "Elin", made.NOW)
    assert any(wrong in problem.found for problem in caught.value.problems)


def test_a_bound_value_is_filled_in_and_resolves(edition: Edition) -> None:
    changed = edit_text(edition, "summary", "We booked {{bookings_amount}} together.", "Elin")
    text = find_text(changed, "summary")
    assert text.sentences[0].text == "We booked US$130,351 together."
    assert {mark.state for mark in text.sentences[0].marks} == {"bound"}
    assert (text.origin, text.author) == ("typed", "Elin")


def test_an_unknown_binding_is_marked(edition: Edition) -> None:
    changed = edit_text(edition, "summary", "We booked {{bokings}}.", "Elin")
    assert unresolved(changed)


def test_a_person_may_stand_for_words_by_name(edition: Edition) -> None:
    changed = edit_text(
        edition, "summary", "Twelve buyers told us why: 412 of them by mail.", "Elin"
    )
    phrase = next(item for item in unresolved(changed) if "412" in item)
    stood = vouch(changed, "summary", phrase, "Elin", made.NOW, "counted by hand")
    assert [(item.by, item.phrase, item.reason) for item in stood.vouches] == [
        ("Elin", phrase, "counted by hand")
    ]
    assert not any("412" in item for item in unresolved(stood))


def test_a_vouch_falls_when_its_words_are_gone(edition: Edition) -> None:
    changed = edit_text(edition, "summary", "We asked 412 buyers.", "Elin")
    stood = vouch(changed, "summary", "412", "Elin", made.NOW)
    assert edit_text(stood, "summary", "We asked buyers.", "Elin").vouches == ()
    assert len(edit_text(stood, "summary", "We asked 412 buyers in person.", "Elin").vouches) == 1


def test_a_vouch_in_one_text_does_not_count_in_another(edition: Edition) -> None:
    changed = edit_text(edition, "summary", "We asked 412 buyers.", "Elin")
    changed = edit_text(changed, "together", "We asked 412 buyers.", "Elin")
    stood = vouch(changed, "summary", "412", "Elin", made.NOW)
    assert unresolved(stood, "summary") == []
    assert unresolved(stood, "together")


def test_nobody_vouches_without_a_name_or_for_other_words(edition: Edition) -> None:
    with pytest.raises(WrongUse, match="nobody is named"):
        vouch(edition, "summary", "We", " ", made.NOW, "why")
    with pytest.raises(WrongUse, match="does not hold"):
        vouch(edition, "summary", "never said", "Elin", made.NOW, "why")


def test_an_approval_lapses_with_any_change(edition: Edition) -> None:
    approved = approve(edition, "Elin", made.NOW)
    assert state_of(approved) is State.approved
    changed = edit_text(approved, "summary", "We met our plan.", "Jonas")
    assert state_of(changed) is State.draft
    assert state_of(edit_text(approved, "summary", find_text(approved, "summary").source, "J"))


def test_an_unknown_slot_is_told_with_the_nearest(edition: Edition) -> None:
    with pytest.raises(UnknownName, match="summary"):
        edit_text(edition, "sumary", "x", "Elin")


def test_typed_texts_survive_a_new_draft_and_take_new_figures(edition: Edition) -> None:
    typed = edit_text(edition, "summary", "We booked {{bookings_amount}}.", "Elin")
    rows = [deal for deal in made.deals() if not deal.id.startswith("D12")]
    again = made.draft("R13", asker=made.HandAsker(rows=rows), texts=typed.texts())
    text = find_text(again, "summary")
    assert (text.source, text.author) == ("We booked {{bookings_amount}}.", "Elin")
    assert text.sentences[0].text != find_text(typed, "summary").sentences[0].text
    assert find_text(again, "why").origin == "generated"


def test_checking_again_changes_nothing(edition: Edition) -> None:
    assert recheck(edition).content_hash() == edition.content_hash()


def test_a_text_that_says_i_is_not_our_voice(edition: Edition) -> None:
    changed = edit_text(edition, "summary", "I met our plan.", "Elin")
    assert "voice" in {problem.code for problem in lint(changed) if problem.blocks}
