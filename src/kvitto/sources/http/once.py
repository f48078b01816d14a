"""Answers that a run asks for once, whichever thread needs them first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any


class Once:
    """Values by key, each made once; a thread that needs one being made waits for it.

    What fails is not kept: the next that needs it tries again.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._locks: dict[Hashable, Lock] = {}
        self._held: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of ``key``, made by ``make`` where there is none yet."""
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._held:
                self._held[key] = make()
            return self._held[key]

    def __contains__(self, key: Hashable) -> bool:
        return key in self._held
