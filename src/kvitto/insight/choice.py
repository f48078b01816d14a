"""Which dimensions are worth showing: where the change is concentrated beyond chance.

A dimension with many values always holds a segment that moved much. So each
segment is held against its even part of the change, and against the noise that
its number of rows alone would give.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from kvitto.insight.contribution import Share, Way

FEW = 3
"""How many segments are named, and how many dimensions are shown at most."""


def score(way: Way, shares: Sequence[Share]) -> float:
    """Explanatory power of the few largest segments times surprise beyond noise, 0 to 1.

    Power is the part of all movement that the :data:`FEW` largest hold.
    Surprise is how far segments are from moving evenly, less what chance gives.
    """
    moved = [abs(float(each.total)) for each in shares]
    if len(shares) < 2 or sum(moved) == 0:
        return 0.0
    power = sum(sorted(moved, reverse=True)[:FEW]) / sum(moved)
    weights = _weights(way, shares)
    change = float(sum((each.total for each in shares), start=shares[0].total * 0))
    uneven = [
        abs(float(each.total) - weight * change)
        for each, weight in zip(shares, weights, strict=True)
    ]
    surprise = max(0.0, sum(uneven) - sum(_noise(way, shares, weights)))
    return power * surprise / (sum(moved) + abs(change))


def choose(way: Way, shares: Mapping[str, Sequence[Share]], most: int = FEW) -> tuple[str, ...]:
    """The dimensions to show, best first; ties by name.

    Where none stands out, the one with the fewest segments is shown, because
    the parts of the change are asked for in any case.
    """
    usable = {name: each for name, each in shares.items() if len(each) > 1}
    scores = {name: score(way, each) for name, each in usable.items()}
    ranked = sorted(usable, key=lambda name: (-scores[name], len(usable[name]), name))
    telling = tuple(name for name in ranked if scores[name] > 0)
    return telling[:most] if telling else tuple(ranked[:1])


def _weights(way: Way, shares: Sequence[Share]) -> list[float]:
    if way is Way.ratio:
        sizes = [float(each.segment.before_den + each.segment.after_den) for each in shares]
    else:
        sizes = [
            abs(float(each.segment.before)) + abs(float(each.segment.after)) for each in shares
        ]
    total = sum(sizes)
    return [size / total if total else 1 / len(shares) for size in sizes]


def _noise(way: Way, shares: Sequence[Share], weights: Sequence[float]) -> list[float]:
    """Mean absolute deviation by chance, taking row counts as Poisson."""
    typical = math.sqrt(2 / math.pi)
    if way is Way.ratio:
        top = float(sum(abs(each.segment.before) + abs(each.segment.after) for each in shares))
        bottom = float(sum(each.segment.before_den + each.segment.after_den for each in shares))
        ratio = top / bottom if bottom else 0.0
        spread = ratio * (1 - ratio) if 0 <= ratio <= 1 else ratio * ratio
        return [
            typical
            * weight
            * math.sqrt(
                spread * (1 / max(1, each.segment.n_before) + 1 / max(1, each.segment.n_after))
            )
            for each, weight in zip(shares, weights, strict=True)
        ]
    noise = []
    for each in shares:
        rows = each.segment.n_before + each.segment.n_after
        size = abs(float(each.segment.before)) + abs(float(each.segment.after))
        noise.append(typical * (size / rows if rows else 0.0) * math.sqrt(rows))
    return noise
