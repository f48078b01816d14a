"""Reads a workbook of an older or rarer make (XLS, XLSB, ODS), in a process of its own.

    python calamine_child.py REQUEST

The reader holds whole sheets in memory and may be brought down by a broken
file; here it has a limit and takes nobody with it. This file is run by its
path and imports nothing of the product, so that it starts in milliseconds. It
prints one JSON object.
"""

from __future__ import annotations

import csv
import json
import re
import runpy
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MOST_CELLS = 20_000_000
"""Cells of one sheet: also those that are empty between the first and the last."""

_CODES = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
}
_SET = b"[\x00\x07\x0f\x17\x1d\x24\x2a]"
_BIFF_ERROR = re.compile(b"\x05\x02\x08\x00(..)(..)..(" + _SET + b")\x01", re.DOTALL)
_BIFF_FORMULA = re.compile(b"\x06\x00..(..)(..)..\x02.(" + _SET + b")...\xff\xff", re.DOTALL)
_CRYPTED = "EncryptedPackage".encode("utf-16-le")


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Write the wanted sheets as CSV; tell of every sheet what it is."""
    from python_calamine import CalamineError, CalamineWorkbook

    _limit(request["memory"], request["seconds"])
    path = Path(request["path"])
    kind = _kind(path)
    if _is_crypted(path, kind):
        return {"trouble": "password"}
    named = Path(request["folder"]) / f"book.{kind}"
    named.symlink_to(path.resolve())
    try:
        book = CalamineWorkbook.from_path(str(named))
        told = {sheet.name: sheet for sheet in book.sheets_metadata}
        sheets = [
            _sheet(book, name, str(told[name].visible).endswith("Visible"), request)
            for name in book.sheet_names
            if str(told[name].typ).endswith("WorkSheet")
        ]
    except CalamineError as error:
        return {"trouble": "password" if "assword" in str(error) else "broken", "said": str(error)}
    finally:
        named.unlink()
    return {"sheets": sheets, "errors": _errors(path, kind)}


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # a system without limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _kind(path: Path) -> str:
    with path.open("rb") as stream:
        # An XLS may hold a whole archive (its theme), so the start is what counts.
        if stream.read(4) != b"PK\x03\x04":
            return "xls"
    with zipfile.ZipFile(path) as archive:
        names = {name.lower() for name in archive.namelist()}
    if "content.xml" in names:
        return "ods"
    return "xlsb" if any(name.endswith("workbook.bin") for name in names) else "xlsx"


def _is_crypted(path: Path, kind: str) -> bool:
    if kind == "xls":
        return _CRYPTED in path.read_bytes()
    if kind != "ods":
        return False
    with zipfile.ZipFile(path) as archive:
        listed = "META-INF/manifest.xml"
        return listed in archive.namelist() and b"encryption-data" in archive.read(listed)


def _sheet(book: Any, name: str, shown: bool, request: dict[str, Any]) -> dict[str, Any]:
    text = _cell_text()
    sheet = book.get_sheet_by_name(name)
    first, last = sheet.start, sheet.end
    found: dict[str, Any] = {"name": name, "hidden": not shown, "rows": 0, "csv": None}
    if first is None or last is None:
        return found
    if (last[0] - first[0] + 1) * (last[1] - first[1] + 1) > MOST_CELLS:
        return {**found, "trouble": f"it spans more than {MOST_CELLS:,} cells"}
    target = Path(request["folder"]) / f"{len(list(Path(request['folder']).iterdir())):04d}.csv"
    errors: list[list[str]] = []
    numbers: set[int] = set()
    texts: dict[int, int] = {}
    others: set[int] = set()
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for at, row in _filled(sheet, first[0]):
            found["rows"] += 1
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    if cell.startswith(("#", "Err:")) and request["errors"].match(cell):
                        errors.append([f"{_letters(place + first[1])}{at + 1}", cell])
                        row[place] = ""
                    elif cell:
                        texts[place] = texts.get(place, 0) + 1
                elif isinstance(cell, int | float) and not isinstance(cell, bool):
                    numbers.add(place)
                elif cell is not None:
                    others.add(place)
            writer.writerow([at + 1, *(text(cell) for cell in row)])
    merged = sheet.merged_cell_ranges or []
    return {
        **found,
        "csv": str(target),
        "errors": errors,
        "numbers": sorted(numbers),
        "texts": list(texts.items()),
        "others": sorted(others),
        "left": first[1],
        "merged": [f"{_letters(a[1])}{a[0] + 1}:{_letters(b[1])}{b[0] + 1}" for a, b in merged],
    }


def _filled(sheet: Any, first: int) -> Iterator[tuple[int, list[Any]]]:
    """Rows with something in them, and their place in the sheet from 0."""
    started = False
    at = first - 1
    for row in sheet.iter_rows():
        # Rows above the data come empty; they are not counted in ``first`` again.
        if not started and not any(_is_filled(cell) for cell in row):
            continue
        started = True
        at += 1
        if any(_is_filled(cell) for cell in row):
            yield at, list(row)


def _is_filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or cell.strip() != "")


def _errors(path: Path, kind: str) -> list[list[str]]:
    """Failed formulas, which the reader gives as empty cells; without their sheet."""
    if kind == "xls":
        raw = path.read_bytes()
        found = [*_BIFF_ERROR.findall(raw), *_BIFF_FORMULA.findall(raw)]
        cells = [
            (int.from_bytes(r, "little"), int.from_bytes(c, "little"), e[0]) for r, c, e in found
        ]
        return [[f"{_letters(c)}{r + 1}", _CODES[e]] for r, c, e in cells if c < 256]
    return _binary_errors(path) if kind == "xlsb" else []


def _binary_errors(path: Path) -> list[list[str]]:
    found: list[list[str]] = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if "worksheets/sheet" not in name.lower() or not name.endswith(".bin"):
                continue
            row = 0
            for kind, body in _records(archive.read(name)):
                if kind == 0 and len(body) >= 4:
                    row = int.from_bytes(body[:4], "little")
                elif kind in (3, 11) and len(body) >= 9 and body[8] in _CODES:
                    place = int.from_bytes(body[:4], "little")
                    found.append([f"{_letters(place)}{row + 1}", _CODES[body[8]]])
    return found


def _records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each record of a binary part."""
    at = 0
    while at < len(raw):
        kind = raw[at]
        at += 1
        if kind & 0x80 and at < len(raw):
            kind = (kind & 0x7F) | (raw[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while at < len(raw) and shift < 28:
            size |= (raw[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not raw[at - 1] & 0x80:
                break
        yield kind, raw[at : at + size]
        at += size


def _letters(place: int) -> str:
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def _cell_text() -> Callable[[Any], str]:
    found: Callable[[Any], str] = _CELL["cell_text"]
    return found


_CELL: dict[str, Any] = {}

if __name__ == "__main__":
    _CELL.update(runpy.run_path(str(Path(__file__).with_name("cell.py"))))
    asked = json.loads(sys.argv[1])
    asked["errors"] = _CELL["ERRORS"]
    sys.stdout.write(json.dumps(main(asked)))
