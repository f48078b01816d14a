"""What stands out about the cells of a sheet, gathered while it is read."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from kvitto.sources.format import CURRENCIES

_MOST = 200_000
_SHOWN = 20
_SUM = re.compile(
    r"(?:SUM|SUBTOTAL|AGGREGATE)\((?:\d+,){0,2}\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)"
)
_LIKE_NUMBER = re.compile(
    rf"['’]?[\s(+\-−]*(?:{CURRENCIES})?\s*\d[\d.,\s'’\u00a0\u202f]*"
    r"(?:\s*(?:%|[^\W\d_]{1,5}\.?|[€$£°]))?\)?\s*"
)


@dataclass
class SheetFacts:
    """Where formulas failed or have no value, what is hidden, merged, struck through.

    ``numbers`` and ``others`` are the columns (from 0) with cells that are stored
    as such; others are dates, durations and truths. ``texts`` has the number of
    texts of each column. ``hidden_rows``
    and ``struck_rows`` are the numbers of rows, ``hidden_columns`` the first and
    last column (from 0) of stretches. ``filtered`` is whether a filter is set.
    ``sums`` has the rows with a formula that adds up rows above or below, with
    its cell. ``text_numbers`` has by column how many texts look like numbers,
    and some of their cells.
    """

    errors: list[tuple[str, str]] = field(default_factory=list)
    unvalued: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    texts: dict[int, int] = field(default_factory=dict)
    others: set[int] = field(default_factory=set)
    cells: int = 0
    hidden_rows: array[int] = field(default_factory=lambda: array("L"))
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False
    struck_rows: array[int] = field(default_factory=lambda: array("L"))
    sums: dict[int, str] = field(default_factory=dict)
    text_numbers: dict[int, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def note_formula(self, ref: str, formula: str) -> None:
        """Remember the cell where its formula adds up other rows of its column."""
        found = _SUM.search(formula.upper()) if len(self.sums) < _MOST else None
        if found is None:
            return
        row = row_of(ref)
        first, last = int(found[2]), int(found[4])
        if found[1] == found[3] == ref.rstrip("0123456789") and not first <= row <= last:
            self.sums.setdefault(row, ref)

    def note_text_number(self, place: int, ref: str) -> None:
        """Remember a text that looks like a number."""
        count, refs = self.text_numbers.get(place, (0, ()))
        if count < _SHOWN:
            refs = (*refs, ref)
        self.text_numbers[place] = (count + 1, refs)

    def note_struck(self, row: int) -> None:
        """Remember a row with a cell that is struck through."""
        if not self.struck_rows or self.struck_rows[-1] != row:
            self.struck_rows.append(row)


def number_like(texts: Iterable[str]) -> frozenset[int]:
    """The places of the texts that look like a number, alone or with a unit behind it."""
    return frozenset(place for place, text in enumerate(texts) if is_like_number(text))


def is_like_number(text: str) -> bool:
    """Whether a text looks like a number, alone or with a unit."""
    if not text or len(text) > 40 or not any(sign.isdigit() for sign in text):
        return False
    return _LIKE_NUMBER.fullmatch(text) is not None


def row_of(ref: str) -> int:
    """The number of the row in a cell's address."""
    return int("".join(sign for sign in ref if sign.isdigit()) or 0)


def letters_of(place: int) -> str:
    """The letters of a column, counted from 0."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def place_of(letters: str) -> int:
    """The column of its letters, counted from 0."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - 64
    return place - 1


def address(sheet: str, ref: str) -> str:
    """A cell or range with its sheet, as a spreadsheet program takes it."""
    plain = re.fullmatch(r"[^\W\d]\w*", sheet)
    return f"{sheet}!{ref}" if plain else f"'{sheet.replace(chr(39), chr(39) * 2)}'!{ref}"


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range: rows as they are numbered, columns from 0, all ends included."""

    top: int
    left: int
    bottom: int
    right: int


def merges(refs: Iterable[str]) -> tuple[Merge, ...]:
    """The merged ranges of a sheet; what is no range is left out."""
    found = []
    for ref in refs:
        ends = re.fullmatch(r"([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)", ref.replace("$", ""))
        if ends is not None:
            top, bottom = int(ends[2]), int(ends[4])
            found.append(Merge(top, place_of(ends[1]), bottom, place_of(ends[3])))
    return tuple(found)
