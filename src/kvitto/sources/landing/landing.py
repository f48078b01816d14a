"""The folder of one source: fetched records between the world and the staged tables."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.sources.landing.merge import (
    Difference,
    Fetched,
    Merged,
    Shape,
    columns_of,
    compare,
    merge,
)
from kvitto.sources.landing.state import (
    LandingState,
    Part,
    StreamState,
    read_state,
    write_state,
)
from kvitto.sources.stream import DELETED
from kvitto.warehouse.disk import sync_file
from kvitto.warehouse.lock import exclusive
from kvitto.warehouse.quoting import quoted, quoted_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_STATE = "state.json"

COLUMNS = "columns.json"
"""A file in which staging keeps what it learnt of the snapshots; it may go at any time."""


@contextmanager
def open_landing(root: Path, source: str) -> Iterator[Landing]:
    """The landing of a source of the workspace at ``root``, for one run at a time.

    Raises :class:`Busy` while another run has it open.
    """
    folder = root / ".kvitto" / "landing" / source
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / "lock", f"fetch the source '{source}'"):
        landing = Landing(folder)
        landing.sweep()
        try:
            yield landing
        finally:
            landing.save()
        landing.sweep()


class Landing:
    """What was fetched of a source, while one run holds it.

    What is noted ``later`` is written with the next step that is not, at the
    latest when the landing is let go. It may be lost to a killed run: it is for
    steps that would find the same again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.state: LandingState = read_state(folder / _STATE)
        self._written = self.state
        self._loose: set[str] = set()

    def path(self, name: str) -> Path:
        """Where a file that the state names lies."""
        return self._folder / name

    def sweep(self) -> None:
        """Remove files that no state names: what a killed run left behind."""
        held = {*self.state.files(), *self._written.files(), _STATE, COLUMNS, "lock"}
        for path in self._folder.iterdir():
            if path.name not in held and path.is_file():
                path.unlink(missing_ok=True)

    def note(self, name: str, state: StreamState, *, later: bool = False) -> None:
        """Replace a stream's state; one that is the same as before needs no writing."""
        if self.state.streams.get(name) != state:
            self.state = self.state.with_stream(name, state)
        if not later:
            self.save()

    def save(self) -> None:
        """Write the state, after the files that it names are on the disk."""
        if self.state.streams == self._written.streams:
            return
        for name in self._loose & self.state.files():
            sync_file(self._folder / name)
        self._loose.clear()
        write_state(self._folder / _STATE, self.state)
        self._written = self.state

    def add_part(
        self,
        name: str,
        state: StreamState,
        files: Sequence[Path],
        part: Part,
        *,
        later: bool = False,
    ) -> None:
        """Take written Parquet files in as one part of the stream, with its new state."""
        if files:
            part = replace(part, file=self._take(name, files))
        self.note(name, replace(state, parts=(*state.parts, part)), later=later)

    def compare(
        self,
        connection: DuckDBPyConnection,
        name: str,
        shape: Shape,
        *,
        whole: bool = False,
        ids: Path | None = None,
    ) -> Difference | None:
        """Whether the stream's parts, and the ids that exist, differ from its snapshot.

        ``None`` where there is no snapshot, or it has other columns.
        """
        state = self.state.stream(name)
        last = None if state.snapshot is None else self.path(state.snapshot)
        if last is None or columns_of(last) != {*shape.columns, DELETED}:
            return None
        return compare(connection, shape, last, self._parts(state), whole=whole, ids=ids)

    def keep(self, name: str, reconciled_at: str | None = None) -> Merged:
        """Let the stream's parts go, which :meth:`compare` found to be no news."""
        state = self.state.stream(name)
        at = reconciled_at or state.reconciled_at
        self.note(name, replace(state, parts=(), reconciled_at=at), later=True)
        return Merged(state.rows, 0, 0, 0)

    def fold(
        self,
        connection: DuckDBPyConnection,
        name: str,
        shape: Shape,
        *,
        whole: bool = False,
        ids: Path | None = None,
        again: bool = False,
        known: bool = False,
        reconciled_at: str | None = None,
    ) -> Merged:
        """Merge the stream's parts into its snapshot; nothing to merge changes nothing.

        ``again`` merges although there are no parts: the columns have changed.
        ``known`` says that they differ. ``reconciled_at`` is noted in the same
        step as what was merged.
        """
        state = self.state.stream(name)
        last = None if state.snapshot is None else self.path(state.snapshot)
        if last is not None and not again:
            # A run that was killed may have noted new columns and not come to merge them.
            again = columns_of(last) != {*shape.columns, DELETED}
        if not state.parts and ids is None and not whole and not again and last is not None:
            return Merged(state.rows, 0, 0, 0)
        parts = self._parts(state)
        if reconciled_at is not None:
            state = replace(state, reconciled_at=reconciled_at)
        target = self.path(self._next(name, "snapshot"))
        merged = merge(
            connection, shape, last, parts, target, whole=whole, ids=ids, again=again, known=known
        )
        if last is not None and not merged.is_new and not again:
            target.unlink(missing_ok=True)
            self.note(name, replace(state, parts=()))
        else:
            self._loose.add(target.name)
            self.note(name, replace(state, parts=(), snapshot=target.name, rows=merged.rows))
        self.sweep()
        return merged

    def _parts(self, state: StreamState) -> list[Fetched]:
        return [
            Fetched(
                None if part.file is None else self.path(part.file),
                part.first,
                part.last,
                part.stays,
            )
            for part in state.parts
        ]

    def _take(self, name: str, files: Sequence[Path]) -> str:
        """The files as one under a name of the landing's own."""
        taken = self._next(name, "part")
        target = self.path(taken)
        if len(files) == 1:
            os.replace(files[0], target)
        else:
            import duckdb

            with duckdb.connect() as connection:
                connection.execute("SET threads = 1")
                connection.execute(
                    f"COPY (SELECT * FROM read_parquet([{quoted_all(files)}]))"
                    f" TO {quoted(target)} (FORMAT parquet)"
                )
        self._loose.add(taken)
        return taken

    def _next(self, name: str, kind: str) -> str:
        self.state = replace(self.state, serial=self.state.serial + 1)
        return f"{name}-{self.state.serial:06d}.{kind}.parquet"
