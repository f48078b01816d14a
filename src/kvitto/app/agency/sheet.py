"""Files as the tools write them: their encodings, delimiters and workbooks, row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

Cell = str | int | Decimal | date | datetime | None
Row = Sequence[Cell]
_WORKBOOK_ROWS = 1_000_000
_MADE = datetime(2026, 1, 2, 8, 0)
"""The moment that workbooks carry as their making, so that equal data gives equal bytes."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written. ``kind`` is csv, jsonl or xlsx."""

    kind: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    end: str = "\r\n"
    is_quoted: bool = False

    @property
    def suffix(self) -> str:
        """The ending of the file's name."""
        return {"csv": ".csv", "jsonl": ".jsonl", "xlsx": ".xlsx"}[self.kind]


class Sheet(Protocol):
    """An open file. ``rows`` counts what was written below the header."""

    path: Path
    rows: int

    def write(self, row: Row) -> None:
        """Add a row."""

    def close(self, last: Sequence[Row] = ()) -> None:
        """Write the last rows, which do not count, and close."""


def open_sheet(path: Path, form: Form, header: Sequence[str], before: Sequence[str]) -> Sheet:
    """A new file with its title lines and header; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if form.kind == "xlsx":
        return _Workbook(path, header)
    if form.kind == "jsonl":
        return _Lines(path, header)
    return _Text(path, form, header, before)


class _Text:
    def __init__(self, path: Path, form: Form, header: Row, before: Sequence[str]) -> None:
        self.path, self.rows = path, 0
        # The mark of the byte order is written by hand: Python's own follows the machine.
        encoding = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(form.encoding, form.encoding)
        self._file: IO[str] = path.open("w", encoding=encoding, newline="")
        if encoding != form.encoding:
            self._file.write("\ufeff")
        self._file.writelines(line + form.end for line in before)
        self._csv = csv.writer(
            self._file,
            delimiter=form.delimiter,
            lineterminator=form.end,
            quoting=csv.QUOTE_ALL if form.is_quoted else csv.QUOTE_MINIMAL,
        )
        self._csv.writerow(header)

    def write(self, row: Row) -> None:
        self._csv.writerow(row)
        self.rows += 1

    def close(self, last: Sequence[Row] = ()) -> None:
        self._csv.writerows(last)
        self._file.close()


class _Lines:
    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path, self.rows = path, 0
        self._header = header
        self._file = path.open("w", encoding="utf-8", newline="")

    def write(self, row: Row) -> None:
        made = dict(zip(self._header, row, strict=True))
        self._file.write(json.dumps(made, ensure_ascii=False, default=str) + "\n")
        self.rows += 1

    def close(self, last: Sequence[Row] = ()) -> None:
        self._file.close()


class _Workbook:
    """A workbook that is written as a stream; a full one goes on in the next sheet."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        from xlsxwriter import Workbook

        self.path, self.rows = path, 0
        self._header = header
        self._book: Workbook = Workbook(str(path), {"constant_memory": True})
        self._book.set_properties({"created": _MADE})
        self._day: Format = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment: Format = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._start()

    def _start(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.write_row(0, 0, self._header)
        self._at = 0

    def write(self, row: Row) -> None:
        if self._at == _WORKBOOK_ROWS:
            self._start()
        self._at += 1
        self.rows += 1
        for column, cell in enumerate(row):
            self._cell(column, cell)

    def _cell(self, column: int, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, str):
            self._sheet.write_string(self._at, column, cell)
        elif isinstance(cell, datetime):
            self._sheet.write_datetime(self._at, column, cell, self._moment)
        elif isinstance(cell, date):
            self._sheet.write_datetime(self._at, column, cell, self._day)
        else:
            self._sheet.write_number(self._at, column, cell)

    def close(self, last: Sequence[Row] = ()) -> None:
        self._book.close()
