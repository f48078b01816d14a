"""Texts: three questions answered, nothing unresolved, one voice."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.model.block import Block, NoticeBlock, TextBlock
from kvitto.model.edition import Edition, Section
from kvitto.report.lint.problem import LintProblem

QUESTIONS = ("achieved", "goals", "next")
"""What did we achieve, how does it compare with the goals, what happens next."""

_WORDS = {
    "achieved": "what was achieved",
    "goals": "how it compares with the goals",
    "next": "what happens next",
}


def check_questions(edition: Edition) -> Iterator[LintProblem]:
    """All three questions are answered, in this order."""
    first: dict[str, int] = {}
    for index, section in enumerate(edition.sections):
        for answer in section.answers.split():
            if any(_says_something(block) for block in section.blocks):
                first.setdefault(answer, index)
    for question in QUESTIONS:
        if question not in first:
            yield LintProblem(
                "questions",
                _WORDS[question],
                "no section answers it",
                "Let a section answer it; a remark alone is no answer.",
            )
    order = [first[question] for question in QUESTIONS if question in first]
    if order != sorted(order):
        yield LintProblem(
            "questions",
            "the order of the sections",
            "the three questions are not answered in their order",
            "First what was achieved, then the goals, then what happens next.",
        )


def check_resolved(edition: Edition) -> Iterator[LintProblem]:
    """Each number, direction and cause in a text resolves, or a person stands for it."""
    for section, text in _texts(edition):
        for sentence in text.sentences:
            for mark in sentence.marks:
                if mark.state == "unresolved":
                    phrase = sentence.text[mark.start : mark.end]
                    yield LintProblem(
                        "unresolved",
                        f"{section.title} ({text.id})",
                        f"'{phrase}' in \"{sentence.text}\": {mark.why or 'nothing measured'}",
                        "Bind a value ({{metric}}), reword it, or vouch for it by name.",
                    )


def check_voice(edition: Edition) -> Iterator[LintProblem]:
    """We speak as one with the client: no "I", no "the agency"."""
    from kvitto.report.narrative.voice import voice_problems

    for section, text in _texts(edition):
        for found in voice_problems(text.source, edition.language):
            yield LintProblem(
                "voice", f"{section.title} ({text.id})", str(found), "Speak of what we did."
            )


def _says_something(block: Block) -> bool:
    if isinstance(block, NoticeBlock):
        return False
    if block.kind in ("work", "actions"):
        return bool(getattr(block, "items", ()))
    return not (block.kind == "text" and not getattr(block, "source", "").strip())


def _texts(edition: Edition) -> Iterator[tuple[Section, TextBlock]]:
    for section in edition.sections:
        for block in section.blocks:
            if isinstance(block, TextBlock):
                yield section, block
