"""What an insight claims, with its evidence. The narrative may say nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Direction(StrEnum):
    up = "up"
    down = "down"
    flat = "flat"
    unknown = "unknown"


class Contribution(BaseModel):
    """One segment's share of a change, in the unit of the metric.

    ``total`` is what the segment adds to the change; for a ratio it is ``mix``
    (its weight changed) plus ``rate`` (its own ratio changed). ``before`` and
    ``after`` are the segment's own figures, ``None`` where it did not exist.
    ``rest`` marks the bucket of all segments too small to name, ``members``
    counts them. An empty ``segment`` stands for rows without a value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: str
    before: float | None
    after: float | None
    total: float
    mix: float | None = None
    rate: float | None = None
    rest: bool = False
    members: int = 1


Verdict = Literal["", "significant", "noise", "too_few", "not_tested"]
Standing = Literal["", "ahead", "on_track", "behind", "unknown"]


class Statement(BaseModel):
    """A claim that was measured.

    ``kind``: "change", "contribution", "goal", "data", "coincidence".
    ``subject``: the metric's id. ``unit`` is count, money, share, duration or
    number. ``magnitude`` is the change in the metric's own unit (a share as a
    fraction), ``relative`` the change over the earlier figure (``None`` where
    there is no positive base). ``significant`` (after the adjustment for many
    tests, where it was made) and ``material`` together decide ``arrow``;
    ``verdict`` says how the test went. ``good`` says whether the direction is
    good news, whether or not there is an arrow. ``evidence`` holds receipt codes.
    ``contributions`` (of ``dimension``) sum to ``magnitude``, exactly up to
    the last bit of a float.

    A goal has the target in ``before``, the figure in ``after`` and the gap in
    ``magnitude``; ``expected`` is where a goal not yet over should stand.
    ``against`` is the label of the earlier period. ``missing`` is set for
    statements of kind "data"; ``event`` and ``on`` for coincidences.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    subject: str
    comparison: str = ""
    direction: Direction
    magnitude: float | None = None
    relative: float | None = None
    before: float | None = None
    after: float | None = None
    p_value: float | None = None
    interval: tuple[float, float] | None = None
    significant: bool = False
    material: bool = False
    arrow: Direction | None = None
    good: bool | None = None
    dimension: str | None = None
    contributions: tuple[Contribution, ...] = ()
    method: str = ""
    note: str = ""
    evidence: tuple[str, ...] = ()
    unit: str = "number"
    currency: str | None = None
    noun: str | None = None
    against: str = ""
    n_before: int = 0
    n_after: int = 0
    p_adjusted: float | None = None
    verdict: Verdict = ""
    provisional: bool = False
    mix: float | None = None
    rate: float | None = None
    standing: Standing = ""
    goal_kind: Literal["", "target", "cap"] = ""
    reached: float | None = None
    expected: float | None = None
    objective: str = ""
    missing: str | None = None
    event: str = ""
    on: str = ""
