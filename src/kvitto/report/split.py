"""The segments of a dimension: what to ask, in which order to show them, what to call them."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.question import Cell, ComparisonKind
from kvitto.model.value import Missing
from kvitto.report.asking import Ask
from kvitto.report.context import Context


def split_ask(
    context: Context,
    metrics: tuple[str, ...],
    dimension: str,
    compare: ComparisonKind | None = None,
) -> list[Ask]:
    """The question for these metrics by a dimension, of those that reach it."""
    able = tuple(name for name in metrics if context.reaches(name, dimension))
    return [Ask(able, context.period, (dimension,), compare=compare)] if able else []


def split_cells(
    context: Context, name: str, dimension: str, compare: ComparisonKind | None = None
) -> dict[str | None, Cell]:
    """The cells of a metric by segment; ``None`` is the segment without a value."""
    cells = context.answers.cells(name, context.period, (dimension,), (), compare)
    places = [(dict(cell.dimensions), cell) for cell in cells]
    return {place[dimension]: cell for place, cell in places if dimension in place}


def by_size(cells: Sequence[tuple[str | None, Cell]]) -> list[str | None]:
    """Segments from the largest to the smallest figure, missing ones last."""

    def key(item: tuple[str | None, Cell]) -> tuple[bool, float, str]:
        figure = item[1].figure
        lost = isinstance(figure, Missing)
        return (lost, 0.0 if isinstance(figure, Missing) else -float(figure.number), item[0] or "~")

    return [segment for segment, _ in sorted(cells, key=key)]


def segment_name(context: Context, dimension: str, segment: str | None) -> str:
    """What a segment is called; the one without a value in words."""
    if segment:
        return segment
    key = f"without.{dimension}"
    return context.words(key if context.words.has(key) else "without.any")


def dimension_name(context: Context, dimension: str) -> str:
    key = f"dimension.{dimension}"
    return context.words(key) if context.words.has(key) else dimension.replace("_", " ")
