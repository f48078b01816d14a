"""The text checker: every number, direction and cause resolves, or is marked.

Nothing here trusts how a text came about: generated, typed or written by a
model, it is read the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from kvitto.model.block import Mark, Sentence
from kvitto.model.edition import Vouch
from kvitto.model.statement import Statement
from kvitto.report.narrative.binding import Binding, fill
from kvitto.report.narrative.cause import resolve_cause
from kvitto.report.narrative.claim import (
    about_at,
    claims_in,
    resolve_direction,
    resolve_goal,
    resolve_weight,
)
from kvitto.report.narrative.fact import Fact, Known, facts_of
from kvitto.report.narrative.lexicon import Lexicon, lexicon_of
from kvitto.report.narrative.measure import numbers_in
from kvitto.report.narrative.mention import Books, books_of
from kvitto.report.narrative.number import Number
from kvitto.report.narrative.phrase import Found, Phrases
from kvitto.report.narrative.reading import read, split_sentences
from kvitto.report.narrative.resolving import (
    Evidence,
    Resolved,
    resolve_fraction,
    resolve_number,
    resolve_ratio,
)
from kvitto.report.narrative.scope import Carried, Line, metrics_at
from kvitto.report.narrative.vocabulary import Vocabulary

_P = TypeVar("_P")

LONGEST = 4000
"""Characters that a sentence may have; a longer one is not read but marked whole."""


@dataclass(frozen=True, slots=True)
class Checker:
    """All that the texts of one edition are held against, prepared once.

    Use :func:`checker_of` to make one, :meth:`check` for each text.
    """

    evidence: Evidence
    books: Books
    lexicon: Lexicon
    language: str
    period: str
    labels: dict[str, frozenset[str]]

    def check(self, source: str, vouches: Sequence[Vouch] = ()) -> tuple[Sentence, ...]:
        """The sentences of ``source``, values filled in, with their marks in order."""
        bound = fill(source, self.evidence.facts, self.language)
        carried = Carried()
        sentences: list[Sentence] = []
        spans = split_sentences(bound.text, self.lexicon.words("abbreviations"))
        for index, (start, end) in enumerate(spans):
            text = bound.text[start:end]
            inside = [
                replace(each, start=each.start - start, end=each.end - start)
                for each in bound.bindings
                if start <= each.start and each.end <= end
            ]
            marks, carried = self._marks(text, inside, carried)
            marks = [_vouched(text, mark, vouches) for mark in marks]
            # A blank line after a sentence stays with it, so that all forms keep the paragraphs.
            gap = bound.text[end : spans[index + 1][0]] if index + 1 < len(spans) else ""
            text += "\n" if gap.count("\n") > 1 else ""
            sentences.append(Sentence(text=text, marks=tuple(marks)))
        return tuple(sentences)

    def _marks(
        self, text: str, bindings: Sequence[Binding], carried: Carried
    ) -> tuple[list[Mark], Carried]:
        if len(text) > LONGEST:
            why = f"the sentence is longer than {LONGEST} characters; split it to have it checked"
            return [_mark(0, len(text), "number", why)], carried
        line = self._line(text, bindings, carried)
        marks: list[Mark] = [_open(each) for each in bindings if each.fact is None]
        marks += _braces(text, bindings)
        marks += [_plain(line, *span) for span in _with_digits(line)]
        marks += self._numbers(line, bindings)
        marks += self._claims(line)
        ordered = sorted(marks, key=lambda mark: (mark.start, mark.end, mark.what))
        return ordered, self._carry(line)

    def _line(self, text: str, bindings: Sequence[Binding], carried: Carried) -> Line:
        reading = read(text)
        mentions = self.books.read(reading)
        blocked = mentions.plain
        for each in bindings:
            if each.fact is None:
                blocked.append(_seen(reading.places, each.start, each.end))
        numbers = tuple(numbers_in(reading, self.lexicon, blocked))
        directions = claims_in(reading, self.lexicon, mentions, numbers)
        return Line(
            reading, mentions, numbers, directions, self.lexicon, self.period, carried, self.labels
        )

    def _numbers(self, line: Line, bindings: Sequence[Binding]) -> list[Mark]:
        found: list[Resolved] = []
        for number in line.numbers:
            binding = _binding_at(line, number, bindings)
            if binding is None:
                found.append(resolve_number(line, number, self.evidence))
            else:
                found.append(_resolve_bound(line, number, binding))
        for book, resolve in (
            (self.lexicon.ratios, resolve_ratio),
            (self.lexicon.fractions, resolve_fraction),
        ):
            found += [
                resolve(line, (each.start, each.end, each.payload), self.evidence)
                for each in self._uncovered(line, book)
            ]
        return [each.mark for each in found]

    def _claims(self, line: Line) -> list[Mark]:
        words, evidence = self.lexicon, self.evidence
        marks: list[Mark | None] = [
            resolve_direction(line, word, evidence) for word in line.directions
        ]
        marks += [resolve_weight(line, each, evidence) for each in words.weights.find(line.reading)]
        marks += [resolve_goal(line, each, evidence) for each in self._uncovered(line, words.goals)]
        marks += [
            resolve_cause(line, each, evidence) for each in self._uncovered(line, words.causes)
        ]
        return [mark for mark in marks if mark is not None]

    def _uncovered(self, line: Line, book: Phrases[_P]) -> list[Found[_P]]:
        """The phrases that are not part of a name, an event or a metric's name."""
        found = book.find(line.reading)
        return [each for each in found if not line.mentions.covers(each.start, each.end)]

    def _carry(self, line: Line) -> Carried:
        """The last metric named, with the comparison that the sentence spoke of."""
        end = len(line.reading.view)
        metrics = metrics_at(line, end, end)
        if not metrics:
            return line.carried
        about = about_at(line, end, end, self.evidence)
        return Carried(metrics, about.comparison)


def checker_of(
    language: str,
    figures: Iterable[Known],
    statements: Sequence[Statement],
    vocabulary: Vocabulary | None = None,
) -> Checker:
    """The checker of one edition's texts."""
    words = vocabulary or Vocabulary()
    lexicon = lexicon_of(language)
    facts = facts_of(figures, statements, words.period)
    codes = {fact.receipt for fact in facts if fact.receipt}
    words = replace(words, names=(*words.names, *sorted(codes)))
    books = books_of(lexicon, language, facts, statements, words)
    evidence = Evidence(facts, tuple(statements))
    return Checker(evidence, books, lexicon, language, words.period, _labels(facts, statements))


def check_text(
    source: str,
    language: str,
    figures: Iterable[Known],
    statements: Sequence[Statement] = (),
    vouches: Sequence[Vouch] = (),
    vocabulary: Vocabulary | None = None,
) -> tuple[Sentence, ...]:
    """The sentences of a text, each number, direction word and cause marked.

    ``figures`` are figures, tiles, tables, charts or facts of the edition;
    ``vouches`` those of this text. A mark that does not resolve says in
    ``why`` what was looked for. For many texts, make one :func:`checker_of`.
    """
    return checker_of(language, figures, statements, vocabulary).check(source, vouches)


def unresolved(sentences: Iterable[Sentence]) -> tuple[Mark, ...]:
    """The marks that block sealing."""
    return tuple(
        mark for sentence in sentences for mark in sentence.marks if mark.state == "unresolved"
    )


def _labels(facts: Sequence[Fact], statements: Sequence[Statement]) -> dict[str, frozenset[str]]:
    """Labels of earlier periods and the comparisons that they stand for."""
    found: dict[str, set[str]] = {}
    for statement in statements:
        if statement.against:
            found.setdefault(statement.against, set()).add(statement.comparison)
    for fact in facts:
        if fact.role == "earlier" and fact.period and fact.comparison:
            found.setdefault(fact.period, set()).add(fact.comparison)
    return {label: frozenset(kinds) for label, kinds in found.items()}


def _resolve_bound(line: Line, number: Number, binding: Binding) -> Resolved:
    """A bound value is right by itself, unless the sentence says it is another metric's."""
    fact = binding.fact
    assert fact is not None
    start, end = line.reading.typed(number.start, number.end)
    named = metrics_at(line, number.start, number.end) if line.mentions.metrics else frozenset()
    if named and fact.metric not in named:
        why = (
            f"{{{{{binding.name}}}}} stands where the sentence speaks of {', '.join(sorted(named))}"
        )
        return Resolved(_mark(start, end, "number", why))
    mark = Mark(
        start=start,
        end=end,
        what="number",
        state="bound",
        receipt=fact.receipt,
        statement=fact.statement,
    )
    return Resolved(mark, fact)


def _binding_at(line: Line, number: Number, bindings: Sequence[Binding]) -> Binding | None:
    start, end = line.reading.typed(number.start, number.end)
    for each in bindings:
        if each.fact is not None and each.start <= start and end <= each.end:
            return each
    return None


def _open(binding: Binding) -> Mark:
    return _mark(binding.start, binding.end, "number", binding.why)


def _braces(text: str, bindings: Sequence[Binding]) -> list[Mark]:
    """Braces that are left over bind nothing and would be printed."""
    marks = []
    for sign in ("{{", "}}"):
        at = text.find(sign)
        while at >= 0:
            inside = any(each.fact is None and each.start <= at < each.end for each in bindings)
            if not inside:
                marks.append(_mark(at, at + 2, "number", "these braces bind nothing"))
            at = text.find(sign, at + 2)
    return marks


def _with_digits(line: Line) -> list[tuple[int, int]]:
    """Dates and names with digits, each once."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(line.mentions.plain)):
        if not any(char.isdigit() for char in line.reading.view[start:end]):
            continue
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def _plain(line: Line, start: int, end: int) -> Mark:
    first, last = line.reading.typed(start, end)
    return Mark(start=first, end=last, what="number", state="plain")


def _mark(start: int, end: int, what: str, why: str) -> Mark:
    return Mark.model_validate(
        {"start": start, "end": end, "what": what, "state": "unresolved", "why": why}
    )


def _vouched(text: str, mark: Mark, vouches: Sequence[Vouch]) -> Mark:
    """An unresolved mark within a phrase that somebody stands for."""
    if mark.state != "unresolved":
        return mark
    for vouch in vouches:
        phrase = vouch.phrase.strip()
        at = text.find(phrase) if phrase else -1
        while at >= 0:
            if at <= mark.start and mark.end <= at + len(phrase):
                return mark.model_copy(update={"state": "vouched", "by": vouch.by})
            at = text.find(phrase, at + 1)
    return mark


def _seen(places: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """Where a typed stretch stands in the view."""
    from bisect import bisect_left

    return bisect_left(places, start), bisect_left(places, end)
