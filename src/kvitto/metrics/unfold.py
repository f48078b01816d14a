"""Formulas over formulas, written out down to metrics that are measured."""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp

from kvitto.errors import BadDefinition
from kvitto.model.metric import Metric


def unfold(metric: Metric, known: Mapping[str, Metric], seen: tuple[str, ...] = ()) -> str:
    """The formula of ``metric`` with every term that is a formula itself put in its place.

    Raises :class:`BadDefinition` for a circle.
    """
    if metric.id in seen:
        raise BadDefinition.of(
            f"the formula of '{metric.id}'",
            f"it leads round in a circle: {' -> '.join((*seen, metric.id))}",
            "Break the circle.",
        )
    tree = exp.Paren(this=sqlglot.parse_one(metric.formula or "", read="duckdb"))
    for column in list(tree.find_all(exp.Column)):
        inner = known.get(column.name)
        if inner is not None and inner.formula and not isinstance(column.parent, exp.Anonymous):
            text = unfold(inner, known, (*seen, metric.id))
            column.replace(exp.Paren(this=sqlglot.parse_one(text, read="duckdb")))
    found: str = tree.this.sql("duckdb", normalize_functions=False)
    return found
