"""A stream's snapshot as a staged table, its columns read as they are declared."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from kvitto.model.table import canonical_table
from kvitto.sources.format import ColumnFormat, day_sql, instant_sql, number_sql
from kvitto.sources.pull.book import Answer, Book, mark_of
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
    book: Book,
) -> StagedTable:
    """The table of the stream's records.

    What ``book`` knows of the snapshot is not looked for again. The snapshot is
    linked into ``folder``, so that a later run may replace it. Deleted records
    are shown, marked, where a canonical table can say so, and left out otherwise.
    """
    here = folder / snapshot.name
    if not here.exists():
        os.link(snapshot, here)
    fill = _with_deleted(stream)
    read = f"read_parquet({quoted(here)})"
    marked = any("is_deleted" in columns for columns in fill.values())
    relation = read if marked else f"(SELECT * FROM {read} WHERE {DELETED} IS NULL)"
    shown: dict[str, FieldKind] = {**fields, DELETED: "flag"}
    question = _question(shown, marked=marked)
    mark = mark_of(snapshot, question)
    answer = book.find(stream.name, mark)
    if answer is None:
        answer = _asked(connection, question, relation)
        book.keep(stream.name, mark, answer)
    columns, rows = _columns(answer, shown)
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


def _question(fields: Mapping[str, FieldKind], *, marked: bool) -> str:
    """What is asked of all columns at once; the relation is put in where it is asked."""
    counted = [f"count(*) /* {'all' if marked else 'living'} */"]
    for name, kind in fields.items():
        text = named(name)
        counted += [
            f"count({text})",
            f"count({_readable(text, kind)})",
            f"list(DISTINCT {text}) FILTER (WHERE {text} IS NOT NULL AND _row <= 50)",
        ]
    return f"SELECT {', '.join(counted)}"


def _asked(connection: DuckDBPyConnection, question: str, relation: str) -> Answer:
    """The rows, and of each column how many are filled, how many readable, and a few values."""
    rows, *found = connection.execute(
        f"{question} FROM (SELECT *, row_number() OVER () AS _row FROM {relation})"
    ).fetchall()[0]
    few = [sorted(str(sample)[:200] for sample in samples or ())[:5] for samples in found[2::3]]
    return [int(rows), *zip(found[0::3], found[1::3], few, strict=True)]


def _columns(
    answer: Answer, fields: Mapping[str, FieldKind]
) -> tuple[tuple[StagedColumn, ...], int]:
    rows, *found = answer
    columns = []
    for (name, kind), (filled, readable, samples) in zip(fields.items(), found, strict=True):
        some = tuple(samples)
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
