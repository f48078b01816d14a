"""The state on a real PostgreSQL, used by several processes at once.

That one process finds there what it finds in SQLite is shown by ``tests/store``,
whose tests run on both.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from kvitto.app.workspace import EXAMPLE
from kvitto.store.delivery import DeliveryKey, enter, list_deliveries
from kvitto.store.edition import list_all
from kvitto.store.engine import Store, open_store
from kvitto.store.log import read_log
from kvitto.store.receipt import find_receipt
from kvitto.workspace.creation import create_workspace
from tests.postgres import Cluster, free_port, running_cluster
from tests.spine import run_spine

pytestmark = pytest.mark.live

NOON = datetime(2018, 1, 2, 12, 0, tzinfo=UTC)
WORKERS = 4
KEYS = 30

BEGIN = """
import json, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from kvitto.errors import Busy
from kvitto.store.engine import open_store
from kvitto.store.worker import worker_name

url, start, rest = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
NOON = datetime(2018, 1, 2, 12, 0, tzinfo=UTC)
store, me = open_store(url), "elsewhere/" + worker_name()  # its claims outlive its process
time.sleep(max(0.0, start - time.time()))
"""
CLAIM = """
from kvitto.store.delivery import DeliveryKey, begin_handing, claim, record_sent
got = []
for number in range(int(rest[0])):
    key = DeliveryKey("e/R13/2017-12/1", f"{number}@example.com", "smtp")
    if claim(store, key, me, NOON, 60) and begin_handing(store, key, me, NOON):
        got.append(number)
        assert record_sent(store, key, me, NOON)
print(json.dumps(got))
"""
LEASE = """
from kvitto.store.lease import take
got = []
for number in range(int(rest[0])):
    try:
        take(store, f"lock {number}", me, NOON, 60)
        got.append(number)
    except Busy:
        pass
print(json.dumps(got))
"""
NOTE = """
from kvitto.model.receipt import Receipt, digest_of
from kvitto.store.log import add_line
from kvitto.store.receipt import keep_receipts
mine = int(rest[1])
for number in range(int(rest[0])):
    digest = digest_of([mine, number])
    receipt = Receipt(
        code=f"AAAA-{number:04d}", metric="deals_won", name="Deals won", definition="",
        definition_version=1, client="northgate", question={}, period="2017-12",
        first_day="2017-12-01", last_day="2017-12-31", value=str(mine), unit="count", n=1,
        status="final", sql="SELECT 1", warehouse="v0001", digest=digest,
    )
    keep_receipts(store, [receipt], NOON)
    add_line(store, at=NOON, who=me, action="receipt.keep", subject=digest)
print(json.dumps([]))
"""
INDEX = """
from kvitto.store.edition import note_edition
class Edition:
    client, report, period, number, language = "northgate", "R13", "2017-12", 1, "en"
    title, warehouse = "December", "v0001"
    content_hash = lambda self: "0" * 64
for number in range(int(rest[0])):
    Edition.id = f"northgate/R13/2017-12/{number}"
    note_edition(store, Edition(), state="draft", by=me, at=NOON)
print(json.dumps([]))
"""
DELIVER = """
from kvitto.deliver import delivery
from kvitto.deliver.channels.smtp import SmtpChannel
from kvitto.deliver.message import Message
from kvitto.workspace.definition import MailSettings, Recipient
sender = "Bright Lane Agency <reports@brightlane.example>"
channel = SmtpChannel(MailSettings(host="127.0.0.1", port=int(rest[1]), sender=sender), timeout=20)
run = delivery.Run(store, channel, lambda: NOON, (0.0,))
people = [Recipient(name=f"P{n}", email=f"{n}@example.com") for n in range(int(rest[0]))]
delivery.deliver(run, "e/R13/2017-12/1", people, sender, lambda to: Message("s", "<p>h</p>", "t"))
print(json.dumps([]))
"""


class Mailbox:
    """A mail server that keeps who got what."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.got: list[tuple[str, str]] = []

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Keep the mail."""
        number = message_from_bytes(envelope.content)["Message-ID"]
        self.got += [(to, number) for to in envelope.rcpt_tos]
        return "250 taken"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.url(cluster.new_database())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    kept = Mailbox()
    port = free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


def together(url: str, script: str, *words: object) -> list[list[int]]:
    """The script in several processes that begin at the same moment; what each printed."""
    start = str(time.time() + 2)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN + script, url, start, str(KEYS), *map(str, words), str(n)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for n in range(WORKERS)
    ]
    told = [process.communicate(timeout=60) for process in running]
    assert [errors.decode() for _, errors in told] == [""] * WORKERS
    return [json.loads(output) for output, _ in told]


def test_of_several_processes_one_gets_each_claim(store: Store, url: str) -> None:
    for number in range(KEYS):
        key = DeliveryKey("e/R13/2017-12/1", f"{number}@example.com", "smtp")
        enter(store, key, "Dana", f"<{number}@example.com>", NOON)
    got = together(url, CLAIM)
    assert sorted(number for part in got for number in part) == list(range(KEYS))
    rows = list_deliveries(store)
    assert {(row.state.value, row.attempts, row.worker) for row in rows} == {("sent", 1, None)}


def test_of_several_processes_one_gets_each_lock(store: Store, url: str) -> None:
    got = together(url, LEASE)
    assert sorted(number for part in got for number in part) == list(range(KEYS))


def test_receipts_that_want_one_code_at_once_are_all_kept(
    store: Store, url: str, cluster: Cluster
) -> None:
    together(url, NOTE)
    database = url.rpartition("/")[2]
    codes = cluster.run("SELECT code FROM receipts", database).split()
    assert len(codes) == WORKERS * KEYS
    assert len(read_log(store, limit=1000)) == WORKERS * KEYS
    for number in range(KEYS):
        assert find_receipt(store, f"AAAA-{number:04d}").code in codes


def test_several_processes_may_note_one_edition(store: Store, url: str) -> None:
    together(url, INDEX)
    assert len(list_all(store)) == KEYS


def test_two_workers_send_each_mail_once(
    store: Store, url: str, mailbox: tuple[Mailbox, int]
) -> None:
    kept, port = mailbox
    together(url, DELIVER, port)
    assert Counter(to for to, _ in kept.got) == {
        f"{number}@example.com": 1 for number in range(KEYS)
    }
    rows = list_deliveries(store)
    assert {row.state.value for row in rows} == {"sent"}
    assert {(row.recipient, row.message_id) for row in rows} == set(kept.got)


def test_a_connection_that_the_server_closed_is_opened_again(
    store: Store, url: str, cluster: Cluster
) -> None:
    assert list_deliveries(store) == ()
    ended = cluster.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{url.rpartition('/')[2]}'"
    )
    assert ended == "t"
    assert list_deliveries(store) == ()


def test_the_whole_line_runs_on_postgresql(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a source to sealed editions and a mail, with the state in PostgreSQL."""
    root = tmp_path / "demo"
    create_workspace(root, source=EXAMPLE)
    settings = root / "kvitto.yml"
    settings.write_text(re.sub(r"(?m)^state: \S+", "state: env:STATE_URL", settings.read_text()))
    monkeypatch.setenv("STATE_URL", url)
    first, again = run_spine(root), run_spine(root)
    assert again.editions == first.editions
    assert not (root / ".kvitto" / "state.db").exists()
    mails = sorted(path.name.partition(".example-")[0] for path in first.mailbox.glob("*.eml"))
    state = open_store(url)
    assert {row.state for row in list_all(state)} == {"sealed"}
    assert {row.state.value for row in list_deliveries(state)} == {"sent"}
    sent = sorted(row.recipient.removesuffix(".example") for row in list_deliveries(state))
    assert mails == sent
    assert find_receipt(state, first.receipt).metric == "bookings_amount"
    state.close()
