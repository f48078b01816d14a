"""What a report shows of the registers: health, systems, access, fields, checks, findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, runtime_checkable

from kvitto.model.finding import Finding


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part of a score: ``part`` of ``whole``, and how much it weighs."""

    name: str
    weight: int
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A source's score, 0 to 100, or that of all (no name); ``None`` without data."""

    name: str
    score: float | None
    parts: tuple[PartLine, ...]


@dataclass(frozen=True, slots=True)
class SystemLine:
    """A place that holds data; ``people`` can open it."""

    name: str
    kind: str
    owner: str
    updated: str
    is_connected: bool
    audited: date | None
    is_audited: bool
    signed_off_by: str
    people: int


@dataclass(frozen=True, slots=True)
class AccessLine:
    """Who can open a system. ``overdue``: training, review."""

    system: str
    person: str
    role: str
    is_service: bool
    last_used: date | None
    supervisor: str
    overdue: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """What a field is worth; ``metrics`` read it."""

    table: str
    column: str
    filled: int
    rows: int
    metrics: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class RateLine:
    """What a re-check came to; no rate where there were too few answers."""

    table: str
    column: str
    checked: int
    wrong: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Registers:
    """All of them, of one client. ``touched`` are the metrics that a place is read by.

    ``is_listed`` tells whether there is an inventory at all.
    """

    day: date | None = None
    scores: tuple[ScoreLine, ...] = ()
    course: tuple[tuple[date, float | None], ...] = ()
    is_listed: bool = False
    systems: tuple[SystemLine, ...] = ()
    unnamed: tuple[str, ...] = ()
    access: tuple[AccessLine, ...] = ()
    fields: tuple[FieldLine, ...] = ()
    rates: tuple[RateLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    touched: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


@runtime_checkable
class Registered(Protocol):
    """An asker that also knows the registers."""

    def registers(self) -> Registers:
        """Those of the client."""
