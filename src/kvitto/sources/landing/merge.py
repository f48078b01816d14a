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
from kvitto.warehouse.quoting import named, named_all, quoted, quoted_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


ROWS_AT_ONCE = 20_480
"""Rows of a snapshot that are written together: they are held until they are."""


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
class Difference:
    """Whether the parts would change the snapshot, and whether it holds ids that are gone."""

    parts: bool
    ids: bool


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
    known: bool = False,
) -> Merged:
    """Write the next snapshot to ``target`` and say what it changed.

    With ``whole`` the parts are all there is. ``ids`` is a Parquet file with
    the keys that exist: records of the last snapshot without one become deleted.
    ``known`` says that something differs, so that it is not looked for.
    """
    fresh = _newest(connection, _fresh(shape, parts))
    old = _old(shape, last)
    kept = _kept(shape, parts, whole=whole, ids=ids)
    looked_at = last is None or again or known
    connection.execute(f"CREATE OR REPLACE TEMP VIEW fresh AS {fresh}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW old AS {old}")
    columns = named_all((*shape.columns, DELETED))
    if not looked_at and not _differs(connection, shape, kept):
        (rows,) = connection.execute("SELECT count(*) FROM old").fetchall()[0]
        return Merged(int(rows), 0, 0, 0)
    every = "SELECT * FROM fresh" if last is None else f"SELECT * FROM fresh UNION ALL {kept}"
    # Each thread that sorts holds blocks of its own; one is not slower by much.
    connection.execute("SET threads = 1")
    connection.execute(
        f"COPY (SELECT {columns} FROM ({every}) ORDER BY _k) TO {quoted(target)}"
        f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_AT_ONCE})"
    )
    connection.execute("RESET threads")
    return _compared(connection, shape, last, target)


def compare(
    connection: DuckDBPyConnection,
    shape: Shape,
    last: Path,
    parts: Sequence[Fetched],
    *,
    whole: bool,
    ids: Path | None = None,
) -> Difference:
    """Whether there is anything to merge, as one question: most runs find nothing.

    Every version of a record is compared, so one that was changed and changed
    back within the parts counts as a difference; merging then finds none.
    """
    days = any(part.first is not None for part in parts)
    changed = _CHANGED if any(part.path is not None for part in parts) else "false"
    lost = _LOST if whole or days else "false"
    gone = "false"
    if ids is not None:
        gone = (
            f"EXISTS (SELECT 1 FROM old WHERE {named(DELETED)} IS NULL AND NOT EXISTS"
            f" (SELECT 1 FROM read_parquet({quoted(ids)}) AS i WHERE i.k = old._k))"
        )
    if (changed, lost, gone) == ("false", "false", "false"):
        return Difference(parts=False, ids=False)
    kept = _kept(shape, parts, whole=whole, ids=None)
    row = connection.execute(
        f"WITH fresh AS NOT MATERIALIZED ({_fresh(shape, parts)}),"
        f" old AS NOT MATERIALIZED ({_old(shape, last)}), {_hashed(shape, kept)}"
        f" SELECT {changed} OR {lost}, {gone}"
    ).fetchall()[0]
    return Difference(parts=bool(row[0]), ids=bool(row[1]))


_CHANGED = "EXISTS (SELECT 1 FROM f LEFT JOIN o ON f._k = o._k WHERE o._k IS NULL OR o.h <> f.h)"
_LOST = (
    "EXISTS (SELECT 1 FROM o WHERE NOT EXISTS (SELECT 1 FROM f WHERE f._k = o._k)"
    " AND NOT EXISTS (SELECT 1 FROM k WHERE k._k = o._k AND k.h = o.h))"
)


def _hashed(shape: Shape, kept: str) -> str:
    """What came, what was held and what stays of it, each as key and content."""
    hashed = f"_k, {_record(shape)} AS h"
    return (
        f"f AS NOT MATERIALIZED (SELECT {hashed} FROM fresh),"
        f" o AS NOT MATERIALIZED (SELECT {hashed} FROM old),"
        f" k AS NOT MATERIALIZED (SELECT {hashed} FROM ({kept}))"
    )


def _differs(connection: DuckDBPyConnection, shape: Shape, kept: str) -> bool:
    """Whether anything is new, changed, or no longer kept: cheaper than writing it all again."""
    asked = f"WITH {_hashed(shape, kept)} SELECT {_CHANGED} OR {_LOST}"
    return bool(connection.execute(asked).fetchall()[0][0])


def _record(shape: Shape) -> str:
    compared = [name for name in (*shape.columns, DELETED) if name != FETCHED]
    return "hash(" + named_all(compared) + ")"


def _fresh(shape: Shape, parts: Sequence[Fetched]) -> str:
    """All records of the parts with their key as ``_k`` and ``_w``, which grows as they came.

    The files are one scan: a union of many takes memory for each of them.
    """
    written = [part.path for part in parts if part.path is not None]
    if not written:
        return f"SELECT *, 0 AS _w FROM ({_nothing(shape)})"
    beyond = ""
    for place, part in enumerate(parts):
        if part.first is not None:
            before = sum(one.path is not None for one in parts[:place])
            beyond += f" AND NOT (file_index < {before} AND ({_within(shape, part)}))"
    flagged = f"CASE WHEN {_true(shape.flag)} THEN 'true' END" if shape.flag else "NULL"
    columns = named_all(shape.columns)
    return (
        f"SELECT {columns}, CAST({flagged} AS VARCHAR) AS {named(DELETED)}, {_key(shape)} AS _k,"
        f" (CAST(file_index AS BIGINT) << 40) + file_row_number AS _w"
        f" FROM read_parquet([{quoted_all(written)}], file_row_number=true) WHERE true{beyond}"
    )


def _newest(connection: DuckDBPyConnection, fresh: str) -> str:
    """The last version of each record.

    Most records come once. Only the keys of the others are sorted out, because a
    window over whole records does not fit into the memory of a small machine.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE doubled AS SELECT _k, max(_w) AS _w FROM ({fresh})"
        " GROUP BY _k HAVING count(*) > 1"
    )
    if connection.execute("SELECT count(*) FROM doubled").fetchall() == [(0,)]:
        return f"SELECT * EXCLUDE (_w) FROM ({fresh})"
    return (
        f"SELECT f.* EXCLUDE (_w) FROM ({fresh}) AS f LEFT JOIN doubled AS d ON f._k = d._k"
        " WHERE d._k IS NULL OR f._w = d._w"
    )


def _old(shape: Shape, last: Path | None) -> str:
    """The last snapshot with today's columns: a new one is empty, a dropped one is left out."""
    if last is None:
        return _nothing(shape)
    held = columns_of(last)
    columns = ", ".join(
        named(name) if name in held else f"CAST(NULL AS VARCHAR) AS {named(name)}"
        for name in (*shape.columns, DELETED)
    )
    key = _key(shape) if set(shape.key) <= held else "NULL"
    return f"SELECT {columns}, {key} AS _k FROM read_parquet({quoted(last)})"


def columns_of(path: Path) -> frozenset[str]:
    """The columns of a Parquet file; its foot is read, without a question to the engine."""
    from pyarrow import parquet

    return frozenset(str(name) for name in parquet.read_schema(path).names)


def _kept(shape: Shape, parts: Sequence[Fetched], *, whole: bool, ids: Path | None) -> str:
    """What stays of the last snapshot."""
    unseen = "NOT EXISTS (SELECT 1 FROM fresh WHERE fresh._k = old._k)"
    if whole:
        unread = " OR ".join(_stay(part) for part in parts if part.stays) or "false"
        return f"SELECT * FROM old WHERE ({unread}) AND {unseen}"
    replaced = [part for part in parts if part.first is not None]
    beyond = "".join(f" AND NOT ({_within(shape, part)})" for part in replaced)
    stays = f"SELECT * FROM old WHERE true{beyond} AND {unseen}"
    if ids is None:
        return stays
    return (
        f"SELECT * REPLACE (CASE WHEN _k IN (SELECT k FROM read_parquet({quoted(ids)}))"
        f" THEN {named(DELETED)} ELSE 'true' END AS {named(DELETED)}) FROM ({stays})"
    )


def _compared(
    connection: DuckDBPyConnection, shape: Shape, last: Path | None, target: Path
) -> Merged:
    """Old and new side by side by key, the deleted flag being part of the record."""
    new = f"read_parquet({quoted(target)})"
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
    day = f"left({named(shape.day)}, 10)"
    within = f"{day} >= {quoted(part.first or '')} AND {day} <= {quoted(part.last or '')}"
    return f"{within} AND NOT ({_stay(part)})" if part.stays else within


def _stay(part: Fetched) -> str:
    return " OR ".join(f"{named(field)} = {quoted(value)}" for field, value in part.stays)


def _key(shape: Shape) -> str:
    """The record's key as one text; of a record without one, all it holds."""
    names = [named(name) for name in shape.key]
    joined = names[0] if len(names) == 1 else f"concat_ws(chr(31), {', '.join(names)})"
    present = " AND ".join(f"{name} IS NOT NULL" for name in names)
    all_of_it = ", ".join(f"coalesce({named(name)}, '')" for name in shape.columns)
    return f"CASE WHEN {present} THEN {joined} ELSE md5(concat_ws(chr(31), {all_of_it})) END"


def _true(name: str | None) -> str:
    return f"lower({named(name or '')}) IN ('true', '1', 'yes')"


def _nothing(shape: Shape) -> str:
    columns = ", ".join(
        f"CAST(NULL AS VARCHAR) AS {named(name)}" for name in (*shape.columns, DELETED)
    )
    return f"SELECT {columns}, CAST(NULL AS VARCHAR) AS _k LIMIT 0"
