"""Reading one side's ledger: its days, its records, or the log beside its daily totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

from kvitto.errors import WrongUse
from kvitto.metrics.bridge.ledger import Entry, Ledger, Standing, local_day
from kvitto.metrics.bridge.log import COPIES, LOGS, read_log, shifted, tidy_amount, told_by
from kvitto.metrics.bridge.sorting import PERSON
from kvitto.metrics.compiler import Measure
from kvitto.metrics.fact import Facts
from kvitto.metrics.frame import Frame, Reading, Span, within
from kvitto.metrics.line import label_of, record_id
from kvitto.metrics.plan import Read
from kvitto.metrics.side import only_source
from kvitto.model.metric import Aggregation, Metric, Part
from kvitto.model.period import Period
from kvitto.model.table import canonical_table
from kvitto.workspace.meaning_check import moment_column

FAR = timedelta(days=730)
"""The same where both sides read one table by different dates, such as created and closed."""


@dataclass(frozen=True, slots=True)
class Zones:
    """The client's time zone, and those that the sources' days are cut by, where stated."""

    client: str
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A ledger and the SELECTs that it was read by."""

    ledger: Ledger
    sql: tuple[str, ...]


def read_evidence(
    facts: Facts, metric: Metric, read: Read, period: Period, zones: Zones, margin: timedelta
) -> Evidence:
    """Everything that one side knows about the period.

    Raises :class:`WrongUse` for a metric that is not a count or sum by a date.
    """
    part = read.measure.part
    if part.at is None or part.aggregation not in (Aggregation.count, Aggregation.sum):
        raise WrongUse.of(
            f"a bridge of {metric.id}",
            "it is no count or sum of what happened on a day",
            "Bridge a metric that is counted or added up by a date.",
        )
    if holds_records(part):
        return _of_records(facts, metric, read, period, zones, margin)
    return _of_totals(facts, metric, read, period, zones)


def holds_records(part: Part) -> bool:
    """Whether the rows are single records, not totals of a day."""
    return len(canonical_table(part.table).key) == 1


def _of_records(
    facts: Facts, metric: Metric, read: Read, period: Period, zones: Zones, margin: timedelta
) -> Evidence:
    part = read.measure.part
    daily, days_sql = _daily(facts, read.measure, period)
    query = _records_query(facts, part, only_source(metric), period, margin)
    sql = query.sql("duckdb", pretty=True)
    entries = tuple(_entry(part, row) for row in facts.reader.query(sql))
    first, last = _reach(facts, metric, part)
    ledger = Ledger(
        name=metric.id.partition("@")[2] or metric.id,
        source=_sources_text(facts, metric, part.table),
        zone=zones.client,
        daily=daily,
        entries=entries,
        has_records=True,
        first=first,
        last=last,
    )
    return Evidence(ledger, (days_sql, sql))


def _records_query(
    facts: Facts, part: Part, only: str | None, period: Period, margin: timedelta
) -> exp.Select:
    table = canonical_table(part.table)
    frame = Frame(Reading.of(part), facts.client, everything=True)
    day = frame.use(frame.reading.date())
    # Only to ``margin`` beside the period; a first year has nothing before it to look at.
    span = Span(shifted(period.start, -margin), shifted(period.end, margin))
    frame.keep(within(day, span))
    if only is not None:
        frame.keep(exp.column("_source", table=part.table).eq(exp.Literal.string(only)))
    moment = moment_column(table, part.at or "")
    record = record_id(part.table)
    counts: exp.Expr = exp.true()
    if part.where is not None:
        counts = exp.func("COALESCE", frame.read(part.where), exp.false())
    measure: exp.Expr = exp.Literal.number(1)
    if part.measure is not None:
        measure = frame.read(part.measure)
    flags = [
        exp.column(name, table=part.table) if table.has(name) else exp.null()
        for name in ("_excluded", "merged_into_id", "is_test", "is_deleted", "source")
    ]
    email = frame.read(_EMAIL[part.table]) if part.table in _EMAIL else exp.null()
    selected = [
        record,
        exp.column("_source_id", table=part.table),
        email,
        day.copy(),
        exp.column(moment.name, table=part.table) if moment.type == "ts" else exp.null(),
        exp.cast(measure, "DECIMAL(38, 10)", dialect="duckdb"),
        counts,
        *flags,
        label_of(frame, record),
    ]
    named = [exp.alias_(column, f"c{index}") for index, column in enumerate(selected)]
    return frame.build(named, ())


_EMAIL: Mapping[str, str] = {
    "leads": "contact.email",
    "contacts": "email",
    "deals": "primary_contact.email",
}
"""Where the address of the person behind a record lies."""


def _entry(part: Part, row: Sequence[Any]) -> Entry:
    record, source_id, email, day, at, amount, counts, *flags, label = row
    standing, why = _standing(bool(counts), flags)
    keys = [f"id:{name}" for name in (source_id, record) if name]
    keys += [f"{PERSON}{email.strip().lower()}"] if email else []
    return Entry(
        record=record or "",
        table=part.table,
        day=day,
        amount=tidy_amount(amount),
        keys=tuple(dict.fromkeys(keys)),
        at=at if isinstance(at, datetime) else None,
        standing=standing,
        why=why,
        label=label or "",
    )


def _standing(counts: bool, flags: Sequence[Any]) -> tuple[Standing, str]:
    excluded, merged_into, is_test, is_deleted, source = flags
    if merged_into:
        return Standing.repeated, f"merged into {merged_into}"
    if excluded:
        is_copy = any(word in str(excluded).lower() for word in COPIES)
        return (Standing.repeated if is_copy else Standing.left_out), f"left out: {excluded}"
    if is_test:
        return Standing.left_out, "made for testing"
    if is_deleted:
        return Standing.left_out, "deleted in the source"
    if not counts:
        said = f"told as '{source}'" if source else "it is of another kind"
        return Standing.elsewhere, said
    return Standing.counts, ""


def _of_totals(facts: Facts, metric: Metric, read: Read, period: Period, zones: Zones) -> Evidence:
    part = read.measure.part
    daily, days_sql = _daily(facts, read.measure, period)
    names = _sources_text(facts, metric, part.table)
    zone = _one_zone(names.split(", "), zones)
    lacks = [] if zone else [f"the time zone of the days of {names} (timezone: in sources/)"]
    first, last = _reach(facts, metric, part)
    entries, sql, log_days = read_log(facts, part, period, zone or zones.client)
    if log_days is None:
        lacks.append(f"a list of the single conversions of {names}")
    by_click = _goes_by_click(entries, daily, period, zone or zones.client)
    if by_click:
        entries = tuple(_at_click(entry, zone or zones.client) for entry in entries)
    ledger = Ledger(
        name=metric.id.partition("@")[2] or metric.id,
        source=names,
        zone=zone,
        daily=daily,
        entries=entries,
        has_records=log_days is not None,
        is_log=True,
        first=first,
        last=last,
        log_days=log_days,
        by_click=by_click,
        lacks=tuple(lacks),
    )
    return Evidence(ledger, (days_sql, *((sql,) if sql else ())))


def _goes_by_click(
    entries: tuple[Entry, ...], daily: Mapping[date, Decimal], period: Period, zone: str
) -> bool:
    """Whether the totals of the days agree better with the days of the clicks."""
    if not any(entry.clicked for entry in entries):
        return False
    by_event = _distance(entries, daily, period)
    return _distance(tuple(_at_click(one, zone) for one in entries), daily, period) < by_event


def _distance(entries: Sequence[Entry], daily: Mapping[date, Decimal], period: Period) -> Decimal:
    summed: dict[date, Decimal] = {}
    for entry in entries:
        if entry.standing is Standing.counts and period.start <= entry.day < period.end:
            summed[entry.day] = summed.get(entry.day, Decimal(0)) + entry.amount
    days = {*summed, *daily}
    zero = Decimal(0)
    return sum((abs(daily.get(day, zero) - summed.get(day, zero)) for day in days), zero)


def _at_click(entry: Entry, zone: str) -> Entry:
    return entry if entry.clicked is None else replace(entry, day=local_day(entry.clicked, zone))


def _daily(facts: Facts, measure: Measure, period: Period) -> tuple[dict[date, Decimal], str]:
    part = measure.part
    frame = Frame(Reading.of(part), facts.client)
    if part.where is not None:
        frame.keep(frame.read(part.where))
    day = frame.use(frame.reading.date())
    frame.keep(within(day, Span(period.start, period.end)))
    total: exp.Expr = exp.Count(this=exp.Star())
    if part.measure is not None:
        total = exp.Sum(this=frame.read(part.measure))
    query = frame.build([exp.alias_(day.copy(), "day"), exp.alias_(total, "total")], ())
    sql = query.group_by(day.copy()).sql("duckdb", pretty=True)
    rows = facts.reader.query(sql)
    return {row[0]: tidy_amount(row[1]) for row in sorted(rows) if row[1] is not None}, sql


def _reach(facts: Facts, metric: Metric, part: Part) -> tuple[date | None, date | None]:
    """The first and the last day that the side covers."""
    only = only_source(metric)

    def read() -> date | None:
        frame = Frame(Reading.of(part), facts.client, everything=True)
        if only is not None:
            frame.keep(exp.column("_source", table=part.table).eq(exp.Literal.string(only)))
        query = frame.build([exp.Min(this=frame.use(frame.reading.date()))], ())
        day: date | None = facts.reader.query(query.sql("duckdb"))[0][0]
        return day

    first = facts.once(("side begins", part.table, part.at, only), read)
    states = [one for one in facts.sources(part.table) if only in (None, one.name)]
    days = [state.complete_to for state in states if state.complete_to is not None]
    return first, min(days) if days else None


def _sources_text(facts: Facts, metric: Metric, table: str) -> str:
    only = only_source(metric)
    names = sorted(one.name for one in facts.sources(table) if only in (None, one.name))
    part = metric.value
    if part is not None and table in LOGS:
        told = {name for name, _ in told_by(facts, part, LOGS[table].beside)}
        names = [name for name in names if name in told] or names
    return ", ".join(names)


def _one_zone(names: Sequence[str], zones: Zones) -> str | None:
    stated = {zones.sources.get(name, "") for name in names}
    found = stated.pop() if len(stated) == 1 else ""
    return found or None
