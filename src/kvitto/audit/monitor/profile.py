"""The daily profile of a table: one line for each client, source and day, in one scan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kvitto.audit.monitor.plan import Watched
from kvitto.model.table import CanonicalTable, canonical_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DAYS_BACK = 4 * 366
"""How far back a profile reaches: the judged year and three before it."""

LABELS = 30
"""How many labels of a client's source are followed, the largest ones."""

Place = tuple[str, str]
"""A client and a source."""

_LabelDay = tuple[str, date, float, float]
"""A label's day, volume and rows."""


@dataclass(frozen=True)
class Profile:
    """What a table of one source brought for one client, by day from ``first`` on.

    All sequences are equally long. ``sums`` holds measures that the source
    fills, ``filled`` how many rows had a value, ``sizes`` the sum of logarithms
    and the number of positive values. ``prints`` is a fingerprint of a day's
    rows without their ids: 0 where each row is there an even number of times.
    ``labels`` holds the volume of each label, ``label_rows`` its rows.
    """

    client: str
    source: str
    watched: Watched
    first: date
    rows: tuple[int, ...]
    sums: Mapping[str, tuple[float, ...]]
    filled: Mapping[str, tuple[int, ...]]
    sizes: Mapping[str, tuple[tuple[float, int], ...]]
    prints: tuple[int, ...]
    labels: Mapping[str, tuple[float, ...]]
    label_rows: Mapping[str, tuple[float, ...]]

    def day(self, index: int) -> date:
        return self.first + timedelta(days=index)

    @property
    def last(self) -> date:
        return self.day(len(self.rows) - 1)

    def cut(self, upto: date) -> Profile | None:
        """The same as it was known at the end of the day ``upto``; ``None`` if not at all."""
        length = (upto - self.first).days + 1
        if length < 1 or not any(self.rows[:length]):
            return None
        return Profile(
            self.client,
            self.source,
            self.watched,
            self.first,
            self.rows[:length],
            {name: values[:length] for name, values in self.sums.items()},
            {name: values[:length] for name, values in self.filled.items()},
            {name: values[:length] for name, values in self.sizes.items()},
            self.prints[:length],
            {name: self.labels[name][:length] for name in self._known(length)},
            {name: self.label_rows[name][:length] for name in self._known(length)},
        )

    def _known(self, length: int) -> list[str]:
        return [name for name, rows in self.label_rows.items() if any(rows[:length])]


def read_profiles(
    connection: DuckDBPyConnection,
    watched: Watched,
    today: date,
    reached: Mapping[Place, date],
) -> Iterator[Profile]:
    """Every client's and source's profile of a table, in their order.

    ``reached`` is the last day that a source says it is complete to: a profile
    goes on to there, so that days without rows at its end are seen.
    """
    table = canonical_table(watched.table)
    labels = _labels(connection, watched, today)
    connection.execute(_statement(table, watched), [today - timedelta(days=DAYS_BACK), today])
    place: Place | None = None
    lines: list[tuple[Any, ...]] = []
    while batch := connection.fetchmany(20_000):
        for line in batch:
            if (line[0], line[1]) != place and place is not None:
                yield _profile(watched, place, lines, labels.get(place, []), today, reached)
                lines = []
            place = (line[0], line[1])
            lines.append(line)
    if place is not None:
        yield _profile(watched, place, lines, labels.get(place, []), today, reached)


def content_of(table: CanonicalTable, watched: Watched) -> str:
    """The hash of what a row says, without what only names it or says when it was fetched."""
    left = {"fetched_at"} | ({watched.day} if watched.totals else {table.key[0]})
    names = [column.name for column in table.declared if column.name not in left]
    return f"hash({', '.join(_quoted(name) for name in names)})"


def _statement(table: CanonicalTable, watched: Watched) -> str:
    asked = [f"sum(CAST({_quoted(name)} AS DOUBLE))" for name in watched.measures]
    asked += [f"count({_quoted(name)})" for name in _counted(watched)]
    for name in watched.sizes:
        positive = f"CASE WHEN {_quoted(name)} > 0 THEN CAST({_quoted(name)} AS DOUBLE) END"
        asked += [f"sum(ln({positive}))", f"count({positive})"]
    return (
        f"SELECT client_id, COALESCE(_source, ''), CAST({_quoted(watched.day)} AS DATE) AS d,"
        f" count(*), {', '.join([*asked, f'bit_xor({content_of(table, watched)})'])}"
        f" {_from(watched)} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )


def _counted(watched: Watched) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*watched.measures, *watched.whole)))


def _from(watched: Watched, join: str = "") -> str:
    return (
        f'FROM "{watched.table}"{join} WHERE _excluded IS NULL AND client_id IS NOT NULL'
        f" AND {_quoted(watched.day)} BETWEEN ? AND ?"
    )


def _labels(
    connection: DuckDBPyConnection, watched: Watched, today: date
) -> dict[Place, list[_LabelDay]]:
    """The days of the largest labels: their measure where rows are totals, else their rows."""
    if watched.label is None:
        return {}
    volume = "count(*)"
    if watched.measures:
        named = ", ".join(f"CAST({_quoted(name)} AS DOUBLE)" for name in watched.measures)
        volume = f"sum(COALESCE({named}, 0))"
    found: dict[Place, list[_LabelDay]] = {}
    label, source = f"CAST({_quoted(watched.label)} AS VARCHAR)", "COALESCE(_source, '')"
    days = [today - timedelta(days=DAYS_BACK), today]
    largest = (
        f"SELECT client_id AS c, {source} AS s, {label} AS l {_from(watched)}"
        f" AND {_quoted(watched.label)} IS NOT NULL GROUP BY 1, 2, 3"
        f" QUALIFY row_number() OVER (PARTITION BY c, s ORDER BY count(*) DESC, l) <= {LABELS}"
    )
    join = f" SEMI JOIN largest ON c = client_id AND s = {source} AND l = {label}"
    rows = connection.execute(
        f"WITH largest AS ({largest})"
        f" SELECT client_id, {source}, {label}, CAST({_quoted(watched.day)} AS DATE),"
        f" {volume}, count(*)"
        f" {_from(watched, join)} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        [*days, *days],
    ).fetchall()
    for client, named, name, day, amount, count in rows:
        line = (name, day, float(amount or 0), float(count))
        found.setdefault((client, named), []).append(line)
    return found


def _profile(
    watched: Watched,
    place: Place,
    lines: list[tuple[Any, ...]],
    labels: list[_LabelDay],
    today: date,
    reached: Mapping[Place, date],
) -> Profile:
    first, last = lines[0][2], lines[-1][2]
    last = max(last, min(reached.get(place, last), today))
    length = (last - first).days + 1
    dense: list[tuple[Any, ...] | None] = [None] * length
    for line in lines:
        dense[(line[2] - first).days] = line
    at = 4
    sums: dict[str, tuple[float, ...]] = {}
    for name in watched.measures:
        sums[name] = _column(dense, at)
        at += 1
    filled: dict[str, tuple[int, ...]] = {}
    for name in _counted(watched):
        filled[name] = tuple(int(value) for value in _column(dense, at))
        at += 1
    sizes: dict[str, tuple[tuple[float, int], ...]] = {}
    for name in watched.sizes:
        counts = (int(value) for value in _column(dense, at + 1))
        sizes[name] = tuple(zip(_column(dense, at), counts, strict=True))
        at += 2
    return Profile(
        *place,
        watched,
        first,
        tuple(0 if line is None else line[3] for line in dense),
        {name: values for name, values in sums.items() if any(filled[name])},
        {name: values for name, values in filled.items() if any(values)},
        sizes,
        tuple(0 if line is None else int(line[at] or 0) for line in dense),
        _by_label([(name, day, volume) for name, day, volume, _ in labels], first, length),
        _by_label([(name, day, rows) for name, day, _, rows in labels], first, length),
    )


def _column(dense: list[tuple[Any, ...] | None], at: int) -> tuple[float, ...]:
    return tuple(0.0 if line is None else float(line[at] or 0) for line in dense)


def _by_label(
    labels: list[tuple[str, date, float]], first: date, length: int
) -> dict[str, tuple[float, ...]]:
    found: dict[str, list[float]] = {}
    for name, day, amount in labels:
        index = (day - first).days
        if 0 <= index < length:
            found.setdefault(name, [0.0] * length)[index] = amount
    return {name: tuple(values) for name, values in sorted(found.items())}


def _quoted(name: str) -> str:
    return f'"{name}"'
