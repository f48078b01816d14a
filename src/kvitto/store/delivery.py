"""The ledger of deliveries: one row per edition, recipient and channel, ever.

Every change of state names the state it starts from and the worker that holds
the claim, so that a worker that lost its claim changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from kvitto.store.engine import Store, insert_or
from kvitto.store.row import DeliveryRow, DeliveryState
from kvitto.store.table import DELIVERIES
from kvitto.store.worker import is_gone


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """What may be delivered once: this edition, to this address, by this channel."""

    edition: str
    recipient: str
    channel: str


def enter(store: Store, key: DeliveryKey, name: str, message_id: str, now: datetime) -> DeliveryRow:
    """The row of that key, made now where there was none."""
    values = {
        "edition": key.edition,
        "recipient": key.recipient,
        "name": name,
        "channel": key.channel,
        "message_id": message_id,
        "state": DeliveryState.pending.value,
        "attempts": 0,
        "reason": "",
        "created_at": now,
        "updated_at": now,
    }
    with store.write() as connection:
        statement = insert_or(connection, DELIVERIES).values(values).on_conflict_do_nothing()
        connection.execute(statement)
        return _row(connection, key)


def claim(
    store: Store, key: DeliveryKey, worker: str, now: datetime, seconds: float
) -> DeliveryRow | None:
    """Claim a delivery of which nothing has left; ``None`` where it cannot be claimed.

    It can where it waits, or where a worker that claimed it is gone or late
    and had not begun to hand over.
    """
    with store.write() as connection:
        row = _row(connection, key)
        lost = row.state is DeliveryState.claimed and _is_void(row, now)
        if row.state is not DeliveryState.pending and not lost:
            return None
        _change(
            connection,
            key,
            state=DeliveryState.claimed.value,
            worker=worker,
            lease_until=now + timedelta(seconds=seconds),
            attempts=row.attempts + 1,
            updated_at=now,
        )
        return _row(connection, key)


def begin_handing(store: Store, key: DeliveryKey, worker: str, now: datetime) -> bool:
    """The step before the point of no return; ``False`` where the claim was lost."""
    return _move(store, key, worker, DeliveryState.claimed, DeliveryState.handing, now)


def record_sent(store: Store, key: DeliveryKey, worker: str, now: datetime) -> bool:
    """The channel took it."""
    return _move(
        store, key, worker, DeliveryState.handing, DeliveryState.sent, now, sent_at=now, reason=""
    )


def record_failed(store: Store, key: DeliveryKey, worker: str, now: datetime, reason: str) -> bool:
    """The channel refused it for good: nothing has left, and trying again is of no use."""
    return _finish(store, key, worker, DeliveryState.failed, now, reason)


def record_unknown(store: Store, key: DeliveryKey, worker: str, now: datetime, reason: str) -> bool:
    """The connection broke while handing over: nobody can tell."""
    return _finish(store, key, worker, DeliveryState.unknown, now, reason)


def put_back(store: Store, key: DeliveryKey, worker: str, now: datetime, reason: str) -> bool:
    """Nothing has left: it may be tried again."""
    return _finish(store, key, worker, DeliveryState.pending, now, reason)


def find_lost(store: Store, key: DeliveryKey, now: datetime) -> DeliveryRow | None:
    """The row, where a worker vanished between handing over and writing it down."""
    row = find_delivery(store, key)
    if row is None or row.state is not DeliveryState.handing or not _is_void(row, now):
        return None
    return row


def settle(
    store: Store,
    key: DeliveryKey,
    was: DeliveryState,
    becomes: DeliveryState,
    now: datetime,
    reason: str,
) -> bool:
    """Decide a delivery that was lost or unknown; ``False`` where it moved meanwhile."""
    values: dict[str, Any] = {"sent_at": now} if becomes is DeliveryState.sent else {}
    with store.write() as connection:
        if _row(connection, key).state is not was:
            return False
        _change(
            connection,
            key,
            state=becomes.value,
            worker=None,
            lease_until=None,
            reason=reason,
            updated_at=now,
            **values,
        )
        return True


def find_delivery(store: Store, key: DeliveryKey) -> DeliveryRow | None:
    """The row of that key."""
    with store.read() as connection:
        row = connection.execute(select(DELIVERIES).where(*_is(key))).one_or_none()
    return None if row is None else _delivery(row)


def list_deliveries(store: Store, edition: str | None = None) -> tuple[DeliveryRow, ...]:
    """The ledger, oldest first."""
    query = select(DELIVERIES).order_by(DELIVERIES.c.id)
    if edition is not None:
        query = query.where(DELIVERIES.c.edition == edition)
    with store.read() as connection:
        return tuple(_delivery(row) for row in connection.execute(query))


def _finish(
    store: Store,
    key: DeliveryKey,
    worker: str,
    state: DeliveryState,
    now: datetime,
    reason: str,
) -> bool:
    """From claimed or handing to where it ends; the claim is given back."""
    for was in (DeliveryState.handing, DeliveryState.claimed):
        if _move(store, key, worker, was, state, now, reason=reason):
            return True
    return False


def _move(
    store: Store,
    key: DeliveryKey,
    worker: str,
    was: DeliveryState,
    becomes: DeliveryState,
    now: datetime,
    **values: object,
) -> bool:
    ends = becomes is not DeliveryState.handing
    more: dict[str, object] = {"worker": None, "lease_until": None} if ends else {}
    statement = (
        update(DELIVERIES)
        .where(*_is(key), DELIVERIES.c.state == was.value, DELIVERIES.c.worker == worker)
        .values(state=becomes.value, updated_at=now, **more, **values)
        .returning(DELIVERIES.c.id)
    )
    with store.write() as connection:
        return connection.execute(statement).scalar() is not None


def _change(connection: Connection, key: DeliveryKey, **values: object) -> None:
    connection.execute(update(DELIVERIES).where(*_is(key)).values(**values))


def _is(key: DeliveryKey) -> tuple[Any, ...]:
    return (
        DELIVERIES.c.edition == key.edition,
        DELIVERIES.c.recipient == key.recipient,
        DELIVERIES.c.channel == key.channel,
    )


def _is_void(row: DeliveryRow, now: datetime) -> bool:
    late = row.lease_until is None or row.lease_until <= now
    return late or row.worker is None or is_gone(row.worker)


def _row(connection: Connection, key: DeliveryKey) -> DeliveryRow:
    query = select(DELIVERIES).where(*_is(key)).with_for_update()
    return _delivery(connection.execute(query).one())


def _delivery(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        row.edition,
        row.recipient,
        row.name,
        row.channel,
        row.message_id,
        DeliveryState(row.state),
        row.attempts,
        row.worker,
        row.lease_until,
        row.reason,
        row.created_at,
        row.updated_at,
        row.sent_at,
    )
