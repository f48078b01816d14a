"""kill -9 in the middle of a sync, a seal, a delivery: nothing is left half-done."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kvitto.app import edition
from kvitto.app.ask import ask
from kvitto.app.deliver import deliver
from kvitto.app.house import House, local_person, open_house
from kvitto.app.sync import sync

R13 = "northgate/R13/2017-12/1"
STEPS = """
import os, signal, sys
from pathlib import Path
from kvitto.app import edition
from kvitto.app.deliver import deliver
from kvitto.app.house import local_person, open_house
from kvitto.app.sync import sync

root, what, at = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
house = open_house(root)
who = local_person(house, "Elin Sandberg")

def told(step, done, total):
    if f"{step} {done}".startswith(at):
        os.kill(os.getpid(), signal.SIGKILL)

if what == "sync":
    sync(house, who, progress=told)
elif what == "seal":
    edition.seal(house, who, "northgate/R06/2017-12/1", progress=told)
else:
    deliver(house, who, "northgate/R13/2017-12/1", "file", progress=told)
"""


def _killed(root: Path, what: str, at: str) -> None:
    done = subprocess.run([sys.executable, "-c", STEPS, str(root), what, at], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_sync_that_is_killed_leaves_the_last_good_data(empty: House) -> None:
    who = local_person(empty)
    version = sync(empty, who).version
    path = empty.root / "data" / "crm" / "products.csv"
    path.write_text(path.read_text() + "GTX Mini,GTX,99\n")
    for at in ("Reading", "Conforming", "Auditing", "Publishing"):
        _killed(empty.root, "sync", at)
        again = open_house(empty.root)
        assert again.warehouse.current().id == version
        assert ask(again, who, "northgate", ["deals_won"], "2017-12").answer.warehouse == version
    assert sync(open_house(empty.root), who).is_new


def test_a_sync_that_is_killed_at_any_moment_leaves_the_last_good_data(empty: House) -> None:
    who = local_person(empty)
    version = sync(empty, who).version
    path = empty.root / "data" / "crm" / "products.csv"
    path.write_text(path.read_text() + "GTX Mini,GTX,99\n")
    for wait in (0.6, 0.9, 1.2):
        running = subprocess.Popen(
            [sys.executable, "-m", "kvitto", "sync", "-q", "-w", str(empty.root)],
            stdout=subprocess.DEVNULL,
        )
        time.sleep(wait)
        running.kill()
        running.wait()
        current = open_house(empty.root).warehouse.current()
        assert current.id == version or current.rows["products"] == 8
    sync(open_house(empty.root), who)
    assert open_house(empty.root).warehouse.current().rows["products"] == 8


@pytest.mark.parametrize("at", ["receipts 1", "receipts 9"])
def test_a_seal_that_is_killed_leaves_the_approved_draft(house: House, at: str) -> None:
    """Of R06 the sealed folder is taken away: what is left is what stood before the seal."""
    import shutil

    elin = local_person(house, "Elin Sandberg")
    shutil.rmtree(house.runtime / "editions" / "northgate" / "R06")
    name = "northgate/R06/2017-12/1"
    edition.editions(house, elin)
    assert edition.row(house, elin, name).state == "approved"
    _killed(house.root, "seal", at)
    again = open_house(house.root)
    assert edition.seal_of(again, elin, name) is None
    assert name not in {row.id for row in edition.editions(again, elin) if row.state == "sealed"}
    sealed = edition.seal(again, elin, name)
    assert sealed.edition == name
    assert edition.get(again, elin, name).id == name
    left = list((again.runtime / "editions" / "northgate" / "R06" / "2017-12").glob("*.tmp"))
    assert left == []


def test_a_delivery_that_is_killed_is_finished_without_a_second_mail(house: House) -> None:
    import shutil

    from sqlalchemy import text

    elin = local_person(house, "Elin Sandberg")
    with house.store.write() as connection:
        connection.execute(text("DELETE FROM deliveries"))
    shutil.rmtree(house.runtime / "mail")
    _killed(house.root, "deliver", "Delivering 1")
    mails = house.runtime / "mail" / "new"
    first = {path.name: path.stat().st_mtime_ns for path in mails.glob("*.eml")}
    assert len(first) == 1
    assert {row.state for row in deliver(house, elin, R13, "file")} == {"sent"}
    now = {path.name: path.stat().st_mtime_ns for path in mails.glob("*.eml")}
    assert len(now) == 3
    assert first.items() <= now.items()
