"""Locks that die with the process that holds them.

The kernel holds them (``flock``), not the file: a process that is killed
leaves a file behind, but no lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kvitto.errors import Busy


@contextmanager
def exclusive(path: Path, asked: str) -> Iterator[None]:
    """Hold the lock while the block runs. Raises :class:`Busy` naming the holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            raise Busy.of(
                asked,
                f"process {holder} is doing so now",
                "Wait until it has ended and try again; a killed process leaves no lock.",
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def pin(path: Path) -> int | None:
    """A shared hold on the file, so that it is not removed; ``None`` where it is gone.

    The result is a file handle; closing it ends the hold.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    if not path.exists():
        os.close(handle)
        return None
    return handle


def is_pinned(path: Path) -> bool:
    """Whether somebody holds the file with :func:`pin`."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
