"""Kills at many moments: whatever happens, nothing is half-done and nothing is done twice."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import pytest

from kvitto.app import edition
from kvitto.app.ask import ask
from kvitto.app.house import House, local_person, open_house
from kvitto.app.sync import sync
from kvitto.model.edition import State
from tests.spine import run_spine

pytestmark = pytest.mark.live

KILLS = 40
R13 = "northgate/R13/2017-12/1"
MONTH = "northgate/R13/2017-11/1"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, all its reports sealed and one delivered."""
    return run_spine(tmp_path_factory.mktemp("live") / "demo").workspace


@pytest.fixture
def copy(demo: Path, tmp_path: Path) -> Path:
    """A copy that may be spoiled."""
    return Path(shutil.copytree(demo, tmp_path / "copy"))


def start(root: Path, *words: str) -> subprocess.Popen[bytes]:
    """The command line on the workspace, quiet."""
    return subprocess.Popen(
        [sys.executable, "-m", "kvitto", *words, "--quiet", "-w", str(root), "--as", "Elin"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def took(root: Path, *words: str) -> float:
    """How long the command takes when it is left alone; it must end well."""
    began = time.perf_counter()
    assert start(root, *words).wait() == 0
    return time.perf_counter() - began


@dataclass
class Run:
    """A command that is killed at many moments; ``whole`` is how long it takes, in seconds."""

    words: tuple[str, ...]
    whole: float

    def is_killed(self, root: Path, share: float) -> bool:
        """Start, wait for so much of the whole, kill -9. Whether it was still running.

        One that has ended before tells how long it takes: the machine has other work too.
        """
        began = time.perf_counter()
        running = start(root, *self.words)
        try:
            assert running.wait(self.whole * share) == 0
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            return True
        self.whole = time.perf_counter() - began
        return False


def shares(seed: int) -> list[float]:
    """Moments spread over the whole run, in no order."""
    spread = [(step + 0.5) / KILLS for step in range(KILLS)]
    random.Random(seed).shuffle(spread)
    return spread


def add_product(root: Path, number: int) -> None:
    """A change in the source, so that the next sync has something to publish."""
    with (root / "data/crm/products.csv").open("a") as file:
        file.write(f"GTX Live {number},GTX,{number}\n")


def products(house: House) -> int:
    return house.warehouse.current().rows["products"]


def test_syncs_that_are_killed_never_show_half_a_version(copy: Path) -> None:
    known = products(open_house(copy))
    add_product(copy, 0)
    run = Run(("sync",), took(copy, "sync"))
    killed = 0
    for number, share in enumerate(shares(1), 1):
        add_product(copy, number)
        killed += run.is_killed(copy, share)
        house = open_house(copy)
        assert known <= products(house) <= known + number + 1
        answer = ask(house, local_person(house, "Elin"), "northgate", ["deals_won"], "2017-12")
        assert answer.answer.cells[0].figure.n == 511
        house.store.close()
    assert killed > KILLS / 2
    house = open_house(copy)
    sync(house, local_person(house, "Elin"))
    assert products(house) == known + KILLS + 1


def test_seals_that_are_killed_end_as_one_that_was_not(copy: Path, tmp_path: Path) -> None:
    assert start(copy, "draft", "R13", "-c", "northgate", "-p", "2017-11").wait() == 0
    assert start(copy, "approve", MONTH).wait() == 0
    twin = Path(shutil.copytree(copy, tmp_path / "twin"))
    run = Run(("seal", MONTH), took(twin, "seal", MONTH))
    undisturbed = edition.get(open_house(twin), local_person(open_house(twin)), MONTH)
    killed = 0
    for share in shares(2):
        attempt = Path(shutil.copytree(copy, tmp_path / "attempt"))
        killed += run.is_killed(attempt, share)
        house = open_house(attempt)
        who = local_person(house, "Elin")
        assert edition.opened(house, who, MONTH).state in (State.approved, State.sealed)
        edition.seal(house, who, MONTH)
        assert edition.get(house, who, MONTH).content_hash() == undisturbed.content_hash()
        house.store.close()
        shutil.rmtree(attempt)
    assert killed > KILLS / 2


def test_deliveries_that_are_killed_bring_each_mail_once(demo: Path, tmp_path: Path) -> None:
    source = Path(shutil.copytree(demo, tmp_path / "source"))
    (source / ".kvitto" / "state.db").unlink()
    for name in (source / ".kvitto").glob("state.db-*"):
        name.unlink()
    shutil.rmtree(source / ".kvitto" / "mail")
    twin = Path(shutil.copytree(source, tmp_path / "twin"))
    words = ("deliver", R13, "--channel", "file")
    run = Run(words, took(twin, *words))
    killed = 0
    for share in shares(3):
        attempt = Path(shutil.copytree(source, tmp_path / "attempt"))
        killed += run.is_killed(attempt, share)
        took(attempt, *words)
        mails = sorted((attempt / ".kvitto/mail/new").iterdir())
        to = [message_from_bytes(mail.read_bytes())["To"] for mail in mails]
        assert len(to) == len(set(to)) == 3
        shutil.rmtree(attempt)
    assert killed > KILLS / 2
