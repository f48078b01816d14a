"""What comes out of the store, as frozen data. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who may sign in.

    ``role`` is owner, manager or client; ``clients`` the ids they may see (an
    owner sees all, whatever stands here). ``password_hash`` is argon2id.
    """

    id: int
    name: str
    email: str
    role: str
    clients: tuple[str, ...]
    password_hash: str
    active: bool
    failures: int
    locked_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser. Only a hash of its token is kept."""

    token_hash: str
    person_id: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EditionRow:
    """One edition in the index. ``state`` is draft, approved or sealed; the
    document itself is a file, and the file is what counts."""

    id: str
    client: str
    report: str
    period: str
    number: int
    language: str
    title: str
    state: str
    content_hash: str
    warehouse: str
    updated_by: str
    updated_at: datetime


class DeliveryState(StrEnum):
    """Where one delivery stands.

    ``pending`` nothing has left; ``claimed`` a worker prepares it; ``handing``
    it is being handed over this instant; ``sent`` the channel took it;
    ``failed`` the channel refused it for good; ``unknown`` nobody can tell
    whether it left, and a person must say.
    """

    pending = "pending"
    claimed = "claimed"
    handing = "handing"
    sent = "sent"
    failed = "failed"
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One (edition, recipient, channel). ``reason`` says why it is where it is."""

    edition: str
    recipient: str
    name: str
    channel: str
    message_id: str
    state: DeliveryState
    attempts: int
    worker: str | None
    lease_until: datetime | None
    reason: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of the audit log: who did what to what, when."""

    at: datetime
    who: str
    action: str
    client: str
    subject: str
    details: Mapping[str, object]
