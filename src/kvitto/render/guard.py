"""Text that a spreadsheet may not take for a formula.

What a person reads as a number, a percentage, a phone number or an exponent
(-5 %, +49 30 1234, -1e3) is left as it is; what would be calculated or would
fetch something gets an apostrophe in front, as spreadsheets themselves do.
"""

from __future__ import annotations

import re

_STARTS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20|%")
_HARMLESS = re.compile(
    r"[+\-]?\s?[$\u20ac\u00a3\u00a5]?\s?\d[\d\s.,'\u2019]*(?:[eE][+\-]?\d+)?\s?%?"
    r"(?:\s(?:[^\W\d_]{1,6}|[$\u20ac\u00a3\u00a5]))?"
    r"|\+\d[\d\s()/.\-]*"
)
_INNER = re.compile(r"([;\t\n])(\s*)(?=[=+\-@])")


def guarded(text: str) -> str:
    """The text, safe to open in a spreadsheet whatever its list separator is."""
    flat = re.sub(r"[\r\n\t]+", " ", text)
    flat = _INNER.sub(r"\1\2'", flat)
    first = flat.lstrip()[:1]
    if first in _STARTS and not _HARMLESS.fullmatch(flat.strip()):
        return "'" + flat
    return flat
