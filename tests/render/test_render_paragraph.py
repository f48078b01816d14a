"""Paragraphs in all forms, and codes that stand once in each of them."""

from __future__ import annotations

import json
import re

import pytest

from kvitto.model.block import ChartBlock, Mark, Sentence, TextBlock
from kvitto.model.edition import Edition
from kvitto.render import render, vega_spec
from kvitto.render.ledger import groups_of
from kvitto.render.material import paragraphs, said, stretches
from kvitto.render.place import figures_of
from kvitto.render.wording import words_of
from tests.render.sample import BRAND


def sentence(text: str, code: str, *figures: str) -> Sentence:
    marks = []
    for figure in figures:
        at = text.index(figure)
        marks.append(
            Mark(start=at, end=at + len(figure), what="number", state="bound", receipt=code)
        )
    return Sentence(text=text, marks=tuple(marks))


@pytest.fixture(scope="module")
def text(edition: Edition) -> TextBlock:
    code = sorted(edition.receipts)[0]
    first = sentence("It rose by 12 to 40.", code, "12", "40")
    return TextBlock(
        id="t", sentences=(first, sentence("By 12 again.\n", code, "12"), Sentence(text="Ended."))
    )


def test_a_line_break_after_a_sentence_ends_its_paragraph(text: TextBlock) -> None:
    assert said(text) == ("It rose by 12 to 40. By 12 again.", "Ended.")


def test_a_code_is_printed_once_in_a_paragraph(text: TextBlock) -> None:
    parts = [part for each in stretches(paragraphs(text)[0]) for part in each]
    assert [part.text for part in parts if part.tagged] == ["12"]
    assert sum(part.mark is not None for part in parts) == 3


@pytest.mark.parametrize("form", ["html", "md", "pdf", "xlsx"])
def test_every_form_takes_paragraphs(edition: Edition, text: TextBlock, form: str) -> None:
    section = edition.sections[0].model_copy(update={"blocks": (text,)})
    made = render(edition.model_copy(update={"sections": (section,)}), BRAND, form)
    if form == "html":
        page = made.decode()
        shown = re.findall(r'<p class="prose">(.*?)</p>', page)
        assert len(shown) == 2
        assert shown[0].count('class="fig"') == 3
        assert shown[0].count('class="mark"') == 1
    if form == "md":
        assert "By 12 again.\n\nEnded." in made.decode()
    assert made


def test_the_appendix_speaks_the_language_of_the_report(swedish: Edition) -> None:
    groups = groups_of(swedish, figures_of(swedish), words_of("sv"))
    entries = [entry for group in groups for entry in group.entries]
    assert not [entry.place for entry in entries if "previous" in entry.place]
    assert not [entry.applied for entry in entries if "(" in entry.applied]


@pytest.mark.parametrize(("language", "word"), [("en", "Goal"), ("sv", "Mål")])
def test_the_line_of_a_goal_is_called_goal(edition: Edition, language: str, word: str) -> None:
    blocks = (block for block in edition.blocks() if isinstance(block, ChartBlock))
    aimed = next(block for block in blocks if block.target is not None)
    assert aimed.target is not None
    target = aimed.target.model_copy(update={"label": f"{word}: Revenue by month"})
    drawn = json.dumps(
        vega_spec(aimed.model_copy(update={"target": target}), language, BRAND),
        ensure_ascii=False,
    )
    assert "Revenue by month" not in drawn
    assert f'["{word}", ' in drawn
