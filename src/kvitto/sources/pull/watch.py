"""Watching records as they pass: how many, the highest cursor, which fields hold values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from kvitto.sources.pull.text import text_of
from kvitto.sources.pull.window import instant_of
from kvitto.sources.stream import Page, Record, Stream, Written


@dataclass(slots=True)
class Watch:
    """What was seen of a stream in this run.

    ``cursor`` is the highest value of the cursor's field as it was sent;
    ``uncursored`` counts records without one that can be read. ``filled`` are
    fields that held a value, ``unknown`` those that are not declared.
    """

    stream: Stream
    declared: frozenset[str]
    rows: int = 0
    cursor: str | None = None
    uncursored: int = 0
    filled: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    _highest: datetime | None = None

    def over(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The pages, watched as they pass."""
        for page in pages:
            self.rows += len(page)
            for record in page:
                self._see(record)
            yield page

    def take(self, written: Written) -> None:
        """Records that the connector has written itself."""
        self.rows += written.rows
        self.filled |= written.filled & self.declared
        if self.stream.keeping == "changes" and written.cursor is not None:
            self._advance(written.cursor)

    def _see(self, record: Record) -> None:
        for name, value in record.items():
            if name not in self.declared:
                self.unknown.add(name)
            elif name not in self.filled and value is not None and value != "":
                self.filled.add(name)
        if self.stream.cursor is not None and self.stream.keeping == "changes":
            self._advance(text_of(record.get(self.stream.cursor)))

    def _advance(self, text: str | None) -> None:
        if text is None or text == self.cursor:
            self.uncursored += text is None
            return
        try:
            instant = instant_of(text)
        except ValueError:
            self.uncursored += 1
            return
        if self._highest is None or instant > self._highest:
            self._highest = instant
            self.cursor = text
