"""Rows of totals that spreadsheets and reports put above or under a table.

They are no records and are never added. They say what the rows should add up
to, so they are compared with the rows once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.sources.format import number_sql
from kvitto.sources.staged import StagedColumn, StagedTable
from kvitto.warehouse.quoting import named, named_all, quoted, quoted_all

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
_LABELLED = r"^(total|totals|totalt|summa|yhteensä|totale|gesamt|somme|suma)\s*[:–]\s*\S.*"
_NUMBERS = ("integer", "number", "percent")
_ENDS = 16 * 1024
_MOST = 12
_FRACTION = Decimal("0.005")
_RATIO = re.compile(
    r"%|ctr|cpc|cpm|cpa|avg|average|rate|share|reach|frequency|per |/|cost per|unique"
    r"|users|position"
    r"|genomsn|snitt|andel|räckvidd|frekvens|keskim|osuus|kattavuus|media|tasso|taxa|copertura"
    r"|alcance|tasa|quote|reichweite|taux|couverture|id$|\bid\b|year|month|budget",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Total:
    """The condition that finds the rows, how many it finds, what stands in them.

    ``differs`` says in words which column does not add up, empty where all do.
    """

    condition: str
    rows: int
    label: str
    differs: str = ""


def total_rows(connection: DuckDBPyConnection, table: StagedTable, path: Path) -> Total | None:
    """A row whose first filled text says "total" and whose other texts are empty.

    Only a table with numbers can have one. One row of that name is taken for a
    total, more would be records; rows that say what they total ("Total:
    campaigns") may be several. ``path`` is the text that is read; the whole of
    it is searched only where its first or last lines have the word.
    """
    texts = [column for column in table.columns if column.format.kind not in _NUMBERS]
    numbers = [column for column in table.columns if column.format.kind in _NUMBERS]
    if not numbers or not texts or table.rows < 2 or not _says_total(path):
        return None
    for most, condition in ((1, _named(texts)), (_MOST, _labelled(texts)), (1, _behind(texts))):
        counted = " OR ".join(f"{named(column.name)} IS NOT NULL" for column in numbers)
        # NULLs in the condition would drop rows, so it is made to answer yes or no.
        whole = f"coalesce(({condition}) AND ({counted}), false)"
        label = f"coalesce({named_all(text.name for text in texts)})"
        found = connection.execute(
            f"SELECT count(*), first({label}) FROM {table.relation_sql} WHERE {whole}"
        ).fetchone()
        if found is not None and 1 <= found[0] <= most:
            differs = _differs(connection, table, whole, numbers)
            return Total(whole, int(found[0]), str(found[1]), differs)
    return None


def _named(texts: Sequence[StagedColumn]) -> str:
    """The first text is the word, and there is no other."""
    others = [f"{named(column.name)} IS NULL" for column in texts[1:]]
    return " AND ".join([_says(texts[0]), *others])


def _labelled(texts: Sequence[StagedColumn]) -> str:
    """The first text begins with the word and says what it totals; few others are there."""
    first = named(texts[0].name)
    said = f"regexp_matches(lower(trim({first})), {quoted(_LABELLED)})"
    others = [f"{named(column.name)} IS NULL" for column in texts[1:]]
    if not others:
        return said
    empty = " + ".join(f"CAST({one} AS INTEGER)" for one in others)
    return f"{said} AND ({empty}) * 2 >= {len(others)}"


def _behind(texts: Sequence[StagedColumn]) -> str:
    """The word stands in the last text, as in reports that label the total on the right."""
    others = [f"{named(column.name)} IS NULL" for column in texts[:-1]]
    return " AND ".join([_says(texts[-1]), *others]) if others else "false"


def _says(column: StagedColumn) -> str:
    return f"rtrim(lower(trim({named(column.name)})), ':') IN ({quoted_all(_WORDS)})"


def _differs(
    connection: DuckDBPyConnection,
    table: StagedTable,
    condition: str,
    numbers: Sequence[StagedColumn],
) -> str:
    """The columns that can be added and do not agree with any of the totals."""
    additive = [column for column in numbers if _adds(column)]
    if not additive:
        return ""
    asked = ", ".join(
        f"sum({number}) FILTER (NOT {condition}), list({number}) FILTER ({condition})"
        for number in (
            number_sql(named(column.name), column.format, "DECIMAL(18,4)") for column in additive
        )
    )
    row = connection.execute(f"SELECT {asked} FROM {table.relation_sql}").fetchone()
    assert row is not None
    for place, column in enumerate(additive):
        added, totals = row[place * 2], [one for one in row[place * 2 + 1] or [] if one is not None]
        if added is None or not totals:
            continue
        if not any(abs(one - added) <= abs(one) * _FRACTION + Decimal("0.01") for one in totals):
            return (
                f"'{column.header}' adds up to {added.normalize():f}, not {totals[0].normalize():f}"
            )
    return ""


def _adds(column: StagedColumn) -> bool:
    return column.format.kind != "percent" and not is_ratio(column.header)


def _says_total(path: Path) -> bool:
    with path.open("rb") as stream:
        start = stream.read(_ENDS).decode("utf-8", errors="ignore").lower()
        stream.seek(max(0, path.stat().st_size - _ENDS))
        end = stream.read().decode("utf-8", errors="ignore").rstrip().lower()
    lines = [*start.splitlines()[:24], *end.splitlines()[-_MOST:]]
    # Words are looked for at the edges of cells, so that "total" in a header does not count.
    cells = (cell.strip().strip('"') for line in lines for cell in re.split(r"[,;\t|]", line))
    return any(_begins(cell) for cell in cells)


def _begins(cell: str) -> bool:
    return cell.rstrip(":") in _WORDS or re.match(_LABELLED, cell) is not None


def is_ratio(header: str) -> bool:
    """Whether the values of a column of that name cannot be added: a rate, a budget, an id."""
    return _RATIO.search(header) is not None
