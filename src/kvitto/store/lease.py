"""Named locks that end by themselves: one run at a time, and none stuck for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from kvitto.errors import Busy
from kvitto.store.engine import Store
from kvitto.store.table import LEASES
from kvitto.store.worker import is_gone


@contextmanager
def hold(
    store: Store, name: str, worker: str, clock: Callable[[], datetime], seconds: float = 600.0
) -> Iterator[None]:
    """Hold the lock while the block runs. Raises :class:`Busy` where another does."""
    take(store, name, worker, clock(), seconds)
    try:
        yield
    finally:
        release(store, name, worker)


def take(store: Store, name: str, worker: str, now: datetime, seconds: float) -> None:
    """Take the lock: where it is free, over, or its holder is gone."""
    with store.write() as connection:
        row = connection.execute(
            select(LEASES).where(LEASES.c.name == name).with_for_update()
        ).one_or_none()
        if row is not None and row.until > now and not is_gone(row.worker):
            raise Busy.of(
                name,
                f"{row.worker.rpartition('/')[0]} holds it until {row.until:%H:%M:%S} UTC",
                "Wait until it has finished, then try again.",
            )
        connection.execute(delete(LEASES).where(LEASES.c.name == name))
        until = now + timedelta(seconds=seconds)
        connection.execute(insert(LEASES).values(name=name, worker=worker, until=until))


def release(store: Store, name: str, worker: str) -> None:
    """Give the lock back; a lock that another took over meanwhile stays theirs."""
    with store.write() as connection:
        connection.execute(delete(LEASES).where(LEASES.c.name == name, LEASES.c.worker == worker))
