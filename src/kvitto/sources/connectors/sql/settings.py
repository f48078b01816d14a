"""The ``settings:`` of a source of kind ``sql``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from kvitto.sources.connector import Settings
from kvitto.sources.connectors.sql.address import Target, target_of
from kvitto.sources.stream import Deleting, Keeping

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


class TableSettings(Settings):
    """One table, view or query of the database."""

    name: str | None = Field(None, description="Table or view, with its schema where needed.")
    query: str | None = Field(None, description="Instead of a name: one SELECT.")
    as_: str | None = Field(
        None, alias="as", description="What it is called here; the table's name by default."
    )
    key: tuple[str, ...] = Field(
        (), description="Columns that identify a row; the primary key by default."
    )
    keeping: Keeping = Field(
        "replace",
        description="replace: read whole; changes: rows changed since the last run, by the"
        " cursor; days: the last settles_days by the cursor's day.",
    )
    cursor: str | None = Field(None, description="Column of the last change, or of the day.")
    overlap_minutes: Annotated[int, Field(ge=0)] = Field(
        10,
        description="How long before the last change to read again: as long as the longest"
        " transaction that writes to the table.",
    )
    deleting: Deleting = Field(
        "never",
        description="How removals are learned: never, flag (deleted_field), ids (compared).",
    )
    deleted_field: str | None = Field(
        None, description="Column that is true, or holds a time, where a row counts as deleted."
    )
    fields: tuple[str, ...] = Field((), description="The columns to read; all by default.")
    settles_days: Annotated[int, Field(ge=0)] = Field(
        0, description="For days: how many of them are read again each time."
    )

    @field_validator("key", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fits(self) -> TableSettings:
        if (self.name is None) == (self.query is None):
            raise ValueError("say either name or query")
        if self.query is not None and self.as_ is None:
            raise ValueError("say under 'as' what the query's rows are called")
        if not _NAME.fullmatch(self.stream):
            raise ValueError(
                f"'{self.stream}' cannot be its name here; say under 'as' one of letters,"
                " digits, - and _"
            )
        if self.keeping != "replace" and self.cursor is None:
            raise ValueError(f"keeping: {self.keeping} needs a cursor")
        if self.deleting == "flag" and self.deleted_field is None:
            raise ValueError("deleting: flag needs deleted_field")
        return self

    @property
    def stream(self) -> str:
        """What the table is called in the source: its own name without the schema."""
        if self.as_ is not None:
            return self.as_
        return (self.name or "").rpartition(".")[2].strip('"`')

    @property
    def asked(self) -> str:
        """What a person recognises it by in a message."""
        return self.name or f"the query '{self.as_}'"


class SqlSettings(Settings):
    """Where the database is and what is read of it."""

    url: str = Field(
        description="postgresql://user@host:5432/database, mysql://user@host/database,"
        " sqlite:///path or duckdb:///path (relative to the workspace); never with a password."
    )
    tables: tuple[TableSettings, ...] = Field((), description="What is read.")
    db_schema: str | None = Field(
        None, alias="schema", description="The schema of tables that are named without one."
    )
    rows_per_page: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        10_000, description="Rows that are held in memory at once."
    )
    timeout_seconds: Annotated[int, Field(ge=1)] = Field(
        3600, description="When the database gives up on one statement of ours."
    )
    connect_seconds: Annotated[int, Field(ge=1, le=600)] = Field(
        10, description="How long to wait for the database to answer at all."
    )

    @model_validator(mode="after")
    def _told_apart(self) -> SqlSettings:
        names = [table.stream.casefold() for table in self.tables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"two tables would be called '{twice[0]}' here; say under 'as' what each is called"
            )
        return self

    @property
    def target(self) -> Target:
        """The address, taken apart. Raises :class:`ValueError`: it is looked at by whoever opens,
        because what does not fit is shown where it stands, and it may hold a password."""
        return target_of(self.url)

    def table(self, stream: str) -> TableSettings:
        """What is told of the table that is called so here."""
        return next(table for table in self.tables if table.stream == stream)
