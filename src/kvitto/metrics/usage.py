"""Which columns of which tables a metric reads."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from kvitto.metrics.catalogue import Catalogue
from kvitto.metrics.dimension import place
from kvitto.metrics.expression import Expression, alias_of, read
from kvitto.metrics.plan import leaves
from kvitto.metrics.relation import Path, follow
from kvitto.model.metric import Metric, Part
from kvitto.model.table import canonical_table

Field = tuple[str, str]
"""Table and column, as a source fills it."""


def fields_of(metric: Metric, catalogue: Catalogue) -> frozenset[Field]:
    """Every column that the metric's measures, conditions and dates read."""
    found: set[Field] = set()
    for _, part in leaves((metric,), catalogue):
        found.update(_of_part(part))
    return frozenset(found)


def fields_of_dimension(metric: Metric, dimension: str, catalogue: Catalogue) -> frozenset[Field]:
    """The columns that splitting the metric by the dimension reads besides."""
    found: set[Field] = set()
    for _, part in leaves((metric,), catalogue):
        reached = place(part.table, dimension)
        if reached is not None:
            found.add((_table_at(part.table, reached.path), reached.column))
            found.update(_links(part.table, reached.path))
    return frozenset(_filled(table, column) for table, column in found)


def _of_part(part: Part) -> Iterator[Field]:
    for text in (part.measure, part.where, part.at, part.snapshot, part.since, part.until):
        if text is not None:
            yield from _of_expression(read(text, part.table), part.table)


def _of_expression(expression: Expression, table: str) -> Iterator[Field]:
    tables = {alias_of(table, path): _table_at(table, path) for path in expression.paths}
    tables[table] = table
    for column in expression.tree.find_all(exp.Column):
        owner = tables.get(column.table, table if not column.table else None)
        if owner is not None and canonical_table(owner).has(column.name):
            yield _filled(owner, column.name)
    for path in expression.paths:
        yield from _links(table, path)


def _links(table: str, path: Path) -> Iterator[Field]:
    for length in range(1, len(path) + 1):
        holder = _table_at(table, path[: length - 1])
        for text, _ in follow(table, path[:length]).on:
            for column in read(text, holder).tree.find_all(exp.Column):
                if canonical_table(holder).has(column.name):
                    yield _filled(holder, column.name)


def _table_at(table: str, path: Path) -> str:
    return follow(table, path).target if path else table


def _filled(table: str, column: str) -> Field:
    """The column that a source fills: of a local date made by us, the instant."""
    definition = canonical_table(table)
    if column.endswith("_on") and definition.column(column).derived:
        return table, f"{column.removesuffix('_on')}_at"
    return table, column
