"""kill -9 at every step of a delivery: the mail arrives once, or a person is asked."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kvitto.deliver.channels.file import FileChannel
from kvitto.store.engine import Store

SCRIPT = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from kvitto.deliver import delivery
from kvitto.deliver.channel import Setting, channels
from kvitto.deliver.message import Message
from kvitto.store import delivery as ledger
from kvitto.store.engine import open_store
from kvitto.workspace.definition import MailSettings, Recipient

url, mailbox, name, port, where = sys.argv[1:]

def die(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)

def die_after(call):
    def wrapped(*given, **named):
        call(*given, **named)
        die()
    return wrapped

setting = Setting(Path(mailbox), MailSettings(host="127.0.0.1", port=int(port)))
channel = channels().get(name)(setting)
if where == "claimed":
    delivery.to_bytes = die
if where == "handing":
    ledger.begin_handing = die_after(ledger.begin_handing)
if where == "handed":
    ledger.record_sent = die
if where == "recorded":
    ledger.record_sent = die_after(ledger.record_sent)
run = delivery.Run(open_store(url), channel, lambda: datetime(2018, 1, 2, 12, tzinfo=UTC), (0.0,))
delivery.deliver(
    run,
    "northgate/R13/2017-12/1",
    [Recipient(name="Dana", email="dana@northgate.example")],
    "Bright Lane Agency <reports@brightlane.example>",
    lambda recipient: Message("s", "<p>h</p>", "t"),
)
"""

DANA = "dana@northgate.example"


def _kill_at(where: str, post: Any, channel: str, port: int, mailbox: Path) -> None:
    url = str(post.store.engine.url)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, url, str(mailbox), channel, str(port), where], check=False
    )
    assert done.returncode == -signal.SIGKILL


def _mails(mailbox: Path) -> int:
    return len(list(mailbox.glob("new/*.eml")))


@pytest.mark.parametrize("where", ["claimed", "handing", "handed", "recorded"])
def test_the_mailbox_gets_the_mail_once_wherever_the_run_is_killed(
    where: str, store: Store, by_file: Any
) -> None:
    mailbox = by_file.channel.mailbox
    _kill_at(where, by_file, "file", 1, mailbox)
    assert _mails(mailbox) == (1 if where in ("handed", "recorded") else 0)
    for _ in range(2):
        by_file.channel = FileChannel(mailbox)
        by_file.deliver()
        assert by_file.states()[0] == "sent"
        assert len(list(mailbox.glob("new/dana*.eml"))) == 1


@pytest.mark.parametrize(
    ("where", "mails", "state"),
    [
        ("claimed", 1, "sent"),
        ("handing", 0, "unknown"),
        ("handed", 1, "unknown"),
        ("recorded", 1, "sent"),
    ],
)
def test_a_mail_server_never_gets_the_mail_twice(
    where: str, mails: int, state: str, by_smtp: Any, server: Any
) -> None:
    _kill_at(where, by_smtp, "smtp", server.port, Path("/nonexistent"))
    for _ in range(2):
        by_smtp.deliver()
    assert by_smtp.states()[0] == state
    assert len([to for _, to, _ in server.mails if to == [DANA]]) == mails
