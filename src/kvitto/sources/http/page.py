"""Paging that ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kvitto.errors import BadAnswer

Record = Mapping[str, object]


def never_ending(
    pages: Iterable[tuple[object, Sequence[Record]]], where: str = "the server"
) -> Iterator[Sequence[Record]]:
    """The pages of (cursor of the next page, records), until the cursor is ``None``.

    Raises ``BadAnswer`` where a cursor comes back that was there before, or
    the same records come again under another one. Nothing is read ahead.
    """
    cursors: set[str] = set()
    seen: set[bytes] = set()
    for number, (cursor, page) in enumerate(pages, start=1):
        mark = hashlib.blake2b(repr(page).encode("utf-8", "replace"), digest_size=16).digest()
        if page and mark in seen:
            raise _endless(where, f"page {number} holds the records of an earlier page")
        seen.add(mark)
        yield page
        if cursor is None:
            return
        if str(cursor) in cursors:
            raise _endless(where, f"after page {number} it points back to an earlier page")
        cursors.add(str(cursor))


def _endless(where: str, found: str) -> Exception:
    return BadAnswer.of(
        f"pages of {where} that come to an end",
        found,
        "What was read is kept. Check the paging of the source, or report it to the vendor.",
    )
