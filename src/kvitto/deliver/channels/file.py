"""A mailbox folder on this machine: ``tmp`` while writing, ``new`` when it is there.

A message's file is named by its id, so the channel can say whether a message
arrived, and the same message can never lie there twice.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kvitto.deliver.channel import Handed, Leave, Outcome, Parcel, Setting


@dataclass(frozen=True, slots=True)
class FileChannel:
    """Writes one ``.eml`` per recipient below ``mailbox``."""

    mailbox: Path
    name: str = "file"

    @classmethod
    def of(cls, setting: Setting) -> FileChannel:
        """The channel of a workspace."""
        return cls(setting.mailbox)

    def hand_over(self, parcel: Parcel, leave: Leave) -> Handed:
        """Write the whole file aside, then put it in place in one step."""
        fresh = self.mailbox / "new"
        aside = self.mailbox / "tmp" / f"{os.getpid()}-{_stem(parcel.id)}"
        try:
            for folder in (fresh, self.mailbox / "cur", aside.parent):
                folder.mkdir(parents=True, exist_ok=True)
            for left in aside.parent.glob(f"*-{_stem(parcel.id)}"):
                left.unlink(missing_ok=True)  # of a run that was killed
            _write(aside, parcel.content)
        except OSError as error:
            _forget(aside)
            return Handed(Outcome.later, _why(error))
        if not leave():
            _forget(aside)
            return Handed(Outcome.later, "another run took this delivery over")
        try:
            os.replace(aside, fresh / f"{_readable(parcel.recipient)}-{_stem(parcel.id)}.eml")
            _sync_folder(fresh)
        except OSError as error:
            arrived = self.has_arrived(parcel.id)
            return Handed(Outcome.unknown if arrived else Outcome.later, _why(error))
        return Handed(Outcome.taken)

    def has_arrived(self, message_id: str) -> bool:
        """Whether a file of that message lies in ``new`` or ``cur``."""
        pattern = f"*-{_stem(message_id)}.eml*"
        return any(
            path for folder in ("new", "cur") for path in (self.mailbox / folder).glob(pattern)
        )

    def close(self) -> None:
        """Nothing is held open."""


def _stem(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:20]


def _readable(recipient: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@_+-]", "_", recipient)[:80].lstrip(".") or "recipient"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why(error: OSError) -> str:
    return f"the mailbox folder cannot be written: {error.strerror or error}"
