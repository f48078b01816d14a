"""JSON that the engine does not take as it stands, rewritten as one object to a line.

Numbers become the texts that stand in the file, so that none goes by way of a
binary float or overflows. Lines that are no JSON are left out and named.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvitto.sources.connectors.file.content import mark_of

MOST_WHOLE = 100_000_000
"""Bytes of a file that is one JSON value and has to be held in memory to be mended."""
LONGEST_LINE = 16 * 1024 * 1024
_PART = 1 << 20
_LONG = re.compile(rb"[:\[,]\s*-?(?=[\d.]{17})\d+\.\d+")
_OVERLAP = 64


@dataclass(frozen=True, slots=True)
class Mended:
    """The rewritten file, its objects, and the lines that are no JSON.

    ``others`` are further lists beside the one that was taken, with their sizes.
    """

    path: Path
    rows: int
    broken: tuple[int, ...]
    why: str
    others: tuple[tuple[str, int], ...] = ()


def mend_json(path: Path, target: Path) -> Mended | None:
    """The file as lines of objects; ``None`` where nothing in it can be read."""
    encoding = _encoding(path)
    whole = _whole(path, encoding) if path.stat().st_size <= MOST_WHOLE else None
    others: tuple[tuple[str, int], ...] = ()
    if isinstance(whole, dict):
        lists = [(len(value), key) for key, value in whole.items() if _holds_records(value)]
        lists.sort(key=lambda one: (-one[0], one[1]))
        others = tuple((key, size) for size, key in lists[1:])
        whole = whole[lists[0][1]] if lists else [whole]
    if isinstance(whole, list):
        rows = [row for row in whole if isinstance(row, dict)]
        with target.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        broken = tuple(at for at, row in enumerate(whole, start=1) if not isinstance(row, dict))
        why = "entries that are no objects"
        return Mended(target, len(rows), broken, why, others) if rows else None
    return _mend_lines(path, encoding, target)


def has_long_decimal(path: Path) -> bool:
    """Whether a decimal has more digits than a binary float keeps (16 or more, to be safe)."""
    end = b""
    with path.open("rb") as stream:
        while part := stream.read(_PART):
            if _LONG.search(end + part):
                return True
            end = part[-_OVERLAP:]
    return False


def _holds_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _mend_lines(path: Path, encoding: str, target: Path) -> Mended | None:
    kept, broken = 0, []
    with target.open("w", encoding="utf-8") as out:
        for number, line in _lines(path, encoding):
            if line is not None and not line.strip():
                continue
            row = None if line is None else _parsed(line)
            if isinstance(row, dict):
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                kept += 1
            else:
                broken.append(number)
    if kept == 0 or len(broken) > kept:
        return None
    return Mended(target, kept, tuple(broken), "lines that are no JSON object")


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str | None]]:
    """Lines with their numbers; ``None`` for one that is too long."""
    with path.open(encoding=encoding, errors="replace", newline=None) as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE):
            number += 1
            if line.endswith("\n") or len(line) < LONGEST_LINE:
                yield number, line
                continue
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                continue
            yield number, None


def _whole(path: Path, encoding: str) -> Any:
    try:
        return _loads(path.read_text(encoding=encoding, errors="replace"))
    except (ValueError, RecursionError):
        return None


def _parsed(text: str) -> Any:
    try:
        return _loads(text)
    except (ValueError, RecursionError):
        return None


def _loads(text: str) -> Any:
    """JSON with its numbers as they are written; NaN and Infinity say nothing."""
    return json.loads(
        text.lstrip("\ufeff"), parse_float=str, parse_int=str, parse_constant=lambda _: None
    )


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4096)
    marked = mark_of(head)
    if marked is not None:
        return "utf-8-sig" if marked == "utf-8" else marked
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
