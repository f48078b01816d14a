"""The fixed words of reports, from one file per language.

What changes with a number has the keys ``one`` and ``other``. Sentences about
measured changes are not here: those belong to the narrative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kvitto.errors import UnknownName, did_you_mean
from kvitto.workspace.shipped import read_shipped

FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. Calling it with a key gives the filled text."""

    language: str
    texts: Mapping[str, str | Mapping[str, str]]

    def __call__(self, key: str, *, n: int | None = None, **values: object) -> str:
        """The text of ``key``; ``n`` picks the singular or the plural.

        Raises :class:`UnknownName` for a key that the language does not have.
        """
        text = self.texts.get(key)
        if text is None:
            raise UnknownName.of(
                f"the words '{key}' in {self.language}",
                "there are none",
                did_you_mean(key, list(self.texts)),
            )
        if not isinstance(text, str):
            text = text["one" if n == 1 else "other"]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        return key in self.texts


@lru_cache(maxsize=8)
def words_of(language: str) -> Words:
    """The words of a language. Raises :class:`UnknownName` where there is no such file."""
    path = FOLDER / f"{language}.yml"
    if not path.is_file():
        raise UnknownName.of(
            f"the report language '{language}'",
            "its words are not there",
            did_you_mean(language, languages()),
        )
    return Words(language, _flat(read_shipped(path.read_text("utf-8"))))


def languages() -> tuple[str, ...]:
    """The languages that reports can be written in."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))


def _flat(content: object, above: str = "") -> dict[str, str | Mapping[str, str]]:
    found: dict[str, str | Mapping[str, str]] = {}
    for key, value in content.items() if isinstance(content, dict) else ():
        name = f"{above}.{key}" if above else str(key)
        if isinstance(value, dict) and set(value) == {"one", "other"}:
            found[name] = {form: str(text) for form, text in value.items()}
        elif isinstance(value, dict):
            found.update(_flat(value, name))
        else:
            found[name] = str(value)
    return found
