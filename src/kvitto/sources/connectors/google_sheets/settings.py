"""The settings of a source of kind ``google_sheets``."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from kvitto.sources.connector import Settings
from kvitto.sources.google.settings import GoogleSettings

SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
"""What a person is asked to allow."""

_ADDRESS = re.compile(r"/spreadsheets/d/([A-Za-z0-9_-]+)")
_ID = re.compile(r"[A-Za-z0-9_-]{10,}")


class Tab(Settings):
    """One sheet of the spreadsheet, by its name; ``gid`` finds it under any name."""

    name: str = Field(min_length=1, description="What the sheet is called, here and in tables:.")
    gid: int | None = Field(
        default=None,
        ge=0,
        description="The number after #gid= in the address; the sheet is then found if renamed.",
    )
    range: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]{1,3}\d*(:[A-Za-z]{1,3}\d*)?$",
        description="The part to read, as in A3:F; the whole sheet where not given.",
    )


class SheetsSettings(GoogleSettings):
    """Which spreadsheet is read, and which sheets of it."""

    spreadsheet: str = Field(description="The spreadsheet's address or id.")
    tabs: tuple[Tab, ...] = Field(
        default=(), description="The sheets to read; all that are not hidden where none is named."
    )
    cells_per_request: int = Field(
        default=200_000, ge=1_000, description="Cells in one answer, which bounds its size."
    )
    endpoint: str = Field(
        default="https://sheets.googleapis.com", description="The address of the Sheets API."
    )

    @field_validator("spreadsheet")
    @classmethod
    def _id(cls, value: str) -> str:
        found = _ADDRESS.search(value)
        plain = found.group(1) if found else value.strip()
        if not _ID.fullmatch(plain):
            raise ValueError(f"'{value}' is neither a spreadsheet's address nor its id")
        return plain

    @field_validator("tabs", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        """A plain text is the sheet's name."""
        if isinstance(value, list | tuple):
            return tuple({"name": one} if isinstance(one, str) else one for one in value)
        return value
