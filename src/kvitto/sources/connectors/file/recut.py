"""Text whose cells or rows end in several signs, written anew as plain CSV.

Bulk exports of databases divide cells by ``+|`` and end rows by ``&|`` where
their texts hold every usual delimiter and line breaks.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kvitto.sources.connectors.file.content import LONGEST_LINE

_PART = 1 << 20
_HEAD = 64 * 1024
_CELL, _ROW = "+|", "&|"


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands between cells, and what ends a row before its line break, if anything."""

    cell: str
    row: str = ""


def marks_of(path: Path, told: str | None) -> Marks | None:
    """The marks of a UTF-8 text whose delimiter has several signs, ``None`` for other texts.

    ``told`` is the delimiter that a person gave.
    """
    with path.open(encoding="utf-8-sig", errors="ignore", newline="") as stream:
        head = stream.read(_HEAD)
    first = re.search(re.escape(_ROW) + r"\r?\n", head)
    ended = first is not None
    if told is not None and len(told) > 1:
        return Marks(told, _ROW if ended else "")
    if told is None and first is not None and _CELL in head[: first.start()]:
        return Marks(_CELL, _ROW)
    return None


def recut(path: Path, marks: Marks, target: Path) -> None:
    """Write the rows as CSV with commas and quotes; line breaks inside a cell become blanks."""
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for record in _records(path, marks.row):
            writer.writerow(
                " ".join(cell.splitlines()) if "\n" in cell else cell
                for cell in record.split(marks.cell)
            )


def _records(path: Path, end: str) -> Iterator[str]:
    """The rows one by one; a row without its end mark is given up where memory would grow."""
    mark = f"{end}\n"
    kept = ""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        while part := stream.read(_PART):
            found = (kept + part).replace("\r\n", "\n").split(mark)
            kept = found.pop()
            yield from (record for record in found if record.strip())
            if len(kept) > LONGEST_LINE:
                yield kept
                kept = ""
    last = kept.rstrip("\n").removesuffix(end) if end else kept
    if last.strip():
        yield last
