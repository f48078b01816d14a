"""Every figure of an edition with the place where it is shown.

The lists of receipts, the sheet of all figures and the CSV are made from
these, so that they name a figure as the reader met it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvitto.model.block import (
    Block,
    ChartBlock,
    RestatementsBlock,
    ShownFigure,
    TableBlock,
    Tile,
    TilesBlock,
)
from kvitto.model.edition import Edition, Section


@dataclass(frozen=True, slots=True)
class Placed:
    """A figure and its place: section, block, row and column in words.

    ``period`` is an ISO day where the figure is a point of a trend.
    """

    section: str
    block: str
    kind: str
    row: str
    column: str
    figure: ShownFigure
    period: str = ""

    @property
    def words(self) -> str:
        """The place in a few words: the row, and the column where it says more."""
        return " \u00b7 ".join(dict.fromkeys(part for part in (self.row, self.column) if part))


def figures_of(edition: Edition) -> tuple[Placed, ...]:
    """All figures in reading order; a figure shown twice comes twice."""
    return tuple(
        placed
        for section in edition.sections
        for block in section.blocks
        for placed in _of(section, block)
    )


def _of(section: Section, block: Block) -> Iterator[Placed]:
    if isinstance(block, TilesBlock):
        for tile in block.tiles:
            yield from _tile(section, block, tile)
    elif isinstance(block, TableBlock):
        yield from _table(section, block)
    elif isinstance(block, ChartBlock):
        yield from _chart(section, block)
    elif isinstance(block, RestatementsBlock):
        for item in block.items:
            yield Placed(
                section.title, block.title, "restated", item.label, item.edition, item.said
            )
            yield Placed(section.title, block.title, "restated", item.label, "", item.now)


def _tile(section: Section, block: TilesBlock, tile: Tile) -> Iterator[Placed]:
    def placed(kind: str, column: str, figure: ShownFigure, period: str = "") -> Placed:
        title = block.title or section.title
        return Placed(section.title, title, kind, tile.figure.label, column, figure, period)

    yield placed("tile", "", tile.figure)
    for change in tile.changes:
        if change.figure is not None:
            yield placed("comparison", change.against, change.figure)
    if tile.goal is not None:
        yield placed("goal", tile.goal.target.label, tile.goal.target)
    for point in tile.trend:
        figure = tile.figure.model_copy(
            update={
                "display": point.display,
                "number": point.number,
                "exact": None,
                "n": 0,
                "status": "provisional" if point.provisional else "final",
                "missing": "no_data" if point.number is None else None,
                "receipt": point.receipt,
            }
        )
        yield placed("trend", point.label, figure, point.start)


def _table(section: Section, block: TableBlock) -> Iterator[Placed]:
    for row in [*block.rows, *([block.total] if block.total else [])]:
        name = next((cell.text for cell in row if cell.figure is None and cell.text), "")
        for column, cell in zip(block.columns, row, strict=False):
            if cell.figure is not None:
                yield Placed(section.title, block.title, "table", name, column.label, cell.figure)


def _chart(section: Section, block: ChartBlock) -> Iterator[Placed]:
    for series in block.series:
        for category, figure in zip(block.categories, series.values, strict=False):
            yield Placed(section.title, block.title, "chart", category, series.name, figure)
    if block.target is not None:
        yield Placed(section.title, block.title, "target", block.target.label, "", block.target)
