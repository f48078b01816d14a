"""Columns whose cells are stored in more than one way: numbers as text, days as numbers.

What can be read beyond doubt is written plainly; what cannot stays as it is.
Either way the cells are named.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kvitto.sources.connectors.file.cell import serial_text
from kvitto.sources.connectors.file.dialect import is_value
from kvitto.sources.connectors.file.fact import is_like_number
from kvitto.sources.connectors.file.grid import Grid
from kvitto.sources.connectors.file.outline import Part
from kvitto.sources.format import NOTHING

_SHOWN = 20
_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_STORED_DAY = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?")
_FIRST_DAY, _LAST_DAY = 7_306, 73_050
"""Days of 1920 to 2099 as a spreadsheet counts them; in 1904's way they are 1,462 less."""

Conversion = Mapping[str, str]


@dataclass
class Odd:
    """Cells of one column that are not stored as the others: how many, and some of them."""

    count: int = 0
    cells: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, cell: str, text: str, read: str) -> None:
        """Count a cell with its text and what it is read as."""
        self.count += 1
        if len(self.cells) < _SHOWN:
            self.cells.append((cell, text, read))


@dataclass
class Mixed:
    """What was found in one column, by kind, and what the odd texts are read as.

    ``text_numbers`` are numbers stored as text and ``texts`` other texts among
    numbers; ``serials`` are numbers and ``text_dates`` texts among days.
    """

    text_numbers: Odd = field(default_factory=Odd)
    texts: Odd = field(default_factory=Odd)
    serials: Odd = field(default_factory=Odd)
    text_dates: Odd = field(default_factory=Odd)


def find_mixed(
    grid: Grid,
    part: Part,
    places: Sequence[int],
    *,
    from_1904: bool,
) -> dict[int, Mixed]:
    """The columns among ``places`` that hold mostly numbers or days, and what else they hold."""
    if not places:
        return {}
    seen = {place: _Seen() for place in places}
    for _, row in part_rows(grid, part):
        for place in places:
            if row[place] and row[place] not in NOTHING:
                seen[place].add(row[place], from_1904)
    kinds = {place: kind for place, one in seen.items() if (kind := one.kind)}
    found = {place: Mixed() for place in kinds}
    if not kinds:
        return found
    for at, row in part_rows(grid, part):
        for place, kind in kinds.items():
            cell = row[place]
            if cell and cell not in NOTHING:
                look = _among_numbers if kind == "number" else _among_days
                look(found[place], grid.cell(at, place), cell, from_1904)
    return found


@dataclass
class _Seen:
    """How many cells of a column are numbers, numbers that may be days, and days."""

    filled: int = 0
    numbers: int = 0
    like_days: int = 0
    days: int = 0

    def add(self, cell: str, from_1904: bool) -> None:
        self.filled += 1
        if _PLAIN.fullmatch(cell):
            self.numbers += 1
            self.like_days += plain_day(cell, from_1904=from_1904) != ""
        else:
            self.days += _STORED_DAY.fullmatch(cell) is not None

    @property
    def kind(self) -> str:
        """What most of them are, empty where there is no such thing or nothing odd."""
        # A fifth stored as days is enough, where nearly all numbers may be days of our time.
        may_be = self.days * 5 >= self.filled and self.like_days * 5 >= self.numbers * 4
        days = self.days + (self.like_days if may_be else 0)
        if self.days and self.filled > self.days and days * 5 >= self.filled * 3:
            return "day"
        return "number" if self.filled > self.numbers >= self.filled * 0.6 else ""


def part_rows(grid: Grid, part: Part) -> Iterator[tuple[int, list[str]]]:
    """The records of a table, with all the columns of the sheet."""
    csv.field_size_limit(1 << 30)
    with grid.written.path.open(encoding="utf-8", newline="") as stream:
        for at, row in enumerate(csv.reader(stream)):
            if at >= part.end:
                return
            if at >= part.start and at not in part.asides and any(row[part.first : part.last + 1]):
                yield at, row


def _among_numbers(found: Mixed, cell: str, text: str, _from_1904: bool) -> None:
    if _PLAIN.fullmatch(text):
        return
    read = plain_number(text)
    if read:
        found.text_numbers.add(cell, text, read)
    else:
        found.texts.add(cell, text, "")


def _among_days(found: Mixed, cell: str, text: str, from_1904: bool) -> None:
    if _STORED_DAY.fullmatch(text):
        return
    read = plain_day(text, from_1904=from_1904)
    if read:
        found.serials.add(cell, text, read)
    else:
        found.text_dates.add(cell, text, "")


def plain_number(text: str) -> str:
    """A number that is stored as text, empty where it can be read in two ways or is a code."""
    bare = re.sub(r"[\s\u00a0\u202f]", "", text.strip().lstrip("'’")).replace("−", "-")
    if not is_like_number(text) or not re.fullmatch(r"-?[\d.,]*\d", bare):
        return ""
    if re.fullmatch(r"-?0\d.*", bare):
        return ""
    if re.fullmatch(r"-?\d+", bare):
        return bare
    marks = [sign for sign in bare if sign in ".,"]
    last = bare.rindex(marks[-1])
    whole, rest = bare[:last], bare[last + 1 :]
    if len(set(marks)) == 1 and len(rest) == 3 and (len(marks) > 1 or marks[0] == ","):
        return re.sub("[.,]", "", bare) if len(marks) > 1 and _is_grouped(bare) else ""
    if len(set(marks)) > 1 and (marks.count(marks[-1]) > 1 or not _is_grouped(whole)):
        return ""
    if len(set(marks)) == 1 and len(marks) > 1:
        return ""
    return f"{re.sub('[.,]', '', whole)}.{rest}"


def _is_grouped(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,3}([.,]\d{3})+", text) is not None


def plain_day(text: str, *, from_1904: bool) -> str:
    """The day that a number among days stands for, empty where it is none of our time."""
    if not _PLAIN.fullmatch(text):
        return ""
    moved = 1_462 if from_1904 else 0
    if not _FIRST_DAY <= float(text) + moved <= _LAST_DAY:
        return ""
    return serial_text(text, "date", from_1904=from_1904)


def is_day_like(text: str) -> bool:
    """Whether a text may be a day that a person wrote."""
    return is_value(text) and not _PLAIN.fullmatch(text)
