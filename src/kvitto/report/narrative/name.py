"""What metrics, periods and dimensions are called in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kvitto.model.locale import Formatter
from kvitto.model.statement import Statement
from kvitto.report.narrative.catalogue import Language


@dataclass(frozen=True, slots=True)
class Names:
    """Names for sentences.

    ``metrics`` by metric id. ``against`` is the text of the earlier period by
    comparison ("previous" -> "November 2017"), or by statement id where one
    metric differs. ``dimensions`` and ``segments`` override the built-in words.
    """

    metrics: Mapping[str, str]
    against: Mapping[str, str] = field(default_factory=dict)
    dimensions: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)

    def metric(self, metric: str, language: Language | None = None) -> str:
        """The name at the start of a sentence, with its article where the language has one."""
        name = self.metrics.get(metric, metric)
        return sentence_case(language.spoken(name) if language else name)

    def inner(self, metric: str, language: Language) -> str:
        """The name within a sentence: small initial, but not for acronyms."""
        name = self.metrics.get(metric, metric)
        spoken = language.spoken(name)
        small = len(name) > 1 and name[0].isupper() and name[1].islower()
        if spoken == name and language.content.get("lower_inside") and small:
            return name[0].lower() + name[1:]
        return spoken

    def dimension(self, dimension: str, language: Language) -> str:
        known = self.dimensions.get(dimension)
        return known or language.word("dimensions", dimension, dimension.replace("_", " "))

    def segment(self, segment: str, language: Language) -> str:
        """The segment's name; rows without a value have words of their own."""
        if not segment:
            return language.text("contribution.unnamed")
        return self.segments.get(segment, segment)

    def compared_with(self, statement: Statement, language: Language, formatter: Formatter) -> str:
        """What a statement holds its figure against, in words."""
        known = self.against.get(statement.id) or self.against.get(statement.comparison)
        if known:
            return known
        if statement.against:
            return period_words(statement.against, formatter)
        return language.text(f"against.{statement.comparison or 'previous'}")


def sentence_case(name: str) -> str:
    """The name with a capital first letter."""
    return name[:1].upper() + name[1:]


def period_words(label: str, formatter: Formatter) -> str:
    """A period's label as people say it; the label itself where it is none."""
    from datetime import date

    from kvitto.errors import BadPeriod
    from kvitto.model.period import Calendar, parse_period

    try:
        period = parse_period(label, Calendar(), date(2000, 1, 1))
    except BadPeriod:
        return label
    return formatter.period(period)
