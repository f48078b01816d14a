"""How a source's files were understood: what was told, guessed and is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from kvitto.errors import Problem
from kvitto.model.finding import Finding
from kvitto.sources import StagedTable
from kvitto.warehouse import SourceState
from kvitto.workspace.definition import ColumnMap


@dataclass(frozen=True, slots=True)
class Fill:
    """One canonical column and what fills it. ``why`` says on what grounds it was guessed."""

    table: str
    column: str
    map: ColumnMap
    how: Literal["told", "guessed"]
    why: str

    @property
    def takes(self) -> str:
        """What it is filled from, in words: a column, a constant or another file."""
        if self.map.lookup is not None:
            return f"{self.map.lookup.table}.{self.map.lookup.column}"
        if self.map.constant is not None:
            return f"'{self.map.constant}'"
        return self.map.column or ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A column of the file that fills nothing; ``near`` is what it may be, if anything."""

    header: str
    samples: tuple[str, ...]
    near: str | None = None


@dataclass(frozen=True, slots=True)
class FileUnderstanding:
    """One staged table and the canonical tables it fills.

    ``layout`` is the export that it was recognised as ("hubspot.deals"),
    ``main`` the table that its rows are. A ``derived`` file is made of columns
    of another one: its rows are counted as made. ``currency`` stood in a
    header, or in each row in ``currency_column``. ``platform`` tells the file's
    campaigns apart from those of other platforms in the same source.
    """

    staged: StagedTable
    fills: tuple[Fill, ...]
    unknown: tuple[Unknown, ...]
    layout: str | None = None
    main: str | None = None
    derived: bool = False
    currency: str | None = None
    currency_column: str | None = None
    platform: str = ""

    @property
    def tables(self) -> tuple[str, ...]:
        """The canonical tables that it fills: what its rows are, then the one with most columns."""
        counts: dict[str, int] = {}
        for fill in self.fills:
            counts[fill.table] = counts.get(fill.table, 0) + 1
        return tuple(sorted(counts, key=lambda table: (table != self.main, -counts[table])))

    def fill_of(self, table: str) -> Mapping[str, Fill]:
        """The fills of one canonical table, by column."""
        return MappingProxyType({f.column: f for f in self.fills if f.table == table})


@dataclass(frozen=True, slots=True)
class Understanding:
    """All files of a source.

    ``problems`` are what the definition gets wrong, ``questions`` what only a
    person can say. ``set_aside`` counts the rows that are no records of any
    canonical table; each stands in one of ``findings``.
    """

    source: str
    files: tuple[FileUnderstanding, ...]
    problems: tuple[Problem, ...] = ()
    questions: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    set_aside: int = 0

    def fills(self, table: str) -> bool:
        """Whether any file fills that canonical table."""
        return any(table in file.tables for file in self.files)


@dataclass(frozen=True, slots=True)
class ConformReport:
    """What conforming did with the rows.

    ``rows_in`` counts the rows of the files that were used, unreadable ones
    included; each is one of ``rows`` (canonical) or of ``left_out`` (in a
    finding). ``made`` counts canonical rows that no row of a file stands for:
    stages, teams and people known only by name, history, snapshots.
    """

    source: str
    rows_in: int
    rows: Mapping[str, int]
    left_out: int
    made: Mapping[str, int]
    findings: tuple[Finding, ...]
    state: SourceState
