"""One small report, measured: bookings, deals and close rate, by region and source."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import pytest

from kvitto.insight.change import adjust
from kvitto.insight.goal import Goal
from kvitto.insight.study import study
from kvitto.model.block import ShownFigure
from kvitto.model.locale import Formatter
from kvitto.model.metric import Additivity, Aggregation, Good, Metric, Part
from kvitto.model.period import Calendar, Grain, last_year, period_of, previous
from kvitto.model.question import Cell, Compared, ComparisonKind
from kvitto.model.statement import Statement
from kvitto.model.value import Status, Unit, UnitKind, Value
from kvitto.report.narrative import Names, Vocabulary, say
from kvitto.report.narrative.check import Checker, checker_of
from kvitto.workspace.definition import AnnotationDefinition, Materiality

DECEMBER = period_of(date(2017, 12, 1), Grain.month, Calendar())
AGAINST = {
    ComparisonKind.previous: previous(DECEMBER, Calendar()),
    ComparisonKind.last_year: last_year(DECEMBER, Calendar()),
}
REGIONS = ("Central", "East", "West", "North Coast")
SOURCES = ("Inbound", "Ads", "Referral")
EVENT = AnnotationDefinition(
    on=date(2017, 12, 4), kind="launch", text="New proposal template for the GTX 500 range"
)
COUNT = Part(table="deals", aggregation=Aggregation.count, at="closed_on")
NAMES = {
    "bookings_amount": {"en": "Bookings", "sv": "Ordervärde"},
    "deals_won": {"en": "Deals won", "sv": "Vunna affärer"},
    "close_rate": {"en": "Close rate", "sv": "Avslutsgrad"},
    "average_deal_size": {"en": "Average deal size", "sv": "Genomsnittlig affärsstorlek"},
    "sales_cycle_length_median": {
        "en": "Sales cycle length (median)",
        "sv": "Säljcykelns längd (median)",
    },
}


def _metric(name: str, unit: UnitKind, how: Aggregation, good: Good = Good.higher) -> Metric:
    additive = how in (Aggregation.count, Aggregation.sum)
    return Metric(
        id=name,
        names=NAMES[name],
        explains={"en": ""},
        unit=unit,
        good=good,
        additivity=Additivity.full if additive else Additivity.none,
        value=Part(table="deals", aggregation=how, measure="amount", at="closed_on"),
    )


METRICS = {
    "bookings_amount": _metric("bookings_amount", UnitKind.money, Aggregation.sum),
    "deals_won": _metric("deals_won", UnitKind.count, Aggregation.count),
    "average_deal_size": _metric("average_deal_size", UnitKind.money, Aggregation.average),
    "sales_cycle_length_median": _metric(
        "sales_cycle_length_median", UnitKind.duration, Aggregation.median, Good.lower
    ),
    "close_rate": Metric(
        id="close_rate",
        names=NAMES["close_rate"],
        explains={"en": ""},
        unit=UnitKind.share,
        good=Good.higher,
        additivity=Additivity.none,
        numerator=COUNT,
        denominator=COUNT,
        min_n=30,
    ),
}
Rows = dict[str, dict[str, tuple[int, int, float]]]


@dataclass(frozen=True)
class World:
    """One measured report in one language: its statements and their checker."""

    language: str
    statements: tuple[Statement, ...]
    figures: tuple[ShownFigure, ...]
    names: Names
    checker: Checker

    def sentences(self) -> list[tuple[Statement, str]]:
        formatter = Formatter.of(self.language)
        told = [(s, say(s, self.names, formatter, self.language)) for s in self.statements]
        return [(statement, text) for statement, text in told if text]


def _value(name: str, won: int, lost: int, amount: float, currency: str) -> Value:
    if name == "close_rate":
        return Value(
            won / (won + lost), Unit(UnitKind.share), won + lost, Status.final, won, won + lost
        )
    if name == "deals_won":
        return Value(won, Unit(UnitKind.count, noun="deals"), won)
    if name == "bookings_amount":
        return Value(amount, Unit(UnitKind.money, currency), won)
    if name == "average_deal_size":
        unit = Unit(UnitKind.money, currency)
        return Value(amount / won, unit, won, Status.final, amount, won)
    return Value(round(20 + amount % 61, 1), Unit(UnitKind.duration, noun="days"), won)


def _rows(rng: random.Random, segments: tuple[str, ...]) -> dict[str, tuple[int, int, float]]:
    found = {}
    for segment in segments:
        won = rng.randint(8, 180)
        found[segment] = (won, rng.randint(5, 160), float(won * rng.randint(300, 4000)))
    return found


def _whole(rows: dict[str, tuple[int, int, float]]) -> tuple[int, int, float]:
    return (
        sum(row[0] for row in rows.values()),
        sum(row[1] for row in rows.values()),
        sum(row[2] for row in rows.values()),
    )


def _cells(
    name: str, kind: ComparisonKind, before: Rows, after: Rows, currency: str
) -> tuple[Cell, dict[str, list[Cell]]]:
    def cell(
        dims: tuple[tuple[str, str | None], ...],
        old: tuple[int, int, float],
        new: tuple[int, int, float],
    ) -> Cell:
        earlier, current = _value(name, *old, currency), _value(name, *new, currency)
        code = f"{name[:4].upper()}-{kind.value[:4].upper()}"
        held = Compared(kind, AGAINST[kind], earlier, current, None, None, f"{code}-E")
        return Cell(name, dims, current, f"{name[:4].upper()}-NOWW", held)

    segments = {
        dimension: [
            cell(((dimension, segment),), before[dimension][segment], rows[segment])
            for segment in rows
        ]
        for dimension, rows in after.items()
    }
    return cell((), _whole(before["region"]), _whole(after["region"])), segments


def _history(rng: random.Random) -> Rows:
    return {"region": _rows(rng, REGIONS)}


def build(seed: int, language: str) -> World:
    """A report over random deals; equal seeds give equal reports in every language."""
    rng = random.Random(seed)
    currency = rng.choice(("USD", "SEK", "EUR"))
    after, old, older = _history(rng), _history(rng), _history(rng)
    statements: list[Statement] = []
    figures: list[ShownFigure] = []
    formatter = Formatter.of(language)
    for name, metric in METRICS.items():
        cell, segments = _cells(name, ComparisonKind.previous, old, after, currency)
        other, _ = _cells(name, ComparisonKind.last_year, older, after, currency)
        unit = cell.figure.unit
        target = Value(
            round(rng.uniform(0.4, 0.8), 2) if name == "close_rate" else rng.randint(50, 900),
            unit,
            0,
        )
        kind: Literal["cap", "target"] = "cap" if name == "sales_cycle_length_median" else "target"
        goal = Goal(target, kind, elapsed=rng.choice((1.0, 1.0, 0.5)))
        statements += study(
            metric,
            cell,
            unit,
            segments,
            Materiality(),
            others=[other],
            goal=goal,
            period=DECEMBER,
            annotations=[EVENT] if name == "deals_won" else [],
            named=rng.choice((2, 3)),
        )
        assert isinstance(cell.figure, Value)
        figures.append(
            ShownFigure(
                metric=name,
                label=metric.name(language),
                display=formatter.figure(cell.figure),
                number=float(cell.figure.number),
                unit=unit.kind.value,
                currency=unit.currency,
                noun=unit.noun,
                n=cell.figure.n,
                receipt=cell.receipt,
                period=DECEMBER.label,
            )
        )
    said = adjust(statements)
    vocabulary = Vocabulary(
        metrics={"close_rate": ("win rate",)},
        names=("Northgate Hardware", "GTX 500", "MG Special", "R13", "Elin Sandberg"),
        period=DECEMBER.label,
    )
    names = Names({name: metric.name(language) for name, metric in METRICS.items()})
    checker = checker_of(language, figures, said, vocabulary)
    return World(language, said, tuple(figures), names, checker)


@lru_cache(maxsize=400)
def _built(seed: int, language: str) -> World:
    return build(seed, language)


@pytest.fixture(scope="session")
def world() -> Callable[[int, str], World]:
    """The report of a seed in a language, built once."""
    return _built
