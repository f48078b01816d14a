"""Rows of a database to the files that are kept, in columns and with little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import BadSource, Problem
from kvitto.sources.connectors.sql.column import ROW
from kvitto.sources.engine import open_engine
from kvitto.sources.stream import Stream, Written
from kvitto.warehouse.quoting import named, named_all, quoted

if TYPE_CHECKING:
    from pyarrow import Array, RecordBatch

STEP_ROWS = 250_000
"""Rows of an ordered stream after which a run that is killed goes on."""

_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+([+-][0-9:]+|Z)?)?$"


def write_batches(
    batches: Iterator[RecordBatch], fields: Sequence[str], stream: Stream, folder: Path
) -> Iterator[Written]:
    """The batches as files below ``folder``: one, or of an ordered stream several.

    No rows give no file.
    """
    number = 0
    held = next(batches, None)
    while held is not None:
        path = folder / f"{number:06d}.parquet"
        held, written = _write_one(held, batches, fields, stream, path)
        number += 1
        yield written


def _write_one(
    first: RecordBatch,
    rest: Iterator[RecordBatch],
    fields: Sequence[str],
    stream: Stream,
    path: Path,
) -> tuple[RecordBatch | None, Written]:
    """One file, and the batch that comes after it."""
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema([(field, pyarrow.string()) for field in fields])
    place = fields.index(stream.cursor) if stream.cursor in fields else None
    rows, highest, filled = 0, None, set[str]()
    batch: RecordBatch | None = first
    # Most columns hold too many different values for a dictionary to be worth its time.
    with parquet.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
        while batch is not None and (rows < STEP_ROWS or not stream.ordered):
            writer.write_batch(pyarrow.RecordBatch.from_arrays(batch.columns, schema=schema))
            rows += batch.num_rows
            filled |= {
                field
                for field, column in zip(fields, batch.columns, strict=True)
                if field not in filled and column.null_count < len(column)
            }
            if place is not None:
                highest = max(filter(None, (highest, _highest(batch.column(place)))), default=None)
            batch = next(rest, None)
    return batch, Written(path, rows, highest, frozenset(filled))


def _highest(values: Array) -> str | None:
    """The last moment among the texts, of those that are one.

    Texts of one way of writing sort as their moments do. Where ways are mixed it
    is some moment that is not after the last: more is read again then, never less.
    """
    from pyarrow import compute

    times = values.filter(compute.match_substring_regex(values, _TIME))
    found = compute.max(times).as_py()
    return None if found is None else str(found)


def with_row_keys(written: Written, fields: Sequence[str]) -> Written:
    """The file with a key for rows that have none: equal rows are counted."""
    target = written.file.with_suffix(".keyed.parquet")
    listed = ", ".join(f"coalesce({named(field)}, chr(30))" for field in fields)
    with open_engine(written.file.parent) as connection:
        connection.execute(
            f"COPY (SELECT _h || '-' || row_number() OVER (PARTITION BY _h) AS {named(ROW)},"
            f" * EXCLUDE (_h) FROM (SELECT md5(concat_ws(chr(31), {listed})) AS _h, *"
            f" FROM read_parquet({quoted(written.file)})))"
            f" TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
        )
    written.file.unlink()
    return Written(target, written.rows, written.cursor, written.filled)


def check_key(written: Written, stream: Stream, source: str, asked: str) -> None:
    """Refuse a key that rows share or lack. Raises :class:`BadSource`: rows would be lost."""
    names = named_all(stream.key)
    missing = " OR ".join(f"{named(field)} IS NULL" for field in stream.key)
    with open_engine(written.file.parent) as connection:
        empty, shared = connection.execute(
            f"SELECT coalesce(sum(n) FILTER (WHERE {missing}), 0),"
            f" coalesce(sum(n) FILTER (WHERE n > 1 AND NOT ({missing})), 0)"
            f" FROM (SELECT {names}, count(*) AS n"
            f" FROM read_parquet({quoted(written.file)}) GROUP BY ALL)"
        ).fetchall()[0]
    if empty or shared:
        raise BadSource(
            Problem(
                f"the key ({', '.join(stream.key)}) of {asked}",
                f"{shared} rows share it with others and {empty} lack it",
                "Name the columns that tell rows apart, or leave key out with keeping: replace.",
                f"sources/{source}.yml",
            )
        )


def write_keys(batches: Iterator[RecordBatch], path: Path) -> int:
    """The keys as one column; how many."""
    import pyarrow
    from pyarrow import compute, parquet

    count = 0
    schema = pyarrow.schema([("k", pyarrow.string())])
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            joined = compute.binary_join_element_wise(*batch.columns, "\x1f")
            whole = joined.filter(joined.is_valid())
            writer.write_batch(pyarrow.RecordBatch.from_arrays([whole], schema=schema))
            count += len(whole)
    return count
