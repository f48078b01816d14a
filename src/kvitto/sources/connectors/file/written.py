"""A sheet written as plain text: every row of the same width, without blank rows or columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

_FIRST = 500


@dataclass(frozen=True, slots=True)
class Written:
    """The file, its rows (the header among them), and which columns were kept.

    ``numbers`` are the columns of the file that hold stored numbers, which need
    no guess about their decimal mark. ``header`` are the names in its first row,
    ``None`` where the header has yet to be found.
    """

    path: Path
    rows: int
    kept: tuple[int, ...]
    numbers: frozenset[int] = frozenset()
    header: tuple[str, ...] | None = None

    def with_numbers(self, numbers: Iterable[int]) -> Written:
        """The same, with the columns of the sheet that hold stored numbers."""
        where = {place: number for number, place in enumerate(self.kept)}
        return replace(self, numbers=frozenset(where[one] for one in numbers if one in where))


def write_rows(rows: Iterable[Sequence[str]], target: Path) -> Written:
    """Write the rows as a stream; blank ones are left out, short ones filled up.

    Where a later row is wider than the first ones, or a column has nothing in
    it, the file is gone over a second time.
    """
    count, width, narrow = 0, 0, False
    filled: set[int] = set()
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        first: list[Sequence[str]] = []
        for row in rows:
            if not any(cell and not cell.isspace() for cell in row):
                continue
            count += 1
            if len(filled) < max(width, len(row)):
                filled.update(place for place, cell in enumerate(row) if cell)
            if count <= _FIRST:
                first.append(row)
                width = max(width, len(row))
                continue
            if first:
                writer.writerows(_filled_up(one, width) for one in first)
                first = []
            if len(row) > width:
                width, narrow = len(row), True
            writer.writerow(_filled_up(row, width))
        writer.writerows(_filled_up(one, width) for one in first)
    kept = sorted(filled)
    if narrow or len(kept) < width:
        _settle(target, width, kept)
    return Written(target, count, tuple(kept))


def _filled_up(row: Sequence[str], width: int) -> Sequence[str]:
    return row if len(row) == width else [*row, *[""] * (width - len(row))]


def _settle(target: Path, width: int, kept: Sequence[int]) -> None:
    """Bring every row to the width and leave out the columns that hold nothing."""
    beside = target.with_suffix(".settled")
    csv.field_size_limit(1 << 30)
    with (
        target.open(encoding="utf-8", newline="") as stream,
        beside.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        for row in csv.reader(stream):
            whole = _filled_up(row, width)
            writer.writerow([whole[place] for place in kept])
    beside.replace(target)
