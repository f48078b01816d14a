"""From a sheet that was written out to its tables: cut, headed, without what is no record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kvitto.sources.connectors.file.fact import Merge, SheetFacts, merges
from kvitto.sources.connectors.file.grid import Grid
from kvitto.sources.connectors.file.mixed import (
    Mixed,
    find_mixed,
    part_rows,
    plain_day,
    plain_number,
)
from kvitto.sources.connectors.file.outline import Part, outline
from kvitto.sources.connectors.file.subtotal import Totals, find_totals
from kvitto.sources.connectors.file.written import Written, write_rows


@dataclass(frozen=True, slots=True)
class LaidTable:
    """One table of a sheet, written to a file of its own.

    ``part`` is where it stood, with the rows that are no records of it; it has
    no header where the sheet is taken as it is. ``mixed`` are odd cells by
    column of the sheet's file.
    """

    written: Written
    part: Part
    mixed: Mapping[int, Mixed] = field(default_factory=dict)
    totals: Totals = field(default_factory=lambda: Totals({}, {}, ()))

    @property
    def left(self) -> int:
        """Rows below the header that are no records."""
        return sum(1 for at in self.part.asides if self.part.start <= at < self.part.end)


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of a sheet.

    Of each row that is no record the reason is ``title``, ``header``,
    ``repeated_header``, ``total``, ``note`` or ``hidden``.
    """

    grid: Grid
    tables: tuple[LaidTable, ...]

    def asides(self, reason: str) -> list[tuple[int, int]]:
        """The rows that are left out for that reason, with the first column looked at."""
        found = {
            (at, table.part.first)
            for table in self.tables
            for at, why in table.part.asides.items()
            if why == reason
        }
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was written out, what was seen of its cells, where its tables may be put."""

    grid: Grid
    facts: SheetFacts
    folder: Path
    from_1904: bool = False
    leave_hidden: bool = False


def as_it_is(sheet: Sheet) -> Layout:
    """The sheet as one table whose header has yet to be found."""
    hidden = _hidden(sheet) if sheet.leave_hidden else {}
    whole = Part(0, sheet.grid.width - 1, (), (), 0, sheet.grid.rows, hidden)
    written = sheet.grid.written
    written = _cut(sheet, whole, {}) if hidden else written.with_numbers(sheet.facts.numbers)
    return Layout(sheet.grid, (LaidTable(written, whole),))


def lay_out(sheet: Sheet) -> Layout:
    """Find the tables and write each. A sheet that is one plain table stays as it was written."""
    grid = sheet.grid
    parts = outline(grid, _moved(grid, merges(sheet.facts.merged)))
    if not parts:
        return as_it_is(sheet)
    hidden = _hidden(sheet) if sheet.leave_hidden else {}
    found: dict[int, dict[int, str]] = {}
    totals = []
    for part in parts:
        asides = found.setdefault(part.first, {**hidden, **part.asides})
        totals.append(find_totals(grid, replace(part, asides=asides), sheet.facts.sums))
        asides.update(dict.fromkeys(totals[-1].rows, "total"))
    tables = [
        _laid(sheet, replace(part, asides=found[part.first]), one, several=len(parts) > 1)
        for part, one in zip(parts, totals, strict=True)
    ]
    return Layout(grid, tuple(tables))


def _laid(sheet: Sheet, part: Part, totals: Totals, *, several: bool) -> LaidTable:
    places = _doubtful(sheet, part)
    mixed = find_mixed(sheet.grid, part, places, from_1904=sheet.from_1904)
    written = sheet.grid.written
    if (
        not several
        and part.header == (0,)
        and set(part.asides) <= {0}
        and not any(one.text_numbers.count or one.serials.count for one in mixed.values())
    ):
        written = replace(written.with_numbers(sheet.facts.numbers), header=part.names)
    else:
        written = _cut(sheet, part, mixed).with_numbers(_stored(sheet, part, several=several))
    return LaidTable(written, part, mixed, totals)


def _hidden(sheet: Sheet) -> dict[int, str]:
    numbers = set(sheet.facts.hidden_rows)
    return {at: "hidden" for at, number in enumerate(sheet.grid.numbers) if number in numbers}


def _moved(grid: Grid, merged: Sequence[Merge]) -> tuple[Merge, ...]:
    """Merged cells by the columns of the file, which has no empty ones."""
    where = {column: place for place, column in enumerate(grid.written.kept)}
    found = []
    for one in merged:
        places = [where[column] for column in where if one.left <= column <= one.right]
        if places:
            found.append(Merge(one.top, places[0], one.bottom, places[-1]))
    return tuple(found)


def _doubtful(sheet: Sheet, part: Part) -> list[int]:
    """Columns with stored numbers or days, and with others than these.

    A header and a title are texts too, so that a column may have as many.
    """
    found = []
    facts = sheet.facts
    for place in range(part.first, part.last + 1):
        column = sheet.grid.written.kept[place]
        number, other = column in facts.numbers, column in facts.others
        texts = facts.texts.get(column, 0) > len(part.asides)
        if (number and (texts or other)) or (other and texts):
            found.append(place)
    return found


def _stored(sheet: Sheet, part: Part, *, several: bool) -> frozenset[int]:
    """The columns of the table in which a point can only be the decimal point."""
    kept, facts = sheet.grid.written.kept, sheet.facts
    return frozenset(
        place - part.first
        for place in range(part.first, part.last + 1)
        if kept[place] in facts.numbers and not (several and kept[place] in facts.text_numbers)
    )


def _cut(sheet: Sheet, part: Part, mixed: Mapping[int, Mixed]) -> Written:
    """The table in a file of its own; odd cells as they are read."""
    target = sheet.folder / f"{len(list(sheet.folder.iterdir())):04d}-table.csv"
    read = [
        (place, plain_number if one.text_numbers.count else _day_reader(sheet.from_1904))
        for place, one in mixed.items()
        if one.text_numbers.count or one.serials.count
    ]

    def lines() -> Iterator[Sequence[str]]:
        if part.header:
            yield part.names
        for _, row in part_rows(sheet.grid, part):
            for place, plain in read:
                row[place] = (row[place] and plain(row[place])) or row[place]
            yield row[part.first : part.last + 1]

    written = write_rows(lines(), target)
    if not part.header:
        return written
    return replace(written, header=tuple(part.names[place] for place in written.kept))


def _day_reader(from_1904: bool) -> Callable[[str], str]:
    return lambda text: plain_day(text, from_1904=from_1904)
