"""A sheet written out as it is, with the rows at which something may begin or end.

One pass, in which every row is looked at once; what is kept of it is bounded,
whatever the size of the sheet.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvitto.sources.connectors.file.fact import letters_of
from kvitto.sources.connectors.file.word import total_kind
from kvitto.sources.connectors.file.written import Written, write_rows

HEAD = 60
"""First rows that are kept for finding the header."""

_MOST_KEPT = 20_000
_MOST_MARKED = 100_000
_BEFORE, _AFTER = 3, 8
_KNOWN = 50_000

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a sheet that hold anything, counted from 0, without its empty columns.

    ``numbers`` has the number in the sheet of each. ``kept`` are the first rows
    and those around gaps and at the end; ``gaps`` are rows that stand below a
    blank one. ``labelled`` are rows with the word of a total, ``repeated`` rows
    that are equal to one of the first. ``cut_short`` where there was too much
    of this to be kept.
    """

    written: Written
    numbers: array[int]
    kept: Mapping[int, Row]
    gaps: frozenset[int]
    labelled: tuple[int, ...]
    repeated: Mapping[int, Row]
    cut_short: bool

    @property
    def rows(self) -> int:
        """How many rows the sheet holds."""
        return len(self.numbers)

    @property
    def width(self) -> int:
        """How many columns hold anything."""
        return len(self.written.kept)

    def cell(self, at: int, place: int = 0) -> str:
        """The address of a cell, from its row and column in the file that was written."""
        return f"{letters_of(self.written.kept[place])}{self.numbers[at]}"


@dataclass(frozen=True, slots=True)
class Region:
    """Columns that are looked at together (``last`` included) and the rows kept of them.

    Rows that hold nothing in these columns are not among them. ``gaps`` stand
    below such a row, or below a blank one.
    """

    first: int
    last: int
    rows: Mapping[int, Row]
    gaps: frozenset[int]


def write_grid(rows: Iterable[tuple[int, Sequence[str]]], target: Path) -> Grid:
    """Write the rows, each with its number in the sheet, and look at them."""
    looking = _Looking()
    written = write_rows(looking.watched(rows), target)
    return looking.grid(written)


class _Looking:
    """What is remembered of the rows that went by."""

    def __init__(self) -> None:
        self._numbers: array[int] = array("L")
        self._kept: dict[int, Row] = {}
        self._gaps: list[int] = []
        self._labelled: list[int] = []
        self._repeated: dict[int, Row] = {}
        self._last: deque[tuple[int, Row]] = deque(maxlen=12)
        self._known: dict[str, bool] = {}
        self._heads: set[Row] = set()
        self._after = 0
        self._short = False

    def watched(self, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Sequence[str]]:
        """The rows that hold anything."""
        before = at = 0
        add, last, heads = self._numbers.append, self._last.append, self._heads
        for number, row in rows:
            if not any(row) or not any(cell and not cell.isspace() for cell in row):
                continue
            add(number)
            whole = tuple(row)
            if at < HEAD or at < self._after or number > before + 1:
                self._look(at, whole, gap=at > 0 and number > before + 1)
            elif whole in heads:
                self._repeat(at, whole)
            if self._is_labelled(row):
                self._mark(self._labelled, at)
            last((at, whole))
            before = number
            at += 1
            yield row

    def _look(self, at: int, row: Row, *, gap: bool) -> None:
        """Keep a row at which something may begin."""
        if gap:
            self._mark(self._gaps, at)
            self._after = at + _AFTER
            for place, held in list(self._last)[-_BEFORE:]:
                self._keep(place, held)
        self._keep(at, row)
        if row in self._heads:
            self._repeat(at, row)
        elif at < HEAD and _is_wordy(row):
            self._heads.add(row)

    def _repeat(self, at: int, row: Row) -> None:
        if len(self._repeated) < _MOST_MARKED:
            self._repeated[at] = row

    def _keep(self, at: int, row: Row) -> None:
        if len(self._kept) < _MOST_KEPT:
            self._kept[at] = row
        else:
            self._short = True

    def _mark(self, marks: list[int], at: int) -> None:
        if len(marks) < _MOST_MARKED:
            marks.append(at)
        else:
            self._short = True

    def _is_labelled(self, row: Sequence[str]) -> bool:
        """Whether one of the first texts, or the last one, is the word of a total."""
        seen = 0
        for cell in row:
            if cell and not cell[0].isdigit() and cell[0] != "-":
                known = self._known.get(cell)
                if known is None:
                    known = bool(total_kind(cell))
                    if len(self._known) < _KNOWN:
                        self._known[cell] = known
                if known:
                    return True
                seen += 1
                if seen == 3:
                    return False
        return False

    def grid(self, written: Written) -> Grid:
        """All of it."""
        self._kept.update(self._last)
        kept = written.kept
        return Grid(
            written,
            self._numbers,
            {at: _chosen(row, kept) for at, row in sorted(self._kept.items())},
            frozenset(self._gaps),
            tuple(self._labelled),
            {at: _chosen(row, kept) for at, row in self._repeated.items()},
            self._short,
        )


def _chosen(row: Row, kept: Sequence[int]) -> Row:
    width = len(row)
    return tuple([row[place] if place < width else "" for place in kept])


def _is_wordy(row: Sequence[str]) -> bool:
    """Whether it may be a header: two texts or more."""
    return sum(1 for cell in row if cell and not cell[0].isdigit()) > 1
