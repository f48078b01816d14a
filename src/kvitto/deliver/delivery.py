"""Delivering once: the ledger decides, the channel carries."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kvitto.deliver.channel import Channel, Handed, Outcome, Parcel
from kvitto.deliver.message import Message, id_of, to_bytes
from kvitto.errors import DeliveryFailed, KvittoError, UnknownName, WrongState, WrongUse
from kvitto.store import delivery as ledger
from kvitto.store.delivery import DeliveryKey
from kvitto.store.row import DeliveryRow, DeliveryState
from kvitto.store.worker import worker_name

if TYPE_CHECKING:
    from kvitto.store.engine import Store
    from kvitto.workspace.definition import Recipient

LEASE_SECONDS = 300.0
"""How long a worker may take for one recipient before its claim is void."""

PAUSES = (0.0, 1.0, 4.0)
"""Seconds to wait before each attempt within one run; a later run tries again."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of deliveries works with."""

    store: Store
    channel: Channel
    clock: Callable[[], datetime]
    pauses: tuple[float, ...] = PAUSES
    sleep: Callable[[float], None] = time.sleep
    lease_seconds: float = LEASE_SECONDS


def deliver(
    run: Run,
    edition_id: str,
    recipients: Sequence[Recipient],
    sender: str,
    make_message: Callable[[Recipient], Message],
    told: Callable[[DeliveryRow], None] = lambda row: None,
) -> tuple[DeliveryRow, ...]:
    """Bring the edition to each recipient who has not got it, and say how it stands.

    One recipient's trouble is written in their row and the others go on.
    ``told`` hears each row when it is done. The caller makes sure that the
    edition is sealed.
    """
    rows: list[DeliveryRow] = []
    try:
        for recipient in _once_each(recipients):
            rows.append(_deliver_one(run, edition_id, recipient, sender, make_message))
            told(rows[-1])
    finally:
        run.channel.close()
    return tuple(rows)


def resolve(run: Run, key: DeliveryKey, *, arrived: bool, by: str, reason: str = "") -> DeliveryRow:
    """A person decides a delivery of which nobody can know, or lets a failed one be tried again.

    Raises :class:`UnknownName` where there is no such delivery and
    :class:`WrongState` where it is known how it ended.
    """
    row = ledger.find_delivery(run.store, key)
    if row is None:
        raise UnknownName.of(
            f"the delivery of {key.edition} to {key.recipient}",
            f"the ledger has none by {key.channel}",
            "See 'kvitto deliver EDITION --list' for those that it has.",
        )
    now = run.clock()
    becomes = DeliveryState.sent if arrived else DeliveryState.pending
    words = f"{by} says that it {'arrived' if arrived else 'did not arrive'}"
    open_states = {DeliveryState.unknown}
    if not arrived:
        open_states.add(DeliveryState.failed)
    if ledger.find_lost(run.store, key, now) is not None:
        open_states.add(DeliveryState.handing)
    note = f"{words}: {reason}" if reason else words
    decided = row.state in open_states and ledger.settle(
        run.store, key, row.state, becomes, now, note
    )
    if not decided:
        raise WrongState.of(
            f"decide the delivery to {key.recipient}",
            f"it is {row.state.value}, not unknown",
            "Only a delivery that is unknown needs a person's word.",
        )
    return _now(run, key)


def _deliver_one(
    run: Run,
    edition_id: str,
    recipient: Recipient,
    sender: str,
    make_message: Callable[[Recipient], Message],
) -> DeliveryRow:
    key = DeliveryKey(edition_id, recipient.email.strip().casefold(), run.channel.name)
    message_id = id_of(key, sender)
    ledger.enter(run.store, key, recipient.name, message_id, run.clock())
    _settle_lost(run, key, message_id)
    for pause in run.pauses:
        if pause:
            run.sleep(pause)
        handed = _attempt(run, key, message_id, recipient, sender, make_message)
        if handed is None or not (handed.outcome is Outcome.later and handed.again):
            break
    return _now(run, key)


def _settle_lost(run: Run, key: DeliveryKey, message_id: str) -> None:
    """A worker vanished while handing over: ask the channel, else leave it to a person."""
    now = run.clock()
    if ledger.find_lost(run.store, key, now) is None:
        return
    arrived = run.channel.has_arrived(message_id)
    if arrived is None:
        state, reason = DeliveryState.unknown, "the run ended while the mail was handed over"
    elif arrived:
        state, reason = DeliveryState.sent, "found at its destination after the run had ended"
    else:
        state, reason = DeliveryState.pending, "not at its destination; the run had ended"
    ledger.settle(run.store, key, DeliveryState.handing, state, now, reason)


def _attempt(
    run: Run,
    key: DeliveryKey,
    message_id: str,
    recipient: Recipient,
    sender: str,
    make_message: Callable[[Recipient], Message],
) -> Handed | None:
    """One claimed attempt; ``None`` where there was nothing to claim."""
    worker = worker_name()
    if ledger.claim(run.store, key, worker, run.clock(), run.lease_seconds) is None:
        return None
    try:
        message = make_message(recipient)
        content = to_bytes(
            message, sender, recipient.name, recipient.email, message_id, run.clock()
        )
        parcel = Parcel(message_id, sender, recipient.email, content)
        handed = run.channel.hand_over(
            parcel, lambda: ledger.begin_handing(run.store, key, worker, run.clock())
        )
    except WrongUse as error:  # an address that cannot stand in a header
        handed = Handed(Outcome.refused, _why(error))
    except KvittoError as error:
        handed = Handed(Outcome.later, _why(error))
    _record(run, key, worker, handed)
    return handed


def _record(run: Run, key: DeliveryKey, worker: str, handed: Handed) -> None:
    now = run.clock()
    if handed.outcome is Outcome.taken:
        kept = ledger.record_sent(run.store, key, worker, now)
    elif handed.outcome is Outcome.refused:
        kept = ledger.record_failed(run.store, key, worker, now, handed.reason)
    elif handed.outcome is Outcome.unknown:
        kept = ledger.record_unknown(run.store, key, worker, now, handed.reason)
    else:
        ledger.put_back(run.store, key, worker, now, handed.reason)
        return
    if not kept and handed.outcome is Outcome.taken:
        raise DeliveryFailed.of(
            f"record the delivery to {key.recipient}",
            "another run decided it while the mail was handed over",
            "Look at the ledger with 'kvitto deliver EDITION --list'.",
        )


def _why(error: KvittoError) -> str:
    return "; ".join(f"{problem.asked}: {problem.found}" for problem in error.problems)


def _once_each(recipients: Sequence[Recipient]) -> tuple[Recipient, ...]:
    """Each address once, however it is spelt."""
    found: dict[str, Recipient] = {}
    for recipient in recipients:
        found.setdefault(recipient.email.strip().casefold(), recipient)
    return tuple(found.values())


def _now(run: Run, key: DeliveryKey) -> DeliveryRow:
    row = ledger.find_delivery(run.store, key)
    assert row is not None
    return row
