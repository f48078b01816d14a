"""The sentences and words of each language, from ``language/<code>.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from kvitto.errors import UnknownName, did_you_mean
from kvitto.model.locale import LOCALES
from kvitto.model.value import MissingKind
from kvitto.workspace.shipped import read_shipped

FOLDER = Path(__file__).parent / "language"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its sentences, and the words that the text checker knows."""

    code: str
    content: Mapping[str, object]

    def text(self, key: str, *, number: Decimal | int | None = None, **values: object) -> str:
        """The message of ``key`` (dots lead down), filled; ``number`` picks the plural form.

        Raises :class:`UnknownName` for a message that the language lacks.
        """
        found = self._find(f"messages.{key}")
        if isinstance(found, dict) and number is not None:
            found = found.get(self.plural(number), found.get("other"))
        if not isinstance(found, str):
            raise UnknownName.of(
                f"the sentence '{key}' in {self.code}",
                "there is none",
                f"Add it to narrative/language/{self.code}.yml.",
            )
        return found.format(**values)

    def has(self, key: str) -> bool:
        return isinstance(self._find(f"messages.{key}"), str)

    def word(self, group: str, key: str, otherwise: str = "") -> str:
        """A single word or phrase of a group such as ``dimensions``."""
        found = self._find(f"{group}.{key}")
        return found if isinstance(found, str) else otherwise

    def spoken(self, name: str) -> str:
        """What the metric of that name is called in a sentence ("avslutsgraden")."""
        found = self.table("spoken").get(name)
        return found if isinstance(found, str) else name

    def words(self, path: str) -> tuple[str, ...]:
        """A list of words; empty where the language has none."""
        found = self._find(path)
        return tuple(str(each) for each in found) if isinstance(found, list) else ()

    def table(self, path: str) -> Mapping[str, object]:
        """A mapping of the language file; empty where there is none."""
        found = self._find(path)
        return found if isinstance(found, dict) else {}

    def plural(self, number: Decimal | int) -> str:
        """The CLDR plural form that goes with a number as it is written."""
        from babel import Locale

        form = Locale.parse(LOCALES.get(self.code, self.code)).plural_form(number)
        return str(form)

    def _find(self, path: str) -> object:
        found: object = self.content
        for part in path.split("."):
            if not isinstance(found, dict):
                return None
            found = found.get(part)
        return found


def languages() -> tuple[str, ...]:
    """The languages that have a file."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))


@lru_cache(maxsize=16)
def language_of(code: str) -> Language:
    """The language's sentences and words. Raises :class:`UnknownName` where there is no file."""
    path = FOLDER / f"{code}.yml"
    if code not in languages():
        raise UnknownName.of(
            f"the narrative language '{code}'", "it has no file", did_you_mean(code, languages())
        )
    return Language(code, read_shipped(path.read_text("utf-8")))


def missing_words(kind: MissingKind | str, language: str) -> str:
    """The few words that stand where a figure is missing ("no data yet")."""
    return language_of(language).word("missing", MissingKind(kind).value)
