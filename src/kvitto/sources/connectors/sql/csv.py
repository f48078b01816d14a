"""Rows of CSV to columns of text, without an object per value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyarrow import RecordBatch


def rows_as_batches(parts: Iterator[bytes], width: int) -> Iterator[RecordBatch]:
    """Each part, which holds whole rows, as batches. Nothing and empty text are the same."""
    import pyarrow
    from pyarrow import csv

    names = [str(place) for place in range(width)]
    kinds = {name: pyarrow.string() for name in names}
    for part in parts:
        text = part if _is_utf8(part) else part.decode("cp1252", "replace").encode()
        table = csv.read_csv(
            pyarrow.BufferReader(text),
            read_options=csv.ReadOptions(
                use_threads=False, block_size=len(text) + 1, column_names=names
            ),
            parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                check_utf8=False,
                column_types=kinds,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
        yield from table.to_batches()


def _is_utf8(part: bytes) -> bool:
    """Databases without an encoding hand out bytes as they were put in."""
    try:
        part.decode()
    except UnicodeDecodeError:
        return False
    return True
