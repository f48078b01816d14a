"""The FROM, JOIN and WHERE that every question about a table shares.

Joins lead from many rows to one: each joined table is first brought to one
row per key, so that no join can multiply the rows that are counted, whatever
the data holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlglot
from sqlglot import exp

from kvitto.metrics.dimension import Place
from kvitto.metrics.expression import Expression, add_path, alias_of, read
from kvitto.metrics.fence import fenced, from_table
from kvitto.metrics.population import valid_rows
from kvitto.metrics.relation import Link, Path, follow
from kvitto.model.metric import Part
from kvitto.model.table import TENANT, canonical_table

AS_OF = "as_of"
CALENDAR = "calendar"

_CHILDREN: dict[str, str] = {"deal_snapshots": "deal", "deal_stage_history": "deal"}
"""Tables whose rows count only where the record they tell about counts.

A deal that was deleted since stays in the past that it was part of; one that
is a duplicate, a test or left out by the audit never was.
"""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of days ``[first, after)``, and the day whose state is read where one is."""

    first: date
    after: date
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Which rows of which table: by a date in the span, or by the state on a day."""

    table: str
    at: str | None = None
    snapshot: str | None = None
    since: str | None = None
    until: str | None = None

    @classmethod
    def of(cls, part: Part) -> Reading:
        return cls(part.table, part.at, part.snapshot, part.since, part.until)

    @property
    def is_state(self) -> bool:
        """Whether it reads a state instead of what happened."""
        return self.at is None

    def date(self) -> Expression:
        """The date that attributes a row; of a state, the day it began or was recorded."""
        return read(self.at or self.snapshot or self.since or "", self.table)


@dataclass(slots=True)
class Frame:
    """Collects what a SELECT over one reading needs, then builds it.

    ``everything`` also takes the rows that do not count.
    """

    reading: Reading
    client: str
    everything: bool = False
    paths: set[Path] = field(default_factory=set)
    conditions: list[exp.Expr] = field(default_factory=list)
    dimensions: list[exp.Expr] = field(default_factory=list)

    def use(self, expression: Expression) -> exp.Expr:
        """A copy of the expression, with its joins provided for."""
        self.paths.update(expression.paths)
        return expression.copy()

    def read(self, text: str) -> exp.Expr:
        """An expression of a metric over this table."""
        return self.use(read(text, self.reading.table))

    def at(self, place: Place) -> exp.Expr:
        """The column of a dimension, with its joins provided for."""
        add_path(self.paths, place.path)
        column = exp.column(place.column, table=alias_of(self.reading.table, place.path))
        self.dimensions.append(column)
        return column.copy()

    def keep(self, condition: exp.Expr) -> None:
        """Only rows that meet the condition."""
        self.conditions.append(condition)

    def build(
        self,
        selected: Sequence[exp.Expr],
        spans: Sequence[Span],
        more: Sequence[tuple[exp.Expr, exp.Expr]] = (),
    ) -> exp.Select:
        """The SELECT over these spans, fenced to the client.

        ``more`` are further tables to join, each with its condition.
        """
        table = self.reading.table
        population = [] if self.everything else _population(table)
        date_of = self.use(self.reading.date())
        query = from_table(table).select(*selected)
        if self.reading.is_state and spans:
            query = query.join(_as_of_days(spans), on=_state_on(self.reading, date_of, self))
        trees = (*selected, *self.conditions, *self.dimensions, *population, date_of)
        for path in sorted(self.paths, key=lambda path: (len(path), path)):
            query = self._joined(query, path, trees)
        for joined, condition in more:
            query = query.join(joined, on=condition)
        query = query.where(*population, *self.conditions)
        return fenced(query, self.client)

    def keys_of(self, path: Path) -> list[tuple[exp.Expr, str]]:
        """The last step of a path: what of our rows equals which column there."""
        parent, owner = alias_of(self.reading.table, path[:-1]), _holder(self.reading.table, path)
        return [
            (self._own(on, owner, parent), key) for on, key in follow(self.reading.table, path).on
        ]

    def columns(self, trees: Sequence[exp.Expr]) -> dict[Path, set[str]]:
        """Which columns of the table, and of each table joined to it, these trees need.

        Conditions and dimensions of the frame are among them; the table itself
        is the empty path.
        """
        table = self.reading.table
        every = (*trees, *self.conditions, *self.dimensions)
        found: dict[Path, set[str]] = {(): _columns_used(table, every) | self._onward(())}
        for path in self.paths:
            found[path] = _columns_used(alias_of(table, path), every) | self._onward(path)
        return found

    def _joined(self, query: exp.Select, path: Path, trees: Sequence[exp.Expr]) -> exp.Select:
        table, alias = self.reading.table, alias_of(self.reading.table, path)
        link = follow(table, path)
        parent = alias_of(table, path[:-1])
        pairs = self.keys_of(path)
        wanted = {key for _, key in pairs} | _columns_used(alias, trees) | self._onward(path)
        conditions = [exp.column(key, table=alias).eq(own) for own, key in pairs]
        conditions.append(exp.column(TENANT, table=alias).eq(exp.column(TENANT, table=parent)))
        return query.join(
            _one_per_key(link, wanted).subquery(alias), on=exp.and_(*conditions), join_type="left"
        )

    def _own(self, text: str, owner: str, parent: str) -> exp.Expr:
        tree = read(text, owner).copy()
        for column in tree.find_all(exp.Column):
            column.set("table", exp.to_identifier(parent))
        return tree

    def _onward(self, path: Path) -> set[str]:
        """Columns of this joined table from which further joins leave."""
        found: set[str] = set()
        for further in self.paths:
            if further[:-1] == path:
                target = _holder(self.reading.table, further)
                for on, _ in follow(self.reading.table, further).on:
                    found |= {column.name for column in read(on, target).tree.find_all(exp.Column)}
        return found


def members(column: exp.Expr, keys: Sequence[str | None], negated: bool = False) -> exp.Expr:
    """``column IN (keys)``, where ``None`` is the member without a value."""
    named = [exp.Literal.string(key) for key in keys if key is not None]
    tests: list[exp.Expr] = []
    if named:
        tests.append(exp.In(this=column.copy(), expressions=named))
    if None in keys:
        tests.append(column.copy().is_(exp.null()))
    found = exp.or_(*tests) if tests else exp.false()
    if not negated:
        return found
    if None in keys:
        return exp.not_(found)
    return exp.or_(exp.not_(found), column.copy().is_(exp.null()))


def within(day: exp.Expr, span: Span) -> exp.Expr:
    """``day`` lies in the span."""
    return exp.and_(day.copy() >= exp.convert(span.first), day.copy() < exp.convert(span.after))


def calendar(spans: Sequence[Span]) -> exp.Expr:
    """One row per day of each span, to join dates with: ``calendar(slot, day)``."""
    rows = [(index, span.first, span.after) for index, span in enumerate(spans)]
    values = exp.values(rows, alias="span", columns=["slot", "first_day", "after"])
    text = "CAST(UNNEST(GENERATE_SERIES(span.first_day, span.after, INTERVAL 1 DAY)) AS DATE)"
    inner = (
        exp.select("span.slot", "span.after")
        .select(exp.alias_(sqlglot.parse_one(text, read="duckdb"), "day"))
        .from_(values)
        .subquery("days")
    )
    return (
        exp.select("days.slot", "days.day").from_(inner).where("days.day < days.after")
    ).subquery(CALENDAR)


def _as_of_days(spans: Sequence[Span]) -> exp.Expr:
    rows = [
        (index, span.as_of or span.after, span.first, _day_before(span.after))
        for index, span in enumerate(spans)
    ]
    return exp.values(rows, alias=AS_OF, columns=["slot", "day", "first_day", "last_day"])


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _state_on(reading: Reading, begun: exp.Expr, frame: Frame) -> exp.Expr:
    day = exp.column("day", table=AS_OF)
    if reading.snapshot is not None:
        return begun.copy().eq(day)
    until = frame.read(reading.until or "")
    open_still = exp.or_(until.copy().is_(exp.null()), until.copy() > day.copy())
    return exp.and_(begun.copy() <= day, open_still)


def _population(table: str) -> list[exp.Expr]:
    found = valid_rows(table, table)
    if table in _CHILDREN:
        found.append(_not_of_an_invalid_record(table, _CHILDREN[table]))
    return found


def _not_of_an_invalid_record(table: str, link_name: str) -> exp.Expr:
    """The row's record is not one that never counted; a record that is gone did count once.

    Few records are invalid, so they are looked up instead of joining all.
    """
    link = follow(table, (link_name,))
    ((on, key),) = link.on
    ids = exp.column(key, table=link.target)
    counted = exp.Count(this=exp.Star())
    valid = exp.and_(*valid_rows(link.target, link.target, deleted_too=True))
    doubted = from_table(link.target).select(ids.copy()).where(exp.not_(valid.copy()))
    invalid = (
        from_table(link.target)
        .select(ids.copy())
        .where(exp.In(this=ids.copy(), query=doubted.subquery()))
        .group_by(ids.copy())
        .having(exp.Filter(this=counted, expression=exp.Where(this=valid)).eq(0))
    )
    return exp.not_(exp.In(this=exp.column(on, table=table), query=invalid.subquery()))


def _holder(table: str, path: Path) -> str:
    return follow(table, path[:-1]).target if len(path) > 1 else table


def _columns_used(alias: str, trees: Sequence[exp.Expr]) -> set[str]:
    return {
        column.name
        for tree in trees
        for column in tree.find_all(exp.Column)
        if column.table == alias
    }


def _one_per_key(link: Link, wanted: set[str]) -> exp.Select:
    if link.sql is not None:
        made = sqlglot.parse_one(link.sql, read="duckdb")
        assert isinstance(made, exp.Select)
        return made
    table = canonical_table(link.target)
    keys = [key for _, key in link.on]
    columns = [TENANT, *keys, *sorted(wanted - {TENANT, *keys})]
    query = from_table(link.target).select(
        *[exp.column(name, table=link.target) for name in columns]
    )
    order: list[exp.Expr] = [
        exp.Ordered(this=exp.column("_excluded", table=link.target), nulls_first=True)
    ]
    if table.has("valid_from"):
        latest = exp.column("valid_from", table=link.target)
        order.append(exp.Ordered(this=latest, desc=True, nulls_first=False))
    order += [exp.column(name, table=link.target) for name in columns[1 + len(keys) :]]
    key = [exp.column(name, table=link.target) for name in (TENANT, *keys)]
    return query.distinct(*key).order_by(*order)
