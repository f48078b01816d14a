"""The row of totals that spreadsheets put under a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.sources.staged import StagedTable

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
_TAIL = 16 * 1024


@dataclass(frozen=True, slots=True)
class Total:
    """The condition that finds the row, how many it finds, what stands in it."""

    condition: str
    rows: int
    label: str


def total_row(connection: DuckDBPyConnection, table: StagedTable, path: Path) -> Total | None:
    """A row at the end whose first filled text says "total" and whose other texts are empty.

    Only a table with numbers can have one, and only one such row is taken for
    totals: more would be records of that name. ``path`` is the text that is
    read; the whole of it is searched only where its last lines have the word.
    """
    texts = [column for column in table.columns if column.format.kind not in _NUMBERS]
    numbers = [column for column in table.columns if column.format.kind in _NUMBERS]
    if not numbers or not texts or table.rows < 2 or not _says_total(path):
        return None
    first = texts[0]
    words = ", ".join("'" + word.replace("'", "''") + "'" for word in _WORDS)
    said = f"rtrim(lower(trim({_quoted(first.name)})), ':') IN ({words})"
    others = [f"{_quoted(column.name)} IS NULL" for column in texts[1:]]
    counted = " OR ".join(f"{_quoted(column.name)} IS NOT NULL" for column in numbers)
    condition = " AND ".join([said, *others, f"({counted})"])
    found = connection.execute(
        f"SELECT count(*), first({_quoted(first.name)}) FROM {table.relation_sql} WHERE {condition}"
    ).fetchone()
    if found is None or found[0] != 1:
        return None
    # NULLs in the condition would drop rows, so it is made to answer yes or no.
    return Total(f"coalesce({condition}, false)", 1, str(found[1]))


def _says_total(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL))
        end = stream.read().decode("utf-8", errors="ignore").rstrip().lower()
    last = " ".join(end.splitlines()[-3:])
    return any(word in last for word in _WORDS)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
