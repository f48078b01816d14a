"""The shipped fonts, and which characters they can show."""

from __future__ import annotations

import base64
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
"""Folder of the font files (static TrueType for drawing and PDF, WOFF2 for HTML)."""

WEIGHTS: tuple[tuple[int, str], ...] = ((400, "Regular"), (600, "SemiBold"), (700, "Bold"))

REPLACEMENT = "\u25a1"
_JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3") | {chr(c) for c in range(0x1F3FB, 0x1F400)}


@lru_cache(maxsize=1)
def font_faces() -> str:
    """CSS ``@font-face`` rules with the WOFF2 files inside."""
    rules = []
    for weight, name in WEIGHTS:
        data = base64.b64encode((FONTS / f"Inter-{name}.woff2").read_bytes()).decode()
        rules.append(
            f"@font-face{{font-family:Inter;font-style:normal;font-weight:{weight};"
            f"font-display:swap;src:url(data:font/woff2;base64,{data}) format('woff2')}}"
        )
    return "".join(rules)


@lru_cache(maxsize=1)
def covered() -> frozenset[str]:
    """Every character that one of the TrueType files can show."""
    found: set[str] = set()
    for line in (FONTS / "coverage.txt").read_text().split():
        first, _, last = line.partition("-")
        found.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(found)


_ORDINARY = re.compile(r"[\n\u0020-\u007e\u00a0-\u017f\u2010-\u2026\u202f\u2190-\u2193\u2212]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """Without control characters and lone surrogates, which no output can carry."""
    return _CONTROL.sub("", text.replace("\t", " ")) if not _ORDINARY.fullmatch(text) else text


def showable(text: str) -> tuple[str, int]:
    """The text in characters that the shipped fonts have, and how many had to be replaced.

    Composed where a composed letter exists; joiners, variation selectors and
    skin tones are dropped; what no font has becomes a white square (U+25A1).
    """
    if _ORDINARY.fullmatch(text):
        return text, 0
    known = covered()
    out: list[str] = []
    lost = 0
    for char in unicodedata.normalize("NFC", clean(text)):
        if char in _JOINERS:
            continue
        if char == "\n" or (char in known and char != "\ufffd"):
            out.append(char)
        elif unicodedata.category(char) in ("Cf", "Mn"):
            continue
        else:
            out.append(REPLACEMENT)
            lost += 1
    return "".join(out), lost
