"""Finds many phrases in a text at once, the longest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kvitto.report.narrative.reading import Reading, Token, read

Payload = TypeVar("Payload")


@dataclass(frozen=True, slots=True)
class Found(Generic[Payload]):
    """A phrase in the view: where, the tokens it covers, and what it stands for."""

    start: int
    end: int
    first: int
    last: int
    payload: Payload


@dataclass(slots=True)
class Phrases(Generic[Payload]):
    """Phrases by their first word. ``exact`` compares case as well."""

    exact: bool = False
    entries: dict[str, list[tuple[tuple[str, ...], Payload]]] = field(default_factory=dict)

    def add(self, phrase: str, payload: Payload, suffixes: Sequence[str] = ("",)) -> None:
        """Know a phrase; ``suffixes`` are endings that its last word may take."""
        words = self._words(phrase)
        if not words:
            return
        for suffix in suffixes:
            bent = (*words[:-1], words[-1] + suffix)
            known = self.entries.setdefault(bent[0], [])
            known.append((bent, payload))
            known.sort(key=lambda entry: -len(entry[0]))

    def extend(self, phrases: Iterable[str], payload: Payload) -> Phrases[Payload]:
        for phrase in phrases:
            self.add(phrase, payload)
        return self

    def find(self, reading: Reading) -> list[Found[Payload]]:
        """All occurrences from left to right; one token belongs to one phrase."""
        tokens = reading.tokens
        texts = [self._text(reading, token) for token in tokens]
        found: list[Found[Payload]] = []
        at = 0
        while at < len(tokens):
            match = self._at(texts, at)
            if match is None:
                at += 1
                continue
            length, payload = match
            last = at + length - 1
            found.append(Found(tokens[at].start, tokens[last].end, at, last, payload))
            at += length
        return found

    def _at(self, texts: Sequence[str], at: int) -> tuple[int, Payload] | None:
        for words, payload in self.entries.get(texts[at], ()):
            if tuple(texts[at : at + len(words)]) == words:
                return len(words), payload
        return None

    def _words(self, phrase: str) -> tuple[str, ...]:
        reading = read(phrase)
        return tuple(self._text(reading, token) for token in reading.tokens)

    def _text(self, reading: Reading, token: Token) -> str:
        return reading.view[token.start : token.end] if self.exact else token.text
