"""How a text file is cut into rows and cells, from its first lines."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_BYTES = 256 * 1024
_SAMPLE_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Dialect:
    """Delimiter, quote, the lines before the header, the header and the first rows.

    ``evidence`` says why the delimiter was chosen. Without ``headed`` the file
    begins with its first row, and its headers are empty.
    """

    delimiter: str
    quote: str
    skip: int
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    evidence: str
    headed: bool = True


def find_dialect(
    path: Path,
    delimiter: str | None,
    quote: str | None = None,
    columns: Sequence[str] = (),
) -> Dialect | None:
    """The dialect of a UTF-8 text file; ``None`` where there is no header to be found.

    ``delimiter`` is what a person said, ``None`` where nobody did; ``quote``
    is known of files that were written here. ``columns`` are the names that a
    person gave the columns of a file without a header.
    """
    text = _first_text(path)
    marks = [quote] if quote else ['"']
    if not quote and "'" in text.split("\n", 2)[0]:
        marks.append("'")
    best: tuple[tuple[float, int], Dialect] | None = None
    for option in (delimiter,) if delimiter else _present(text):
        for mark in marks:
            candidate = _named(text, option, mark, columns) if columns else _cut(text, option, mark)
            if candidate is None:
                continue
            score, dialect = candidate
            if best is None or score > best[0]:
                best = (score, dialect)
    return None if best is None else best[1]


def _present(text: str) -> list[str]:
    """The delimiters that stand in the text at all; the first stands for a text of one column."""
    return [one for place, one in enumerate(_DELIMITERS) if not place or one in text]


def _first_text(path: Path) -> str:
    with path.open("rb") as stream:
        raw = stream.read(_SAMPLE_BYTES)
        more = bool(stream.read(1))
    text = raw.decode("utf-8-sig", errors="ignore").replace("\r\n", "\n").replace("\r", "\n")
    return text.rsplit("\n", 1)[0] + "\n" if more and "\n" in text else text


def _cut(text: str, delimiter: str, quote: str) -> tuple[tuple[float, int], Dialect] | None:
    rows = _parsed(text, delimiter, quote)
    filled = [(number, row) for number, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        return None
    widths = Counter(len(row) for _, row in filled)
    width = max(widths, key=lambda w: (widths[w] * (w > 1), w))
    at = header_at(filled, width)
    header = list(filled[at][1])
    below = filled[at + 1 :]
    if len(header) != width and below and widths[width] * 5 >= len(below) * 4:
        # A delimiter at the end of every row but the header's gives a column without a name.
        header = [*header, *[""] * (width - len(header))][:width]
    width = len(header)
    body = tuple(tuple(row) for _, row in below)
    agreeing = sum(len(row) == width for _, row in filled) / len(filled)
    skip = _lines_before(text, delimiter, quote, filled[at][0])
    evidence = f"{widths[width]} of the first {len(filled)} rows have {width} cells"
    score = (agreeing if width > 1 else 0.0, width)
    if is_row(header, body):
        whole = (tuple(header), *body)
        return score, Dialect(delimiter, quote, skip, ("",) * width, whole, evidence, headed=False)
    return score, Dialect(delimiter, quote, skip, tuple(header), body, evidence)


def _named(
    text: str, delimiter: str, quote: str, columns: Sequence[str]
) -> tuple[tuple[float, int], Dialect] | None:
    """The text as rows of columns that a person named; a header of these names is none of them."""
    rows = _parsed(text, delimiter, quote)
    filled = [(number, row) for number, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        return None
    width = len(columns)
    agreeing = sum(len(row) == width for _, row in filled)
    at = next((at for at, (_, row) in enumerate(filled) if len(row) == width), 0)
    first = [cell.strip().strip("\ufeff").casefold() for cell in filled[at][1]]
    headed = first == [name.strip().strip("\ufeff").casefold() for name in columns]
    body = tuple(tuple(row) for _, row in filled[at + headed :])
    skip = _lines_before(text, delimiter, quote, filled[at][0])
    evidence = f"{agreeing} of the first {len(filled)} rows have {width} cells"
    score = (agreeing / len(filled), width if agreeing else 0)
    return score, Dialect(delimiter, quote, skip, tuple(columns), body, evidence, headed)


def _parsed(text: str, delimiter: str, quote: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > _SAMPLE_ROWS:
                break
    except csv.Error:
        return rows
    return rows


def header_at(filled: Sequence[tuple[int, list[str]]], width: int) -> int:
    """The first row of about full width whose cells are mostly filled, and with words.

    A title stands before it; rows of another width below it are broken rows.
    """
    for at, (_, row) in enumerate(filled[:50]):
        cells = [cell.strip() for cell in row if cell.strip()]
        wide = len(row) == width and len(cells) * 3 >= width * 2
        nearly = len(row) > 1 and len(row) * 5 >= width * 3 and len(cells) == len(row)
        if wide or (nearly and not any(is_value(cell) for cell in cells)):
            return at
    return 0


def is_row(header: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether what stands first is a row like those below it, so that there is no header.

    It begins with a number as they do, and has at least as many values as
    words where they have values. Years as headers stand behind a word.
    """
    rows = [row for row in body if len(row) == len(header)][:20]
    if len(header) < 2 or len(rows) < 2 or not is_value(header[0].strip().strip("\ufeff")):
        return False
    cells = [place for place, cell in enumerate(header) if cell.strip()]
    values = [place for place in cells if is_value(header[place].strip().strip("\ufeff"))]
    alike = [
        place
        for place in values
        if sum(is_value(row[place].strip()) for row in rows) * 2 > len(rows)
    ]
    return 0 in alike and len(alike) * 10 >= len(cells) * 3


def is_value(cell: str) -> bool:
    """Whether the cell holds a number or a date rather than a name."""
    return any(sign.isdigit() for sign in cell) and not any(sign.isalpha() for sign in cell)


def _lines_before(text: str, delimiter: str, quote: str, row_number: int) -> int:
    """How many physical lines stand before the row of that number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    for _ in range(row_number):
        next(reader)
    return reader.line_num


def column_names(header: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that are unique and not empty, and the headers that stood there twice.

    A second ``name`` becomes ``name_2``; an empty one ``column_3``. Engines do
    not tell ``Name`` from ``name``, so neither does this.
    """
    names: list[str] = []
    doubled: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(header, start=1):
        bare = cell.strip().strip("\ufeff") or f"column_{place}"
        name, number = bare, 2
        while name.lower() in taken:
            name, number = f"{bare}_{number}", number + 1
        if name != bare:
            doubled.append(bare)
        taken.add(name.lower())
        names.append(name)
    return tuple(names), tuple(dict.fromkeys(doubled))
