"""From parts of metrics to one readable SELECT.

All parts that read the same table by the same date go into one SELECT: the
asked period and the one it is compared with together, each as an aggregate
with a FILTER; questions by month, or over many periods, by a calendar of days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlglot import exp

from kvitto.metrics.dimension import Place
from kvitto.metrics.expression import alias_of, read
from kvitto.metrics.frame import AS_OF, CALENDAR, Frame, Reading, Span, calendar, members, within
from kvitto.metrics.template import fill, hull, is_gapless, stand_ins
from kvitto.model.metric import Aggregation, Part

FEW_SPANS = 4
"""Up to this many spans stand beside each other as FILTERs; more are rows of a calendar."""

_NAMES: dict[int, tuple[str, ...]] = {
    1: ("",),
    2: ("", "_earlier"),
    3: ("", "_to_date", "_earlier"),
}
"""What the columns of several spans are called, in the order in which they are asked."""

_QUANTILES = (Aggregation.median, Aggregation.percentile)


@dataclass(frozen=True)
class Measure:
    """One part to be measured. ``durations`` leaves negative measures out and counts them."""

    name: str
    part: Part
    durations: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A condition on a dimension: one of ``keys``, where ``None`` has no value."""

    place: Place
    keys: tuple[str | None, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """What a measure came to.

    ``rows`` met the conditions, ``known`` of them had a measure, ``fit`` a
    usable one; ``total`` is the aggregate over the fit ones.
    """

    total: Any
    rows: int
    known: int
    fit: int

    @property
    def unknown(self) -> int:
        """Rows whose measure is empty."""
        return self.rows - self.known

    @property
    def negative(self) -> int:
        """Rows whose duration is negative."""
        return self.known - self.fit


EMPTY = Raw(None, 0, 0, 0)

Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Compiled:
    """One SELECT and how its columns are read. ``columns[measure][span]`` are four positions."""

    text: str
    keys: int
    by_slot: bool
    spans: int
    columns: tuple[tuple[tuple[int, int, int, int], ...], ...]

    def sql(self, spans: Sequence[Span]) -> str:
        """The SELECT over these spans."""
        return fill(self.text, (*spans, hull(spans)))

    def collect(self, rows: Sequence[tuple[Any, ...]]) -> tuple[tuple[dict[Key, Raw], ...], ...]:
        """The results: per measure, per span, by the keys of the dimensions."""
        found: tuple[tuple[dict[Key, Raw], ...], ...] = tuple(
            tuple({} for _ in range(self.spans)) for _ in self.columns
        )
        for row in rows:
            key = tuple(row[: self.keys])
            for measure, places in enumerate(self.columns):
                if self.by_slot:
                    found[measure][row[self.keys]][key] = _raw(row, places[0])
                else:
                    for span, place in enumerate(places):
                        found[measure][span][key] = _raw(row, place)
        return found


def compile_group(
    client: str,
    reading: Reading,
    measures: Sequence[Measure],
    spans: Sequence[Span],
    by: Sequence[tuple[str, Place]] = (),
    where: Sequence[Member] = (),
) -> Compiled:
    """One SELECT for measures that share a reading, over all spans, split by dimensions."""
    return _compiled(
        client, reading, tuple(measures), len(spans), is_gapless(spans), tuple(by), tuple(where)
    )


@lru_cache(maxsize=512)
def _compiled(
    client: str,
    reading: Reading,
    measures: tuple[Measure, ...],
    count: int,
    gapless: bool,
    by: tuple[tuple[str, Place], ...],
    where: tuple[Member, ...],
) -> Compiled:
    frame = Frame(reading, client)
    *spans, whole = stand_ins(count + 1)
    keys = [exp.alias_(frame.at(place), name) for name, place in by]
    keep_members(frame, where)
    by_slot = count > 1 and (reading.is_state or count > FEW_SPANS)
    picked = _Columns(frame, len(keys) + (1 if by_slot else 0))
    filtered = () if by_slot or reading.is_state or count == 1 else spans
    columns = tuple(picked.measure(measure, filtered) for measure in measures)
    selected: list[exp.Expr] = list(keys)
    if by_slot:
        selected.append(exp.column("slot", table=AS_OF if reading.is_state else CALENDAR))
    if not reading.is_state:
        day = frame.use(reading.date())
        frame.keep(within(day, whole))
        if filtered and not gapless:
            frame.keep(exp.or_(*[within(day, span) for span in spans]))
    query = frame.build([*selected, *picked.selected], spans)
    if by_slot and not reading.is_state:
        query = query.join(calendar(spans), on=exp.column("day", table=CALENDAR).eq(day))
    if selected:
        query = query.group_by(*[_bare(column) for column in selected])
    return Compiled(query.sql("duckdb", pretty=True), len(keys), by_slot, count, columns)


def figure_sql(
    client: str,
    reading: Reading,
    measures: Sequence[Measure],
    span: Span,
    by: Sequence[Place],
    where: Sequence[Member] = (),
) -> str:
    """The SELECT of single figures of one span; it ends in a WHERE that a member is added to.

    The places in ``by`` are joined, so that :func:`member_sql` may be appended.
    """
    return fill(_figure_sql(client, reading, tuple(measures), tuple(by), tuple(where)), (span,))


@lru_cache(maxsize=1024)
def _figure_sql(
    client: str,
    reading: Reading,
    measures: tuple[Measure, ...],
    by: tuple[Place, ...],
    where: tuple[Member, ...],
) -> str:
    frame = Frame(reading, client)
    (span,) = stand_ins(1)
    for place in by:
        frame.at(place)
    keep_members(frame, where)
    shared = {measure.part.where for measure in measures}
    only = shared.pop() if len(shared) == 1 else None
    if only is not None:
        frame.keep(frame.read(only))
        measures = tuple(_without_where(measure) for measure in measures)
    if not reading.is_state:
        frame.keep(within(frame.use(reading.date()), span))
    picked = _Columns(frame, 0)
    for measure in measures:
        picked.measure(measure, ())
    return frame.build(picked.selected, (span,)).sql("duckdb", pretty=True)


@lru_cache(maxsize=4096)
def member_sql(reading: Reading, place: Place, key: str | None) -> str:
    """The condition that a figure belongs to one member of a dimension."""
    column = exp.column(place.column, table=alias_of(reading.table, place.path))
    return f"\n  AND {members(column, (key,)).sql('duckdb')}"


def keep_members(frame: Frame, where: Sequence[Member]) -> None:
    """Put the conditions on dimensions into the frame."""
    for member in where:
        frame.keep(members(frame.at(member.place), member.keys, member.negated))


def _without_where(measure: Measure) -> Measure:
    part = measure.part.model_copy(update={"where": None})
    return Measure(measure.name, part, measure.durations)


class _Columns:
    """The aggregates of a SELECT; equal ones stand there once."""

    def __init__(self, frame: Frame, offset: int) -> None:
        self.frame = frame
        self.selected: list[exp.Expr] = []
        self._offset = offset
        self._taken: dict[tuple[Any, ...], int] = {}

    def measure(
        self, measure: Measure, spans: Sequence[Span]
    ) -> tuple[tuple[int, int, int, int], ...]:
        if not spans:
            return (self._four(measure, None, ""),)
        names = _NAMES.get(len(spans), tuple(f"_{index}" for index in range(len(spans))))
        return tuple(
            self._four(measure, span, name) for span, name in zip(spans, names, strict=True)
        )

    def _four(self, measure: Measure, span: Span | None, suffix: str) -> tuple[int, int, int, int]:
        part = measure.part
        rows = self._add("rows", measure, span, f"{measure.name}_rows{suffix}")
        if part.measure is None:
            return rows, rows, rows, rows
        known = self._add("known", measure, span, f"{measure.name}_known{suffix}")
        fit = known
        if measure.durations:
            fit = self._add("fit", measure, span, f"{measure.name}_fit{suffix}")
        total = self._add("total", measure, span, f"{measure.name}{suffix}")
        return total, rows, known, fit

    def _add(self, kind: str, measure: Measure, span: Span | None, name: str) -> int:
        part = measure.part
        key: tuple[Any, ...] = (kind, part.where, span)
        if kind != "rows":
            key += (part.measure,)
        if kind == "total":
            aggregation = part.aggregation
            if aggregation is Aggregation.average:
                aggregation = Aggregation.sum
            key += (aggregation, part.percentile, measure.durations)
        if key not in self._taken:
            self._taken[key] = self._offset + len(self.selected)
            if kind == "rows" and part.measure is None:
                name = name.replace("_rows", "", 1)
            self.selected.append(exp.alias_(self._aggregate(kind, measure, span), name))
        return self._taken[key]

    def _aggregate(self, kind: str, measure: Measure, span: Span | None) -> exp.Expr:
        part, frame = measure.part, self.frame
        tests: list[exp.Expr] = []
        if span is not None:
            tests.append(within(frame.use(frame.reading.date()), span))
        if part.where is not None:
            tests.append(frame.read(part.where))
        value = frame.read(part.measure) if part.measure is not None else None
        if kind in ("fit", "total") and measure.durations and value is not None:
            tests.append(value.copy() >= exp.Literal.number(0))
        found = _call(kind, part, value)
        if not tests:
            return found
        return exp.Filter(this=found, expression=exp.Where(this=exp.and_(*tests)))


def _call(kind: str, part: Part, value: exp.Expr | None) -> exp.Expr:
    if kind == "rows" or value is None:
        return exp.Count(this=exp.Star())
    if kind in ("known", "fit"):
        return exp.Count(this=value)
    if part.aggregation is Aggregation.distinct:
        return exp.Count(this=exp.Distinct(expressions=[value]))
    if part.aggregation in _QUANTILES:
        share = 0.5 if part.aggregation is Aggregation.median else part.percentile
        number = exp.Literal.number(str(share))
        return exp.PercentileCont(this=exp.cast(value, "DOUBLE"), expression=number)
    return exp.Sum(this=value)


def _raw(row: tuple[Any, ...], place: tuple[int, int, int, int]) -> Raw:
    total, rows, known, fit = place
    return Raw(row[total], row[rows] or 0, row[known] or 0, row[fit] or 0)


def _bare(column: exp.Expr) -> exp.Expr:
    return column.this.copy() if isinstance(column, exp.Alias) else column.copy()


@lru_cache(maxsize=1024)
def needed_tables(part: Part) -> frozenset[str]:
    """The tables without which the part has no answer."""
    needs: set[str] = {part.table}
    for text in (part.measure, part.where, part.at):
        if text is not None:
            needs |= read(text, part.table).needs
    return frozenset(needs)
