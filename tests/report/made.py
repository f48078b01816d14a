"""A client made by hand, and an asker that measures its few deals in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

from kvitto.model.edition import Edition
from kvitto.model.finding import Finding, Severity
from kvitto.model.metric import Additivity, Aggregation, Good, Metric, Part
from kvitto.model.period import (
    Calendar,
    Grain,
    Period,
    last_year,
    parse_period,
    period_of,
    previous,
    tile,
)
from kvitto.model.question import Answer, Cell, Compared, ComparisonKind, Filter, Question
from kvitto.model.receipt import (
    Applied,
    PartUsed,
    Receipt,
    SourceUsed,
    canonical_json,
    digest_of,
    short_code,
)
from kvitto.model.scope import Scope
from kvitto.model.value import Figure, Missing, MissingKind, Status, Unit, UnitKind, Value, divide
from kvitto.report.compose import compose
from kvitto.report.outline import Template
from kvitto.report.template import load_templates
from kvitto.workspace.definition import ClientDefinition

NOW = datetime(2018, 1, 4, 9, 0, tzinfo=UTC)
DECEMBER = parse_period("2017-12", Calendar(), date(2018, 1, 4))
JANUARY = parse_period("2018-01", Calendar(), date(2018, 2, 4))


TIMES = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Deal:
    id: str
    region: str
    product: str
    manager: str
    created: date
    closed: date | None
    won: bool
    amount: Decimal


@lru_cache(maxsize=1)
def _deals() -> tuple[Deal, ...]:
    return tuple(_make_deals())


def deals() -> list[Deal]:
    """The deals of the client, the same every time."""
    return list(_deals())


def _make_deals() -> list[Deal]:
    """Some 2,000 deals of 2017, the same every time; December wins more in the east."""
    made: list[Deal] = []
    for month in range(1, 13):
        for number in range(180):
            region = ("East", "West", "Central")[number % 3]
            created = date(2017, month, 1 + number % 25)
            eager = month == 12 and region == "East"
            won = number % 5 < (4 if eager else 2 if month < 12 else 3)
            stays = number % 10 == 9
            closed = None if stays else created + timedelta(days=3 + number % 20)
            if closed is not None and closed > date(2017, 12, 31):
                closed = None
            made.append(
                Deal(
                    f"D{month:02d}{number:03d}",
                    region,
                    ("GTX Pro", "MG Special")[number % 2],
                    ("Dustin Brinkmann", "Cara Losch", "Celia Rouche")[number % 3],
                    created,
                    closed,
                    won and closed is not None,
                    Decimal(1000 + 37 * (number % 11)),
                )
            )
    return made


def _metric(name: str, en: str, sv: str, unit: UnitKind, **more: object) -> Metric:
    values: dict[str, object] = {
        "id": name,
        "names": {"en": en, "sv": sv},
        "explains": {"en": f"{en}, as it was agreed.", "sv": f"{sv}, som det avtalades."},
        "unit": unit,
        "good": Good.higher,
        "additivity": Additivity.full,
        "dimensions": ("region", "product", "manager", "stage"),
    }
    return Metric.model_validate(values | more)


COUNT = Part(table="deals", aggregation=Aggregation.count)
SUM = Part(table="deals", aggregation=Aggregation.sum, measure="amount")
MIDDLE = Part(table="deals", aggregation=Aggregation.median, measure="days")
STOCK = Part(table="deals", aggregation=Aggregation.count, as_of=True)
RATIO: dict[str, object] = {"additivity": Additivity.none}

METRICS: dict[str, Metric] = {
    metric.id: metric
    for metric in (
        _metric(
            "bookings_amount", "Bookings", "Ordervärde", UnitKind.money, value=SUM, role="outcome"
        ),
        _metric(
            "deals_won", "Deals won", "Vunna affärer", UnitKind.count, value=COUNT, noun="deals"
        ),
        _metric(
            "deals_lost",
            "Deals lost",
            "Förlorade affärer",
            UnitKind.count,
            value=COUNT,
            good=Good.lower,
        ),
        _metric("deals_created", "Deals created", "Skapade affärer", UnitKind.count, value=COUNT),
        _metric(
            "close_rate",
            "Win rate",
            "Vinstandel",
            UnitKind.share,
            numerator=COUNT,
            denominator=COUNT,
            **RATIO,
        ),
        _metric(
            "win_rate_value",
            "Win rate by value",
            "Vinstandel efter värde",
            UnitKind.share,
            numerator=SUM,
            denominator=SUM,
            **RATIO,
        ),
        _metric(
            "win_rate_cohort",
            "Win rate of the cohort",
            "Kohortens vinstandel",
            UnitKind.share,
            numerator=COUNT,
            denominator=COUNT,
            **RATIO,
        ),
        _metric(
            "average_deal_size",
            "Average deal size",
            "Snittorder",
            UnitKind.money,
            numerator=SUM,
            denominator=COUNT,
            **RATIO,
        ),
        _metric(
            "sales_cycle_length_median",
            "Sales cycle (median)",
            "Säljcykel (median)",
            UnitKind.duration,
            value=MIDDLE,
            noun="days",
            good=Good.lower,
            **RATIO,
        ),
        _metric(
            "open_deals",
            "Open deals",
            "Öppna affärer",
            UnitKind.count,
            value=STOCK,
            good=Good.neutral,
            additivity=Additivity.semi,
        ),
        _metric(
            "open_pipeline_amount",
            "Pipeline value",
            "Pipelinens värde",
            UnitKind.money,
            value=STOCK,
            good=Good.neutral,
        ),
        _metric(
            "stalled_deals",
            "Stalled deals",
            "Affärer som står still",
            UnitKind.count,
            value=STOCK,
            good=Good.lower,
        ),
        _metric(
            "stage_age_open",
            "Age in stage",
            "Tid i steget",
            UnitKind.duration,
            value=MIDDLE,
            noun="days",
            good=Good.lower,
        ),
        _metric(
            "overdue_close_date_rate",
            "Past their date",
            "Passerat datum",
            UnitKind.share,
            numerator=STOCK,
            denominator=STOCK,
            **RATIO,
        ),
        _metric(
            "next_activity_coverage",
            "With a next step",
            "Med nästa steg",
            UnitKind.share,
            numerator=STOCK,
            denominator=STOCK,
            **RATIO,
        ),
        _metric(
            "page_views",
            "Page views",
            "Sidvisningar",
            UnitKind.count,
            value=COUNT,
            role="vanity_prone",
        ),
    )
}


class Shelf:
    """The hand-made definitions."""

    def get(self, name: str, /) -> Metric:
        return METRICS[name]


@dataclass
class Answered:
    answer: Answer
    receipts: Mapping[str, Receipt]


@dataclass
class HandAsker:
    """Answers from a list of deals; ``asked`` counts the questions."""

    rows: list[Deal] = field(default_factory=deals)
    warehouse: str = "v0001-0a1b2c3d"
    provisional: bool = False
    wrong: tuple[Finding, ...] = ()
    asked: list[tuple[str, ...]] = field(default_factory=list)
    complete_to: str = "2018-01-31"
    before: MissingKind = MissingKind.no_data
    kept: dict[object, list[Deal]] = field(default_factory=dict)

    @property
    def catalogue(self) -> Shelf:
        return Shelf()

    def findings(self) -> tuple[Finding, ...]:
        return self.wrong

    def ask(
        self,
        metrics: Sequence[str],
        period: Period,
        by: Sequence[str] = (),
        where: Sequence[Filter] = (),
        compare: ComparisonKind | None = None,
    ) -> Answered:
        self.asked.append((*metrics, str(period), *by, str(compare)))
        cells: list[Cell] = []
        receipts: dict[str, Receipt] = {}
        for name in metrics:
            for part, place in self._places(period, tuple(by)):
                cell = self._cell(name, part, place, compare, receipts)
                cells.append(cell)
        scope = Scope.of("the tests", "acme")
        question = Question(scope, "acme", tuple(metrics), period, tuple(by), tuple(where), compare)
        return Answered(Answer(question, tuple(cells), self.warehouse), receipts)

    def _places(
        self, period: Period, by: tuple[str, ...]
    ) -> list[tuple[Period, tuple[tuple[str, str | None], ...]]]:
        if not by:
            return [(period, ())]
        if by[0] in ("month", "week"):
            grain = Grain(by[0])
            parts = tile(period, grain, Calendar())
            return [
                (part, ((by[0], period_of(part.start, grain, Calendar()).label),)) for part in parts
            ]
        if by[0] == "stage":
            return [(period, (("stage", name),)) for name in ("Engaging", "Prospecting")]
        segments = sorted({str(getattr(deal, by[0])) for deal in self.rows})
        return [(period, ((by[0], segment),)) for segment in segments]

    def _cell(
        self,
        name: str,
        period: Period,
        place: tuple[tuple[str, str | None], ...],
        compare: ComparisonKind | None,
        receipts: dict[str, Receipt],
    ) -> Cell:
        figure = self._measure(name, period, dict(place))
        code = self._receipt(name, period, place, figure, receipts)
        compared = None
        if compare in (ComparisonKind.previous, ComparisonKind.last_year):
            move = previous if compare is ComparisonKind.previous else last_year
            other = move(period, Calendar())
            before = self._measure(name, other, dict(place))
            other_code = self._receipt(name, other, place, before, receipts)
            change = relative = None
            if isinstance(figure, Value) and isinstance(before, Value):
                change = float(figure.number) - float(before.number)
                relative = change / float(before.number) if before.number else None
            compared = Compared(compare, other, before, figure, change, relative, other_code)
        return Cell(name, place, figure, code, compared)

    def _measure(self, name: str, period: Period, place: Mapping[str, str | None]) -> Figure:
        metric = METRICS[name]
        currency = "USD" if metric.unit is UnitKind.money else None
        unit = Unit(metric.unit, currency, metric.noun)
        if name == "open_pipeline_amount":
            return Missing(MissingKind.no_data, unit, "no open deal has an amount", 12)
        if name == "next_activity_coverage":
            return Missing(MissingKind.not_connected, unit, "no activities")
        if period.end <= date(2017, 1, 1):
            return Missing(self.before, unit, "before the first data")
        status = Status.provisional if self.provisional else Status.final
        measure = _MEASURES[name]
        rows = self._within(tuple(place.items()))
        return _with_status(measure(rows, period, unit), status)

    def _within(self, place: tuple[tuple[str, str | None], ...]) -> list[Deal]:
        segments = tuple(item for item in place if item[0] in ("region", "product", "manager"))
        if segments not in self.kept:
            self.kept[segments] = [
                deal
                for deal in self.rows
                if all(getattr(deal, name) == value for name, value in segments)
            ]
        return self.kept[segments]

    def _receipt(
        self,
        name: str,
        period: Period,
        place: tuple[tuple[str, str | None], ...],
        figure: Figure,
        receipts: dict[str, Receipt],
    ) -> str:
        metric = METRICS[name]
        lost = isinstance(figure, Missing)
        value = None if isinstance(figure, Missing) else str(figure.number)
        facts: dict[str, object] = {
            "metric": name,
            "name": metric.name("en"),
            "definition": metric.explains["en"],
            "definition_version": metric.version,
            "client": "acme",
            "question": {
                "client": "acme",
                "metric": name,
                "period": {"label": str(period), "grain": period.grain.value},
                "dimensions": {name: value for name, value in place if name not in TIMES},
                "where": [],
            },
            "period": str(period),
            "first_day": period.start.isoformat(),
            "last_day": period.last.isoformat(),
            "value": value,
            "missing": figure.kind.value if isinstance(figure, Missing) else None,
            "unit": metric.unit.value,
            "currency": figure.unit.currency,
            "noun": metric.noun,
            "n": figure.n,
            "status": "final" if isinstance(figure, Missing) else figure.status.value,
            "parts": [PartUsed(part="value", aggregation="count", total=value, lines=figure.n)],
            "sql": "SELECT 1",
            "warehouse": self.warehouse,
        }
        digest = digest_of({**facts, "parts": None})
        code = short_code(digest)
        source = SourceUsed(
            name="crm",
            kind="file",
            synced_at="2018-01-03T08:00:00+00:00",
            complete_to=self.complete_to,
            rows=len(self.rows),
            final=not self.provisional,
        )
        applied = (Applied(action="unknown_value", rule="amount", rows=figure.n),) if lost else ()
        receipts[code] = Receipt.model_validate(
            {**facts, "code": code, "digest": digest, "sources": (source,), "applied": applied}
        )
        return code


def _with_status(figure: Figure, status: Status) -> Figure:
    return figure if isinstance(figure, Missing) else replace(figure, status=status)


Rows = list[Deal]
Measure = Callable[[Rows, Period, Unit], Figure]


def _closed(rows: Rows, period: Period, won: bool | None = None) -> Rows:
    decided = [deal for deal in rows if deal.closed is not None and deal.closed in period]
    return [deal for deal in decided if won is None or deal.won is won]


def _count(rows: Rows, unit: Unit) -> Value:
    return Value(len(rows), unit, len(rows))


def _sum(rows: Rows, unit: Unit) -> Value:
    return Value(sum((deal.amount for deal in rows), Decimal(0)), unit, len(rows))


def _open(rows: Rows, period: Period) -> Rows:
    return [
        deal
        for deal in rows
        if deal.created < period.end and (deal.closed is None or deal.closed >= period.end)
    ]


def _middle(days: list[int], unit: Unit) -> Figure:
    if not days:
        return Missing(MissingKind.no_data, unit, "nothing was won")
    return Value(float(median(days)), unit, len(days))


PLAIN = Unit(UnitKind.number)

_MEASURES: dict[str, Measure] = {
    "bookings_amount": lambda rows, p, u: _sum(_closed(rows, p, True), u),
    "deals_won": lambda rows, p, u: _count(_closed(rows, p, True), u),
    "deals_lost": lambda rows, p, u: _count(_closed(rows, p, False), u),
    "deals_created": lambda rows, p, u: _count([d for d in rows if d.created in p], u),
    "close_rate": lambda rows, p, u: divide(
        _count(_closed(rows, p, True), PLAIN), _count(_closed(rows, p), PLAIN), u
    ),
    "win_rate_value": lambda rows, p, u: divide(
        _sum(_closed(rows, p, True), PLAIN), _sum(_closed(rows, p), PLAIN), u
    ),
    "win_rate_cohort": lambda rows, p, u: (
        Missing(MissingKind.immature, u, "too young")
        if p.end > date(2017, 11, 1)
        else divide(
            _count([d for d in rows if d.created in p and d.won], PLAIN),
            _count([d for d in rows if d.created in p], PLAIN),
            u,
        )
    ),
    "average_deal_size": lambda rows, p, u: divide(
        _sum(_closed(rows, p, True), PLAIN), _count(_closed(rows, p, True), PLAIN), u
    ),
    "sales_cycle_length_median": lambda rows, p, u: _middle(
        [(d.closed - d.created).days for d in _closed(rows, p, True) if d.closed], u
    ),
    "open_deals": lambda rows, p, u: _count(_open(rows, p), u),
    "stalled_deals": lambda rows, p, u: _count(
        [d for d in _open(rows, p) if (p.last - d.created).days > 90], u
    ),
    "stage_age_open": lambda rows, p, u: _middle(
        [(p.last - d.created).days for d in _open(rows, p)], u
    ),
    "overdue_close_date_rate": lambda rows, p, u: Missing(
        MissingKind.not_computable, u, "there are no expected close dates"
    ),
    "page_views": lambda rows, p, u: _count([d for d in rows if d.created in p], u),
}


def client(**more: object) -> ClientDefinition:
    """A client with goals, work, a plan, next steps and a call."""
    done = [
        {
            "title": "Interviews with twelve buyers",
            "who": "Elin",
            "done": "2017-12-08",
            "link": "https://x.example/a",
        },
        {"title": "Plan for old deals", "who": "Elin", "hours": "9", "status": "doing"},
        {"title": "Work of November", "who": "Elin", "done": "2017-11-20", "hours": "2"},
    ]
    values: dict[str, object] = {
        "name": "Acme Tools",
        "currency": "USD",
        "timezone": "America/Chicago",
        "manager": "Elin Sandberg",
        "objective": "Win more business",
        "goals": [
            {
                "metric": "bookings_amount",
                "period": "2017-Q4",
                "target": "90000",
                "objective": "Grow",
            },
            {
                "metric": "bookings_amount",
                "period": "2017-12",
                "target": "20000",
                "objective": "Grow",
            },
            {
                "metric": "close_rate",
                "period": "2017-12",
                "target": "0.95",
                "objective": "Close what counts",
            },
            {
                "metric": "sales_cycle_length_median",
                "period": "2017-12",
                "target": "60",
                "kind": "cap",
            },
        ],
        "done": done,
        "plan": [{"title": "Call script", "who": "Jonas", "due": "2018-01-24"}],
        "milestones": [
            {"title": "Goals agreed", "done": "2017-03-31", "due": "2017-03-31", "status": "done"},
            {
                "title": "Programme running",
                "done": "2017-12-08",
                "due": "2017-11-30",
                "status": "done",
            },
            {"title": "Year review", "due": "2018-02-28"},
        ],
        "actions": [
            {
                "title": "Name one person per region",
                "who": "Dana",
                "side": "client",
                "due": "2018-01-12",
                "need": "a name",
            },
            {"title": "Send the list", "who": "Elin", "side": "us", "due": "2018-01-10"},
        ],
        "meeting": {"at": "2018-01-16T15:00:00-06:00", "agenda": ["Results of December"]},
        "reports": [
            {
                "template": "R13",
                "kpis": [
                    "bookings_amount",
                    "deals_won",
                    "close_rate",
                    "average_deal_size",
                    "sales_cycle_length_median",
                ],
            },
            {
                "template": "R01",
                "kpis": ["open_deals", "deals_created", "deals_won", "deals_lost", "close_rate"],
            },
            {
                "template": "R06",
                "kpis": ["close_rate", "win_rate_value", "deals_won", "deals_lost"],
            },
        ],
    }
    return ClientDefinition.model_validate(values | more)


@lru_cache(maxsize=8)
def template(name: str = "R13") -> Template:
    return load_templates()[name]


@lru_cache(maxsize=8)
def standard(name: str = "R13", language: str = "en") -> Edition:
    """The draft of the client as it is, made once."""
    return draft(name, language)


def draft(
    name: str = "R13",
    language: str = "en",
    asker: HandAsker | None = None,
    who: ClientDefinition | None = None,
    **more: object,
) -> Edition:
    """A draft of a report for December, unless told otherwise."""
    who = who or client()
    series = next(item for item in who.reports if item.template == name)
    told: dict[str, Any] = {"previous": None, "now": NOW, "amounts": amounts, **more}
    period = told.pop("period", DECEMBER)
    assert isinstance(period, Period)
    return compose(
        template(name),
        series,
        who,
        "acme",
        "Bright Lane",
        period,
        language,
        asker or HandAsker(),
        **told,
    )


def amounts(receipt: Receipt) -> list[float]:
    """What the rows behind a receipt add, as an app would read it from the lines."""
    first, last = date.fromisoformat(receipt.first_day), date.fromisoformat(receipt.last_day)
    rows = _closed(deals(), Period(first, last + timedelta(days=1)), True)
    if receipt.metric == "sales_cycle_length_median":
        return [float((deal.closed - deal.created).days) for deal in rows if deal.closed]
    return [float(deal.amount) for deal in rows]


def write_lines(receipt: Receipt, path: Path) -> None:
    """Something to seal for a receipt: its own content."""
    path.write_bytes(canonical_json(receipt.model_dump(mode="json")))


def finding(**more: object) -> Finding:
    values: dict[str, object] = {
        "code": "missing_field",
        "severity": Severity.warning,
        "client": "acme",
        "source": "crm",
        "table": "deals",
        "column": "amount",
        "rows": 2089,
        "message": "2,089 open deals have no amount",
        "todo": "Fill the amount in the CRM.",
    }
    return Finding.model_validate(values | more)
