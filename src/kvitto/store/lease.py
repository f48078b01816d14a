"""Named locks that end by themselves: one run at a time, and none stuck for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from kvitto.errors import Busy, KvittoError
from kvitto.store.engine import Store, insert_or
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
    taken = {"worker": worker, "until": now + timedelta(seconds=seconds)}
    with store.write() as connection:
        holder = _holder(connection, name)
        is_void = LEASES.c.until <= now
        if holder is not None and is_gone(holder.worker):
            is_void = is_void | (LEASES.c.worker == holder.worker)
        # One statement decides: of two that find the lock free at the same moment, one gets it.
        statement = (
            insert_or(connection, LEASES)
            .values(name=name, **taken)
            .on_conflict_do_update(index_elements=["name"], set_=taken, where=is_void)
            .returning(LEASES.c.name)
        )
        if connection.execute(statement).scalar() is None:
            raise _busy(name, _holder(connection, name))


def _holder(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(LEASES).where(LEASES.c.name == name)).one_or_none()


def _busy(name: str, holder: Row[Any] | None) -> KvittoError:
    found = "another run took it this instant"
    if holder is not None:
        who = holder.worker.rpartition("/")[0]
        found = f"{who} holds it until {holder.until:%H:%M:%S} UTC"
    return Busy.of(name, found, "Wait until it has finished, then try again.")


def release(store: Store, name: str, worker: str) -> None:
    """Give the lock back; a lock that another took over meanwhile stays theirs."""
    with store.write() as connection:
        connection.execute(delete(LEASES).where(LEASES.c.name == name, LEASES.c.worker == worker))
