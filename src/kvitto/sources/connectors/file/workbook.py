"""Workbooks and tables in markup, each sheet by way of a plain text file.

XLSX is read as a stream; XLS, XLSB and ODS by a child with limits. Hidden rows
and columns are read like others; a hidden sheet only where it is named.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError

from kvitto.errors import BadSource, Problem, did_you_mean
from kvitto.model.finding import Finding, Severity
from kvitto.sources.connectors.file.delimited import stage_delimited
from kvitto.sources.connectors.file.legacy import LOCKED, LOCKED_TODO, LegacySheet, read_legacy
from kvitto.sources.connectors.file.package import NotThisPackage, Package, TooMuch, open_package
from kvitto.sources.connectors.file.place import Place, place_finding
from kvitto.sources.connectors.file.sheet import SheetFacts, sheet_rows
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
    write: Callable[[], tuple[Written, SheetFacts]]
    rows: Callable[[int], int]


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
            return _stage_wanted(connection, place, told, sheets)
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
            findings=(*table.findings, *_left_out(place, left, "tables")),
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
        _refuse_missing(place, wanted, [sheet.name for sheet in sheets])
        chosen = [sheet for name in wanted for sheet in sheets if sheet.name == name]
        return tuple(_stage_sheet(connection, place, sheet, told=True) for sheet in chosen)
    for sheet in sheets:
        if sheet.hidden or not sheet.rows(1):
            continue
        table = _stage_sheet(connection, place, sheet, told=False)
        others = [(one.name, one.rows(COUNTED)) for one in sheets if one is not sheet]
        return (replace(table, findings=(*table.findings, *_left_out(place, others, "sheets"))),)
    hidden = any(sheet.hidden and sheet.rows(1) for sheet in sheets)
    found = "only hidden sheets hold anything" if hidden else "no sheet of it holds anything"
    errors = [] if hidden else [one for sheet in sheets[:20] for one in sheet.write()[1].errors]
    if errors:
        found = f"its only cells are failed formulas ({_shown(errors)})"
    todo = "Name the sheet in the definition, as in sheet: Data." if hidden else "Export it again."
    raise _refused(place, found, todo)


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

    def rows(facts: SheetFacts) -> Iterator[list[str]]:
        with archive.open(part.part) as stream:
            for _, row in sheet_rows(stream, package, facts):
                yield row

    def write() -> tuple[Written, SheetFacts]:
        facts = SheetFacts()
        written = write_rows(rows(facts), _target(place))
        # The numbers are known only when all rows went by.
        return written.with_numbers(facts.numbers), facts

    def count(most: int) -> int:
        found = 0
        for row in rows(SheetFacts()):
            found += any(row)
            if found >= most:
                break
        return found

    return _Sheet(part.name, part.hidden, write, count)


def _told(sheet: LegacySheet, errors: Sequence[tuple[str, str]], place: Place) -> _Sheet:
    def write() -> tuple[Written, SheetFacts]:
        import csv

        if sheet.trouble is not None:
            raise TooMuch(f"the sheet '{sheet.name}': {sheet.trouble}")
        facts = SheetFacts(errors=[*sheet.errors, *errors], merged=list(sheet.merged))
        if sheet.path is None:
            return Written(_target(place), 0, ()), facts
        csv.field_size_limit(1 << 30)
        with sheet.path.open(encoding="utf-8", newline="") as stream:
            written = write_rows(csv.reader(stream), _target(place))
        sheet.path.unlink()
        return written.with_numbers(sheet.numbers), facts

    return _Sheet(sheet.name, sheet.hidden, write, lambda most: min(most, sheet.rows))


def _stage_sheet(
    connection: DuckDBPyConnection, place: Place, sheet: _Sheet, *, told: bool
) -> StagedTable:
    try:
        written, facts = sheet.write()
    except TooMuch as error:
        raise _refused(
            place, str(error), "Export it as CSV if it really holds that much."
        ) from error
    table = _stage_written(connection, place, sheet.name, written, told=told)
    found = _fact_findings(place, sheet.name, facts)
    return replace(table, findings=(*table.findings, *found))


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


def _fact_findings(place: Place, sheet: str, facts: SheetFacts) -> Iterator[Finding]:
    """What the sheet holds that is no plain value."""
    if facts.errors:
        yield place_finding(
            place,
            "failed_formula",
            f"{len(facts.errors)} cells of {place.file} ({sheet}) hold an error instead of a value"
            f" and are read as empty: {_shown(facts.errors)}",
            "Mend the formulas in the workbook and save it again.",
            rows=len(facts.errors),
            records=tuple(ref for ref, _ in facts.errors[:20]),
        )
    if facts.unvalued:
        yield place_finding(
            place,
            "formula_without_value",
            f"{len(facts.unvalued)} formulas of {place.file} ({sheet}) were never calculated and"
            f" are read as empty ({', '.join(facts.unvalued[:5])})",
            "Open the workbook in a spreadsheet program and save it.",
            rows=len(facts.unvalued),
            records=tuple(facts.unvalued[:20]),
        )
    yield from _merged_findings(place, sheet, [ref for ref in facts.merged if _height(ref) > 1])
    if facts.hidden_rows:
        yield place_finding(
            place,
            "hidden_rows",
            f"{facts.hidden_rows} rows of {place.file} ({sheet}) are hidden in the workbook;"
            " they are read like the others",
            "Delete them in the workbook if they should not count.",
            rows=facts.hidden_rows,
            severity=Severity.notice,
        )


def _merged_findings(place: Place, sheet: str, tall: Sequence[str]) -> Iterator[Finding]:
    if tall:
        yield place_finding(
            place,
            "merged_cells",
            f"{len(tall)} merged cells of {place.file} ({sheet}) cover several rows; the value"
            f" is read in the first of them and the others are empty ({', '.join(tall[:5])})",
            "Undo the merging and repeat the value if it holds for each row.",
            rows=sum(_height(ref) - 1 for ref in tall),
            records=tuple(tall[:20]),
        )


def _left_out(place: Place, others: Sequence[tuple[str, int]], what: str) -> Iterator[Finding]:
    """Sheets or tables that hold rows and are not read."""
    filled = [(name, rows) for name, rows in others if rows > 1]
    if not filled:
        return
    listed = ", ".join(
        f"'{name}' with {rows:,} rows" if rows < COUNTED else f"'{name}' with {rows:,} rows or more"
        for name, rows in filled[:8]
    )
    todo = (
        f"To read one, name it in tables: - file: {place.file}, sheet: {filled[0][0]}."
        if what == "sheets"
        else "Export them into files of their own if they are needed."
    )
    yield place_finding(
        place,
        f"{what}_not_read",
        f"{len(filled)} other {what} of {place.file} hold rows and are not read: {listed}",
        todo,
        rows=sum(rows for _, rows in filled),
        records=tuple(name for name, _ in filled[:20]),
    )


def _is_archive(path: Path) -> bool:
    """By its start: an XLS may hold a whole archive (its theme)."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def _height(ref: str) -> int:
    """The rows that a merged range covers; those of the header too."""
    rows = ["".join(sign for sign in end if sign.isdigit()) for end in ref.split(":")]
    return int(rows[1]) - int(rows[0]) + 1 if len(rows) == 2 and all(rows) else 1


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
