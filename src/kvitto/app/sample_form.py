"""The file in which a sample is checked by hand: written to be filled in, and read again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from kvitto.errors import WrongUse

ASKED = ("table", "record_id", "field", "value", "is_correct", "note")
"""The columns of the file."""


def ending_of(out: Path) -> str:
    """The form that a file's name asks for. Raises :class:`WrongUse` for another."""
    ending = out.suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise WrongUse.of(
            f"write {out.name}", f"'{ending}' is not a form", "End the name with .csv or .xlsx."
        )
    return ending


def write_form(out: Path, name: str, rows: Sequence[Sequence[str]]) -> None:
    """Write the rows below their heading, as CSV or as a sheet of that name."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if ending_of(out) == ".csv":
        with out.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(ASKED)
            writer.writerows([_harmless(cell) for cell in row] for row in rows)
        return
    import xlsxwriter

    with xlsxwriter.Workbook(str(out)) as book:
        sheet = book.add_worksheet(name[:31])
        for index, cells in enumerate([ASKED, *rows]):
            for column, cell in enumerate(cells):
                sheet.write_string(index, column, cell)
        sheet.data_validation(
            1, 4, max(1, len(rows)), 4, {"validate": "list", "source": ["yes", "no"]}
        )
        sheet.set_column(0, len(ASKED) - 1, 24)
        sheet.freeze_panes(1, 0)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def read_form(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a file that was filled in, each with its number.

    Raises :class:`WrongUse` where it is no such file.
    """
    if not path.is_file():
        raise WrongUse.of(f"read {path}", "there is no such file", "Name the file to read.")
    if ending_of(path) == ".xlsx":
        rows = _sheet(path)
    else:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            text = path.read_text(encoding="cp1252")
        rows = list(rows_of(text))
    needed = ("record_id", "field", "is_correct")
    lacking = [name for name in needed if rows and name not in rows[0][1]]
    if lacking or not rows:
        found = f"it has no column {', '.join(lacking)}" if rows else "it has no lines"
        raise WrongUse.of(f"read {path.name}", found, "Use the file that was drawn.")
    unmasked = {"record_id", "field", "note"}
    for number, row in rows:
        yield (
            number,
            {
                key: cell[1:] if key in unmasked and cell[:1] == "'" else cell
                for key, cell in row.items()
            },
        )


def rows_of(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a CSV text, whatever its delimiter, each with its number."""
    head = text.splitlines()[0] if text else ""
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, restval="")
    for row in reader:
        cells = {str(key).strip(): (cell or "").strip() for key, cell in row.items() if key}
        if any(cells.values()):
            yield reader.line_num, cells


def _sheet(path: Path) -> list[tuple[int, dict[str, str]]]:
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    if not rows:
        return []
    head = [str(cell).strip() for cell in rows[0]]
    return [
        (number, {key: str(cell).strip() for key, cell in zip(head, row, strict=False)})
        for number, row in enumerate(rows[1:], start=2)
        if any(str(cell).strip() for cell in row)
    ]
