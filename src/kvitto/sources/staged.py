"""What a source gives: tables that can be read in bulk, and how they were understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

from kvitto.errors import Problem
from kvitto.model.finding import Finding
from kvitto.sources.format import ColumnFormat
from kvitto.workspace.definition import ColumnMap

How = Literal["found", "guessed", "told"]
"""``found`` in the data beyond doubt, ``guessed`` from it, or ``told`` by the definition."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that was decided about a file or a column, and on what evidence."""

    what: str
    value: str
    how: How
    evidence: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the data leaves open and a person must say.

    ``key`` is the entry of the source's YAML that answers it ("date_order"),
    ``answers`` what may stand there, ``found`` what was seen.
    """

    file: str
    column: str
    key: Literal["date_order", "decimal"]
    answers: tuple[str, ...]
    found: str

    def problem(self, definition: str, table: str, canonical: str, fill_column: str) -> Problem:
        """The question as a problem that names the YAML entry which answers it."""
        example = (
            f"tables: - file: {self.file}, fill: {{{canonical}: {{{fill_column}:"
            f" {{column: {self.column}, {self.key}: {self.answers[0]}}}}}}}"
        )
        choice = " or ".join(self.answers)
        return Problem(
            f"read the column '{self.column}' of {table}",
            self.found,
            f"Say which in {definition} with {self.key}: {choice}, as in: {example}",
            definition,
        )


@dataclass(frozen=True, slots=True)
class StagedColumn:
    """One column as it was found.

    ``name`` is its name in the relation, ``header`` what the file calls it.
    ``filled`` counts the rows that have a value, ``readable`` those that can be
    read in ``format``. ``samples`` are a few values.
    """

    name: str
    header: str
    format: ColumnFormat
    samples: tuple[str, ...]
    filled: int
    readable: int
    decisions: tuple[Decision, ...] = ()
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class StagedTable:
    """One file or sheet that can be read.

    ``relation_sql`` is a table expression for DuckDB in which every column is
    text; empty cells and the usual marks for "nothing" are NULL. ``rows``
    counts what it gives; ``rejected`` the rows of the file that could not be
    read and stand in ``findings``. ``fill`` is what the connector itself knows
    of the canonical columns that it fills, as in a definition's ``tables:``;
    with ``declared`` that is all there is to know, and nothing is guessed.
    """

    name: str
    file: str
    sheet: str | None
    columns: tuple[StagedColumn, ...]
    relation_sql: str
    rows: int
    rejected: int = 0
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()
    fill: Mapping[str, Mapping[str, str | ColumnMap]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    declared: bool = False

    def column(self, name: str) -> StagedColumn | None:
        """The column of that name or header, ``None`` where there is none."""
        for column in self.columns:
            if name in (column.name, column.header):
                return column
        return None

    @property
    def questions(self) -> tuple[Question, ...]:
        """What must be answered before the columns concerned can be used."""
        return tuple(column.question for column in self.columns if column.question is not None)


@dataclass(frozen=True)
class Staged:
    """Everything one source gave in one reading.

    Rewritten files lie in a folder of this reading's own, which goes away with
    :meth:`close` or with the object. ``revision`` is equal where the data is
    equal (``None``: unknown). ``complete_to`` is the last day that is shown in
    full, where the source tells it, and ``settles_days`` how long a day may
    still change, as the connector knows it.
    """

    name: str
    tables: tuple[StagedTable, ...]
    findings: tuple[Finding, ...] = ()
    revision: str | None = None
    complete_to: date | None = None
    settles_days: int = 0
    _closer: Callable[[], object] = field(default=lambda: None, repr=False, compare=False)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The open questions of all tables."""
        return tuple(question for table in self.tables for question in table.questions)

    def all_findings(self) -> tuple[Finding, ...]:
        """What was found wrong while reading, of all tables."""
        return self.findings + tuple(f for table in self.tables for f in table.findings)

    def close(self) -> None:
        """Remove the rewritten files. Closing twice does nothing."""
        self._closer()
