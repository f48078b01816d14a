"""Texts and names in SQL come back as they were given."""

from __future__ import annotations

from pathlib import Path

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from kvitto.warehouse.quoting import named, named_all, quoted, quoted_all

TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)
CONNECTION = duckdb.connect()


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    found = CONNECTION.execute(f"SELECT {quoted(texts[0])}, [{quoted_all(texts)}]").fetchone()
    assert found == (texts[0], texts)


@given(st.lists(NAMES, min_size=1, max_size=4, unique_by=str.lower))
def test_names_come_back_as_they_were(names: list[str]) -> None:
    made = ", ".join(f"1 AS {named(name)}" for name in names)
    CONNECTION.execute(f"SELECT {named_all(names)} FROM (SELECT {made})")
    assert [name for name, *_ in CONNECTION.description or ()] == names


def test_a_path_is_a_text() -> None:
    assert quoted(Path("a'b/c.parquet")) == "'a''b/c.parquet'"
