"""The single events beside a table of daily totals: an ad platform's list of conversions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

from kvitto.metrics.bridge.ledger import Entry, Standing, local_day
from kvitto.metrics.fact import Facts
from kvitto.metrics.fence import fenced, from_table
from kvitto.metrics.frame import Frame, Reading, Span, within
from kvitto.metrics.line import record_id
from kvitto.model.metric import Part
from kvitto.model.period import Period

MARGIN = timedelta(days=95)
"""How far beside the period a record is looked for; platforms look back up to 90 days."""
COPIES = ("merged", "duplicate", "copy", "double", "same as")
"""Words by which ``_excluded`` tells a copy from a record that is left out."""


@dataclass(frozen=True, slots=True)
class Log:
    """The table of single events beside a table of daily totals.

    ``beside`` are the columns that both share; ``key`` is the id that the
    other side gave the event; ``status`` says whether the platform counts it.
    """

    table: str
    beside: str
    at: str
    clicked: str | None
    key: str
    quantity: str | None
    status: str | None
    reason: str | None


LOGS: Mapping[str, Log] = {
    "ad_spend": Log(
        "ad_conversions",
        "platform",
        "occurred_at",
        "clicked_at",
        "order_id",
        "quantity",
        "status",
        "reason",
    ),
    "web_key_events": Log(
        "web_events", "name", "occurred_at", None, "dedupe_key", None, None, None
    ),
}
"""Where the single events of daily totals lie."""


def read_log(
    facts: Facts, part: Part, period: Period, zone: str
) -> tuple[tuple[Entry, ...], str, tuple[date, date] | None]:
    """The single events of the sources that the totals are of, if their days meet the period."""
    log = LOGS.get(part.table)
    if log is None or not facts.has_rows(log.table):
        return (), "", None
    told = told_by(facts, part, log.beside)
    if not told:
        return (), "", None
    sql = _log_query(facts, log, told, period).sql("duckdb", pretty=True)
    entries = tuple(_log_entry(log, row, zone) for row in facts.reader.query(sql))
    days = sorted(entry.day for entry in entries)
    if not days or days[0] >= period.end or days[-1] < period.start:
        return (), sql, None
    return entries, sql, (days[0], days[-1])


def told_by(facts: Facts, part: Part, beside: str) -> tuple[tuple[str, str], ...]:
    """The sources of the totals, each with its platform (or whatever both tables share)."""

    def read() -> tuple[tuple[str, str], ...]:
        frame = Frame(Reading.of(part), facts.client)
        if part.where is not None:
            frame.keep(frame.read(part.where))
        columns = [exp.column(name, table=part.table) for name in ("_source", beside)]
        query = frame.build(columns, ()).distinct()
        rows = facts.reader.query(query.sql("duckdb"))
        return tuple(sorted((str(row[0]), str(row[1])) for row in rows if row[1] is not None))

    return facts.once(("told by", part, beside), read)


def _log_query(
    facts: Facts, log: Log, told: tuple[tuple[str, str], ...], period: Period
) -> exp.Select:
    day = exp.column(f"{log.at[:-3]}_on", table=log.table)
    source, beside = (exp.column(name, table=log.table) for name in ("_source", log.beside))
    tests = [
        exp.and_(
            source.copy().eq(exp.Literal.string(one)), beside.copy().eq(exp.Literal.string(other))
        )
        for one, other in told
    ]
    span = Span(shifted(period.start, -MARGIN), shifted(period.end, MARGIN))
    wanted = (None, log.key, log.at, log.clicked, log.quantity, log.status, log.reason, "name")
    columns: list[exp.Expr] = [record_id(log.table)]
    columns += [exp.column(name, table=log.table) if name else exp.null() for name in wanted[1:]]
    columns.append(exp.column("_excluded", table=log.table))
    named = [exp.alias_(column, f"c{index}") for index, column in enumerate(columns)]
    query = from_table(log.table).select(*named).where(exp.or_(*tests), within(day, span))
    return fenced(query, facts.client)


def _log_entry(log: Log, row: Sequence[Any], zone: str) -> Entry:
    record, key, at, clicked, quantity, status, reason, name, excluded = row
    standing, why = Standing.counts, ""
    if excluded:
        is_copy = any(word in str(excluded).lower() for word in COPIES)
        standing = Standing.repeated if is_copy else Standing.left_out
        why = f"left out: {excluded}"
    elif status is not None and status != "counted":
        standing, why = Standing.rejected, f"{status}: {reason}" if reason else str(status)
    return Entry(
        record=record or "",
        table=log.table,
        day=local_day(at, zone),
        amount=tidy_amount(quantity) if quantity is not None else Decimal(1),
        keys=(f"id:{key}",) if key else (),
        at=at,
        clicked=clicked,
        standing=standing,
        why=why,
        label=name or "",
    )


def shifted(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return date.min if by < timedelta(0) else date.max


def tidy_amount(number: Any) -> Decimal:
    exact = number if isinstance(number, Decimal) else Decimal(str(number or 0))
    return Decimal(int(exact)) if exact == exact.to_integral_value() else exact
