"""The records behind figures: from the warehouse, or as they were sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.app.ask import HouseAsker
from kvitto.app.house import House
from kvitto.app.place import editions_root
from kvitto.model.edition import Edition
from kvitto.model.receipt import Receipt

if TYPE_CHECKING:
    from kvitto.metrics.line import LineItem
    from kvitto.metrics.rerun import Rerun


def amounts_of(asker: HouseAsker) -> Callable[[Receipt], Sequence[float]]:
    """What each row adds to a receipt's value, so that a change can be tested."""
    from kvitto.metrics.line import line_items

    def amounts(receipt: Receipt) -> Sequence[float]:
        lines = line_items(asker.reader, asker.catalogue, receipt, asker.context)
        return [float(line.amount) for line in lines]

    return amounts


def sealed_rerun(house: House, asker: HouseAsker, edition: Edition) -> Callable[[Receipt], Rerun]:
    """Asks a receipt of a sealed edition again, against the lines sealed with it."""
    from kvitto.metrics.rerun import rerun

    def again(receipt: Receipt) -> Rerun:
        lines = sealed_lines_in(house, (edition.id,), receipt.code)
        return rerun(asker.reader, asker.catalogue, receipt, asker.context, lines)

    return again


def sealed_lines_in(house: House, editions: Sequence[str], code: str) -> Path | None:
    """The Parquet file of a receipt's lines in the first edition that has it, else ``None``."""
    from kvitto.errors import UnknownName
    from kvitto.report.place import folder_of
    from kvitto.report.seal import sealed_lines

    for edition in editions:
        try:
            return sealed_lines(folder_of(editions_root(house), edition), code)
        except UnknownName:
            continue
    return None


def read_lines(path: Path) -> tuple[LineItem, ...]:
    """The line items in a Parquet file, in the order in which they were written."""
    import duckdb

    from kvitto.metrics.line import LineItem

    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(path)).fetchall()
    return tuple(LineItem(*row) for row in rows)
