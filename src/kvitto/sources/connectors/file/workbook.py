"""Workbooks (XLSX, XLS, XLSB, ODS) and tables in markup, each sheet by way of a plain text file."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import BadSource, Problem, did_you_mean
from kvitto.sources.connectors.file.content import scan_text
from kvitto.sources.connectors.file.delimited import Place, stage_delimited
from kvitto.sources.staged import Decision, StagedTable
from kvitto.workspace.definition import TableMap

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from python_calamine import CalamineWorkbook

MOST_UNPACKED = 1_500_000_000
"""Bytes that a packed workbook may hold; a bomb declares more, or lies and is stopped by rows."""
MOST_RATIO = 250
"""How many times larger than its file a workbook of more than 50 MB may be."""

Cell = str | int | float | bool | date | time | timedelta | None


def stage_workbook(
    connection: DuckDBPyConnection, place: Place, told: Sequence[TableMap], *, markup: bool
) -> tuple[StagedTable, ...]:
    """The named sheets, or the first one that holds anything."""
    if markup:
        return (_stage_rows(connection, place, None, _markup_rows(place.path)),)
    _refuse_bomb(place)
    book = _opened(place)
    names: list[str] = list(book.sheet_names)
    wanted = list(dict.fromkeys(entry.sheet for entry in told if entry.sheet is not None))
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
    if wanted:
        return tuple(
            _stage_rows(connection, place, name, _sheet_rows(book, name)) for name in wanted
        )
    for name in names:
        rows = _sheet_rows(book, name)
        if rows:
            return (_stage_rows(connection, place, name, rows),)
    raise BadSource.of(
        f"read {place.file}", "no sheet of the workbook holds anything", "Export it again."
    )


def _opened(place: Place) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        # By content: a path would be judged by its ending.
        with place.path.open("rb") as stream:
            return CalamineWorkbook.from_filelike(stream)
    except (CalamineError, OSError, ValueError) as error:
        raise BadSource.of(
            f"read {place.file}",
            f"it looks like a workbook but cannot be opened ({error})",
            "Open it in a spreadsheet program and save it again, without a password.",
        ) from error


def _refuse_bomb(place: Place) -> None:
    if not zipfile.is_zipfile(place.path):
        return
    with zipfile.ZipFile(place.path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    packed = max(1, place.path.stat().st_size)
    if unpacked > MOST_UNPACKED or (unpacked > 50_000_000 and unpacked / packed > MOST_RATIO):
        raise BadSource.of(
            f"read {place.file}",
            f"it unpacks to {unpacked:,} bytes, {unpacked // packed} times its size",
            "Export it as CSV if it really holds that much.",
        )


def _sheet_rows(book: CalamineWorkbook, name: str) -> list[list[Cell]]:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
    return [list(row) for row in rows if any(_filled(cell) for cell in row)]


def _filled(cell: Cell) -> bool:
    return cell is not None and cell != ""


def _stage_rows(
    connection: DuckDBPyConnection, place: Place, sheet: str | None, rows: Iterable[Sequence[Cell]]
) -> StagedTable:
    """Write the rows as plain text and read them like any other file."""
    target = place.folder / f"{len(list(place.folder.iterdir())):04d}-sheet.csv"
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows([[_text(cell) for cell in row] for row in rows])
    if scan_text(target).lines == 0:
        raise BadSource.of(f"read {place.file}", "there is no table in it", "Export it again.")
    told = (
        None
        if place.told is None
        else place.told.model_copy(update={"encoding": None, "delimiter": ","})
    )
    staged = stage_delimited(connection, replace(place, path=target, sheet=sheet, told=told))
    decisions = (
        (
            Decision(
                "sheet", sheet, "told" if told and told.sheet else "found", "the first with rows"
            ),
        )
        if sheet is not None
        else (Decision("format", "table in markup", "found", "the content is HTML or XML"),)
    )
    return replace(staged, decisions=decisions)


def _text(cell: Cell) -> str:
    """The cell as text that reads back exactly: ISO dates, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        if (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0):
            return cell.date().isoformat()
        return cell.isoformat(sep=" ")
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).replace("\r\n", "\n").replace("\r", "\n")


class _Tables(HTMLParser):
    """Collects the cells of the first table that has any; knows nothing of entities beyond HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[Cell]] = []
        self._cell: list[str] | None = None
        self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = tag.rsplit(":", 1)[-1]
        if self._done:
            return
        if name in ("tr", "row"):
            self.rows.append([])
        elif name in ("td", "th", "cell") and self.rows:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        name = tag.rsplit(":", 1)[-1]
        if name in ("td", "th", "cell") and self._cell is not None and self.rows:
            self.rows[-1].append("".join(self._cell).strip())
            self._cell = None
        elif name == "table" and any(self.rows):
            self._done = True

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def _markup_rows(path: Path) -> list[list[Cell]]:
    from kvitto.sources.connectors.file.rewrite import guess_encoding

    encoding = scan_text(path).encoding or guess_encoding(path)[0]
    parser = _Tables()
    with path.open(encoding=encoding, errors="replace") as stream:
        while part := stream.read(1 << 20):
            parser.feed(part)
    parser.close()
    return [row for row in parser.rows if any(_filled(cell) for cell in row)]
