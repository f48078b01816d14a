"""Workbooks that are not XLSX (XLS, XLSB, ODS), read by a child with limits of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvitto.errors import BadSource

MOST_MEMORY = 1_500_000_000
"""Bytes of addresses that the child may take."""
MOST_SECONDS = 120
"""Processor time of the child; wall time may be three times that."""

LOCKED = "it is protected with a password"
LOCKED_TODO = "Save it without a password, or export it as CSV."


@dataclass(frozen=True, slots=True)
class LegacySheet:
    """A sheet that the child has written as CSV (``path``; ``None`` where it is empty).

    Each row begins with its number in the sheet. ``left`` is the first column
    that is written; the others are counted from it.
    """

    name: str
    hidden: bool
    rows: int
    path: Path | None
    numbers: tuple[int, ...]
    errors: tuple[tuple[str, str], ...]
    merged: tuple[str, ...]
    trouble: str | None
    left: int = 0
    texts: tuple[tuple[int, int], ...] = ()
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LegacyBook:
    """Its sheets, and cells with errors whose sheet is not known."""

    sheets: tuple[LegacySheet, ...]
    errors: tuple[tuple[str, str], ...]


def read_legacy(path: Path, file: str, folder: Path) -> LegacyBook:
    """Every sheet of the workbook. Raises :class:`BadSource` where it cannot be read."""
    request = {
        "path": str(path),
        "folder": str(folder),
        "memory": MOST_MEMORY,
        "seconds": MOST_SECONDS,
    }
    child = Path(__file__).with_name("calamine_child.py")
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(child), json.dumps(request)],
            capture_output=True,
            timeout=3 * MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _refused(file, f"reading it takes longer than {3 * MOST_SECONDS} s") from None
    if done.returncode:
        raise _refused(file, _ended(done.returncode, done.stderr.decode("utf-8", "replace")))
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer.get("trouble") == "password":
        raise BadSource.of(f"read {file}", LOCKED, LOCKED_TODO, file=file)
    if "trouble" in answer:
        raise _refused(file, f"it looks like a workbook and is damaged ({answer['said']})")
    return LegacyBook(
        tuple(_sheet(sheet) for sheet in answer["sheets"]),
        tuple((str(ref), str(code)) for ref, code in answer["errors"]),
    )


def _sheet(found: dict[str, Any]) -> LegacySheet:
    return LegacySheet(
        found["name"],
        found["hidden"],
        found["rows"],
        Path(found["csv"]) if found["csv"] else None,
        tuple(found.get("numbers", ())),
        tuple((ref, code) for ref, code in found.get("errors", ())),
        tuple(found.get("merged", ())),
        found.get("trouble"),
        found.get("left", 0),
        tuple((place, count) for place, count in found.get("texts", ())),
        tuple(found.get("others", ())),
    )


def _refused(file: str, found: str) -> BadSource:
    return BadSource(
        *BadSource.of(
            f"read {file}",
            found,
            "Open it in a spreadsheet program and save it again as XLSX, or export it as CSV.",
            file=file,
        ).problems
    )


def _ended(code: int, said: str) -> str:
    last = (said.strip().splitlines() or [""])[-1]
    if code == -24 or "CPU time" in last:
        return f"reading it takes more than {MOST_SECONDS} s of processor time"
    if "memory" in said.lower() or "MemoryError" in said or code == -6:
        return f"reading it takes more than {MOST_MEMORY // 1_000_000:,} MB of memory"
    return f"it looks like a workbook and is damaged (its reader stopped: {last[:120]})"
