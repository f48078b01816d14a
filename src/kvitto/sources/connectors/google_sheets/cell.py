"""Cells as text that reads back exactly.

Every range is asked twice, both times unformatted: once with dates as serial
numbers, once with dates as text. A cell that is a number in one and a text in
the other holds a date or a time; all else is equal in both. Formatted values
would be rounded to what the screen shows, and written as the spreadsheet's
locale has it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Context, Decimal

ERRORS = frozenset(
    {
        "#REF!",
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#VALUE!",
        "#NUM!",
        "#NULL!",
        "#ERROR!",
        "#SPILL!",
        "#CALC!",
        "Loading...",
    }
)
"""What a cell shows whose formula has no value (or none yet)."""

_START = datetime(1899, 12, 30)
_SECONDS = 86_400
_HOURS = re.compile(r"-?(\d+):\d{2}(:\d{2}([.,]\d+)?)?")
_DIGITS = Context(prec=15)
"""A spreadsheet shows and keeps 15 digits; those beyond come from the binary form."""


def cell_text(serial: object, shown: object) -> str:
    """The cell out of its two renderings."""
    if isinstance(serial, bool):
        return "true" if serial else "false"
    if isinstance(serial, int | Decimal):
        if isinstance(shown, str):
            return _moment(Decimal(serial), shown)
        return _number(Decimal(serial))
    if serial is None:
        return ""
    return str(serial).replace("\r\n", "\n").replace("\r", "\n")


def _number(value: Decimal) -> str:
    plain = _DIGITS.create_decimal(value)
    if plain == plain.to_integral_value():
        return format(plain.to_integral_value(), "f")
    return format(plain.normalize(), "f")


def _moment(serial: Decimal, shown: str) -> str:
    """A day, a moment, or hours and minutes; to the millisecond, which is all that is kept."""
    ticks = int((serial * _SECONDS * 1000).to_integral_value())
    # A moment may be shown by its clock alone; a length shows all of its hours.
    hours = _HOURS.fullmatch(shown.strip())
    if abs(ticks) < _SECONDS * 1000 or (hours and int(hours[1]) == abs(ticks) // 3_600_000):
        return _hours(ticks)
    try:
        moment = _START + timedelta(milliseconds=ticks)
    except OverflowError:
        return shown
    if ticks % (_SECONDS * 1000) == 0:
        return moment.date().isoformat()
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(sep=" ", timespec=spec)


def _hours(ticks: int) -> str:
    """A time of day or a length, as hours, minutes and seconds: ``26:30:00``."""
    sign = "-" if ticks < 0 else ""
    seconds, rest = divmod(abs(ticks), 1000)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{rest:03d}" if rest else text


def address(row: int, column: int) -> str:
    """The cell's name as people write it; both counted from 0: ``B3``."""
    return f"{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """The column's letters, counted from 0."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
