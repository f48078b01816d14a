from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from kvitto.deliver.channel import Channel
from kvitto.deliver.channels.file import FileChannel
from kvitto.deliver.channels.smtp import SmtpChannel
from kvitto.deliver.delivery import Run, deliver
from kvitto.deliver.message import Attachment, Message
from kvitto.store.delivery import list_deliveries
from kvitto.store.engine import Store, open_store, sqlite_url
from kvitto.workspace.definition import MailSettings, Recipient

NOON = datetime(2018, 1, 2, 12, 0, tzinfo=UTC)
DANA = Recipient(name="Dana Whitfield", email="dana@northgate.example")
MARCUS = Recipient(name="Marcus Oyelaran", email="marcus@northgate.example")
EDITION = "northgate/R13/2017-12/1"
SENDER = "Bright Lane Agency <reports@brightlane.example>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(sqlite_url(tmp_path / "state.db"))
    yield opened
    opened.close()


@dataclass
class Server:
    """A real mail server that answers as it is told.

    ``replies`` are given out one by one at the named step; then all is fine.
    """

    replies: dict[str, list[str]] = field(default_factory=dict)
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    on_data: Callable[[], None] | None = None
    port: int = 0

    def _next(self, step: str, fine: str) -> str:
        left = self.replies.get(step, [])
        return left.pop(0) if left else fine

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self._next(f"RCPT {address}", "250 fine")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        answer = self._next("DATA", "250 taken")
        if answer == "drop after keeping":
            self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
            server.transport.abort()
            return "250 never heard"
        if answer.startswith("250"):
            self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
            if self.on_data is not None:
                self.on_data()
        return answer


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server()
    handler.port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


@dataclass
class Post:
    """Delivers a small mail to whoever is named, and remembers the waits."""

    store: Store
    channel: Channel
    now: datetime = NOON
    waits: list[float] = field(default_factory=list)

    def run(self) -> Run:
        return Run(self.store, self.channel, lambda: self.now, (0.0, 1.0, 4.0), self.waits.append)

    def deliver(self, *recipients: Recipient) -> list[tuple[str, str, str]]:
        rows = deliver(self.run(), EDITION, recipients or (DANA, MARCUS), SENDER, a_message)
        return [(row.recipient.partition("@")[0], row.state.value, row.reason) for row in rows]

    def states(self) -> list[str]:
        return [row.state.value for row in list_deliveries(self.store, EDITION)]


def a_message(recipient: Recipient) -> Message:
    return Message(
        "Your December",
        "<p>Up. <img src='cid:chart1'></p>",
        "Up.\n.\nA line with a dot above.",
        images=(("chart1", b"png"),),
        attachments=(Attachment("report.pdf", "application/pdf", b"%PDF"),),
    )


@pytest.fixture
def by_file(store: Store, tmp_path: Path) -> Post:
    return Post(store, FileChannel(tmp_path / "mail"))


@pytest.fixture
def by_smtp(store: Store, server: Server) -> Post:
    settings = MailSettings(host="127.0.0.1", port=server.port, sender=SENDER)
    return Post(store, SmtpChannel(settings, timeout=5))


@pytest.fixture
def free() -> Callable[[], int]:
    return free_port
