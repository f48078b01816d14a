"""A sparkline: the trend of one figure in the space of a word, drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from kvitto.model.block import TrendPoint
from kvitto.render.theme.font import clean
from kvitto.render.theme.token import Theme

WIDTH, HEIGHT, EDGE = 160, 36, 5


def spark_svg(trend: Sequence[TrendPoint], theme: Theme) -> str:
    """The trend as SVG; missing periods are gaps, provisional ones hollow. Empty without two."""
    numbers = [point.number for point in trend if point.number is not None]
    if len(numbers) < 2:
        return ""
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    step = (WIDTH - 2 * EDGE) / (len(trend) - 1)
    at = [
        None
        if point.number is None
        else (
            EDGE + index * step,
            HEIGHT - EDGE - (point.number - low) / span * (HEIGHT - 2 * EDGE),
        )
        for index, point in enumerate(trend)
    ]
    parts = [_stretch(run, theme) for there, run in _runs(at) if there]
    last = max(index for index, spot in enumerate(at) if spot is not None)
    parts.append(_dot(at[last] or (0.0, 0.0), theme, hollow=trend[last].provisional))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(spoken(trend))}">'
        + "".join(parts)
        + "</svg>"
    )


def spoken(trend: Sequence[TrendPoint]) -> str:
    """The trend in words: its first and last figure that are there."""
    there = [point for point in trend if point.number is not None]
    if len(there) < 2:
        return ""
    first, last = there[0], there[-1]
    return clean(f"{first.label}: {first.display} \u2192 {last.label}: {last.display}")


_Spot = tuple[float, float]


def _runs(at: Sequence[_Spot | None]) -> list[tuple[bool, list[_Spot]]]:
    groups = groupby(at, key=lambda spot: spot is not None)
    return [(there, [spot for spot in run if spot is not None]) for there, run in groups]


def _stretch(run: list[_Spot], theme: Theme) -> str:
    if len(run) == 1:
        return f'<circle cx="{run[0][0]:.1f}" cy="{run[0][1]:.1f}" r="1.4" fill="{theme.muted}"/>'
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
    return (
        f'<polyline points="{points}" fill="none" stroke="{theme.muted}" stroke-width="1.5" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _dot(spot: _Spot, theme: Theme, *, hollow: bool) -> str:
    inside = theme.paper if hollow else theme.fill
    return (
        f'<circle cx="{spot[0]:.1f}" cy="{spot[1]:.1f}" r="3.2" fill="{inside}" '
        f'stroke="{theme.fill}" stroke-width="1.6"/>'
    )
