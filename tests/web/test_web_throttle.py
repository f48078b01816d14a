"""The wait that wrong passwords earn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kvitto.web.throttle import (
    FIRST_WAIT,
    FREE_TRIES,
    FREE_TRIES_OF_ADDRESS,
    KEPT,
    LONGEST_WAIT,
    Throttle,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_some_tries_are_free_and_then_the_wait_doubles() -> None:
    throttle = Throttle(Clock())
    for _ in range(FREE_TRIES - 1):
        throttle.failed("elin@x.se", "10.0.0.1")
    assert throttle.wait("elin@x.se", "10.0.0.1") == 0
    throttle.failed("elin@x.se", "10.0.0.1")
    assert throttle.wait("elin@x.se", "10.0.0.1") == FIRST_WAIT
    throttle.failed("elin@x.se", "10.0.0.1")
    assert throttle.wait("elin@x.se", "10.0.0.1") == 2 * FIRST_WAIT


def test_the_wait_ends_with_time_and_with_a_right_password() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(FREE_TRIES):
        throttle.failed("elin@x.se", "10.0.0.1")
    clock.now = FIRST_WAIT
    assert throttle.wait("elin@x.se", "10.0.0.1") == 0
    throttle.passed("elin@x.se", "10.0.0.1")
    throttle.failed("elin@x.se", "10.0.0.1")
    assert throttle.wait("elin@x.se", "10.0.0.1") == 0


def test_an_address_that_tries_many_accounts_waits_for_every_account() -> None:
    throttle = Throttle(Clock())
    for number in range(FREE_TRIES_OF_ADDRESS):
        throttle.failed(f"person{number}@x.se", "10.0.0.1")
    assert throttle.wait("somebody-else@x.se", "10.0.0.1") > 0
    assert throttle.wait("somebody-else@x.se", "10.0.0.2") == 0


def test_a_guesser_elsewhere_does_not_lock_the_person_out() -> None:
    throttle = Throttle(Clock())
    for _ in range(50):
        throttle.failed("elin@x.se", "10.6.6.6")
    assert throttle.wait("elin@x.se", "10.0.0.1") == 0


@given(st.integers(min_value=1, max_value=200))
def test_no_wait_is_longer_than_the_longest(tries: int) -> None:
    throttle = Throttle(Clock())
    for _ in range(tries):
        throttle.failed("ELIN@x.se", "10.0.0.1")
    assert 0 <= throttle.wait(" elin@X.se ", "10.0.0.1") <= LONGEST_WAIT


def test_random_accounts_do_not_fill_the_memory() -> None:
    throttle = Throttle(Clock())
    for number in range(KEPT + 500):
        throttle.failed(f"{number}@x.se", f"10.0.{number}")
    assert len(throttle._counts) <= KEPT
