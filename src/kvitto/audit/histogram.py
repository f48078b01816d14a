"""How the values of a column are spread, by month and by batch: one scan, little memory.

Values are counted in steps of a twentieth of a power of ten, so a quantile is
known within 12 per cent, which is enough to tell a hundred times from ten. Of
a large table every so many blocks are read: the same ones each time, from its
beginning to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STEPS = 20
"""Steps in each power of ten."""

ROWS = 1_000_000
"""About so many rows are counted; of a smaller table all."""

BLOCK = 2048
"""Rows that the engine handles at a time."""

Spread = dict[int, int]
"""Step -> how many values."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A column whose values are alike: its unit (a currency) and the day that a value is of."""

    column: str
    day: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One column of one client and source, in one unit: the spread in each month or batch."""

    client: str
    source: str
    unit: str | None
    by: str
    spreads: Mapping[str, Spread]

    @property
    def whole(self) -> Spread:
        """All months together."""
        return together(self.spreads.values())


def read_series(connection: DuckDBPyConnection, table: str, watched: Watched) -> tuple[Series, ...]:
    """The values above zero of the rows that count, by month and by batch."""
    total = connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()[0][0]
    every = max(1, total // ROWS)
    some = f" AND (rowid // {BLOCK}) % {every} = 0" if every > 1 else ""
    unit = "NULL" if watched.unit is None else f'left("{watched.unit}", 3)'
    step = f'CAST(floor(log10(CAST("{watched.column}" AS DOUBLE)) * {STEPS}) AS SMALLINT)'
    month = f'year("{watched.day}") * 100 + month("{watched.day}")'
    rows = connection.execute(
        f'SELECT client_id, _source, {unit}, {month}, _batch, {step}, count(*) FROM "{table}"'
        f' WHERE "{watched.column}" > 0 AND CAST("{watched.column}" AS DOUBLE) < 1e30'
        f" AND _excluded IS NULL{some} GROUP BY ALL"
    ).fetchall()
    found: dict[tuple[str, str, str | None, str], dict[str, Spread]] = {}
    for client, source, of, when, batch, place, count in rows:
        for by, part in (("whole", "all"), ("month", _shown(when)), ("batch", batch)):
            if part:
                spread = found.setdefault((client, source or "", of, by), {}).setdefault(part, {})
                spread[place] = spread.get(place, 0) + count
    ordered = sorted(found.items(), key=lambda item: tuple(str(one) for one in item[0]))
    return tuple(
        Series(client, source, of, by, dict(sorted(spreads.items())))
        for (client, source, of, by), spreads in ordered
    )


def together(spreads: Iterable[Spread]) -> Spread:
    """Several spreads as one."""
    whole: Spread = {}
    for spread in spreads:
        for step, count in spread.items():
            whole[step] = whole.get(step, 0) + count
    return whole


def size(spread: Spread) -> int:
    """How many values there are."""
    return sum(spread.values())


def quantile(spread: Spread, share: float) -> float:
    """The power of ten at which that share of the values is reached."""
    wanted, seen = share * size(spread), 0
    for step in sorted(spread):
        seen += spread[step]
        if seen >= wanted:
            return (step + 0.5) / STEPS
    return (max(spread) + 0.5) / STEPS


def _shown(month: int | None) -> str | None:
    return None if month is None else f"{month // 100:04d}-{month % 100:02d}"
