"""Workbooks and tables in markup, each sheet by way of a plain text file.

XLSX is read as a stream; XLS, XLSB and ODS by a child with limits. Hidden rows
and columns are read like others; a hidden sheet only where it is named.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError

from kvitto.errors import BadSource, Problem, did_you_mean
from kvitto.model.finding import Finding
from kvitto.sources.connectors.file.delimited import stage_delimited
from kvitto.sources.connectors.file.fact import SheetFacts
from kvitto.sources.connectors.file.grid import Grid, write_grid
from kvitto.sources.connectors.file.layout import Layout, Sheet, as_it_is, lay_out
from kvitto.sources.connectors.file.legacy import LOCKED, LOCKED_TODO, LegacySheet, read_legacy
from kvitto.sources.connectors.file.package import NotThisPackage, Package, TooMuch, open_package
from kvitto.sources.connectors.file.place import Place, place_finding
from kvitto.sources.connectors.file.sheet import sheet_rows
from kvitto.sources.connectors.file.sheet_finding import Told, sheet_findings
from kvitto.sources.connectors.file.table_finding import (
    book_findings,
    layout_decisions,
    mixed_findings,
)
from kvitto.sources.connectors.file.unpack import MOST_RATIO, SMALL
from kvitto.sources.connectors.file.written import Written, write_rows
from kvitto.sources.staged import Decision, StagedTable
from kvitto.workspace.definition import TableMap

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_UNPACKED = 1_500_000_000
"""Bytes that a packed workbook may hold."""
MOST_SHEETS = 1_000
COUNTED = 100_000
"""Rows of a sheet that is not read are counted up to here."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that may be read: ``write`` does it, ``rows`` counts up to a number of them."""

    name: str
    hidden: bool
    write: Callable[[], tuple[Grid, SheetFacts]]
    rows: Callable[[int], int]
    very_hidden: bool = False
    from_1904: bool = False


def stage_workbook(
    connection: DuckDBPyConnection, place: Place, told: Sequence[TableMap]
) -> tuple[StagedTable, ...]:
    """The named sheets, or the first shown one that holds anything."""
    try:
        if not _is_archive(place.path):
            raise NotThisPackage(place.file)
        _refuse_bomb(place)
        with zipfile.ZipFile(place.path) as archive:
            package = open_package(archive)
            sheets = [_streamed(archive, package, at, place) for at in range(len(package.sheets))]
            tables = _stage_wanted(connection, place, told, sheets)
            said = (*tables[0].findings, *book_findings(place, package))
            return (replace(tables[0], findings=said), *tables[1:])
    except TooMuch as error:
        raise _refused(
            place, str(error), "Export it as CSV if it really holds that much."
        ) from error
    except (ExpatError, ValueError, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise _refused(place, f"it looks like a workbook and is damaged ({error})") from error
    except RuntimeError as error:
        raise BadSource.of(f"read {place.file}", LOCKED, LOCKED_TODO, file=place.file) from error
    except (NotThisPackage, zipfile.BadZipFile):
        pass
    book = read_legacy(place.path, place.file, place.folder)
    sheets = [
        _told(sheet, book.errors if at == 0 else (), place) for at, sheet in enumerate(book.sheets)
    ]
    return _stage_wanted(connection, place, told, sheets)


def stage_markup(connection: DuckDBPyConnection, place: Place) -> tuple[StagedTable, ...]:
    """The table with the most cells on the page; others are named in a finding."""
    from kvitto.sources.connectors.file.markup import filled_rows, markup_tables

    tables = markup_tables(place.path)
    if not tables:
        raise _refused(place, "it is a page or document without a table in it")
    sizes = [sum(len(row) for row in table) for table in tables]
    at = sizes.index(max(sizes))
    written = write_rows(filled_rows(tables[at]), _target(place))
    table = _stage_written(connection, place, None, written, told=False)
    left = [
        (f"table {number}", len(list(filled_rows(other))))
        for number, other in enumerate(tables, start=1)
        if number != at + 1
    ]
    decision = Decision("format", "table in markup", "found", "the content is HTML or XML")
    return (
        replace(
            table,
            decisions=(decision,),
            findings=(*table.findings, *_left_out(place, left, "tables of the page")),
        ),
    )


def _stage_wanted(
    connection: DuckDBPyConnection,
    place: Place,
    told: Sequence[TableMap],
    sheets: Sequence[_Sheet],
) -> tuple[StagedTable, ...]:
    if len(sheets) > MOST_SHEETS:
        raise _refused(place, f"it has {len(sheets):,} sheets", "Keep the ones that are needed.")
    wanted = list(dict.fromkeys(entry.sheet for entry in told if entry.sheet is not None))
    if wanted:
        asked = [_named_table(name, sheets) for name in wanted]
        _refuse_missing(place, [name for name, _ in asked], [sheet.name for sheet in sheets])
        tables: list[StagedTable] = []
        for one in dict.fromkeys(name for name, _ in asked):
            sheet = next(sheet for sheet in sheets if sheet.name == one)
            at = next(at for at, (name, _) in enumerate(asked) if name == one)
            entry = next(entry for entry in told if entry.sheet == wanted[at])
            numbers = {number for name, number in asked if name == one}
            here = replace(place, told=entry)
            tables += _stage_sheet(connection, here, sheet, numbers)
        return tuple(tables)
    for sheet in sheets:
        if sheet.hidden or not sheet.rows(1):
            continue
        found = _stage_sheet(connection, place, sheet, {1} if told else None, told=False)
        others = [one for one in sheets if one is not sheet]
        left = (*found[0].findings, *_left_sheets(place, others))
        return (replace(found[0], findings=left), *found[1:])
    only_hidden = any(sheet.hidden and sheet.rows(1) for sheet in sheets)
    reason = "only hidden sheets hold anything" if only_hidden else "no sheet of it holds anything"
    errors = (
        [] if only_hidden else [one for sheet in sheets[:20] for one in sheet.write()[1].errors]
    )
    if errors:
        reason = f"its only cells are failed formulas ({_shown(errors)})"
    todo = (
        "Name the sheet in the definition, as in sheet: Data."
        if only_hidden
        else "Export it again."
    )
    raise _refused(place, reason, todo)


def _named_table(name: str, sheets: Sequence[_Sheet]) -> tuple[str, int]:
    """The sheet and the number of the table on it, as in ``Deals (table 2)``."""
    found = re.fullmatch(r"(.+) \(table (\d{1,4})\)", name)
    if found is None or any(sheet.name == name for sheet in sheets):
        return name, 1
    return found[1], int(found[2])


def _refuse_missing(place: Place, wanted: Sequence[str], names: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise BadSource(
            *(
                Problem(
                    f"read the sheet '{name}' of {place.file}",
                    "the workbook has none of that name",
                    did_you_mean(name, names),
                    f"sources/{place.source}.yml",
                )
                for name in missing
            )
        )


def _refuse_bomb(place: Place) -> None:
    with zipfile.ZipFile(place.path) as archive:
        entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, place.path.stat().st_size)
    if unpacked > MOST_UNPACKED or (unpacked > SMALL and unpacked / packed > MOST_RATIO):
        raise _refused(
            place,
            f"it unpacks to {unpacked:,} bytes, {unpacked // packed} times its size",
            "Export it as CSV if it really holds that much.",
        )


def _streamed(archive: zipfile.ZipFile, package: Package, at: int, place: Place) -> _Sheet:
    part = package.sheets[at]

    def rows(facts: SheetFacts) -> Iterator[tuple[int, list[str]]]:
        with archive.open(part.part) as stream:
            yield from sheet_rows(stream, package, facts)

    def write() -> tuple[Grid, SheetFacts]:
        facts = SheetFacts()
        return write_grid(rows(facts), _target(place)), facts

    def count(most: int) -> int:
        found = 0
        for _, row in rows(SheetFacts()):
            found += any(row)
            if found >= most:
                break
        return found

    return _Sheet(part.name, part.hidden, write, count, part.very_hidden, package.from_1904)


def _told(sheet: LegacySheet, errors: Sequence[tuple[str, str]], place: Place) -> _Sheet:
    def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
        import csv

        csv.field_size_limit(1 << 30)
        margin = [""] * sheet.left
        with path.open(encoding="utf-8", newline="") as stream:
            for number, *cells in csv.reader(stream):
                yield int(number), margin + cells

    def write() -> tuple[Grid, SheetFacts]:
        if sheet.trouble is not None:
            raise TooMuch(f"the sheet '{sheet.name}': {sheet.trouble}")
        facts = SheetFacts(errors=[*sheet.errors, *errors], merged=list(sheet.merged))
        facts.numbers = {one + sheet.left for one in sheet.numbers}
        facts.others = {one + sheet.left for one in sheet.others}
        facts.texts = {one + sheet.left: count for one, count in sheet.texts}
        if sheet.path is None:
            return write_grid((), _target(place)), facts
        grid = write_grid(rows(sheet.path), _target(place))
        sheet.path.unlink()
        return grid, facts

    return _Sheet(sheet.name, sheet.hidden, write, lambda most: min(most, sheet.rows))


def _stage_sheet(
    connection: DuckDBPyConnection,
    place: Place,
    sheet: _Sheet,
    numbers: Collection[int] | None,
    *,
    told: bool = True,
) -> list[StagedTable]:
    """The tables of the sheet with these numbers, all where none are given."""
    try:
        grid, facts = sheet.write()
    except TooMuch as error:
        raise _refused(
            place, str(error), "Export it as CSV if it really holds that much."
        ) from error
    if grid.rows == 0:
        raise _refused(place, "there is no table in it")
    layout = _laid_out(place, sheet, grid, facts)
    spoken = Told(place, sheet.name, layout)
    staged: list[StagedTable] = []
    left: list[tuple[str, int]] = []
    for number, table in enumerate(layout.tables, start=1):
        name = sheet.name if number == 1 else f"{sheet.name} (table {number})"
        if numbers is not None and number not in numbers:
            left.append((name, table.written.rows))
            continue
        one = _stage_written(connection, place, name, table.written, told=told)
        one = replace(
            one,
            rejected=one.rejected + table.left,
            decisions=(*one.decisions, *layout_decisions(spoken, table, sheet.from_1904)),
            findings=(*one.findings, *mixed_findings(spoken, table)),
        )
        staged.append(one)
    if not staged:
        raise _refused(
            place,
            f"the sheet '{sheet.name}' has {len(layout.tables)} tables",
            "Name one of them in the definition.",
        )
    said = (*staged[0].findings, *sheet_findings(spoken, facts), *_left_out(place, left, "tables"))
    return [replace(staged[0], findings=said), *staged[1:]]


def _laid_out(place: Place, sheet: _Sheet, grid: Grid, facts: SheetFacts) -> Layout:
    """The sheet's tables; a sheet whose columns a person has named is taken as it is."""
    told = place.told
    leave = told is not None and told.hidden == "leave_out"
    whole = Sheet(grid, facts, place.folder, sheet.from_1904, leave)
    return as_it_is(whole) if told is not None and told.columns else lay_out(whole)


def _stage_written(
    connection: DuckDBPyConnection, place: Place, sheet: str | None, written: Written, *, told: bool
) -> StagedTable:
    if written.rows == 0:
        raise _refused(place, "there is no table in it")
    entry = place.told
    if entry is not None:
        entry = entry.model_copy(update={"encoding": None, "delimiter": None})
    staged = stage_delimited(
        connection, replace(place, path=written.path, sheet=sheet, told=entry, written=written)
    )
    if sheet is None:
        return staged
    how = Decision("sheet", sheet, "told", "it stands in the definition")
    return replace(
        staged,
        decisions=(how if told else Decision("sheet", sheet, "found", "the first with rows"),),
    )


def _left_sheets(place: Place, others: Sequence[_Sheet]) -> Iterator[Finding]:
    """Sheets that hold rows and are not read; hidden ones are told."""
    counted = [(sheet.name, sheet.rows(COUNTED)) for sheet in others]
    states = {
        sheet.name: "very hidden" if sheet.very_hidden else "hidden"
        for sheet in others
        if sheet.hidden
    }
    yield from _left_out(place, counted, "sheets", states)


def _left_out(
    place: Place,
    others: Sequence[tuple[str, int]],
    what: str,
    states: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Finding]:
    """Sheets or tables that hold rows and are not read."""
    filled = [(name, rows) for name, rows in others if rows > 1]
    if not filled:
        return
    listed = ", ".join(
        f"'{name}' with {rows:,} rows"
        + (" or more" if rows >= COUNTED else "")
        + (f" ({states[name]})" if name in states else "")
        for name, rows in filled[:8]
    )
    todo = (
        "Export them into files of their own if they are needed."
        if what == "tables of the page"
        else f"To read one, name it in tables: - file: {place.file}, sheet: {filled[0][0]}."
    )
    yield place_finding(
        place,
        f"{what.split()[0]}_not_read",
        f"{len(filled)} other {what} of {place.file} hold rows and are not read: {listed}",
        todo,
        rows=sum(rows for _, rows in filled),
        records=tuple(name for name, _ in filled[:20]),
    )


def _is_archive(path: Path) -> bool:
    """By its start: an XLS may hold a whole archive (its theme)."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def _shown(errors: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{ref} {code}" for ref, code in errors[:5])


def _target(place: Place) -> Path:
    return place.folder / f"{len(list(place.folder.iterdir())):04d}-sheet.csv"


def _refused(place: Place, found: str, todo: str = "") -> BadSource:
    return BadSource(
        Problem(
            f"read {place.file}",
            found,
            todo or "Open it in a spreadsheet program and save it again.",
            place.file,
        )
    )
