"""Colour arithmetic: mixing, contrast (WCAG 2.2) and what colour-blind eyes see.

Colours are ``#rrggbb`` texts. Contrast ratios run from 1 to 21; AA asks for
4.5 for text and 3 for the parts of a chart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from kvitto.errors import RenderFailed

TEXT = 4.5
GRAPHIC = 3.0

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")

_SEEN: tuple[tuple[tuple[float, float, float], ...], ...] = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
)
"""Full sight, deuteranopia, protanopia, on linear RGB (Machado, Oliveira and Fernandes 2009)."""

_SAFE: tuple[str, ...] = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#4d4d4d", "#7b3294",
)  # fmt: skip
"""Candidates for further series (after Okabe and Ito 2008)."""


def read(colour: str, name: str = "colour") -> str:
    """``#rrggbb`` in lower case. Raises :class:`RenderFailed` for anything else."""
    text = colour.strip()
    if not _HEX.fullmatch(text):
        raise RenderFailed.of(
            f"use the brand's {name}",
            f"{text[:40]!r} is not a hex colour",
            "Write it as #rrggbb, for example #1f5eff, in the file of the brand.",
        )
    digits = text[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """``share`` of ``one`` and the rest of ``other``, per channel."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return _hex([a * share + b * (1 - share) for a, b in pairs])


def readable(colour: str, grounds: Sequence[str], ratio: float = TEXT) -> str:
    """The colour, moved towards black or white only as far as ``ratio`` asks on every ground."""
    if min(contrast(colour, ground) for ground in grounds) >= ratio:
        return colour
    ends = ("#000000", "#ffffff")
    end = max(ends, key=lambda shade: min(contrast(shade, ground) for ground in grounds))
    for step in range(1, 51):
        moved = mix(end, colour, step / 50)
        if min(contrast(moved, ground) for ground in grounds) >= ratio:
            return moved
    return end


def series(first: Sequence[str], paper: str, count: int = 8) -> tuple[str, ...]:
    """Colours for the series of a chart: the brand's, then what is farthest from them.

    A colour is taken only if every kind of sight tells it from those before;
    the brand's second accent is passed over where it does not.
    """
    pool = [readable(colour, [paper], GRAPHIC) for colour in (*first, *_SAFE)]
    taken = [pool[0]]
    if len(first) > 1 and _apart(pool[1], pool[0]) > 20:
        taken.append(pool[1])
    rest = pool[len(first) :]
    while len(taken) < count and rest:
        best = max(rest, key=lambda colour: min(_apart(colour, other) for other in taken))
        rest.remove(best)
        taken.append(best)
    return tuple(taken)


def _apart(one: str, other: str) -> float:
    """The smallest distance in CIELAB over the three kinds of sight."""
    gaps = []
    for matrix in _SEEN:
        a, b = _lab(one, matrix), _lab(other, matrix)
        gaps.append(math.dist(a, b))
    return min(gaps)


def _lab(colour: str, matrix: tuple[tuple[float, float, float], ...]) -> tuple[float, ...]:
    linear = [_linear(part) for part in _channels(colour)]
    red, green, blue = (
        min(1.0, max(0.0, sum(w * part for w, part in zip(row, linear, strict=True))))
        for row in matrix
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part) for part in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    share = part / 255
    if share <= 0.04045:
        return share / 12.92
    return float(((share + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(parts: Sequence[float]) -> str:
    return "#" + "".join(f"{min(255, max(0, round(part))):02x}" for part in parts)
