"""Is a change more than chance? One test per kind of figure.

scipy and numpy are imported inside the functions: a report without a change to
test does not pay for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from kvitto.model.metric import Aggregation, Metric, Part
from kvitto.model.value import UnitKind

ALPHA = 0.05
_DRAWS = 2000
_SEED = 20_171_103
_LARGE = 2000
"""From so many rows on, the central limit theorem replaces the bootstrap."""


class Kind(Enum):
    """How a metric's change is tested."""

    count = "count"
    rate = "rate"
    total = "total"
    mean = "mean"
    median = "median"
    none = "none"


@dataclass(frozen=True, slots=True)
class Tested:
    """``p_value`` two-sided; ``interval`` the 95 % interval of the change in the
    metric's unit where the method gives one."""

    p_value: float
    interval: tuple[float, float] | None
    method: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The amounts of the rows behind both figures, in the metric's unit."""

    before: Sequence[float]
    after: Sequence[float]


_DECLARED: dict[str, Kind] = {
    "poisson": Kind.count,
    "two_proportion": Kind.rate,
    "bootstrap_total": Kind.total,
    "bootstrap_mean": Kind.mean,
    "mann_whitney": Kind.median,
    "mann_whitney+bootstrap": Kind.median,
}
_BY_AGGREGATION: dict[Aggregation, Kind] = {
    Aggregation.count: Kind.count,
    Aggregation.distinct: Kind.count,
    Aggregation.sum: Kind.total,
    Aggregation.average: Kind.mean,
    Aggregation.median: Kind.median,
}


def kind_of(metric: Metric) -> Kind:
    """The test that a metric's definition asks for, else the one its parts allow.

    A stock (``as_of``) is not tested: it is counted once, not sampled.
    """
    if any(part is not None and part.as_of for part in (metric.value, metric.numerator)):
        return Kind.none
    if metric.test in _DECLARED:
        return _DECLARED[metric.test]
    if metric.value is not None:
        return _BY_AGGREGATION.get(metric.value.aggregation, Kind.none)
    if _is_proportion(metric.numerator, metric.denominator) and metric.unit is UnitKind.share:
        return Kind.rate
    if metric.test == "n/a" and _is_mean(metric.numerator, metric.denominator):
        return Kind.mean
    return Kind.none


def _is_proportion(numerator: Part | None, denominator: Part | None) -> bool:
    return (
        numerator is not None
        and denominator is not None
        and numerator.aggregation is denominator.aggregation is Aggregation.count
        and numerator.table == denominator.table
    )


def _is_mean(numerator: Part | None, denominator: Part | None) -> bool:
    return (
        numerator is not None
        and denominator is not None
        and numerator.aggregation is Aggregation.sum
        and denominator.aggregation is Aggregation.count
        and numerator.table == denominator.table
    )


def compare_counts(before: int, after: int, days_before: int, days_after: int) -> Tested:
    """Two Poisson counts over their days: the conditional binomial test.

    The interval is that of the difference after bringing the earlier count to
    the later exposure (normal approximation). Przyborowski & Wilenski 1940.
    """
    from scipy.stats import binomtest

    share = days_after / (days_before + days_after)
    total = before + after
    p_value = float(binomtest(after, total, share).pvalue) if total else 1.0
    scale = days_after / days_before
    margin = 1.96 * math.sqrt(after + before * scale * scale)
    change = after - before
    return Tested(p_value, (change - margin, change + margin), "conditional binomial (Poisson)")


def wilson(successes: float, trials: float, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of one rate (Brown, Cai, DasGupta 2001).

    It holds the rate; where that is 0 or 1 the bound is too, and rounding in
    the formula must not move it past.
    """
    share = successes / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    spread = share * (1 - share) / trials + z * z / (4 * trials * trials)
    half = z * math.sqrt(max(0.0, spread)) / (1 + z * z / trials)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def compare_rates(before: tuple[int, int], after: tuple[int, int]) -> Tested:
    """Two rates as (successes, trials): Newcombe's hybrid score interval (1998).

    The p-value is that of the pooled two-proportion test, and Fisher's exact
    one where a cell is expected to hold fewer than five.
    """
    (won_0, n_0), (won_1, n_1) = before, after
    rate_0, rate_1 = won_0 / n_0, won_1 / n_1
    low_0, high_0 = wilson(won_0, n_0)
    low_1, high_1 = wilson(won_1, n_1)
    change = rate_1 - rate_0
    low = change - math.hypot(rate_1 - low_1, high_0 - rate_0)
    high = change + math.hypot(high_1 - rate_1, rate_0 - low_0)
    pooled = (won_0 + won_1) / (n_0 + n_1)
    smallest = min(n_0, n_1) * min(pooled, 1 - pooled)
    if smallest < 5:
        import numpy as np
        from scipy.stats import fisher_exact

        table = np.array([[won_1, n_1 - won_1], [won_0, n_0 - won_0]])
        return Tested(float(fisher_exact(table)[1]), (low, high), "Fisher exact, Newcombe interval")
    error = math.sqrt(pooled * (1 - pooled) * (1 / n_0 + 1 / n_1))
    p_value = math.erfc(abs(change) / error / math.sqrt(2))
    return Tested(p_value, (low, high), "two-proportion, Newcombe interval")


def compare_totals(lines: Lines, days_before: int, days_after: int) -> Tested:
    """Two sums of amounts: each row comes by a Poisson process (bootstrap by row).

    The test holds the later sum against the earlier one brought to as many
    days; the interval is that of the difference as it is shown.
    """
    import numpy as np

    before, after = (np.asarray(side, dtype=float) for side in (lines.before, lines.after))
    scale = days_after / days_before
    shown = float(after.sum() - before.sum())
    aligned = float(after.sum() - scale * before.sum())
    if before.size + after.size > _LARGE:
        error = math.sqrt(float((after**2).sum() + scale**2 * (before**2).sum()))
        p_value = math.erfc(abs(aligned) / error / math.sqrt(2)) if error else 1.0
        plain = math.sqrt(float((after**2).sum() + (before**2).sum()))
        return Tested(p_value, (shown - 1.96 * plain, shown + 1.96 * plain), "compound Poisson")
    rng = np.random.default_rng(_SEED)
    drawn_1 = rng.poisson(1.0, (_DRAWS, after.size)) @ after
    drawn_0 = rng.poisson(1.0, (_DRAWS, before.size)) @ before
    p_value = _tail(drawn_1 - scale * drawn_0 - aligned, aligned)
    return Tested(p_value, _middle(drawn_1 - drawn_0), "bootstrap of the total by row")


def compare_means(lines: Lines) -> Tested:
    """Two means: bootstrap by row with a fixed seed, Welch's test for many rows."""
    import numpy as np

    before, after = (np.asarray(side, dtype=float) for side in (lines.before, lines.after))
    change = float(after.mean() - before.mean())
    if before.std() == 0 and after.std() == 0:
        return Tested(1.0 if change == 0 else 0.0, (change, change), "no spread within periods")
    if before.size + after.size > _LARGE:
        from scipy.stats import ttest_ind

        found = ttest_ind(after, before, equal_var=False)
        span = found.confidence_interval(0.95)
        return Tested(float(found.pvalue), (float(span.low), float(span.high)), "Welch")
    rng = np.random.default_rng(_SEED)
    drawn_1 = rng.choice(after, (_DRAWS, after.size)).mean(axis=1)
    drawn_0 = rng.choice(before, (_DRAWS, before.size)).mean(axis=1)
    drawn = drawn_1 - drawn_0
    return Tested(_tail(drawn - change, change), _middle(drawn), "bootstrap of the mean by row")


def compare_medians(lines: Lines) -> Tested:
    """Two medians: Mann-Whitney; the interval of the difference by bootstrap."""
    import numpy as np
    from scipy.stats import mannwhitneyu

    before, after = (np.asarray(side, dtype=float) for side in (lines.before, lines.after))
    if before.min() == before.max() == after.min() == after.max():
        return Tested(1.0, (0.0, 0.0), "all rows are equal")
    p_value = float(mannwhitneyu(after, before, alternative="two-sided").pvalue)
    if before.size + after.size > _LARGE:
        return Tested(p_value, None, "Mann-Whitney")
    rng = np.random.default_rng(_SEED)
    drawn_1 = np.median(rng.choice(after, (_DRAWS // 2, after.size)), axis=1)
    drawn_0 = np.median(rng.choice(before, (_DRAWS // 2, before.size)), axis=1)
    return Tested(p_value, _middle(drawn_1 - drawn_0), "Mann-Whitney, bootstrap interval")


def adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini-Hochberg: each p-value raised for how many were looked at (1995)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i], reverse=True)
    raised = [1.0] * len(p_values)
    lowest = 1.0
    for place, index in enumerate(order):
        rank = len(p_values) - place
        lowest = min(lowest, max(p_values[index], p_values[index] * len(p_values) / rank))
        raised[index] = lowest
    return tuple(raised)


def _tail(centred: object, change: float) -> float:
    """How often chance alone moves as far: never exactly zero with finite draws."""
    import numpy as np

    drawn = np.abs(np.asarray(centred, dtype=float))
    return float((1 + int((drawn >= abs(change)).sum())) / (1 + drawn.size))


def _middle(drawn: object) -> tuple[float, float]:
    import numpy as np

    low, high = np.percentile(np.asarray(drawn, dtype=float), [2.5, 97.5])
    return float(low), float(high)
