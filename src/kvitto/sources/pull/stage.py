"""A stream's snapshot as a staged table, its columns read as they are declared."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from kvitto.model.table import canonical_table
from kvitto.sources.format import ColumnFormat, day_sql, instant_sql, number_sql
from kvitto.sources.staged import Decision, StagedColumn, StagedTable
from kvitto.sources.stream import DELETED, FieldKind, Stream
from kvitto.warehouse.quoting import named, quoted
from kvitto.workspace.definition import ColumnMap

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Fill = Mapping[str, Mapping[str, str | ColumnMap]]

_FORMATS: Mapping[FieldKind, ColumnFormat] = MappingProxyType(
    {
        "text": ColumnFormat("text"),
        "json": ColumnFormat("text"),
        "number": ColumnFormat("number"),
        "money": ColumnFormat("number"),
        "instant": ColumnFormat("instant", "ymd", zoned=True),
        "day": ColumnFormat("date", "ymd"),
        "flag": ColumnFormat("bool"),
    }
)


def stage_stream(
    connection: DuckDBPyConnection,
    stream: Stream,
    fields: Mapping[str, FieldKind],
    snapshot: Path,
    folder: Path,
) -> StagedTable:
    """The table of the stream's records.

    The snapshot is linked into ``folder``, so that a later run may replace it.
    Deleted records are shown, marked, where a canonical table can say so, and
    left out otherwise.
    """
    here = folder / snapshot.name
    if not here.exists():
        os.link(snapshot, here)
    fill = _with_deleted(stream)
    read = f"read_parquet({quoted(here)})"
    marked = any("is_deleted" in columns for columns in fill.values())
    relation = read if marked else f"(SELECT * FROM {read} WHERE {DELETED} IS NULL)"
    shown: dict[str, FieldKind] = {**fields, DELETED: "flag"}
    columns, rows = _columns(connection, relation, shown)
    how = Decision("kept", stream.keeping, "found", stream.about or "the connector declares it")
    return StagedTable(
        stream.name,
        stream.name,
        None,
        columns,
        relation,
        rows,
        decisions=(how,),
        fill=fill,
        declared=True,
    )


def _with_deleted(stream: Stream) -> Fill:
    if stream.deleting == "never":
        return stream.fill
    return {
        table: {**columns, "is_deleted": DELETED}
        if canonical_table(table).has("is_deleted") and "is_deleted" not in columns
        else columns
        for table, columns in stream.fill.items()
    }


def _columns(
    connection: DuckDBPyConnection, relation: str, fields: Mapping[str, FieldKind]
) -> tuple[tuple[StagedColumn, ...], int]:
    counted = ["count(*)"]
    for name, kind in fields.items():
        text = named(name)
        counted += [
            f"count({text})",
            f"count({_readable(text, kind)})",
            f"list(DISTINCT {text}) FILTER (WHERE {text} IS NOT NULL AND _row <= 50)",
        ]
    rows, *found = connection.execute(
        f"SELECT {', '.join(counted)} FROM (SELECT *, row_number() OVER () AS _row FROM {relation})"
    ).fetchall()[0]
    columns = []
    for place, (name, kind) in enumerate(fields.items()):
        filled, readable, samples = found[place * 3 : place * 3 + 3]
        some = tuple(sorted(str(sample)[:200] for sample in samples or ())[:5])
        columns.append(StagedColumn(name, name, _FORMATS[kind], some, filled, readable))
    return tuple(columns), int(rows)


def _readable(text: str, kind: FieldKind) -> str:
    form = _FORMATS[kind]
    if kind in ("number", "money"):
        return number_sql(text, form, "DECIMAL(38,8)")
    if kind == "instant":
        return instant_sql(text, form)
    if kind == "day":
        return day_sql(text, form)
    return text
