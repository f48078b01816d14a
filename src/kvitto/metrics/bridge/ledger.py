"""What one side knows: its records near the period, and what it says of each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from kvitto.model.period import Period


class Standing(StrEnum):
    """How a record stands on its side. Only ``counts`` adds to the figure."""

    counts = "counts"
    elsewhere = "elsewhere"
    """It is there and means something else: another channel, another kind."""
    repeated = "repeated"
    """A copy of one that counts."""
    left_out = "left_out"
    """Set aside by a rule, a test record, or deleted."""
    rejected = "rejected"
    """The platform did not take it, or has not yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a side.

    ``day`` is the day that the side attributes it to; ``at`` the instant (UTC)
    of the event, where it is known, ``clicked`` that of the click. ``keys`` are
    what the other side may know it by, the surest first. ``why`` says what its
    standing rests on.
    """

    record: str
    table: str
    day: date
    amount: Decimal = Decimal(1)
    keys: tuple[str, ...] = ()
    at: datetime | None = None
    clicked: datetime | None = None
    standing: Standing = Standing.counts
    why: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One side of a bridge.

    ``daily`` is what its figure says of each day of the period; ``entries``
    its single records, also those beside the period and those that do not
    count; without any (``has_records`` false) only days can be compared.
    ``first`` and ``last`` bound the days that it covers. ``zone`` is that of
    its days, ``None`` where nobody has said it.
    """

    name: str
    source: str
    zone: str | None
    daily: Mapping[date, Decimal]
    entries: tuple[Entry, ...] = ()
    has_records: bool = False
    is_log: bool = False
    """The records are a log beside daily totals: what it lacks did not arrive."""
    first: date | None = None
    last: date | None = None
    log_days: tuple[date, date] | None = None
    by_click: bool = False
    lacks: tuple[str, ...] = field(default=())
    """What data is not at hand, in words."""

    def covers(self, day: date) -> bool:
        """Whether the side has data of that day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def logged(self, day: date) -> bool:
        """Whether its single records reach that day."""
        if not self.has_records:
            return False
        return self.log_days is None or self.log_days[0] <= day <= self.log_days[1]

    def counted(self, period: Period) -> tuple[Entry, ...]:
        """The records that add to the figure of the period."""
        return tuple(
            entry
            for entry in self.entries
            if entry.standing is Standing.counts and period.start <= entry.day < period.end
        )


def local_day(at: datetime, zone: str) -> date:
    """The day of an instant (UTC, without a zone) where the clock shows ``zone``."""
    return at.replace(tzinfo=UTC).astimezone(_zone(zone)).date()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
