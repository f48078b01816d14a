"""Every figure that an edition shows."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.model.block import (
    Block,
    ChartBlock,
    RestatementsBlock,
    ShownFigure,
    TableBlock,
    TilesBlock,
)
from kvitto.model.edition import Edition


def figures_of(edition: Edition) -> Iterator[ShownFigure]:
    """All figures in reading order, targets included; trend points are not figures."""
    for block in edition.blocks():
        yield from block_figures(block)


def block_figures(block: Block) -> Iterator[ShownFigure]:
    """The figures of one block."""
    if isinstance(block, TilesBlock):
        for tile in block.tiles:
            yield tile.figure
            yield from (change.figure for change in tile.changes if change.figure is not None)
            if tile.goal is not None:
                yield tile.goal.target
    elif isinstance(block, TableBlock):
        for row in (*block.rows, *((block.total,) if block.total else ())):
            yield from (cell.figure for cell in row if cell.figure is not None)
    elif isinstance(block, ChartBlock):
        for series in block.series:
            yield from series.values
        if block.target is not None:
            yield block.target
    elif isinstance(block, RestatementsBlock):
        for item in block.items:
            yield from (item.said, item.now)


def targets_of(edition: Edition) -> Iterator[ShownFigure]:
    """Figures that a person has set: the goals."""
    for block in edition.blocks():
        if isinstance(block, TilesBlock):
            yield from (tile.goal.target for tile in block.tiles if tile.goal is not None)
        elif isinstance(block, ChartBlock) and block.target is not None:
            yield block.target
        elif isinstance(block, TableBlock):
            columns = [index for index, item in enumerate(block.columns) if item.key == "target"]
            for row in block.rows:
                for index in columns:
                    figure = row[index].figure
                    if figure is not None:
                        yield figure


def earlier_codes(edition: Edition) -> frozenset[str]:
    """The receipts of what earlier editions said: they are sealed with those."""
    said = (
        item.said.receipt
        for block in edition.blocks()
        if isinstance(block, RestatementsBlock)
        for item in block.items
    )
    return frozenset(code for code in said if code)


def codes_of(edition: Edition) -> frozenset[str]:
    """The receipts that the edition names anywhere, by code."""
    codes: set[str] = set()
    for figure in figures_of(edition):
        codes.update(figure.derived)
        codes.update({figure.receipt} if figure.receipt else ())
    for block in edition.blocks():
        if isinstance(block, TilesBlock):
            codes.update(
                point.receipt for tile in block.tiles for point in tile.trend if point.receipt
            )
    for statement in edition.statements:
        codes.update(statement.evidence)
    return frozenset(codes)
