"""The segments of a dimension: what to ask, in which order to show them, what to call them."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.question import Cell, ComparisonKind
from kvitto.model.value import Missing
from kvitto.report.asking import Ask
from kvitto.report.context import Context
from kvitto.report.outline import SplitSpec


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


def filled(
    context: Context,
    name: str,
    candidates: Sequence[str],
    compare: ComparisonKind | None = None,
) -> tuple[str, ...]:
    """The dimensions of which the data names at least one segment, in their order."""
    return tuple(
        dimension for dimension in candidates if any(split_cells(context, name, dimension, compare))
    )


def chosen(
    context: Context, spec: SplitSpec, name: str, compare: ComparisonKind | None = None
) -> tuple[str, ...]:
    """The dimensions that a block is shown by: its own, or the first candidates with data."""
    if not spec.by:
        return (spec.dimension,)
    return filled(context, name, spec.by, compare)[: spec.most]


def unfilled_words(context: Context, candidates: Sequence[str]) -> str:
    """One sentence on the fields that the client's system leaves empty."""
    from babel.lists import format_list

    names = [dimension_name(context, each).lower() for each in candidates]
    listed = format_list(names, style="or", locale=context.formatter.locale)
    return context.words("split.unfilled", names=listed)


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
