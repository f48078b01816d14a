"""Slows down guessing of passwords.

Two counts are kept in the memory of this process: per account and address, and
per address alone (many accounts tried from one place). Some tries are free,
then the wait doubles up to a quarter of an hour. The count ends with a
sign-in that succeeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

FREE_TRIES = 5
FREE_TRIES_OF_ADDRESS = 40
FIRST_WAIT = 2.0
LONGEST_WAIT = 900.0
KEPT = 10_000


@dataclass(slots=True)
class _Count:
    failures: int = 0
    until: float = 0.0


@dataclass(slots=True)
class Throttle:
    """Failed sign-ins and the waits that they earn. ``clock`` gives seconds."""

    clock: Callable[[], float] = monotonic
    _counts: dict[tuple[str, str], _Count] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, account: str, address: str) -> float:
        """Seconds until the next try is read; 0 where it may be made now."""
        now = self.clock()
        with self._lock:
            found = (self._counts.get(key) for key in _keys(account, address))
            return max([0.0, *(count.until - now for count in found if count is not None)])

    def failed(self, account: str, address: str) -> None:
        """Count a wrong sign-in."""
        now = self.clock()
        with self._lock:
            for key, free in zip(_keys(account, address), _FREE, strict=True):
                count = self._counts.pop(key, None) or _Count()
                count.failures += 1
                if count.failures >= free:
                    wait = FIRST_WAIT * 2.0 ** min(count.failures - free, 30)
                    count.until = now + min(wait, LONGEST_WAIT)
                self._counts[key] = count
            while len(self._counts) > KEPT:
                del self._counts[next(iter(self._counts))]

    def passed(self, account: str, address: str) -> None:
        """A right sign-in ends the count of this account at this address."""
        with self._lock:
            self._counts.pop(_keys(account, address)[0], None)


_FREE = (FREE_TRIES, FREE_TRIES_OF_ADDRESS)


def _keys(account: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (account.strip().casefold()[:200], address), ("", address)
