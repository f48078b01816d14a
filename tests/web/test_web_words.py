"""The texts of the screens: all there, all used, plural forms right."""

from __future__ import annotations

import re
from contextvars import copy_context
from importlib.resources import files

import pytest

from kvitto.web.words import LANGUAGES, WORDS, say, speak

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


def test_every_language_has_every_text_with_the_same_gaps() -> None:
    def gaps(text: str | tuple[str, str]) -> set[str]:
        joined = text if isinstance(text, str) else "".join(text)
        return set(re.findall(r"\{\w*\}", joined))

    for language, words in LANGUAGES.items():
        assert set(words) == set(WORDS), language
        wrong = [name for name in words if gaps(words[name]) != gaps(WORDS[name])]
        assert wrong == [], language


def test_a_request_speaks_the_language_that_was_set_and_no_unknown_one() -> None:
    def said() -> str:
        speak("sv")
        speak("xx")
        return say("clients.title")

    assert copy_context().run(said) == "Kunder"
    assert say("clients.title") == "Clients"


@pytest.mark.parametrize(("n", "text"), [(1, "1 row"), (0, "0 rows"), (468, "468 rows")])
def test_a_number_chooses_singular_or_plural(n: int, text: str) -> None:
    assert say("receipt.rows", n=n) == text


def test_a_text_that_is_not_there_is_an_error_and_not_an_empty_page() -> None:
    with pytest.raises(KeyError):
        say("no.such_text")
