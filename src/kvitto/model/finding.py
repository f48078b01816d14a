"""Something wrong in the data: collected, counted and shown, never raised."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer


class Severity(StrEnum):
    """``error`` keeps rows out or a figure missing; ``warning`` wants a look."""

    error = "error"
    warning = "warning"
    notice = "notice"


class Resolution(StrEnum):
    """What is done with the rows: a person looks, a default fills, or they are left out."""

    review = "review"
    default = "default"
    exclude = "exclude"
    keep = "keep"


class Finding(BaseModel):
    """One kind of trouble in one place.

    ``code`` is a check's name ("missing_field"); ``rows`` how many rows are
    concerned; ``records`` a few of their ids; ``decides`` who must act.
    ``first_day`` and ``last_day`` (both included) are the days concerned, where
    it is about some days alone; they are left out of the data where they are not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    severity: Severity
    client: str
    source: str
    table: str
    column: str | None = None
    rows: int
    records: tuple[str, ...] = ()
    message: str
    todo: str
    resolution: Resolution = Resolution.keep
    decides: str = "analyst"
    first_day: date | None = None
    last_day: date | None = None

    @model_serializer(mode="wrap")
    def _without_days(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """As it always was where there are no days: sealed editions keep their hash."""
        plain: dict[str, object] = handler(self)
        if self.first_day is None and self.last_day is None:
            plain.pop("first_day", None)
            plain.pop("last_day", None)
        return plain
