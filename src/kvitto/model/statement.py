"""What an insight claims, with its evidence. The narrative may say nothing else."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Direction(StrEnum):
    up = "up"
    down = "down"
    flat = "flat"
    unknown = "unknown"


class Contribution(BaseModel):
    """One segment's share of a change, in the unit of the metric.

    ``effect`` parts add up to ``total``: for a ratio ``mix`` and ``rate``, for
    an additive metric ``amount`` alone. ``before`` and ``after`` are the
    segment's own figures, ``None`` where it did not exist.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: str
    before: float | None
    after: float | None
    total: float
    mix: float | None = None
    rate: float | None = None


class Statement(BaseModel):
    """A claim that was measured.

    ``kind``: "change", "contribution", "goal", "forecast", "data", ...
    ``subject``: the metric's id. ``magnitude`` is the change in the metric's
    own unit, ``relative`` the change over the earlier figure (``None`` where
    there is no base). ``significant`` and ``material`` together decide
    ``arrow``. ``evidence`` holds receipt codes. ``contributions`` (of
    ``dimension``) sum to ``magnitude`` with a residual below 1e-9.
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
