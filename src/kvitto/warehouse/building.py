"""The next version while it is made: a file of its own that nobody else sees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import WarehouseFailed
from kvitto.warehouse.carry import attach_previous, carry_rows, detach_previous
from kvitto.warehouse.digest import content_digest, count_rows
from kvitto.warehouse.engine import first_line
from kvitto.warehouse.schema import SOURCE_STATE
from kvitto.warehouse.version import SourceState, Version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Chosen = str | tuple[str, str]
"""A source by its name, or one client's part of it as (name, client)."""

Publisher = Callable[[Path, str, tuple[SourceState, ...], dict[str, int]], Version]


class Building:
    """The next version. ``connection`` reads and writes it; ``previous`` is what it follows.

    While it is open, the previous version is attached read-only under the name
    ``previous``, so that what must survive can be carried on.
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        path: Path,
        previous: tuple[Version, Path] | None,
        publisher: Publisher,
    ) -> None:
        self.connection = connection
        self.previous = None if previous is None else previous[0]
        self._path = path
        self._publisher = publisher
        if previous is not None:
            attach_previous(connection, previous[1])

    def carry(self, rebuild: Collection[Chosen], keep: Collection[Chosen] | None) -> None:
        """Bring the rows of the previous version's sources over.

        Sources in ``rebuild`` are left out, because they are read anew; where
        ``keep`` is given, so are sources that are not in it. A name stands for
        all clients of a source, a pair of name and client for one of them.
        """
        if self.previous is None:
            return
        states = self.previous.sources
        kept = [state for state in states if not _is_chosen(state, rebuild)]
        if keep is not None:
            kept = [state for state in kept if _is_chosen(state, keep)]
        left = {state.name for state in states}.difference(
            state.name for state in states if state not in kept
        )
        pairs = [state.key for state in kept if state.name not in left]
        carry_rows(self.connection, sorted(left), pairs)

    def publish(self, sources: Sequence[SourceState]) -> Version:
        """Make this the current version, all of it or nothing.

        ``sources`` are the states of what was read now; those of carried
        sources are taken from the previous version. Contents that equal an
        existing version's publish nothing new: that version is given back,
        with the fresh states. Raises :class:`WarehouseFailed` (a full disk).
        """
        import duckdb

        try:
            return self._publish(sources)
        except (duckdb.Error, OSError) as error:
            raise WarehouseFailed.of(
                "publish the warehouse",
                first_line(error),
                "The last good version stays in use. Free disk space and sync again.",
            ) from error

    def _publish(self, sources: Sequence[SourceState]) -> Version:
        states = self._all_states(sources)
        self._write_states(states)
        rows = count_rows(self.connection)
        digest = content_digest(self.connection, rows, states)
        if self.previous is not None:
            detach_previous(self.connection)
        self.connection.execute("CHECKPOINT")
        self.connection.close()
        return self._publisher(self._path, digest, states, rows)

    def _all_states(self, sources: Sequence[SourceState]) -> tuple[SourceState, ...]:
        fresh = {state.key: state for state in sources}
        if self.previous is not None:
            here = self._carried()
            for state in self.previous.sources:
                if state.key in here:
                    fresh.setdefault(state.key, state)
        return tuple(fresh[key] for key in sorted(fresh))

    def _carried(self) -> set[tuple[str, str]]:
        found = self.connection.execute(f"SELECT name, client_id FROM {SOURCE_STATE}").fetchall()
        return {(str(name), str(client)) for name, client in found}

    def _write_states(self, states: Sequence[SourceState]) -> None:
        self.connection.execute(f"DELETE FROM {SOURCE_STATE}")
        for state in states:
            self.connection.execute(
                f"INSERT INTO {SOURCE_STATE} VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    state.client,
                    state.name,
                    state.kind,
                    state.synced_at,
                    state.complete_to,
                    state.rows,
                    state.settles_days,
                    list(state.tables),
                ],
            )


def _is_chosen(state: SourceState, chosen: Collection[Chosen]) -> bool:
    return state.name in chosen or state.key in chosen
