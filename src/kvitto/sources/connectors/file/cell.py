"""One cell of a spreadsheet as text that reads back exactly."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

Shown = Literal["plain", "date", "duration"]
"""How a number format shows a number. A percent is plain: the cell holds the fraction."""

Cell = str | int | float | bool | date | time | timedelta | None

FAILED = (
    *("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"),
    *("#GETTING_DATA", "#REFERENS!", "#DIVISION/0!", "#V\u00c4RDEFEL!", "#NAMN?", "#OGILTIGT!"),
    *("#SAKNAS!", "#VIITTAUS!", "#JAKO/0!", "#ARVO!", "#NIMI?", "#LUKU!", "#TYHJ\u00c4!"),
    *("#PUUTTUU!", "#BEZUG!", "#WERT!", "#ZAHL!", "#NV", "#RIF!", "#VALORE!", "#NOME?"),
    *("#NULLO!", "#N/D", "#VALOR!", "#NULO!", "#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!"),
    *("#NOMBRE?", "#\u00a1REF!", "#\u00a1DIV/0!", "#\u00a1VALOR!", "#\u00a1NUM!", "#\u00bfNOMBRE?"),
)
"""What spreadsheet programs show where a formula failed, in the languages they are sold in."""

ERRORS = re.compile("|".join(map(re.escape, (*FAILED, "#N/A"))) + r"|Err:\d{3}")
"""One of those, or the number that another program shows."""

_DAY = 86_400_000
_LAST_SERIAL = 2_958_466
_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(50, 59)])
_BUILT_IN_DURATIONS = frozenset((45, 46, 47))
_SHOWN_ONLY = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!\[?(?:h+|m+|s+)\])[^\]]*\]', re.I)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.I)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def shown_as(number: int, code: str | None) -> Shown:
    """What the number format makes of a number, from its id or its own code."""
    if code is None:
        if number in _BUILT_IN_DURATIONS:
            return "duration" if number == 46 else "date"
        return "date" if number in _BUILT_IN_DATES else "plain"
    bare = _SHOWN_ONLY.sub("", code.split(";", 1)[0]).lower()
    if _ELAPSED.search(bare):
        return "duration"
    if "general" in bare or "standard" in bare or not any(sign in "dmyhs" for sign in bare):
        return "plain"
    return "date"


def number_text(raw: str) -> str:
    """A stored number as a spreadsheet shows it: fifteen digits, never with an exponent."""
    if len(raw) <= 15 and "E" not in raw and "e" not in raw:
        return raw[:-2] if raw.endswith(".0") else raw
    if raw.lstrip("-").isdigit():
        return raw
    try:
        text = f"{float(raw):.15g}"
        return f"{Decimal(text):f}" if "e" in text and abs(Decimal(text).adjusted()) < 30 else text
    except (ValueError, ArithmeticError):
        return raw


def serial_text(raw: str, shown: Shown, *, from_1904: bool) -> str:
    """A date, a time or a duration that is stored as a number of days.

    The day that is counted as 29 February 1900 and never was stays as it is
    written, so that it is found wrong instead of moved.
    """
    try:
        days = float(raw)
    except ValueError:
        return raw
    if shown == "duration":
        return number_text(repr(round(days * 86_400, 3)))
    if not 0 <= days < _LAST_SERIAL:
        return number_text(raw)
    moments = round(days * _DAY)
    whole, rest = divmod(moments, _DAY)
    if whole == 0 and not from_1904:
        return _clock_text(rest) if rest else "1900-01-00"
    if from_1904:
        day = date(1904, 1, 1) + timedelta(days=whole)
    elif whole == 60:
        return "1900-02-29"
    else:
        day = date(1899, 12, 31 if whole < 60 else 30) + timedelta(days=whole)
    return day.isoformat() if rest == 0 else f"{day.isoformat()} {_clock_text(rest)}"


def iso_text(raw: str) -> str:
    """A date that is stored as text (``t="d"``), in the form of the others."""
    day, _, clock = raw.strip().rstrip("Z").partition("T")
    return day if clock.strip("0:.") == "" else f"{day} {clock}"


def unescaped(text: str) -> str:
    """The text itself: ``_x000D_`` stands for a sign that XML cannot hold.

    Lines end in LF; blanks alone are nothing.
    """
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\0" in text:
        # Some writers of XLS store every letter in two bytes and do not say so.
        text = text.replace("\0", "")
    if text.isspace():
        return ""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def cell_text(cell: Cell) -> str:
    """A value that a reader of workbooks gives, in the same text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return number_text(
            repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        )
    if isinstance(cell, datetime):
        kept = cell.astimezone(UTC).replace(tzinfo=None) if cell.tzinfo else cell
        day = kept.date().isoformat()
        moments = round((kept - datetime.combine(kept.date(), time())).total_seconds() * 1000)
        if moments >= _DAY:
            return (kept.date() + timedelta(days=1)).isoformat()
        return day if moments == 0 else f"{day} {_clock_text(moments)}"
    if isinstance(cell, timedelta):
        return number_text(repr(round(cell.total_seconds(), 3)))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return unescaped(str(cell)) if isinstance(cell, str) else str(cell)


def _clock_text(moments: int) -> str:
    """Milliseconds since midnight as a time; the last one before midnight does not wrap."""
    seconds, thousandths = divmod(moments, 1000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{thousandths:03}" if thousandths else text
