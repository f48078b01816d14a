"""The texts of the screens: all there, all used, plural forms right."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from kvitto.web.words import WORDS, say

SOURCES = [
    item.read_text()
    for folder in ("template", "route", "view", "")
    for item in files("kvitto.web").joinpath(folder).iterdir()
    if item.name.endswith((".html", ".py")) and item.name != "words.py"
]
NAMED = {
    name
    for text in SOURCES
    for name in re.findall(r"""(?:\bt|\bsay)\(\s*f?['"]([a-z_.]+?)['"]\s*[,)]""", text)
}
PREFIXES = {
    prefix
    for text in SOURCES
    for prefix in re.findall(r"""['"]([a-z_]+(?:\.[a-z_]+)*\.?)(?:['"] ~|\{)""", text)
}


def test_every_text_that_a_page_names_exists() -> None:
    assert NAMED
    assert NAMED - set(WORDS) == set()


def test_no_text_is_kept_that_no_page_names() -> None:
    quoted = {name for text in SOURCES for name in re.findall(r"""['"]([a-z_.]+)['"]""", text)}
    done = {f"done.{name}" for name in quoted}
    unused = [
        name
        for name in WORDS
        if name not in NAMED | quoted | done
        and not any(name.startswith(prefix) for prefix in PREFIXES if prefix.endswith((".", "_")))
        and not any(name.startswith(f"desk.{action}") for action in ("approve", "seal", "deliver"))
        and not name.startswith("failure.")
    ]
    assert unused == []


@pytest.mark.parametrize(("n", "text"), [(1, "1 row"), (0, "0 rows"), (468, "468 rows")])
def test_a_number_chooses_singular_or_plural(n: int, text: str) -> None:
    assert say("receipt.rows", n=n) == text


def test_a_text_that_is_not_there_is_an_error_and_not_an_empty_page() -> None:
    with pytest.raises(KeyError):
        say("no.such_text")
