"""What a monitor noticed, and the setting it was noticed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from kvitto.audit.monitor.profile import Profile
from kvitto.audit.monitor.series import Closed, Series
from kvitto.workspace.monitor import MonitorRule, Sensitivity

LOG_CHANCE: Mapping[Sensitivity, float] = MappingProxyType(
    {"low": -23.0, "normal": -16.1, "high": -11.5}
)
"""So unlikely a stretch without anything must be: 1 in 10 billion, 10 million, 100,000."""

DISTANCE: Mapping[Sensitivity, float] = MappingProxyType({"low": 6.5, "normal": 5.0, "high": 4.0})
"""So many standard deviations a week must lie off."""

RATIO: Mapping[Sensitivity, tuple[float, float]] = MappingProxyType(
    {"low": (0.35, 3.0), "normal": (0.5, 2.0), "high": (0.65, 1.6)}
)
"""And so small, or large, a part of what the least, or most, expectation was."""


@dataclass(frozen=True)
class Event:
    """One thing noticed in one profile.

    ``first`` and ``last`` are both included. ``observed`` and ``expected`` are
    in rows or in the measure ``column``. ``business`` says that the evidence
    speaks for a change of business, not of the data; ``evidence`` says what it is.
    """

    code: str
    client: str
    source: str
    table: str
    first: date
    last: date
    rows: int = 0
    column: str | None = None
    label: str = ""
    other: str = ""
    observed: float = 0.0
    expected: float = 0.0
    business: bool = False
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Watch:
    """A profile with what is known of its client: rule, closed days, and from when to judge.

    ``since`` is the first day that is judged; before it all is history.
    ``settled`` is the last day whose figures change no more.
    """

    profile: Profile
    rule: MonitorRule
    closed: Closed
    since: date
    settled: date
    cache: dict[str, Series] = field(default_factory=dict, compare=False)

    @property
    def start(self) -> int:
        """The index of the first day that is judged."""
        return max((self.since - self.profile.first).days, 0)

    @property
    def end(self) -> int:
        """The index after the last day whose figures are settled."""
        return min((self.settled - self.profile.first).days + 1, len(self.profile.rows))

    def rows(self) -> Series:
        """How many rows came each day."""
        return self._series("", tuple(float(n) for n in self.profile.rows))

    def measure(self, name: str) -> Series:
        """What a measure added up to each day."""
        return self._series(name, self.profile.sums[name])

    def label(self, name: str) -> Series:
        """The volume of one label each day."""
        return self._series(f"={name}", self.profile.labels[name])

    def volume(self) -> Series:
        """The first measure that is filled where rows are totals, else the rows."""
        watched = self.profile.watched
        filled = [name for name in watched.measures if name in self.profile.sums]
        return self.measure(filled[0]) if watched.totals and filled else self.rows()

    def event(self, code: str, start: int, end: int, **known: object) -> Event:
        """An event over the days ``[start, end)``."""
        profile = self.profile
        return Event(
            code,
            profile.client,
            profile.source,
            profile.watched.table,
            profile.day(start),
            profile.day(end - 1),
            sum(profile.rows[start:end]),
            **known,  # type: ignore[arg-type]  # the fields of Event
        )

    def _series(self, key: str, values: tuple[float, ...]) -> Series:
        if key not in self.cache:
            self.cache[key] = Series(self.profile.first, values, self.closed)
        return self.cache[key]
