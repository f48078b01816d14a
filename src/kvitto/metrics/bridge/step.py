"""The steps of a bridge, in the order in which they are looked for, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kvitto.model.period import Period
from kvitto.model.receipt import Receipt
from kvitto.model.value import Figure, Unit


class StepKind(StrEnum):
    """Why two sides differ. In order: a record is put down to the first that holds."""

    window = "window"
    time_zone = "time_zone"
    attribution_date = "attribution_date"
    duplicates = "duplicates"
    filters = "filters"
    claimed = "claimed"
    consent = "consent"
    late = "late"
    unexplained = "unexplained"


SAID: dict[StepKind, str] = {
    StepKind.window: "days that only one side covers",
    StepKind.time_zone: "another day in the other side's time zone",
    StepKind.attribution_date: "counted on another day: of the click, or of its own record",
    StepKind.duplicates: "counted twice on one side, once on the other",
    StepKind.filters: "tests and records that the audit leaves out",
    StepKind.claimed: "claimed for another channel or kind on the other side",
    StepKind.consent: "not measured, for want of consent",
    StepKind.late: "late, rejected, or never arrived",
    StepKind.unexplained: "unexplained",
}
"""What each step means (English; reports say it in their own language)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record behind a step and what it adds on the way from the one figure to the other.

    ``side`` is the side that the record lies on. A line of a whole day has no record.
    """

    kind: StepKind
    amount: Decimal
    side: str
    table: str
    record: str
    on: date
    label: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its signed amount and the records behind it.

    ``lacks`` names the data that is not at hand: then the amount is what could
    be told, and the rest stays among the unexplained.
    """

    kind: StepKind
    amount: Decimal
    lines: tuple[Line, ...]
    receipt: Receipt
    lacks: tuple[str, ...] = ()

    @property
    def is_computed(self) -> bool:
        """Whether everything that the step needs was at hand."""
        return not self.lacks


@dataclass(frozen=True, slots=True)
class Told:
    """One side's figure with its receipt."""

    side: str
    metric: str
    name: str
    source: str
    zone: str | None
    figure: Figure
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Bridge:
    """From ``one`` figure to the ``other``: the steps add up to the difference exactly.

    ``steps`` is empty where a figure is missing; the figures say why.
    """

    client: str
    metric: str
    period: Period
    unit: Unit
    one: Told
    other: Told
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = field(default=())

    def step(self, kind: StepKind | str) -> Step:
        """The step of that kind. Raises ``KeyError`` where the bridge has none."""
        for step in self.steps:
            if step.kind == kind:
                return step
        raise KeyError(kind)

    @property
    def is_explained(self) -> bool:
        """Whether nothing is left unexplained."""
        return bool(self.steps) and self.step(StepKind.unexplained).amount == 0
