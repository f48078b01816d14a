"""The small line of a tile, as coordinates of an SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvitto.model.block import TrendPoint

WIDTH = 220.0
HEIGHT = 44.0
_EDGE = 4.0


@dataclass(frozen=True, slots=True)
class Spot:
    """One measured point; ``label`` and ``display`` are for its tooltip."""

    x: float
    y: float
    label: str
    display: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Line:
    """The drawn trend. A missing period breaks the line: ``runs`` are its pieces."""

    runs: tuple[str, ...]
    spots: tuple[Spot, ...]
    first: str
    last: str

    @property
    def end(self) -> Spot:
        return self.spots[-1]


def draw(points: Sequence[TrendPoint]) -> Line | None:
    """The line through the points, ``None`` where fewer than two are measured."""
    numbers = [point.number for point in points if point.number is not None]
    if len(numbers) < 2:
        return None
    low, high = min(numbers), max(numbers)
    spread = (high - low) or 1.0
    step = (WIDTH - 2 * _EDGE) / (len(points) - 1)
    spots: list[Spot] = []
    runs: list[list[str]] = [[]]
    for index, point in enumerate(points):
        if point.number is None:
            runs.append([])
            continue
        x = round(_EDGE + index * step, 1)
        level = (point.number - low) / spread if high > low else 0.5
        y = round(HEIGHT - _EDGE - level * (HEIGHT - 2 * _EDGE), 1)
        spots.append(Spot(x, y, point.label, point.display, point.provisional))
        runs[-1].append(f"{x},{y}")
    drawn = tuple(" ".join(run) for run in runs if len(run) > 1)
    return Line(drawn, tuple(spots), points[0].label, points[-1].label)
