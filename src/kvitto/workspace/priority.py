"""Which source tells a metric where several can: the ``priorities`` of ``rules/``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

TOLERANCE = Decimal("0.03")
"""How far two sources may lie apart, as a share of the greater figure, where no rule says it."""


class Priority(BaseModel):
    """The order of the sources of one ``metric``, or of all metrics over one ``table``.

    The first of ``sources`` wins from ``valid_from`` to ``valid_to`` (both
    included); rows of the others are left out, also of those not named. With a
    ``fallback``, whole days or months on which the winner has no row
    (``no_data``), or which it may still change (``not_final``), are told by the
    next one. ``tolerance`` is how far the others may lie off before that is a
    conflict. ``counts: all`` says that the sources hold different things and
    are added, as they are where no rule is written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str | None = None
    table: str | None = None
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    valid_from: date | None = None
    valid_to: date | None = None
    fallback: Literal["never", "day", "month"] = "never"
    fallback_when: Annotated[tuple[Literal["no_data", "not_final"], ...], Field(min_length=1)] = (
        "no_data",
    )
    counts: Literal["first", "all"] = "first"
    tolerance: Annotated[Decimal, Field(ge=0, le=1)] = TOLERANCE

    @property
    def subject(self) -> str:
        """What it is about, in words."""
        return f"the metric {self.metric}" if self.metric else f"the table {self.table}"

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)
