"""Open versions of the data, shared by the questions of a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kvitto.warehouse.reader import Reader
    from kvitto.warehouse.warehouse import Warehouse


@dataclass(slots=True)
class _Open:
    reader: Reader
    users: int = 0


class Readers:
    """Readers by version; the one that was asked last stays open for the next question.

    Opening a version costs several times what a question costs. A reader may
    serve several threads; it is closed when nobody uses it and another
    version was asked since.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._open: dict[str, _Open] = {}
        self._last = ""
        self._lock = Lock()

    @contextmanager
    def reading(self, version: str | None = None) -> Iterator[Reader]:
        """A reader of that version, of the current one where none is named.

        Raises what :meth:`Warehouse.reader` raises.
        """
        wanted = version or self._warehouse.current().id
        with self._lock:
            found = self._open.get(wanted)
            if found is None:
                found = self._open[wanted] = _Open(self._warehouse.reader(wanted))
            found.users += 1
            self._last = wanted
            self._close_idle()
        try:
            yield found.reader
        finally:
            with self._lock:
                found.users -= 1
                self._close_idle()

    def close(self) -> None:
        """Let go of everything that nobody uses."""
        with self._lock:
            self._last = ""
            self._close_idle()

    def _close_idle(self) -> None:
        idle = [name for name, one in self._open.items() if not one.users and name != self._last]
        for name in idle:
            self._open.pop(name).reader.close()
