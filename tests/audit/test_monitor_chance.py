"""The statistics: quiet on noise, never quiet on nothing, not moved by what was wrong before."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.audit.monitor.chance import (
    distance,
    excess,
    log_chance_of_none,
    median,
    spread,
)
from kvitto.audit.monitor.series import WEEK, Series, runs
from tests.audit.monitor_data import FIRST, counts, events, records, watching

sizes = st.floats(min_value=0.1, max_value=1e6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_half_of_the_values_lie_on_each_side_of_the_median(values: list[float]) -> None:
    middle = median(values)
    assert sum(value < middle for value in values) <= len(values) / 2
    assert sum(value > middle for value in values) <= len(values) / 2


@given(st.lists(st.floats(90, 110), min_size=9, max_size=30), st.floats(1e3, 1e9))
def test_a_quarter_of_wrong_values_does_not_widen_the_spread_beyond_the_right_ones(
    values: list[float], wrong: float
) -> None:
    spoilt = values + [wrong] * (len(values) // 4)
    assert spread(spoilt) <= 1.4826 * 20


@given(sizes, st.floats(1.0, 50.0))
def test_nothing_is_the_likelier_the_more_a_count_scatters(expected: float, scatter: float) -> None:
    assert -expected <= log_chance_of_none(expected, scatter) <= 0


@given(sizes)
def test_without_excess_the_chance_of_nothing_is_that_of_poisson(expected: float) -> None:
    assert log_chance_of_none(expected, 1.0) == pytest.approx(-expected)
    assert log_chance_of_none(expected, 1.0011) == pytest.approx(-expected, rel=0.01)


@given(sizes, sizes)
def test_distance_has_the_sign_of_the_difference(observed: float, expected: float) -> None:
    assert math.copysign(1, distance(observed, expected)) == (1 if observed >= expected else -1)


def test_counts_by_chance_scatter_as_counts_do() -> None:
    seen = [float(sum(counts(WEEK, 20, seed))) for seed in range(60)]
    assert 1.0 <= excess(seen, [median(seen)] * len(seen)) < 2.0


@given(st.lists(st.integers(0, 2), max_size=40))
def test_runs_of_nothing_hold_every_zero_once(values: list[int]) -> None:
    held = [index for start, end in runs(values) for index in range(start, end)]
    assert held == [index for index, value in enumerate(values) if value == 0]


@given(st.integers(0, 10_000), st.floats(3.0, 30.0))
@settings(max_examples=25, deadline=None)
def test_stationary_noise_raises_no_alarm(seed: int, mean: float) -> None:
    assert events(watching(records(counts(420, mean, seed)))) == []


@given(st.integers(0, 10_000), st.floats(14.0, 30.0), st.integers(120, 390))
@settings(max_examples=25, deadline=None)
def test_a_week_of_zeros_is_always_told(seed: int, mean: float, at: int) -> None:
    rows = counts(420, mean, seed)
    rows[at : at + WEEK] = [0] * WEEK
    found = events(watching(records(rows)))
    gap = next(event for event in found if event.code == "gap")
    assert gap.first <= records(rows).day(at)
    assert gap.last >= records(rows).day(at + WEEK - 1)


@given(st.integers(0, 1_000), st.integers(60, 300))
@settings(max_examples=25, deadline=None)
def test_what_is_expected_of_a_day_does_not_depend_on_later_days(seed: int, at: int) -> None:
    values = tuple(float(n) for n in counts(400, 10, seed))
    spoilt = values[:at] + tuple(9_999.0 for _ in values[at:])
    assert Series(FIRST, values).span(at, at + 7) == Series(FIRST, spoilt).span(at, at + 7)


def test_a_series_of_nothing_and_a_series_of_one_day_say_nothing() -> None:
    assert events(watching(records([0, 0, 5]))) == []
    assert events(watching(records([5]))) == []
