"""Reports that hold several tables one below another: each is read as a table of its own."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.sources.connectors.file.delimited import stage_delimited
from kvitto.sources.connectors.file.place import Place
from kvitto.sources.staged import StagedTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LARGEST = 8 * 1024 * 1024
"""Reports made for reading are small; what is larger is one table."""

_GAP = re.compile(rb"\n[ \t,;]*\r?\n")
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        return not any(self.cells)

    @property
    def aside(self) -> bool:
        """A comment, or a title that stands alone in its line."""
        filled = [cell for cell in self.cells if cell]
        return self.text.lstrip().startswith("#") or len(filled) == 1


def stage_stacked(connection: DuckDBPyConnection, place: Place) -> tuple[StagedTable, ...]:
    """The file's tables, mostly one. Raises :class:`BadSource` where one holds none."""
    parts = _cut(place)
    if len(parts) < 2:
        return (stage_delimited(connection, place),)
    return tuple(
        stage_delimited(
            connection,
            replace(place, path=part, sheet=None if number == 1 else f"table {number}"),
        )
        for number, part in enumerate(parts, start=1)
    )


def _cut(place: Place) -> tuple[Path, ...]:
    """A file for each table, none where there is only one."""
    if place.path.stat().st_size > _LARGEST:
        return ()
    raw = place.path.read_bytes()
    encoding = _WIDE.get(raw[:2])
    if encoding is not None:
        raw = raw.decode(encoding, errors="replace").encode("utf-8")
    if not _GAP.search(raw):
        return ()
    # Any encoding that keeps ASCII is carried through unharmed as latin-1.
    lines = raw.decode("latin-1").splitlines(keepends=True)
    starts = _starts(lines)
    if len(starts) < 2:
        return ()
    made = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(lines)
        target = place.folder / f"stacked-{number + 1}-{place.path.name}"
        target.write_bytes("".join(lines[start:end]).encode("latin-1"))
        made.append(target)
    return tuple(made)


def _starts(lines: Sequence[str]) -> list[int]:
    """The line at which each table begins, its titles and comments included."""
    for delimiter in (",", ";", "\t"):
        if not any(delimiter in line for line in lines):
            # Every line would be one cell, which starts no table.
            continue
        parsed = [_parsed(line, delimiter) for line in lines]
        starts = [0]
        rows = 0
        for at, line in enumerate(parsed):
            if line.blank or line.aside:
                continue
            if rows and _is_header(parsed, at) and _after_gap(parsed, at):
                starts.append(_beginning(parsed, at))
                rows = 0
            elif any(_is_value(cell) for cell in line.cells):
                rows += 1
        if len(starts) > 1:
            return starts
    return [0]


def _parsed(line: str, delimiter: str) -> _Line:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        cells = []
    return _Line(line, tuple(cell.strip() for cell in cells))


def _is_header(lines: Sequence[_Line], at: int) -> bool:
    """Only names, none of them twice, above a row of the same width that has a value."""
    cells = lines[at].cells
    if len(cells) < 2 or not all(cells) or len(set(cells)) < len(cells):
        return False
    if any(_is_value(cell) for cell in cells) or at + 1 >= len(lines):
        return False
    below = lines[at + 1]
    return len(below.cells) == len(cells) and any(_is_value(cell) for cell in below.cells)


def _after_gap(lines: Sequence[_Line], at: int) -> bool:
    before = at - 1
    while before >= 0 and lines[before].aside and not lines[before].blank:
        before -= 1
    return before >= 0 and lines[before].blank


def _beginning(lines: Sequence[_Line], at: int) -> int:
    """The first line of the titles and comments above the header."""
    start = at
    while start > 0 and (lines[start - 1].aside or lines[start - 1].blank):
        start -= 1
    return start


def _is_value(cell: str) -> bool:
    return any(sign.isdigit() for sign in cell) and not any(sign.isalpha() for sign in cell)
