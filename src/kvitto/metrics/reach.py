"""What a metric can be split by: the dimensions that all of its tables reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvitto.metrics.dimension import reached
from kvitto.metrics.formula import read_formula
from kvitto.model.metric import Metric, Part


def complete_all(known: Sequence[Metric], wanted: Sequence[Metric]) -> tuple[Metric, ...]:
    """The wanted metrics with the dimensions that all their tables reach."""
    by_id = {metric.id: metric for metric in known}
    return tuple(
        metric.model_copy(update={"dimensions": dimensions_of(metric, by_id)}) for metric in wanted
    )


def dimensions_of(metric: Metric, known: Mapping[str, Metric]) -> tuple[str, ...]:
    """The dimensions, without those of time, that the metric can be split by."""
    tables = _tables(metric, known, frozenset())
    if not tables:
        return ()
    first, *others = (reached(table) for table in sorted(tables))
    common = [name for name in first if all(name in other for other in others)]
    return tuple(name for name in common if not metric.dimensions or name in metric.dimensions)


def instead(part: Part) -> tuple[Part, ...]:
    """The part and all that are read instead of it, in order."""
    return (part,) if part.otherwise is None else (part, *instead(part.otherwise))


def _tables(metric: Metric, known: Mapping[str, Metric], seen: frozenset[str]) -> frozenset[str]:
    tables: set[str] = set()
    for _, part in metric.parts:
        tables.update(one.table for one in instead(part))
    if metric.formula is not None and metric.id not in seen:
        for term in read_formula(metric.formula).terms:
            if term.metric in known and not term.goal:
                tables |= _tables(known[term.metric], known, seen | {metric.id})
    return frozenset(tables)
