"""A workbook being filled: its formats, its sheet names, and how a figure enters a cell."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from kvitto.model.block import CellShown, ShownFigure
from kvitto.render.material import Material, shown
from kvitto.render.theme.font import clean
from kvitto.render.theme.token import FAMILY

LINKS = 60_000
"""Links that one sheet may hold (the format's own limit is 65,530)."""

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_UNQUOTABLE = re.compile(r"[\"\\\x00-\x1f]")


class Book:
    """Hands out sheets and formats of one workbook."""

    def __init__(self, workbook: Any, material: Material) -> None:
        self.workbook = workbook
        self.material = material
        self._names: set[str] = {"history"}
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}
        self.receipts_name = self._free(material.edition.labels.receipts)
        order = [entry.code for group in material.groups for entry in group.entries]
        self.receipt_rows = {code: index + 1 for index, code in enumerate(order)}
        self._links = 0

    def sheet(self, title: str, *, name: str | None = None) -> Any:
        """A new sheet with a free, permitted name."""
        made = self.workbook.add_worksheet(name or self._free(title))
        made.hide_gridlines(2)
        made.set_default_row(16)
        self._links = 0
        return made

    def format(self, **look: object) -> Any:
        """A cell format; equal ones are shared."""
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            base = {"font_name": FAMILY, "font_size": 10, "valign": "top"}
            self._formats[key] = self.workbook.add_format({**base, **look})
        return self._formats[key]

    def head(self, *, right: bool = False) -> Any:
        """The format of a column's head."""
        theme = self.material.theme
        align = {"align": "right"} if right else {}
        return self.format(
            bold=True, font_color=theme.muted, bottom=1, bottom_color=theme.ink,
            text_wrap=True, valign="bottom", **align,
        )  # fmt: skip

    def text(self, sheet: Any, row: int, column: int, text: str, **look: object) -> None:
        """Text that stays text."""
        sheet.write_string(row, column, clean(text)[:32_000], self.format(**look))

    def figure(
        self, sheet: Any, row: int, column: int, figure: ShownFigure, **look: object
    ) -> None:
        """The number with its unit's format, or the words; linked to its receipt."""
        self._link(sheet, row, column, figure.receipt)
        if figure.number is None:
            words = shown(figure, self.material.edition.labels.missing)
            look = {**look, "font_color": self.material.theme.muted, "align": "right"}
            sheet.write_string(row, column, clean(words), self.format(**look))
            return
        pattern = number_format(figure.unit, figure.currency, figure.noun, figure.number)
        hint = {"italic": True} if figure.status == "provisional" else {}
        sheet.write_number(
            row, column, figure.number, self.format(num_format=pattern, **hint, **look)
        )

    def cell(
        self, sheet: Any, row: int, column: int, cell: CellShown, kind: str, **look: object
    ) -> None:
        """A cell of a table: a figure, a date that is a date, or text."""
        if cell.figure is not None:
            self.figure(sheet, row, column, cell.figure, **look)
        elif kind == "date":
            self.day(sheet, row, column, cell.text)
        else:
            self.text(sheet, row, column, cell.text, text_wrap=True, **look)

    def day(self, sheet: Any, row: int, column: int, text: str) -> None:
        """An ISO day as a date that can be calculated with; anything else as text."""
        day = iso_day(text)
        if day is None:
            self.text(sheet, row, column, text)
            return
        look = self.format(num_format="yyyy-mm-dd", align="left")
        sheet.write_datetime(row, column, datetime(day.year, day.month, day.day), look)

    def _link(self, sheet: Any, row: int, column: int, code: str | None) -> None:
        """A link beneath the cell, which its content is then written over."""
        if code not in self.receipt_rows or self._links >= LINKS:
            return
        self._links += 1
        name = self.receipts_name.replace("'", "''")
        place = f"internal:'{name}'!A{self.receipt_rows[code] + 1}"
        sheet.write_url(row, column, place, None, "x", code)

    def _free(self, title: str) -> str:
        plain = _FORBIDDEN.sub(" ", clean(title)).strip(" '")[:31].strip(" '") or "Sheet"
        name, count = plain, 2
        while name.lower() in self._names:
            tail = f" {count}"
            name, count = plain[: 31 - len(tail)] + tail, count + 1
        self._names.add(name.lower())
        return name


@lru_cache(maxsize=256)
def _quoted(text: str) -> str:
    return '"' + _UNQUOTABLE.sub("", text)[:20] + '"'


def number_format(unit: str, currency: str | None, noun: str | None, number: float) -> str:
    """The format of a number, written as every program of this kind reads it."""
    if unit == "share":
        return "0.0%"
    if unit == "count":
        return "#,##0"
    if unit == "money":
        whole = abs(number) >= 1000 or number == int(number)
        digits = "#,##0" if whole else "#,##0.00"
        return f"{digits}\\ {_quoted(currency)}" if currency else digits
    if unit == "duration":
        return f"#,##0.0\\ {_quoted(noun or 'days')}"
    return "#,##0.00"


def iso_day(text: str) -> date | None:
    """The day that an ISO text names, else ``None``."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
