"""Texts that nobody should write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.model.block import ShownFigure
from kvitto.report.narrative import Vocabulary, check_text
from kvitto.report.narrative.check import LONGEST, checker_of, unresolved

FIGURE = ShownFigure(
    metric="deals_won",
    label="Deals won",
    display="450",
    number=450.0,
    unit="count",
    noun="deals",
    receipt="AAAA-0001",
    period="2017-12",
)
CHECKER = checker_of("en", [FIGURE], [], Vocabulary(period="2017-12"))


@pytest.mark.parametrize(
    "text",
    [
        "Deals won were 4\u200b51.",
        "Deals won were ４５１.",
        "Deals won were ٤٥١.",
        "Deals won were 45\u00ad1.",
        "Deals won were 45\u20601.",
        "Deals won were 4 51.",
        "Deals won were ⅘.",
        "Deals won were 450²",
        "Deals won were 450%.",
        "Deals won were $450.",
        "Deals won were −450.",
        "Deals won were +450.",
        "Deals won were ±450.",
        "Deals won were 450k.",
        "Deals won were 450 thousand.",
        "Deals won were 4.5e2.",
        "Deals won were 0x1C2.",
        "Deals won were {{450}}.",
        "Deals won were {{{{deals_won}}}}.",
        "Deals won were {{deals_won.}}.",
        "Deals won were {{ deals_lost }}.",
        "Deals won were 450 }}.",
        "Deals won were " + "9" * 5000 + ".",
        "Deals won were " + "1," * 1900 + "1.",
    ],
)
def test_disguised_numbers_are_marked(text: str) -> None:
    assert unresolved(CHECKER.check(text))


@pytest.mark.parametrize("text", ["", "   ", "\n\n\t", "\u200b", "…", "?!?", "{}", "}{"])
def test_texts_without_words_have_nothing_to_mark(text: str) -> None:
    assert unresolved(CHECKER.check(text)) == ()


def test_a_sentence_without_end_is_marked_whole() -> None:
    (mark,) = unresolved(CHECKER.check("word " * LONGEST))
    assert mark.end > LONGEST - 1
    assert "split" in mark.why


def test_a_very_long_text_is_read_sentence_by_sentence() -> None:
    sentences = CHECKER.check("Deals won were 450. " * 300)
    assert len(sentences) == 300
    assert unresolved(sentences) == ()


@pytest.mark.parametrize("sign", ["(", "[", "{", '"', "1.", "1,", "- ", ". ", "9 ", "{{", "}}"])
def test_repeated_signs_come_to_an_end(sign: str) -> None:
    CHECKER.check(sign * 3000)


def test_a_bound_value_is_not_read_as_a_binding_again() -> None:
    figure = FIGURE.model_copy(update={"display": "{{deals_won}}"})
    sentences = check_text("We have {{deals_won}} deals.", "en", [figure])
    assert unresolved(sentences)


@given(st.text(max_size=200))
def test_any_text_keeps_its_words_and_marks_lie_within(text: str) -> None:
    for sentence in CHECKER.check(text):
        assert sentence.text in text or "{{" in text
        for mark in sentence.marks:
            assert 0 <= mark.start < mark.end <= len(sentence.text)


@given(st.text(alphabet="0123456789 .,%$-−–()\u00a0kmx", min_size=1, max_size=40))
def test_no_soup_of_digits_passes_unless_it_says_what_is_known(soup: str) -> None:
    """Every digit lies in a mark: nothing is read past."""
    for sentence in CHECKER.check(f"Deals won were {soup} then."):
        for place, char in enumerate(sentence.text):
            if char.isdigit():
                assert any(mark.start <= place < mark.end for mark in sentence.marks), soup
