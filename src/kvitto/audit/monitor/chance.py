"""How surprising a count is: few statistics, robust against what was strange before.

Counts are judged on the scale of their square root, on which the scatter of a
count does not depend on its size (Anscombe 1948), and scatter is measured by the
median of absolute deviations, which a quarter of wrong values does not move.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

MAD_TO_SIGMA = 1.4826
"""By this a median of absolute deviations is a standard deviation where the scatter is normal."""


def median(values: Sequence[float]) -> float:
    """The middle value; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def spread(values: Sequence[float]) -> float:
    """The scatter around the median, as a standard deviation."""
    centre = median(values)
    return MAD_TO_SIGMA * median([abs(value - centre) for value in values])


def excess(observed: Sequence[float], expected: Sequence[float]) -> float:
    """How many times the scatter of a pure count these counts scatter; at least 1."""
    residuals = [
        abs(distance(seen, wanted)) for seen, wanted in zip(observed, expected, strict=True)
    ]
    return max(1.0, (MAD_TO_SIGMA * median(residuals)) ** 2)


def distance(observed: float, expected: float) -> float:
    """How far a count lies from what was expected, in standard deviations of a pure count."""
    return 2 * (math.sqrt(max(observed, 0.0)) - math.sqrt(max(expected, 0.0)))


def log_chance_of_none(expected: float, scatter: float) -> float:
    """The logarithm of the chance that nothing happens where ``expected`` was.

    The count is Poisson, or negative binomial with ``scatter`` times its variance.
    """
    if expected <= 0:
        return 0.0
    if scatter <= 1.001:
        return -expected
    return -expected * math.log(scatter) / (scatter - 1)
