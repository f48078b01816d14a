"""The bridge between two sides of a metric: figures, records, steps, receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kvitto.errors import WrongUse
from kvitto.metrics.answer import Readable
from kvitto.metrics.ask import ask
from kvitto.metrics.bridge.evidence import (
    FAR,
    Evidence,
    Zones,
    read_evidence,
)
from kvitto.metrics.bridge.ledger import Ledger
from kvitto.metrics.bridge.log import MARGIN
from kvitto.metrics.bridge.sorting import explain
from kvitto.metrics.bridge.step import SAID, Bridge, Line, Step, StepKind, Told
from kvitto.metrics.catalogue import Catalogue
from kvitto.metrics.context import ClientContext
from kvitto.metrics.fact import Facts, facts_of
from kvitto.metrics.figure import unit_of
from kvitto.metrics.plan import Read, components, reads
from kvitto.metrics.side import MARK
from kvitto.model.metric import Metric
from kvitto.model.period import Period
from kvitto.model.question import Cell, Question
from kvitto.model.receipt import PartUsed, Receipt, digest_of, short_code
from kvitto.model.scope import Scope
from kvitto.model.value import Missing, Unit, Value

_NEEDS_LOG = (
    StepKind.attribution_date,
    StepKind.duplicates,
    StepKind.filters,
    StepKind.claimed,
    StepKind.late,
)
"""Steps that cannot be told from totals of days."""
NO_CONSENT = "whether a visitor consented to be measured: no source says"


@dataclass(frozen=True, slots=True)
class Pair:
    """What is bridged: a metric as two sides tell it, in a period of one client."""

    metric: str
    one: str
    other: str
    period: Period
    scope: Scope

    @property
    def names(self) -> tuple[str, str]:
        """The two metrics."""
        return f"{self.metric}{MARK}{self.one}", f"{self.metric}{MARK}{self.other}"


def bridge(
    reader: Readable, catalogue: Catalogue, pair: Pair, context: ClientContext, zones: Zones
) -> Bridge:
    """From the one side's figure to the other's; the steps add up exactly.

    Every record that only one side counts is put down to the first reason that
    holds; what nothing in the data explains is the last step. Raises
    :class:`UnknownName` for a metric or a side, :class:`WrongUse` for two equal
    sides and for what is no count or sum of dated rows.
    """
    _require(catalogue, pair, context)
    question = Question(pair.scope, context.client, pair.names, pair.period)
    measured = ask(reader, catalogue, question, context)
    cells = [measured.answer.one(name) for name in pair.names]
    facts = facts_of(reader, context.client)
    metrics = [catalogue.at(catalogue.get(name), pair.period) for name in pair.names]
    unit = unit_of(metrics[0], context.currency)
    missing = [cell for cell in cells if isinstance(cell.figure, Missing)]
    if missing:
        told = [
            _told(pair, side, metric, cell, measured.receipts[cell.receipt], None)
            for side, metric, cell in zip(_sides(pair), metrics, cells, strict=True)
        ]
        notes = tuple(filter(None, map(_why, missing)))
        return Bridge(context.client, pair.metric, pair.period, unit, told[0], told[1], (), notes)
    planned = [_read(metric, facts, pair, context) for metric in metrics]
    same = len({read.measure.part.table for read in planned}) == 1
    found = [
        read_evidence(facts, metric, read, pair.period, zones, FAR if same else MARGIN)
        for metric, read in zip(metrics, planned, strict=True)
    ]
    told = [
        _told(pair, side, metric, cell, measured.receipts[cell.receipt], one.ledger)
        for side, metric, cell, one in zip(_sides(pair), metrics, cells, found, strict=True)
    ]
    ledgers = [one.ledger for one in found]
    lines = explain(ledgers[0], ledgers[1], pair.period)
    steps = _steps(pair, lines, found, told, unit)
    return Bridge(
        context.client,
        pair.metric,
        pair.period,
        unit,
        told[0],
        told[1],
        steps,
        tuple(_notes(ledgers)),
    )


def _sides(pair: Pair) -> tuple[str, str]:
    return pair.one, pair.other


def _why(cell: Cell) -> str:
    figure = cell.figure
    return f"{cell.metric}: {figure.why}" if isinstance(figure, Missing) and figure.why else ""


def _require(catalogue: Catalogue, pair: Pair, context: ClientContext) -> None:
    if pair.one == pair.other:
        raise WrongUse.of(
            f"a bridge of {pair.metric}", "both sides are the same", "Name two sides."
        )
    if pair.metric not in catalogue:
        catalogue.get(pair.metric)
    for name in pair.names:
        metric = catalogue.at(catalogue.get(name), pair.period)
        if metric.formula is not None:
            raise WrongUse.of(
                f"a bridge of {pair.metric} in {pair.period.label}",
                "its definition changes within the period",
                "Bridge the days before and after the change each for themselves.",
            )


def _read(metric: Metric, facts: Facts, pair: Pair, context: ClientContext) -> Read:
    (component,) = components(metric, _NoTerms)
    unit = unit_of(metric, context.currency)
    planned = reads(component, pair.period, facts, context.today, unit, context.priorities)
    if isinstance(planned, Missing) or len(planned) != 1:
        raise WrongUse.of(
            f"a bridge of {metric.id}",
            "it is a ratio, or has no rows of its own",
            "Bridge what stands above or below the line.",
        )
    return planned[0]


_NoTerms = Catalogue(())
"""A metric with parts needs no others."""


def _told(
    pair: Pair, side: str, metric: Metric, cell: Cell, receipt: Receipt, ledger: Ledger | None
) -> Told:
    source = ledger.source if ledger is not None else ""
    zone = ledger.zone if ledger is not None else None
    return Told(side, metric.id, metric.name("en"), source, zone, cell.figure, receipt)


def _steps(
    pair: Pair,
    lines: Sequence[Line],
    found: Sequence[Evidence],
    told: Sequence[Told],
    unit: Unit,
) -> tuple[Step, ...]:
    by: dict[StepKind, list[Line]] = {kind: [] for kind in StepKind}
    for line in lines:
        by[line.kind].append(line)
    one, other = (_number(side) for side in told)
    computed = sum((line.amount for line in lines), Decimal(0))
    # Days and figure are read by the same conditions; what a reader could not tell stays open.
    rest = (other - one) - computed
    if rest:
        by[StepKind.unexplained].append(_open(rest, pair))
    lacks = _lacks([each.ledger for each in found])
    return tuple(
        Step(
            kind,
            sum((line.amount for line in by[kind]), Decimal(0)),
            tuple(sorted(by[kind], key=lambda line: (line.on, line.side, line.record))),
            _receipt(pair, kind, by[kind], found, told, unit),
            lacks.get(kind, ()) if not by[kind] or kind is not StepKind.consent else (),
        )
        for kind in StepKind
    )


def _number(told: Told) -> Decimal:
    assert isinstance(told.figure, Value)
    return Decimal(str(told.figure.number))


def _open(rest: Decimal, pair: Pair) -> Line:
    why = "the figures differ by more than their days"
    return Line(StepKind.unexplained, rest, pair.other, "", "", pair.period.last, "", why)


def _lacks(ledgers: Sequence[Ledger]) -> Mapping[StepKind, tuple[str, ...]]:
    """Per step the data that is not at hand."""
    without = [ledger for ledger in ledgers if not ledger.has_records]
    lists = tuple(
        dict.fromkeys(lack for ledger in without for lack in ledger.lacks if "list" in lack)
    )
    unknown = [ledger for ledger in ledgers if ledger.zone is None]
    zones = tuple(dict.fromkeys(lack for ledger in unknown for lack in ledger.lacks[:1]))
    found: dict[StepKind, tuple[str, ...]] = {kind: lists for kind in _NEEDS_LOG if lists}
    if zones or lists:
        found[StepKind.time_zone] = (*zones, *lists)
    found[StepKind.consent] = (NO_CONSENT,)
    return found


def _notes(ledgers: Sequence[Ledger]) -> list[str]:
    found = []
    for ledger in ledgers:
        if ledger.by_click:
            found.append(f"{ledger.name} puts a conversion on the day of its click.")
        if ledger.zone is not None:
            found.append(f"The days of {ledger.name} ({ledger.source}) are those of {ledger.zone}.")
    return found


def _receipt(
    pair: Pair,
    kind: StepKind,
    lines: Sequence[Line],
    found: Sequence[Evidence],
    told: Sequence[Told],
    unit: Unit,
) -> Receipt:
    amount = sum((line.amount for line in lines), Decimal(0))
    period = pair.period
    question: dict[str, object] = {
        "client": told[0].receipt.client,
        "metric": pair.metric,
        "bridge": {"from": pair.one, "to": pair.other, "step": kind.value},
        "period": {
            "label": period.label,
            "first_day": period.start.isoformat(),
            "last_day": period.last.isoformat(),
            "grain": period.grain.value,
        },
    }
    parents = [side.receipt.code for side in told]
    digest = digest_of(
        {
            "question": question,
            "figures": [side.receipt.digest for side in told],
            "lines": [[line.table, line.record, line.on, line.amount] for line in lines],
        }
    )
    sources = {used.name: used for side in told for used in side.receipt.sources}
    text = f"{amount:f}"
    return Receipt(
        code=short_code(digest),
        metric=pair.metric,
        name=f"{told[0].name} to {told[1].name}: {SAID[kind]}",
        definition=f"What leads from {parents[0]} to {parents[1]}: {SAID[kind]}.",
        definition_version=told[0].receipt.definition_version,
        client=told[0].receipt.client,
        question=question,
        period=period.label,
        first_day=period.start.isoformat(),
        last_day=period.last.isoformat(),
        value=text,
        unit=unit.kind.value,
        currency=unit.currency,
        noun=unit.noun,
        n=len(lines),
        status=max(side.receipt.status for side in told),
        parts=(PartUsed(part=kind.value, aggregation="sum", total=text, lines=len(lines)),),
        sql=";\n\n".join(sql for each in found for sql in each.sql),
        warehouse=told[0].receipt.warehouse,
        sources=tuple(sources[name] for name in sorted(sources)),
        digest=digest,
    )
