"""The columns of a table as an SQL script beside the file creates it: a proposal, never a fact."""

from __future__ import annotations

import re
from pathlib import Path

from kvitto.sources.connectors.file.content import mark_of

_LARGEST = 4 * 1024 * 1024
_MOST = 20
_TABLE = re.compile(
    r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r"(?:[\[\"`]?\w+[\]\"`]?\s*\.\s*){0,2}[\[\"`]?(?P<name>\w+)[\]\"`]?\s*\(",
    re.IGNORECASE,
)
_NOT_COLUMNS = ("constraint", "primary", "foreign", "unique", "check", "key", "index", "period")
_NAME = re.compile(r"^\s*(?:\[([^\]]+)\]|\"([^\"]+)\"|`([^`]+)`|(\w+))\s+\S")


def proposed_columns(path: Path, stem: str, width: int) -> tuple[tuple[str, ...], str]:
    """Names for a file's columns and the script that has them; nothing where none fits.

    It fits where the script creates a table that is called like the file and
    has as many columns.
    """
    scripts = sorted(one for one in path.parent.glob("*.sql") if one.is_file())[:_MOST]
    for script in scripts:
        if script.stat().st_size > _LARGEST:
            continue
        for name, columns in _tables(_text(script)):
            if name.lower() == stem.lower() and len(columns) == width:
                return columns, script.name
    return (), ""


def _text(script: Path) -> str:
    raw = script.read_bytes()
    return raw.decode(mark_of(raw[:4]) or "utf-8", errors="replace").lstrip("\ufeff")


def _tables(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (found["name"], _columns(_inside(text, found.end()))) for found in _TABLE.finditer(text)
    ]


def _inside(text: str, start: int) -> list[str]:
    """The pieces between the commas up to the closing bracket."""
    pieces: list[str] = []
    depth, begin = 0, start
    for place in range(start, min(len(text), start + 100_000)):
        sign = text[place]
        if sign == "(":
            depth += 1
        elif sign == ")" and depth == 0:
            return [*pieces, text[begin:place]]
        elif sign == ")":
            depth -= 1
        elif sign == "," and depth == 0:
            pieces.append(text[begin:place])
            begin = place + 1
    return []


def _columns(pieces: list[str]) -> tuple[str, ...]:
    made = []
    for piece in pieces:
        found = _NAME.match(re.sub(r"--[^\n]*", "", piece).lstrip("\n\r\t "))
        if found is None:
            continue
        name = next(group for group in found.groups() if group)
        if found[4] is None or name.lower() not in _NOT_COLUMNS:
            made.append(name)
    return tuple(made)
