"""Does a text speak as a team that works with its client?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kvitto.report.narrative.catalogue import language_of


@dataclass(frozen=True, slots=True)
class VoiceProblem:
    """A phrase that does not sound like "we": ``code`` is first_person or blame.

    ``start`` and ``end`` are positions in the text; ``todo`` says what to
    write instead, in the text's language.
    """

    code: str
    phrase: str
    start: int
    end: int
    todo: str


def voice_problems(text: str, language: str) -> tuple[VoiceProblem, ...]:
    """Words of a single person ("I", "jag") and of blame ("you failed"), in order."""
    words = language_of(language)
    found: list[VoiceProblem] = []
    for code, todo in (("first_person", "instead"), ("blame", "blame_instead")):
        for phrase in words.words(f"voice.{code}"):
            for match in _pattern(phrase).finditer(text):
                advice = words.word("voice", todo)
                found.append(VoiceProblem(code, match[0], match.start(), match.end(), advice))
    found.sort(key=lambda each: (each.start, -each.end))
    return tuple(found)


def speaks_as_we(text: str, language: str) -> bool:
    """Whether the text has at least one word of the team ("we", "our", "together")."""
    ours = language_of(language).words("voice.ours")
    return any(_pattern(word).search(text) for word in ours)


def _pattern(phrase: str) -> re.Pattern[str]:
    # "I" is only a pronoun as a capital: "i" is a Swedish preposition and a list number.
    flags = 0 if phrase.startswith("I") else re.IGNORECASE
    spaced = r"\s+".join(re.escape(part).replace("'", "['\u2019]") for part in phrase.split())
    return re.compile(rf"(?<!\w){spaced}(?![\w'\u2019])", flags)
