"""Seeded chance: the same stream gives the same numbers on every machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

_NORMAL_FROM = 30.0


def stream(seed: int, *names: str) -> Random:
    """A generator of its own for each name, so that one part never moves another."""
    return Random(":".join((str(seed), *names)))  # noqa: S311 - a demo's numbers guard nothing


def poisson(rng: Random, mean: float) -> int:
    """A count around ``mean`` (Knuth's product method; a rounded normal above thirty)."""
    if mean <= 0:
        return 0
    if mean > _NORMAL_FROM:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def weighted(rng: Random, weights: Sequence[float]) -> int:
    """The place of one weight, drawn in proportion to it."""
    left = rng.random() * sum(weights)
    for place, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return place
    return len(weights) - 1


def around(rng: Random, median: float, spread: float) -> float:
    """A positive number around a median, with a long tail (log-normal)."""
    return median * math.exp(rng.gauss(0.0, spread))


def spread_out(rng: Random, total: int, weights: Sequence[float]) -> list[int]:
    """``total`` dealt out over places in proportion to their weights; the sum is exact."""
    counts = [0] * len(weights)
    for _ in range(total):
        counts[weighted(rng, weights)] += 1
    return counts
