"""Patterns for labels that are too many to be decided one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_DIGITS = re.compile(r"\d+")
_HEX = re.compile(r"\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b", re.IGNORECASE)
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """Labels that differ in their numbers alone: a pattern for all, how many, an example."""

    pattern: str
    labels: int
    rows: int
    example: str


def shapes(labels: Iterable[tuple[str, int]], most: int = 5) -> tuple[Shape, ...]:
    """The patterns that take up most labels, of (label, rows); those of three or more alone.

    Numbers and long hexadecimal marks may be anything; the rest stands as it is.
    """
    found: dict[str, list[object]] = {}
    for label, rows in labels:
        pattern = _pattern(label)
        held = found.setdefault(pattern, [0, 0, label])
        held[0] = int(str(held[0])) + 1
        held[1] = int(str(held[1])) + rows
    made = [
        Shape(pattern, int(str(count)), int(str(rows)), str(example))
        for pattern, (count, rows, example) in found.items()
        if int(str(count)) >= _LEAST
    ]
    return tuple(sorted(made, key=lambda one: (-one.labels, one.pattern))[:most])


def _pattern(label: str) -> str:
    parts, end = [], 0
    for match in re.finditer(f"{_HEX.pattern}|{_DIGITS.pattern}", label, re.IGNORECASE):
        parts.append(re.escape(label[end : match.start()]).replace(r"\ ", " "))
        parts.append("[0-9]+" if match.group().isdigit() else "[0-9a-f-]+")
        end = match.end()
    parts.append(re.escape(label[end:]).replace(r"\ ", " "))
    return "".join(parts)
