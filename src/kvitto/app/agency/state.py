"""What a client's simulation remembers from day to day: bounded, whatever the size."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from kvitto.app.agency.chance import stream
from kvitto.app.agency.plan import Book, Plan
from kvitto.app.agency.profile import Profile
from kvitto.app.agency.record import Contact, Lead, Record

_KEPT = 4000
"""Customers that may come back or ask for help; older ones fall silent."""

Ident = Callable[[str, int], str]


@dataclass(frozen=True, slots=True)
class Customer:
    """A person at a company that buys, with the day on which it stops."""

    contact: Contact
    name: str
    until: date | None


@dataclass(slots=True)
class State:
    """The moving parts of one client. ``ident`` writes an id as the client's CRM does."""

    profile: Profile
    plan: Plan
    ident: Ident
    size: float
    seed: int
    first: date
    until: date
    kinds: frozenset[type[object]]
    """What the client's sources show; nothing else is told, or counted in the truth."""
    book: Book = field(default_factory=Book)
    customers: deque[Customer] = field(default_factory=lambda: deque(maxlen=_KEPT))
    numbers: dict[str, int] = field(default_factory=dict)
    planned: dict[tuple[date, str], int] = field(default_factory=dict)
    """Enquiries of the channel with the gap, by day of that month and campaign."""
    told: list[tuple[str, Lead]] = field(default_factory=list)
    """Enquiries of the day that the ad platform counts otherwise, each with its reason."""
    lost: dict[str, float] = field(default_factory=dict)
    """Enquiries that the paused campaign would have brought, by month."""
    came: dict[str, int] = field(default_factory=dict)
    """Enquiries of the paused channel that did come, by month."""
    _streams: dict[str, Random] = field(default_factory=dict)
    _pending: list[tuple[datetime, int, Record | Customer]] = field(default_factory=list)

    def rng(self, part: str) -> Random:
        """The stream of chance for one part of the story."""
        if part not in self._streams:
            self._streams[part] = stream(self.seed, self.profile.id, part)
        return self._streams[part]

    def number(self, kind: str) -> int:
        """The next number of a kind, from 1."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]

    def later(self, at: datetime, record: Record | Customer) -> None:
        """Let something happen at a moment; beyond the last day it never does."""
        if at.date() <= self.until:
            heapq.heappush(self._pending, (at.replace(fold=0), self.number("later"), record))

    def due(self, day: date) -> Iterator[Record | Customer]:
        """What was to happen up to the end of the day, in order."""
        while self._pending and self._pending[0][0].date() <= day:
            yield heapq.heappop(self._pending)[2]
