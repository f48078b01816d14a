"""Which faults are planted at a client, and the book in which they are written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Item = dict[str, object]


@dataclass(frozen=True, slots=True)
class Gap:
    """A month in which the ad platform counts more conversions than the CRM has enquiries."""

    channel: str
    month: date
    crm: int
    """Enquiries in the CRM at size 1."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The true cause: one campaign of one channel is switched off for good."""

    channel: str
    campaign: str
    on: date


@dataclass(frozen=True, slots=True)
class Rename:
    """A tracking change: the event that counts gets a new name which is not a key event."""

    old: str
    new: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Undo:
    """A deal that was won and reported, and then undone in the CRM."""

    won: datetime
    reported: date
    undone: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """The faults of a client; "every" counts records, 0 plants none."""

    doubles_every: int = 0
    twins_every: int = 0
    blank_every: int = 0
    impossible_every: int = 0
    orphans_every: int = 0
    negative_every: int = 0
    overdue_every: int = 0
    tests: tuple[date, ...] = ()
    spellings: bool = False
    gap: Gap | None = None
    pause: Pause | None = None
    outage: tuple[date, date] | None = None
    rename: Rename | None = None
    twice: datetime | None = None
    """A local moment that the clock shows twice."""
    never: datetime | None = None
    """A local moment that the clock skips."""
    churn: date | None = None
    undo: Undo | None = None
    dip: tuple[int, str] | None = None
    """A month that is low every year, and why."""
    late: tuple[str, date] | None = None
    """The ad platform of which an older export is kept, and its day."""


@dataclass(slots=True)
class Book:
    """The faults as they are planted: kind -> what exactly, and what was spelled how often."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    spelled: dict[str, dict[str, int]] = field(default_factory=dict)

    def note(self, kind: str, **item: object) -> None:
        """Write one planted thing down."""
        self.items.setdefault(kind, []).append(item)

    def spell(self, place: str, label: str) -> None:
        """Count a label as it is written into the files."""
        words = self.spelled.setdefault(place, {})
        words[label] = words.get(label, 0) + 1


def is_nth(number: int, every: int) -> bool:
    """Every so many; the first comes early so that a small workspace has one too."""
    return every > 0 and number % every == min(5, every - 1)
