"""What the rules say about watching: which sources and tables, how closely, on which days."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Weekday = Annotated[int, Field(ge=1, le=7)]
"""1 is Monday, 7 is Sunday."""

Sensitivity = Literal["low", "normal", "high"]


class MonitorRule(BaseModel):
    """How what arrives from a source is watched; without ``source`` or ``table`` all of them.

    ``off`` stops the watch. ``weekdays`` are those on which rows are expected;
    where they are not given, the data itself shows it. ``sensitivity`` says how
    much has to happen before anything is said. ``allowance_days`` is how many
    days at the end of a period may still be missing before a report of it is held.
    Where two rules concern one table, the more exact one holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str | None = None
    table: str | None = None
    off: bool = False
    weekdays: tuple[Weekday, ...] = ()
    sensitivity: Sensitivity = "normal"
    allowance_days: Annotated[int, Field(ge=0, le=366)] | None = None

    @property
    def exactness(self) -> int:
        """How exact it is: a rule on a source and a table is more exact than one on a table."""
        return 2 * (self.source is not None) + (self.table is not None)

    def concerns(self, source: str, table: str) -> bool:
        """Whether it speaks of that table of that source."""
        return self.source in (None, source) and self.table in (None, table)
