"""Markdown: tables hold, and nothing that anybody wrote is markup."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kvitto.render.formats.md import escaped


def test_every_table_row_has_as_many_cells_as_its_head(made: dict[str, bytes]) -> None:
    width = 0
    for line in made["md"].decode().splitlines():
        cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
        assert not (width and cells) or cells == width
        width = cells


def test_names_are_escaped(made: dict[str, bytes]) -> None:
    text = made["md"].decode()
    assert "\\<script\\>" in text
    assert "<script>" not in text


def test_missing_figures_are_words(made_swedish: dict[str, bytes]) -> None:
    assert "inga data ännu" in made_swedish["md"].decode()


@given(st.text())
def test_escaped_text_is_one_line_without_bare_markup(text: str) -> None:
    made = escaped(text)
    assert "\n" not in made
    for sign in "<|`*[":
        assert made.count(sign) == made.count("\\" + sign)
