"""A sentence cut into pieces, so that a template can mark them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvitto.model.block import Mark, Sentence, TextBlock
from kvitto.model.edition import Edition


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; ``mark`` says what it resolves to, ``anchor`` where it stands."""

    text: str
    mark: Mark | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A stretch that does not resolve: it stops the seal until a person mends it."""

    text_id: str
    phrase: str
    what: str
    why: str
    anchor: str


def paragraphs(block: TextBlock) -> tuple[tuple[tuple[int, Sentence], ...], ...]:
    """The sentences with their places, by paragraph: a line break at an end closes one."""
    found: list[list[tuple[int, Sentence]]] = [[]]
    for index, sentence in enumerate(block.sentences):
        found[-1].append((index, sentence))
        if sentence.text.endswith("\n"):
            found.append([])
    return tuple(tuple(group) for group in found if group)


def cut(sentence: Sentence, prefix: str = "") -> tuple[Piece, ...]:
    """The sentence as pieces in order; their texts joined are the sentence.

    Where marks overlap the earlier one wins. ``prefix`` makes anchors unique.
    """
    return tuple(_pieces(sentence, prefix))


def _pieces(sentence: Sentence, prefix: str) -> Iterator[Piece]:
    at = 0
    for index, mark in enumerate(sorted(sentence.marks, key=lambda mark: mark.start)):
        end = min(mark.end, len(sentence.text))
        if mark.start < at or end <= mark.start:
            continue
        if mark.start > at:
            yield Piece(sentence.text[at : mark.start])
        yield Piece(sentence.text[mark.start : end], mark, f"{prefix}{index}")
        at = end
    if at < len(sentence.text):
        yield Piece(sentence.text[at:])


def anchor(text_id: str, sentence: int) -> str:
    """The prefix of the anchors of one sentence."""
    return f"mark-{text_id.replace('/', '-')}-{sentence}-"


def troubles_of(block: TextBlock) -> tuple[Trouble, ...]:
    """What does not resolve in one slot, in reading order."""
    return tuple(
        Trouble(block.id, piece.text, piece.mark.what, piece.mark.why, piece.anchor)
        for index, sentence in enumerate(block.sentences)
        for piece in cut(sentence, anchor(block.id, index))
        if piece.mark is not None and piece.mark.state == "unresolved"
    )


def troubles(edition: Edition) -> tuple[Trouble, ...]:
    """What does not resolve in any text of the edition."""
    return tuple(trouble for block in edition.texts() for trouble in troubles_of(block))
