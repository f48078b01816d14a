"""What a sentence speaks of: metrics, segments, earlier periods, names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from kvitto.model.statement import Statement
from kvitto.report.narrative.fact import REST, UNNAMED, Fact
from kvitto.report.narrative.lexicon import Lexicon
from kvitto.report.narrative.name import period_words
from kvitto.report.narrative.phrase import Found, Phrases
from kvitto.report.narrative.reading import Reading
from kvitto.report.narrative.vocabulary import Vocabulary
from kvitto.report.narrative.when import When, whens_in

Span = tuple[int, int]
_P = TypeVar("_P")


@dataclass(frozen=True, slots=True)
class Mentions:
    """The stretches of one reading, each kind from left to right."""

    metrics: tuple[Found[frozenset[str]], ...]
    segments: tuple[Found[str], ...]
    comparisons: tuple[Found[str], ...]
    events: tuple[Span, ...]
    names: tuple[Span, ...]
    whens: tuple[When, ...]

    @property
    def plain(self) -> list[Span]:
        """Stretches whose digits are no figures."""
        spans = [(when.start, when.end) for when in self.whens]
        spans += [(each.start, each.end) for each in self.metrics]
        spans += [(each.start, each.end) for each in self.segments]
        spans += [(each.start, each.end) for each in self.comparisons]
        return [*spans, *self.events, *self.names]

    def covers(self, start: int, end: int) -> bool:
        """Whether a name, an event or a metric's name covers the stretch."""
        spans = [*self.names, *self.events, *((each.start, each.end) for each in self.metrics)]
        return any(first <= start and end <= last for first, last in spans)


@dataclass(slots=True)
class Books:
    """The phrase books of one edition, made once for all its texts."""

    lexicon: Lexicon
    language: str
    metrics: Phrases[frozenset[str]] = field(default_factory=Phrases)
    segments: Phrases[str] = field(default_factory=lambda: Phrases(exact=True))
    rest: Phrases[str] = field(default_factory=Phrases)
    names: Phrases[bool] = field(default_factory=lambda: Phrases(exact=True))
    events: Phrases[bool] = field(default_factory=Phrases)
    against: Phrases[str] = field(default_factory=Phrases)

    def read(self, reading: Reading) -> Mentions:
        """All mentions; an event or a name hides the words within it."""
        events = [(each.start, each.end) for each in self.events.find(reading)]
        metrics = _outside(self.metrics.find(reading), events)
        named = _outside(self.names.find(reading), events)
        segments = _not_within(_outside(self.segments.find(reading), events), metrics)
        known = [(each.start, each.end) for each in metrics]
        known += [(each.start, each.end) for each in segments]
        names = [(each.start, each.end) for each in _outside(named, known)]
        taken = [*events, *known, *names]
        rest = [each for each in _outside(self.rest.find(reading), taken) if _counts(reading, each)]
        against = _outside(self.against.find(reading), events)
        whens = [
            when
            for when in whens_in(reading, self.lexicon, self.language)
            if not _overlaps((when.start, when.end), [*events, *names])
        ]
        compared = _outside(
            self.lexicon.comparisons.find(reading),
            [*taken, *((each.start, each.end) for each in against)],
        )
        return Mentions(
            tuple(metrics),
            tuple(sorted((*segments, *rest), key=lambda each: each.start)),
            tuple(sorted((*against, *compared), key=lambda each: each.start)),
            tuple(events),
            tuple(names),
            tuple(whens),
        )


def books_of(
    lexicon: Lexicon,
    language: str,
    facts: Sequence[Fact],
    statements: Sequence[Statement],
    vocabulary: Vocabulary,
) -> Books:
    """The names of metrics, segments, events and periods that a text may use."""
    books = Books(lexicon, language)
    suffixes = lexicon.words("suffixes") or ("",)
    for name, metrics in _metric_names(facts, vocabulary).items():
        for text in {name, lexicon.language.spoken(name)}:
            books.metrics.add(text, frozenset(metrics), suffixes)
    named = {fact.subject for fact in facts} | set(vocabulary.segments)
    for segment in sorted(named - {"", REST, UNNAMED}):
        if any(char.isalpha() for char in segment):
            books.segments.add(segment, segment)
    books.rest.add(lexicon.language.text("contribution.rest"), REST)
    books.rest.add(lexicon.language.text("contribution.unnamed"), UNNAMED)
    for name in vocabulary.names:
        if any(char.isalpha() for char in name):
            books.names.add(name, True, ("", "s", "'s"))
    for event in (*vocabulary.events, *(statement.event for statement in statements)):
        books.events.add(event.rstrip("."), True)
    _add_periods(books, statements, vocabulary)
    return books


def _metric_names(facts: Iterable[Fact], vocabulary: Vocabulary) -> dict[str, set[str]]:
    """Each name with the metrics it may mean; two metrics may share one."""
    names: dict[str, set[str]] = {}
    for metric, texts in vocabulary.metrics.items():
        for text in texts:
            names.setdefault(text, set()).add(metric)
    for fact in facts:
        if fact.label and fact.role == "value" and not fact.subject:
            names.setdefault(fact.label, set()).add(fact.metric)
    return names


def _add_periods(books: Books, statements: Sequence[Statement], vocabulary: Vocabulary) -> None:
    from kvitto.model.locale import Formatter

    formatter = Formatter.of(books.language)
    for comparison, text in vocabulary.against.items():
        books.against.add(text, comparison)
    for statement in statements:
        if statement.against:
            books.against.add(statement.against, statement.comparison)
            books.against.add(period_words(statement.against, formatter), statement.comparison)
    for comparison in ("previous", "last_year", "baseline", "goal"):
        text = books.lexicon.language.text(f"against.{comparison}")
        books.against.add(text, comparison)


def _outside(found: Sequence[Found[_P]], spans: Sequence[Span]) -> list[Found[_P]]:
    return [each for each in found if not _overlaps((each.start, each.end), spans)]


def _not_within(
    segments: Sequence[Found[str]], metrics: Sequence[Found[frozenset[str]]]
) -> list[Found[str]]:
    """Without the segments that are a part of a metric's longer name: a stage "Open" is not
    meant by "Open deals"."""
    longer = [(each.start, each.end) for each in metrics]
    return [
        each
        for each in segments
        if not any(
            start <= each.start and each.end <= end and each.end - each.start < end - start
            for start, end in longer
        )
    ]


def _overlaps(span: Span, spans: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in spans)


def _counts(reading: Reading, found: Found[str]) -> bool:
    """ "The rest" is the bucket only where its figure follows at once."""
    following = reading.view[found.end : found.end + 3].lstrip(" :(")
    return bool(following) and (following[0].isdigit() or following[0] in "+-$€£US")
