"""The demo agency, made once for all tests that only read it; and a plain reader of its files."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from kvitto.app.agency import AgencyTruth, ClientTruth, generate

SIZE = 0.1
Rows = list[dict[str, Any]]
"""Cells are text; JSON lines have numbers and nulls too."""


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="kvitto-agency-")


@lru_cache(maxsize=1)
def agency() -> tuple[Path, AgencyTruth]:
    """The workspace at a tenth of its size, and its truth. The folder goes with the process."""
    root = Path(_folder().name) / "agency"
    return root, generate(root, size=SIZE)


def rows_of(client: str, ending: str, *, older: bool = False) -> Rows:
    """All rows of the client's files whose path holds the text."""
    root, truth = agency()
    files = [one for one in truth.clients[client].files if ending in one.path]
    return [
        row
        for one in files
        if one.is_older == older
        for row in read_rows(root / one.path, one.encoding)
    ]


def client(name: str) -> ClientTruth:
    return agency()[1].clients[name]


def read_rows(path: Path, encoding: str) -> Rows:
    """The rows below the header, totals and comments left out, by means of the library alone."""
    if encoding == "xlsx":
        return list(_workbook(path))
    text = path.read_text(encoding="utf-8-sig" if encoding == "utf-8" else encoding)
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    lines = text.lstrip("\ufeff").splitlines()
    start = next(n for n, line in enumerate(lines) if line and _is_header(line))
    rows = list(csv.reader(lines[start:], delimiter=_delimiter(lines[start])))
    records = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return [record for record in records if not _is_total(record)]


def _is_header(line: str) -> bool:
    """Title lines are one cell, comments begin with a hash."""
    return (
        not line.startswith("#") and len(next(csv.reader([line], delimiter=_delimiter(line)))) > 2
    )


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _is_total(record: dict[str, str]) -> bool:
    first = next(iter(record.values()))
    return first == "" or first.startswith(("Total:", "Totale:"))


def _workbook(path: Path) -> Iterator[dict[str, Any]]:
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    header = [str(cell) for cell in rows[0]]
    for row in rows[1:]:
        yield dict(zip(header, (str(cell) for cell in row), strict=True))
