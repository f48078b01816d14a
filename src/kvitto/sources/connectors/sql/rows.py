"""Rows of a driver to columns of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyarrow import Array, RecordBatch


def batch_of(rows: Sequence[Sequence[object]], width: int) -> RecordBatch:
    """The rows as one batch of text columns."""
    import pyarrow

    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    arrays = [_array(values) for values in columns]
    return pyarrow.RecordBatch.from_arrays(arrays, [str(place) for place in range(width)])


def batches_of(pages: Iterator[Sequence[Sequence[object]]], width: int) -> Iterator[RecordBatch]:
    """Every page as a batch."""
    for rows in pages:
        if rows:
            yield batch_of(rows, width)


def _array(values: Sequence[object]) -> Array:
    """Text as it is; whole numbers in one go; else value by value."""
    import pyarrow

    kinds = set(map(type, values)) - {type(None)}
    try:
        if kinds <= {str}:
            return pyarrow.array(values, pyarrow.string())
        if kinds == {int}:
            return pyarrow.array(values, pyarrow.int64()).cast(pyarrow.string())
    except (OverflowError, UnicodeError, pyarrow.ArrowException):
        pass
    return pyarrow.array([_text(value) for value in values], pyarrow.string())


def _text(value: object) -> str | None:
    """A binary float becomes the shortest decimal that gives it back; bytes that are no text
    cannot be kept."""
    if value is None:
        return None
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    text = str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
