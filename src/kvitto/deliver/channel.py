"""What a channel promises, and how it tells what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from kvitto.registry import Registry
from kvitto.workspace.definition import MailSettings


class Outcome(StrEnum):
    """``taken``: the other side has it. ``refused``: it will never take it. ``later``:
    nothing has left, it can be tried again. ``unknown``: the line broke at the
    moment of handing over."""

    taken = "taken"
    refused = "refused"
    later = "later"
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of one attempt. ``again`` says that another attempt within the
    same run has a chance; ``reason`` is for people."""

    outcome: Outcome
    reason: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail on its way to one address."""

    id: str
    sender: str
    recipient: str
    content: bytes


Leave = Callable[[], bool]
"""Called by a channel right before the point of no return; ``False`` means stop."""


class Channel(Protocol):
    """A way to a recipient."""

    @property
    def name(self) -> str:
        """The name under which the ledger keeps its rows."""
        ...

    def hand_over(self, parcel: Parcel, leave: Leave) -> Handed:
        """Hand the parcel over. Whatever goes wrong is an outcome, not an exception."""
        ...

    def has_arrived(self, message_id: str) -> bool | None:
        """Whether the other side has the message; ``None`` where it cannot be asked."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What a channel is made from: the local mailbox and the mail server."""

    mailbox: Path
    mail: MailSettings
    password: str | None = None


Maker = Callable[[Setting], Channel]


def channels() -> Registry[Maker]:
    """The channels by name; a maker takes a :class:`Setting`."""
    return Registry(
        "channel",
        {
            "file": "kvitto.deliver.channels.file:FileChannel.of",
            "smtp": "kvitto.deliver.channels.smtp:SmtpChannel.of",
        },
    )
