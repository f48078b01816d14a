"""What a metric is: one definition, one attribution date, one way to add up."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from kvitto.model.value import UnitKind


class Good(Enum):
    """Which way is good news."""

    higher = "higher"
    lower = "lower"
    neutral = "neutral"


class Additivity(StrEnum):
    """``semi`` adds over dimensions but not over time; ``none`` is recomputed."""

    full = "full"
    semi = "semi"
    none = "none"


class Aggregation(Enum):
    """How the rows of a part become one number."""

    count = "count"
    sum = "sum"
    average = "average"
    median = "median"
    percentile = "percentile"
    distinct = "distinct"


class Part(BaseModel):
    """One aggregate over one table: the whole of a simple metric, half of a ratio.

    ``table`` is canonical; ``measure`` and ``where`` are expressions over its
    columns (and those of the dimensions it can reach), written in DuckDB's
    dialect and checked when the catalogue is loaded; ``at`` is the local date
    column that attributes a row to a period. ``as_of`` instead of ``at`` asks
    for the state an instant before the period's end: from the rows whose
    ``snapshot`` day is that day (or at most three days older), or from the
    rows whose interval ``[since, until)`` holds it. ``otherwise`` is read
    where there is no such snapshot. ``opening`` asks for the state an instant
    before the period's *start* instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    aggregation: Aggregation
    measure: str | None = None
    where: str | None = None
    at: str | None = None
    as_of: bool = False
    snapshot: str | None = None
    since: str | None = None
    until: str | None = None
    opening: bool = False
    otherwise: Part | None = None
    percentile: float | None = None


class Metric(BaseModel):
    """One definition of the catalogue or of a workspace.

    Exactly one of ``value`` (a single part), ``numerator`` with
    ``denominator``, or ``formula`` (over other metrics' ids) is given.
    ``names`` and ``explains`` are keyed by language; ``version`` is raised by
    every change that can move a number. ``mature_days`` is the window of a
    cohort metric: a younger period is immature. Below ``min_n`` rows no arrow is
    drawn; below ``fewest`` there is no figure (too few), and with
    ``final_only`` none while a source may still change it (not final).
    ``dimensions`` narrows the
    dimensions that its tables reach; where it is empty, all of those apply,
    and a loaded catalogue lists them here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: int = 1
    names: dict[str, str]
    explains: dict[str, str]
    unit: UnitKind
    noun: str | None = None
    good: Good
    additivity: Additivity
    value: Part | None = None
    numerator: Part | None = None
    denominator: Part | None = None
    formula: str | None = None
    min_n: int = 0
    fewest: int = 0
    final_only: bool = False
    mature_days: int | None = None
    dimensions: tuple[str, ...] = ()
    zero_policy: str = "ZC"
    bucket: str = ""
    family: str = ""
    role: Literal["outcome", "driver", "leading_indicator", "activity", "vanity_prone"] = "driver"
    audience: tuple[str, ...] = ()
    person_level: bool = False
    disputes: str = ""
    decomposition: str = "additive"
    test: str = "n/a"

    def name(self, language: str) -> str:
        """The name in that language, in English where it has none."""
        return self.names.get(language, self.names["en"])

    def explain(self, language: str) -> str:
        """The definition in words, in English where the language has none."""
        return self.explains.get(language, self.explains["en"])

    @property
    def parts(self) -> tuple[tuple[str, Part], ...]:
        """Its parts by name: "value", or "numerator" and "denominator"; none for a formula."""
        named = (
            ("value", self.value),
            ("numerator", self.numerator),
            ("denominator", self.denominator),
        )
        return tuple((name, part) for name, part in named if part is not None)
