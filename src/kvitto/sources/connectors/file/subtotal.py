"""Rows of totals anywhere in a sheet: told by their word, by their formula, by what they add up to.

A customer may be called "Total", so that a word alone proves little: the
figures of the row must be those of the rows above it, or of a stretch of them.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kvitto.sources.connectors.file.grid import HEAD, Grid, Row
from kvitto.sources.connectors.file.outline import Part
from kvitto.sources.connectors.file.total import is_ratio
from kvitto.sources.connectors.file.word import total_kind

_MOST_BOUNDS = 2_000
_NEAR = Decimal("0.011")
_RELATIVE = Decimal("0.000001")
_FRACTION = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows of a table that are totals with what they are called, and others that may be.

    ``differs`` says of which total which column does not agree.
    """

    rows: Mapping[int, str]
    doubtful: Mapping[int, str]
    differs: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A row that may be a total: its label, of what kind, and what speaks for it."""

    at: int
    label: str
    kind: str
    bare: bool
    formula: bool
    figures: bool
    agrees: bool
    wrong: str


def find_totals(grid: Grid, part: Part, sums: Mapping[int, str]) -> Totals:
    """Every row of totals. The file is gone through only where a row may be one."""
    formulas = {at for number in sums if (at := _index(grid, number)) is not None}
    asked = _asked(grid, part, formulas)
    rows: dict[int, str] = {}
    doubtful: dict[int, str] = {}
    differs: list[tuple[int, str]] = []
    suspects = list(_weighed(grid, part, asked, formulas)) if asked else []
    typical = _typical_texts(grid, part) if asked else 0
    alone = sum(1 for one in suspects if one.kind == "total" and not one.agrees) == 1
    for one in suspects:
        if _is_total(one, typical, alone=alone):
            rows[one.at] = one.label
            if one.wrong and one.kind:
                differs.append((one.at, one.wrong))
        elif one.kind and one.bare and one.figures:
            doubtful[one.at] = one.label
    return Totals(rows, doubtful, tuple(differs))


def _index(grid: Grid, number: int) -> int | None:
    at = bisect_left(grid.numbers, number)
    return at if at < grid.rows and grid.numbers[at] == number else None


def _asked(grid: Grid, part: Part, formulas: set[int]) -> set[int]:
    """Rows with the word or the formula of a total, and the last row of the table."""
    asked = {at for at in (*grid.labelled, *formulas) if part.start <= at < part.end}
    last = part.end - 1
    while last > part.start and last in part.asides:
        last -= 1
    row = grid.kept.get(last)
    if row is not None and last - part.start >= 2:
        cells = [cell for cell in row[part.first : part.last + 1] if cell]
        if cells and all(_number(cell) is not None for cell in cells):
            asked.add(last)
    return {at for at in asked if at not in part.asides}


def _typical_texts(grid: Grid, part: Part) -> int:
    """How many texts most of the first rows have."""
    counts = sorted(
        sum(1 for cell in row[part.first : part.last + 1] if cell and _number(cell) is None)
        for at, row in grid.kept.items()
        if part.start <= at < min(part.end, part.start + HEAD)
    )
    return counts[len(counts) // 2] if counts else 0


def _is_total(one: _Suspect, typical: int, *, alone: bool) -> bool:
    proved = one.agrees or one.formula
    if not one.kind:
        return one.bare and proved and typical > 0
    if not one.bare and not one.formula:
        # Other texts beside the word make it a record, unless it is the group's name.
        return one.agrees and one.kind != "named"
    if proved:
        return True
    if not one.figures:
        return False
    return (one.kind == "subtotal" or alone or typical > 1) if one.kind != "named" else False


def _weighed(
    grid: Grid,
    part: Part,
    asked: set[int],
    formulas: set[int],
) -> Iterator[_Suspect]:
    """Each row that may be a total, weighed against the rows above it."""
    sums = _Sums(part)
    first: list[tuple[int, Row]] = []
    for at, row in _rows(grid, part):
        if at in part.asides:
            continue
        if at not in asked:
            sums.add(row)
            continue
        if not sums.rows:
            first.append((at, row))
            continue
        one = _suspect(at, row, sums, formula=at in formulas)
        # A record that has the word in its name counts like any other.
        if one.agrees or one.formula or (one.kind in ("total", "subtotal") and one.bare):
            sums.bound()
        else:
            sums.add(row)
        yield one
    for at, row in first:
        yield _suspect(at, row, sums, formula=at in formulas)


def _suspect(at: int, row: Row, sums: _Sums, *, formula: bool) -> _Suspect:
    texts = [cell for cell in row if cell and _number(cell) is None]
    label = next((cell for cell in texts if total_kind(cell)), "")
    kind = total_kind(label)
    others = [cell for cell in texts if cell != label]
    figures = any(_number(cell) is not None for cell in row if cell)
    # One row above with the same figure is no proof where other texts are beside the word.
    agrees, wrong = sums.compared(row, least=1 if label and not others else 2)
    agrees &= len(others) < 2
    return _Suspect(at, label, kind, not others, formula, figures, agrees, wrong)


def _rows(grid: Grid, part: Part) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(1 << 30)
    with grid.written.path.open(encoding="utf-8", newline="") as stream:
        for at, row in enumerate(csv.reader(stream)):
            if at >= part.end:
                return
            if at >= part.start:
                yield at, tuple(row[part.first : part.last + 1])


class _Sums:
    """What the columns add up to, from the start and from after each total."""

    def __init__(self, part: Part) -> None:
        self._names = part.names
        self._now = [Decimal(0)] * len(part.names)
        self._bounds: list[tuple[int, list[Decimal]]] = [(0, list(self._now))]
        self.rows = 0

    def add(self, row: Row) -> None:
        """Add a record."""
        self.rows += 1
        for place, cell in enumerate(row):
            if cell:
                number = _number(cell)
                if number is not None:
                    self._now[place] += number

    def bound(self) -> None:
        """A total ends here; the next may count from it."""
        if len(self._bounds) < _MOST_BOUNDS:
            self._bounds.append((self.rows, list(self._now)))

    def compared(self, row: Row, *, least: int) -> tuple[bool, str]:
        """Whether a figure agrees with that many rows, and in words which one does not."""
        agreeing, wrong = 0, ""
        for place, cell in enumerate(row):
            number = _number(cell) if cell else None
            name = self._names[place]
            if number is None or not name or is_ratio(name) or not self._now[place]:
                continue
            now = self._now[place]
            if any(
                _near(number, now - bound[place])
                for rows, bound in self._bounds
                if self.rows - rows >= least
            ):
                agreeing += number != 0
            elif not wrong and not self._about(place, number):
                whole = self._now[place].normalize()
                wrong = f"'{name}' adds up to {whole:f}, not {number.normalize():f}"
        return agreeing > 0, wrong

    def _about(self, place: int, number: Decimal) -> bool:
        now = self._now[place]
        return any(
            abs(now - bound[place] - number) <= abs(number) * _FRACTION + _NEAR
            for _, bound in self._bounds
        )


def _near(number: Decimal, added: Decimal) -> bool:
    return abs(number - added) <= _NEAR + abs(number) * _RELATIVE


def _number(cell: str) -> Decimal | None:
    """A stored number; a date or a code is none."""
    if cell[-1] not in "0123456789." or cell[0] not in "-+.0123456789":
        return None
    try:
        return Decimal(cell) if cell.count("-") < 2 else None
    except InvalidOperation:
        return None
