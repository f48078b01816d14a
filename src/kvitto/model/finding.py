"""Something wrong in the data: collected, counted and shown, never raised."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


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
