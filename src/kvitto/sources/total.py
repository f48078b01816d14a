"""The row of totals that spreadsheets put under a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.sources.staged import StagedColumn, StagedTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_WORDS = (
    "total",
    "totals",
    "grand total",
    "sum",
    "summa",
    "totalt",
    "totalsumma",
    "yhteensä",
    "summa yhteensä",
    "totale",
    "totale generale",
    "somma",
    "total geral",
    "soma",
    "total general",
    "suma",
    "gesamt",
    "gesamtsumme",
    "summe",
    "total général",
    "somme",
)
_NUMBERS = ("integer", "number", "percent")


@dataclass(frozen=True, slots=True)
class Total:
    """The condition that finds the row, how many it finds, what stands in it."""

    condition: str
    rows: int
    label: str


def total_row(connection: DuckDBPyConnection, table: StagedTable) -> Total | None:
    """A row whose first filled text says "total" and whose other texts are empty.

    Only a table with numbers can have one, and only one such row is taken for
    totals: more would be records of that name.
    """
    texts = [column for column in table.columns if column.format.kind not in _NUMBERS]
    numbers = [column for column in table.columns if column.format.kind in _NUMBERS]
    if not numbers or not texts or table.rows < 2:
        return None
    first = texts[0]
    words = ", ".join("'" + word.replace("'", "''") + "'" for word in _WORDS)
    said = f"rtrim(lower(trim({_quoted(first)})), ':') IN ({words})"
    others = [f"{_quoted(column.name)} IS NULL" for column in texts[1:]]
    counted = " OR ".join(f"{_quoted(column.name)} IS NOT NULL" for column in numbers)
    condition = " AND ".join([said, *others, f"({counted})"])
    found = connection.execute(
        f"SELECT count(*), first({_quoted(first.name)}) FROM {table.relation_sql}"  # noqa: S608
        f" WHERE {condition}"
    ).fetchone()
    if found is None or found[0] != 1:
        return None
    # NULLs in the condition would drop rows, so it is made to answer yes or no.
    return Total(f"coalesce({condition}, false)", 1, str(found[1]))


def _quoted(column: StagedColumn | str) -> str:
    name = column.name if isinstance(column, StagedColumn) else column
    return '"' + name.replace('"', '""') + '"'
