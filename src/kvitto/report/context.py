"""What every block of one edition is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kvitto.metrics.bridge.step import Bridge
from kvitto.model.block import Restatement, TextBlock
from kvitto.model.edition import Edition, Vouch
from kvitto.model.finding import Finding
from kvitto.model.locale import Formatter
from kvitto.model.metric import Metric
from kvitto.model.period import Grain, Period, following, period_of
from kvitto.model.question import ComparisonKind
from kvitto.model.statement import Statement
from kvitto.report.asking import AGREED, Answers, Definitions
from kvitto.report.outline import Template
from kvitto.report.register import Registers
from kvitto.report.words import Words
from kvitto.workspace.definition import ClientDefinition, SeriesDefinition

TIME_DIMENSIONS = frozenset({"day", "week", "month", "quarter", "year"})

TREND_POINTS = 13
"""A month and the twelve before it: the same month last year is in the picture."""


@dataclass(frozen=True, slots=True)
class Context:
    """One edition in the making.

    While needs are collected ``answers`` and ``statements`` are empty. ``today``
    is the day in the client's time zone. ``texts`` are the slots of the draft
    before, of which the typed ones are kept.
    """

    template: Template
    series: SeriesDefinition
    client: ClientDefinition
    client_id: str
    agency: str
    period: Period
    language: str
    formatter: Formatter
    words: Words
    catalogue: Definitions
    now: datetime
    today: date
    answers: Answers = field(default_factory=Answers)
    statements: tuple[Statement, ...] = ()
    findings: tuple[Finding, ...] = ()
    restatements: tuple[Restatement, ...] = ()
    previous: Edition | None = None
    texts: Mapping[str, TextBlock] = field(default_factory=dict)
    vouches: tuple[Vouch, ...] = ()
    bridges: Mapping[tuple[str, str, str], Bridge] = field(default_factory=dict)
    """The bridges that blocks show: by metric and the two sides."""
    registers: Registers = field(default_factory=Registers)

    @property
    def agreed(self) -> tuple[str, ...]:
        """The KPIs agreed with the client; the template's where there are none."""
        return self.series.kpis or self.template.kpis

    def metrics(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """The metrics meant by a block: names, and :data:`AGREED` for the agreed ones."""
        meant: dict[str, None] = {}
        for name in named:
            meant.update(dict.fromkeys(self.agreed if name == AGREED else (name,)))
        return tuple(meant)

    def metric(self, name: str) -> Metric:
        return self.catalogue.get(name)

    def reaches(self, name: str, dimension: str) -> bool:
        """Whether the metric can be split by that dimension."""
        return dimension in TIME_DIMENSIONS or dimension in self.metric(name).dimensions

    def title(self, titles: Mapping[str, str]) -> str:
        """The title in the edition's language, with its periods filled in."""
        text = titles.get(self.language) or titles.get("en", "")
        filled = text.format(
            period=self.formatter.period(self.period),
            next=self.formatter.period(self.next_period),
            client=self.client.name,
        )
        return filled[:1].upper() + filled[1:]

    @property
    def next_period(self) -> Period:
        return following(self.period, self.client.calendar())

    @property
    def trend_grain(self) -> Grain:
        """Weeks for reports of a day or a week, else months."""
        return Grain.week if self.period.grain in (Grain.day, Grain.week) else Grain.month

    def trend_periods(self) -> tuple[Period, ...]:
        """The up to 13 natural periods that end with the report's."""
        calendar = self.client.calendar()
        last = period_of(self.period.last, self.trend_grain, calendar)
        periods = [last]
        while len(periods) < TREND_POINTS:
            first = periods[-1].start
            try:
                before = first - timedelta(days=1)
            except OverflowError:
                break
            periods.append(period_of(before, self.trend_grain, calendar))
        return tuple(reversed(periods))

    def trend_span(self) -> Period:
        """All trend periods as one, cut at the report's last day."""
        return Period(self.trend_periods()[0].start, self.period.end)

    def statement(
        self, metric: str, comparison: ComparisonKind, kind: str = "change"
    ) -> Statement | None:
        """The statement on a metric's whole change, ``None`` where nothing was measured."""
        for statement in self.statements:
            same = statement.subject == metric and statement.comparison == comparison.value
            if same and statement.kind == kind and statement.dimension is None:
                return statement
        return None
