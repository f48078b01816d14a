"""What is known of the columns of each stream's snapshot, kept until the snapshot changes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvitto.warehouse.disk import write_whole

Answer = list[Any]
"""One row of an answer as plain data: counts and lists of texts."""


@dataclass(slots=True)
class Book:
    """Answers about snapshots, by stream, in a file beside them.

    An answer holds for one question about one file: a snapshot is never
    written again under its name, and where the question has changed (other
    fields, another way of reading) it is asked anew. The file may go at any time.
    """

    path: Path
    entries: dict[str, tuple[str, Answer]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    changed: bool = False

    @classmethod
    def at(cls, path: Path) -> Book:
        """The book in the file; an empty one where it cannot be read."""
        try:
            plain = json.loads(path.read_text("utf-8"))
            return cls(path, {name: (str(mark), list(row)) for name, (mark, row) in plain.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls(path)

    def find(self, stream: str, mark: str) -> Answer | None:
        """The answer of that mark, ``None`` where it is not known."""
        known, answer = self.entries.get(stream, ("", []))
        self.used.add(stream)
        return answer if known == mark else None

    def keep(self, stream: str, mark: str, answer: Answer) -> None:
        """Note an answer."""
        self.used.add(stream)
        self.entries[stream] = (mark, answer)
        self.changed = True

    def save(self) -> None:
        """Write down what was asked for since it was opened, where anything of it is new."""
        if self.changed:
            kept = {name: self.entries[name] for name in sorted(self.used & self.entries.keys())}
            write_whole(self.path, json.dumps(kept, ensure_ascii=False).encode())


def mark_of(snapshot: Path, question: str) -> str:
    """A text that is the same for the same question about the same file."""
    found = snapshot.stat()
    plain = [snapshot.name, found.st_size, found.st_mtime_ns, question]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:32]
