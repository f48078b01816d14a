"""Line items: the records that add up to a figure.

Made when somebody asks for them, or when an edition is sealed, against the
version that the receipt names. They lie in a Parquet file with the columns of
:data:`kvitto.model.receipt.LINE_COLUMNS`, and can be added up without anything
else of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import isclose
from pathlib import Path
from typing import Any

from sqlglot import exp

from kvitto.metrics.again import question_of
from kvitto.metrics.answer import Readable
from kvitto.metrics.catalogue import Catalogue
from kvitto.metrics.compiler import Measure, Member, keep_members
from kvitto.metrics.context import ClientContext
from kvitto.metrics.fact import facts_of
from kvitto.metrics.figure import exact_text, unit_of
from kvitto.metrics.formula import compute, read_formula
from kvitto.metrics.frame import Frame, Reading, Span, within
from kvitto.metrics.place import Places, split_of
from kvitto.metrics.plan import Read, components, reads
from kvitto.model.metric import Aggregation
from kvitto.model.receipt import LINE_COLUMNS, PartUsed, Receipt
from kvitto.model.table import canonical_table
from kvitto.model.value import Missing, Number, quotient

AMOUNT = "DECIMAL(38, 10)"
"""Type of a line's amount: exact for money, counts, days and hours."""

_LABELS: Mapping[str, tuple[str, ...]] = {
    "deals": ("account.name", "product"),
    "deal_snapshots": ("deal.account.name", "deal.product"),
    "deal_stage_history": ("deal.account.name", "deal.product", "stage.name"),
    "activities": ("type", "account.name"),
    "leads": ("contact.full_name", "source"),
    "contacts": ("full_name",),
    "proposals": ("deal.account.name", "deal.product"),
    "time_logs": ("user.name", "activity_kind"),
    "calls": ("account.name", "owner.name"),
}


@dataclass(frozen=True, slots=True)
class LineItem:
    """One record and what it adds; see :data:`kvitto.model.receipt.LINE_COLUMNS`."""

    part: str
    table: str
    record_id: str
    label: str
    on: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineCheck:
    """Whether lines add up. ``total`` is what they come to, ``expected`` what the receipt says.

    ``faults`` names each part that does not agree.
    """

    agrees: bool
    total: str | None
    expected: str | None
    faults: tuple[str, ...] = ()


def line_items(
    reader: Readable, catalogue: Catalogue, receipt: Receipt, context: ClientContext
) -> tuple[LineItem, ...]:
    """The records behind a receipt, in order of part and date."""
    rows = reader.query(lines_sql(reader, catalogue, receipt, context))
    return tuple(LineItem(*row) for row in rows)


def write_lines(
    reader: Readable, catalogue: Catalogue, receipt: Receipt, context: ClientContext, target: Path
) -> Path:
    """Write the records behind a receipt to a Parquet file; one that is there is replaced."""
    target.unlink(missing_ok=True)
    return reader.copy_parquet(lines_sql(reader, catalogue, receipt, context), target)


def lines_sql(
    reader: Readable, catalogue: Catalogue, receipt: Receipt, context: ClientContext
) -> str:
    """The SELECT that gives the line items of a receipt."""
    question = question_of(receipt, context)
    metric = catalogue.at(catalogue.get(receipt.metric), question.period)
    facts = facts_of(reader, question.client)
    places = Places(facts, split_of(question, (metric,)), question.where)
    found: list[exp.Select] = []
    for part in components(metric, catalogue):
        unit = unit_of(part.metric, context.currency)
        plan = reads(part, question.period, facts, context.today, unit, context.priorities)
        if not isinstance(plan, Missing):
            found += [
                _lines(context.client, read, places.where(read.measure.part.table)) for read in plan
            ]
    if not found:
        return _no_lines().sql("duckdb", pretty=True)
    whole: exp.Query = found[0]
    for more in found[1:]:
        whole = exp.union(whole, more, distinct=False)
    return (
        exp.select(*[exp.column(name, quoted=True) for name in LINE_COLUMNS])
        .from_(whole.subquery("lines"))
        .order_by('"part"', '"on"', '"record_id"')
        .sql("duckdb", pretty=True)
    )


def check_lines(path: Path, receipt: Receipt) -> LineCheck:
    """Add the lines up again, from the file alone, and compare with the receipt."""
    import duckdb

    with duckdb.connect() as connection:
        connection.read_parquet(str(path)).create_view("lines")
        added = {part.part: _added_up(connection, part) for part in receipt.parts}
    found = {name: total for name, (_, total) in added.items()}
    faults = tuple(
        f"{part.part}: {added[part.part][0]} lines come to {found[part.part]},"
        f" instead of {part.lines} to {part.total}"
        for part in receipt.parts
        if added[part.part][0] != part.lines or not _same(found[part.part], part.total)
    )
    total = _combined(receipt, found) if receipt.value is not None else None
    agrees = not faults and _same(total, receipt.value)
    return LineCheck(agrees, total, receipt.value, faults)


def _lines(client: str, read: Read, where: tuple[Member, ...]) -> exp.Select:
    measure, part = read.measure, read.measure.part
    frame = Frame(Reading.of(part), client)
    keep_members(frame, where)
    if part.where is not None:
        frame.keep(frame.read(part.where))
    if not frame.reading.is_state:
        frame.keep(within(frame.use(frame.reading.date()), Span(read.span.first, read.span.after)))
    value = frame.read(part.measure) if part.measure is not None else None
    if value is not None:
        frame.keep(exp.not_(value.copy().is_(exp.null())))
        if measure.durations:
            frame.keep(value.copy() >= exp.Literal.number(0))
    record = record_id(part.table)
    selected = (
        exp.Literal.string(read.label),
        exp.Literal.string(part.table),
        record,
        label_of(frame, record),
        frame.use(frame.reading.date()),
        _amount(measure, value, record),
    )
    named = [
        exp.alias_(column, name, quoted=True)
        for column, name in zip(selected, LINE_COLUMNS, strict=True)
    ]
    return frame.build(named, (read.span,))


def _amount(measure: Measure, value: exp.Expr | None, record: exp.Expr) -> exp.Expr:
    one: exp.Expr = exp.Literal.number(1)
    if value is not None and measure.part.aggregation is Aggregation.distinct:
        first = exp.Window(
            this=exp.RowNumber(),
            partition_by=[value],
            order=exp.Order(expressions=[exp.Ordered(this=record.copy())]),
        )
        one = exp.Case().when(first.eq(1), exp.Literal.number(1)).else_(exp.Literal.number(0))
    elif value is not None:
        one = value
    return exp.cast(one, AMOUNT, dialect="duckdb")


def record_id(table: str) -> exp.Expr:
    """The id of a row: its key, the parts of a longer key joined by ``|``."""
    keys = [exp.column(name, table=table) for name in canonical_table(table).key]
    if len(keys) == 1:
        return keys[0]
    return exp.func("CONCAT_WS", exp.Literal.string("|"), *keys, dialect="duckdb")


def label_of(frame: Frame, record: exp.Expr) -> exp.Expr:
    """What a person calls the row; its id where it has no name."""
    table = frame.reading.table
    definition = canonical_table(table)
    paths = (
        _LABELS.get(table) or tuple(name for name in ("title", "name") if definition.has(name))[:1]
    )
    columns = [frame.read(path) for path in paths]
    if not columns:
        return record.copy()
    text = exp.func("CONCAT_WS", exp.Literal.string(", "), *columns, dialect="duckdb")
    return exp.func("COALESCE", exp.func("NULLIF", text, exp.Literal.string("")), record.copy())


def _no_lines() -> exp.Select:
    types = ("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "DATE", AMOUNT)
    nothing = [
        exp.alias_(exp.cast(exp.null(), kind, dialect="duckdb"), name, quoted=True)
        for name, kind in zip(LINE_COLUMNS, types, strict=True)
    ]
    return exp.select(*nothing).where(exp.false())


def _added_up(connection: Any, part: PartUsed) -> tuple[int, str | None]:
    """How many lines a part has and what they come to; ``None`` where nothing is no zero."""
    share = 0.5 if part.aggregation == Aggregation.median.value else part.percentile
    amount = exp.column("amount")
    middle_one = exp.PercentileCont(
        this=exp.cast(amount, "DOUBLE"), expression=exp.Literal.number(str(share or 0.5))
    )
    query = (
        exp.select(exp.Count(this=exp.Star()), exp.Sum(this=amount.copy()), middle_one)
        .from_("lines")
        .where(exp.column("part", quoted=True).eq(exp.Literal.string(part.part)))
    )
    row = connection.execute(query.sql("duckdb")).fetchone()
    count, total, middle = row
    if share is not None:
        return count, None if middle is None else exact_text(middle)
    if part.aggregation == Aggregation.average.value:
        return count, exact_text(quotient(total, count)) if count else None
    if total is None:
        return count, "0" if part.total is not None else None
    return count, exact_text(Decimal(total))


def _combined(receipt: Receipt, found: Mapping[str, str | None]) -> str | None:
    """The figure out of the totals of its parts."""
    if receipt.formula is None:
        return _leaf("", found)
    numbers: dict[str, Number] = {}
    for term in read_formula(receipt.formula).terms:
        text = receipt.constants.get(term.label) if term.goal else _leaf(f"{term.label}.", found)
        if text is None:
            return None
        numbers[term.label] = Decimal(text)
    whole = compute(receipt.formula, numbers)
    return None if whole is None else exact_text(whole)


def _leaf(prefix: str, found: Mapping[str, str | None]) -> str | None:
    if f"{prefix}value" in found:
        return found[f"{prefix}value"]
    above, below = found.get(f"{prefix}numerator"), found.get(f"{prefix}denominator")
    if above is None or below is None or Decimal(below) == 0:
        return None
    return exact_text(quotient(Decimal(above), Decimal(below)))


def _same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one == other
    try:
        exact, stated = Decimal(one), Decimal(other)
    except ArithmeticError:
        return False
    return exact == stated or isclose(float(exact), float(stated), rel_tol=1e-12)
