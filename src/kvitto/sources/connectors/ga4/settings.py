"""The settings of a source of kind ``ga4``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from kvitto.sources.connector import Settings
from kvitto.sources.google.settings import GoogleSettings

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
"""What a person is asked to allow."""

MOST_DIMENSIONS = 9
MOST_METRICS = 10
"""What the Data API takes in one report."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*(:[A-Za-z0-9_ ]+)*$")]


class Report(Settings):
    """A report of the workspace's own: one stream, one row per day and combination."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="The stream's name.")
    dimensions: tuple[Name, ...] = Field(
        description="API names of dimensions; date is added by itself."
    )
    metrics: tuple[Name, ...] = Field(min_length=1, description="API names of metrics.")

    @model_validator(mode="after")
    def _fits(self) -> Report:
        if len({"date", *self.dimensions}) > MOST_DIMENSIONS:
            raise ValueError(f"a report takes {MOST_DIMENSIONS} dimensions, date among them")
        if len(self.metrics) > MOST_METRICS:
            raise ValueError(f"a report takes {MOST_METRICS} metrics")
        return self


class Ga4Settings(GoogleSettings):
    """Which properties are read, and which reports of them."""

    properties: tuple[str, ...] = Field(
        min_length=1,
        description="Ids of the properties (Admin > Property details): digits, not G-... ids.",
    )
    landing_pages: bool = Field(
        default=False, description="Whether sessions by landing page are read as well."
    )
    reports: tuple[Report, ...] = Field(default=(), description="Further reports.")
    days_per_request: int = Field(
        default=31,
        ge=1,
        le=366,
        description="Days in one question; fewer where Google samples or the answer is large.",
    )
    page_rows: int = Field(
        default=50_000, ge=1, le=250_000, description="Rows in one answer; 250,000 at most."
    )
    endpoint: str = Field(
        default="https://analyticsdata.googleapis.com", description="The address of the Data API."
    )
    version: str = Field(default="v1beta", description="The version of the Data API.")

    @field_validator("properties", mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        listed = value if isinstance(value, list | tuple) else [value]
        found = [str(item).strip().removeprefix("properties/") for item in listed]
        for one in found:
            if not re.fullmatch(r"\d+", one):
                raise ValueError(f"'{one}' is not a property's id, which is digits only")
        return tuple(dict.fromkeys(found))

    @field_validator("reports")
    @classmethod
    def _named_apart(cls, value: tuple[Report, ...]) -> tuple[Report, ...]:
        names = [report.name for report in value]
        taken = {"sessions", "key_events", "landing_pages", "visitors_by_month"}
        for name in names:
            if name in taken or names.count(name) > 1:
                raise ValueError(f"there is another report named '{name}'")
        return value
