"""What a check says about a table: a condition under which a row is in trouble.

A check gives probes; it reads nothing itself. Conditions are plain comparisons
wherever they can be, because the engine answers those without reading a clean
column; those that hold for any row are counted together in one scan. What only
shows beside other rows (a median, the row before) is a :class:`Look`: it is
asked when the table's turn comes, and answers with probes or findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.model.table import CanonicalTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from kvitto.audit.record import Records

ROW = "t"
"""The alias of the checked table in every condition."""

YEARS_AHEAD = 10
"""No date that is meant lies further ahead of today."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The other table that a condition looks into: one row of it per key at most.

    In the condition its key is ``<alias>.key``, null where nothing is found.
    """

    alias: str
    table: str
    key: str
    column: str


@dataclass(frozen=True, slots=True)
class Probe:
    """One kind of trouble that a single row can be in.

    ``condition`` is SQL over the row ``t`` (and ``reference``); ``among``
    limits the rows that are looked at and ``subject`` names them ("open
    deals"). ``what`` completes the sentence "12 of 80 open deals ...".
    ``clients`` limits it to these clients; ``None`` means all. ``default`` is
    the text that fills an empty column; ``excluded`` what ``_excluded`` then
    says. ``shows`` is a column whose wrong values are worth listing.

    ``marks`` is a temporary table (``row``, ``kept``) of the rows that a
    :class:`Look` found; ``kept`` is the record that stands for the row.
    ``action`` is the word in ``_applied`` where it is another one than the
    resolution's own.
    """

    code: str
    severity: Severity
    table: str
    column: str | None
    condition: str
    what: str
    todo: str
    subject: str = "rows"
    among: str | None = None
    clients: tuple[str, ...] | None = None
    reference: Reference | None = None
    resolution: Resolution = Resolution.keep
    rule: str = ""
    default: str | None = None
    excluded: str | None = None
    shows: str | None = None
    decides: str = "analyst"
    marks: str | None = None
    action: str | None = None

    @property
    def acts(self) -> bool:
        """Whether something is done with the rows or noted on them."""
        return self.resolution is not Resolution.keep


@dataclass(frozen=True, slots=True)
class KeyProbe:
    """Columns that identify a row: of several rows with one key the latest counts."""

    table: str
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A question to the rows that count, asked when all merges are done.

    ``ask`` answers with probes, which are counted with the others, and with
    findings of its own. It may make temporary tables. Rows are changed by the
    one look alone that empties placeholders, and only where a rule says so.
    """

    table: str
    ask: Callable[[DuckDBPyConnection], Iterable[Probe | Finding]]


@dataclass(frozen=True, slots=True)
class FieldDecision:
    """A field rule whose condition was read: what is done where the column is empty."""

    table: str
    column: str
    resolution: Resolution
    name: str
    default: str | None = None
    condition: str | None = None
    shown_condition: str | None = None
    clients: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a check may know: the rules, which clients have rows where, the day.

    ``records`` are the rules about tests, forms and placeholders by client.
    """

    decisions: tuple[FieldDecision, ...]
    filled: Mapping[str, frozenset[str]]
    today: date
    records: Mapping[str, Records] = field(default_factory=dict)

    @property
    def clients(self) -> tuple[str, ...]:
        """Everybody who has rows, sorted."""
        return tuple(sorted(frozenset().union(*self.filled.values())))


Check = Callable[[CanonicalTable, Setting], Iterable[Probe | KeyProbe | Look]]
"""A check: the probes of one table. Registered under the kind "check"."""


def row_column(name: str) -> str:
    """A column of the checked row in SQL."""
    return f'{ROW}."{name}"'
