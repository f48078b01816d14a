"""Parts and the last snapshot to the next snapshot, as one statement of the engine.

Every column is text. A record is its key's last version: a later part wins over
an earlier one, a later row over an earlier row. Rows whose key is empty are told
apart by all they hold, so that none is lost here; conforming names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.sources.stream import DELETED, FETCHED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Fetched:
    """A part on the disk: its file, the days that it replaces, and of what they stay."""

    path: Path | None
    first: str | None = None
    last: str | None = None
    stays: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A stream's columns and key, its day's column (streams of days), its deleted flag's."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    day: str | None = None
    flag: str | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging came to, in records. ``is_new`` is false where nothing differs."""

    rows: int
    added: int
    changed: int
    removed: int

    @property
    def is_new(self) -> bool:
        """Whether the next snapshot differs from the last."""
        return bool(self.added or self.changed or self.removed)


def merge(
    connection: DuckDBPyConnection,
    shape: Shape,
    last: Path | None,
    parts: Sequence[Fetched],
    target: Path,
    *,
    whole: bool,
    ids: Path | None = None,
    again: bool = False,
) -> Merged:
    """Write the next snapshot to ``target`` and say what it changed.

    With ``whole`` the parts are all there is. ``ids`` is a Parquet file with
    the keys that exist: records of the last snapshot without one become deleted.
    """
    fresh = _fresh(shape, parts)
    old = _old(connection, shape, last)
    kept = _kept(shape, parts, whole=whole, ids=ids)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW fresh AS {fresh}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW old AS {old}")
    columns = ", ".join(_named(name) for name in (*shape.columns, DELETED))
    if last is not None and not again and not _differs(connection, shape, kept):
        (rows,) = connection.execute("SELECT count(*) FROM old").fetchall()[0]
        return Merged(int(rows), 0, 0, 0)
    connection.execute(
        f"COPY (SELECT {columns} FROM (SELECT * FROM fresh UNION ALL {kept}) ORDER BY _k)"
        f" TO {_literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )
    return _compared(connection, shape, last, target)


def _differs(connection: DuckDBPyConnection, shape: Shape, kept: str) -> bool:
    """Whether anything is new, changed, or no longer kept: cheaper than writing it all again."""
    hashed = f"_k, {_record(shape)} AS h"
    return bool(
        connection.execute(
            f"WITH f AS (SELECT {hashed} FROM fresh), o AS (SELECT {hashed} FROM old),"
            f" k AS (SELECT {hashed} FROM ({kept}))"
            " SELECT EXISTS (SELECT 1 FROM f LEFT JOIN o ON f._k = o._k"
            " WHERE o._k IS NULL OR o.h <> f.h)"
            " OR EXISTS (SELECT 1 FROM o WHERE NOT EXISTS (SELECT 1 FROM f WHERE f._k = o._k)"
            " AND NOT EXISTS (SELECT 1 FROM k WHERE k._k = o._k AND k.h = o.h))"
        ).fetchall()[0][0]
    )


def _record(shape: Shape) -> str:
    compared = [name for name in (*shape.columns, DELETED) if name != FETCHED]
    return "hash(" + ", ".join(_named(name) for name in compared) + ")"


def _fresh(shape: Shape, parts: Sequence[Fetched]) -> str:
    """The newest version of each record among the parts, with its key as ``_k``."""
    reads = []
    for place, part in enumerate(parts):
        if part.path is None:
            continue
        later = [other for other in parts[place + 1 :] if other.first is not None]
        beyond = "".join(f" AND NOT ({_within(shape, other)})" for other in later)
        flagged = f"CASE WHEN {_true(shape.flag)} THEN 'true' END" if shape.flag else "NULL"
        columns = ", ".join(_named(name) for name in shape.columns)
        reads.append(
            f"SELECT {columns}, CAST({flagged} AS VARCHAR) AS {_named(DELETED)},"
            f" {_key(shape)} AS _k, {place} AS _p, file_row_number AS _n"
            f" FROM read_parquet({_literal(str(part.path))}, file_row_number=true)"
            f" WHERE true{beyond}"
        )
    if not reads:
        return f"SELECT * FROM ({_nothing(shape)})"
    return (
        f"SELECT * EXCLUDE (_p, _n) FROM ({' UNION ALL '.join(reads)})"
        " QUALIFY row_number() OVER (PARTITION BY _k ORDER BY _p DESC, _n DESC) = 1"
    )


def _old(connection: DuckDBPyConnection, shape: Shape, last: Path | None) -> str:
    """The last snapshot with today's columns: a new one is empty, a dropped one is left out."""
    if last is None:
        return _nothing(shape)
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({_literal(str(last))})")
    held = {str(row[0]) for row in described.fetchall()}
    columns = ", ".join(
        _named(name) if name in held else f"CAST(NULL AS VARCHAR) AS {_named(name)}"
        for name in (*shape.columns, DELETED)
    )
    key = _key(shape) if set(shape.key) <= held else "NULL"
    return f"SELECT {columns}, {key} AS _k FROM read_parquet({_literal(str(last))})"


def _kept(shape: Shape, parts: Sequence[Fetched], *, whole: bool, ids: Path | None) -> str:
    """What stays of the last snapshot."""
    if whole:
        unread = " OR ".join(_stay(part) for part in parts if part.stays) or "false"
        return f"SELECT * FROM old WHERE ({unread}) AND _k NOT IN (SELECT _k FROM fresh)"
    replaced = [part for part in parts if part.first is not None]
    beyond = "".join(f" AND NOT ({_within(shape, part)})" for part in replaced)
    stays = f"SELECT * FROM old WHERE true{beyond} AND _k NOT IN (SELECT _k FROM fresh)"
    if ids is None:
        return stays
    return (
        f"SELECT * REPLACE (CASE WHEN _k IN (SELECT k FROM read_parquet({_literal(str(ids))}))"
        f" THEN {_named(DELETED)} ELSE 'true' END AS {_named(DELETED)}) FROM ({stays})"
    )


def _compared(
    connection: DuckDBPyConnection, shape: Shape, last: Path | None, target: Path
) -> Merged:
    """Old and new side by side by key, the deleted flag being part of the record."""
    new = f"read_parquet({_literal(str(target))})"
    record = _record(shape)
    before = f"SELECT _k, {record} AS h FROM old" if last else "SELECT NULL AS _k, 0 AS h LIMIT 0"
    row = connection.execute(
        f"WITH n AS (SELECT {_key(shape)} AS _k, {record} AS h FROM {new}),"
        f" o AS ({before}) SELECT count(n._k), count(*) FILTER (WHERE o._k IS NULL),"
        " count(*) FILTER (WHERE o.h <> n.h), count(*) FILTER (WHERE n._k IS NULL)"
        " FROM n FULL JOIN o ON n._k = o._k"
    ).fetchone()
    assert row is not None
    return Merged(*(int(count) for count in row))


def _within(shape: Shape, part: Fetched) -> str:
    assert shape.day is not None
    day = f"left({_named(shape.day)}, 10)"
    within = f"{day} >= {_literal(part.first or '')} AND {day} <= {_literal(part.last or '')}"
    return f"{within} AND NOT ({_stay(part)})" if part.stays else within


def _stay(part: Fetched) -> str:
    return " OR ".join(f"{_named(field)} = {_literal(value)}" for field, value in part.stays)


def _key(shape: Shape) -> str:
    """The record's key as one text; of a record without one, all it holds."""
    names = [_named(name) for name in shape.key]
    joined = names[0] if len(names) == 1 else f"concat_ws(chr(31), {', '.join(names)})"
    present = " AND ".join(f"{name} IS NOT NULL" for name in names)
    all_of_it = ", ".join(f"coalesce({_named(name)}, '')" for name in shape.columns)
    return f"CASE WHEN {present} THEN {joined} ELSE md5(concat_ws(chr(31), {all_of_it})) END"


def _true(name: str | None) -> str:
    return f"lower({_named(name or '')}) IN ('true', '1', 'yes')"


def _nothing(shape: Shape) -> str:
    columns = ", ".join(
        f"CAST(NULL AS VARCHAR) AS {_named(name)}" for name in (*shape.columns, DELETED)
    )
    return f"SELECT {columns}, CAST(NULL AS VARCHAR) AS _k LIMIT 0"


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
