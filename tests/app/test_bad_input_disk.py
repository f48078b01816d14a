"""Disks that fill and runs that are stopped: the last good data and every seal stay."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.bad_input import EDITION, HEADER, ROWS, Room, settled

MORE = ROWS + "006,Anna,Won,2024-03-01,2024-03-05,9\n"
MANY = ROWS + "".join(f"{i},Anna,Won,2024-03-01,2024-03-05,9\n" for i in range(1000, 60_000))
FEBRUARY = "alder/R01/2024-02/1"


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Room:
    return settled(tmp_path_factory, tmp_path)


@pytest.fixture
def full_disk(room: Room, tmp_path: Path) -> Iterator[Room]:
    """The warehouse on a disk of its own with half a megabyte to spare."""
    warehouse, place = room.root / ".kvitto" / "warehouse", tmp_path / "disk"
    place.mkdir()
    used = sum(path.stat().st_size for path in warehouse.rglob("*"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={used + 500_000}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk, and only where the system lets it")
    shutil.copytree(warehouse, place, dirs_exist_ok=True)
    shutil.rmtree(warehouse)
    warehouse.symlink_to(place)
    yield room
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("limit", [20_000, 400_000])
def test_a_disk_that_fills_while_syncing_leaves_the_last_good_data(room: Room, limit: int) -> None:
    before = room.print()
    room.put(HEADER + MORE)
    told = room.process("sync", "--json", limit=limit)
    assert (told.code, told.error["code"]) == (3, "KV400")
    assert "File too large" in told.error["problems"][0]["found"]
    assert "The last good version stays in use" in told.error["problems"][0]["todo"]
    assert room.print() == before
    assert _half_built(room) == []
    assert room.ask("deals_won") == 2


def test_a_disk_without_room_for_another_version_keeps_the_last(full_disk: Room) -> None:
    before = full_disk.print()
    full_disk.put(HEADER + MORE)
    told = full_disk.process("sync")
    assert told.code == 3
    assert "No space left on device" in told.err
    assert "The last good version stays in use" in told.err
    assert full_disk.print() == before
    assert _half_built(full_disk) == []
    assert full_disk.ask("deals_won") == 2


def test_a_disk_that_fills_while_rendering_keeps_the_earlier_file(room: Room) -> None:
    before = room.print()
    target = room.root / "out" / "alder-R01-2024-03.html"
    room.put("as it was", "out/alder-R01-2024-03.html")
    command = ("render", EDITION, "-f", "html", "-o", str(target.parent), "--json")
    told = room.process(*command, limit=20_000)
    assert (told.code, told.error["code"]) == (3, "KV700")
    assert "Make room" in told.error["problems"][0]["todo"]
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert target.read_text() == "as it was"
    assert room.print() == before


def test_a_disk_that_fills_while_sealing_leaves_the_approved_draft(room: Room) -> None:
    assert room.run("draft", "R01", "-c", "alder", "-p", "2024-02").code == 0
    assert room.run("approve", FEBRUARY).code == 0
    before = room.print()
    for limit in (500, 4_000):
        told = room.process("seal", FEBRUARY, "--json", limit=limit)
        assert told.code == 3
        (problem,) = told.error["problems"]
        assert "File too large" in problem["found"]
        assert "disk" in problem["todo"]
        left = {name for name in room.print().keys() - before.keys() if not name.endswith(".lock")}
        assert left == set()
    assert room.run("seal", FEBRUARY).code == 0
    assert before.items() <= room.print().items()


def test_a_disk_that_fills_while_drafting_is_told_as_such(room: Room) -> None:
    before = room.print()
    told = room.process("draft", "R01", "-c", "alder", "-p", "2024-02", "--json", limit=40_000)
    assert (told.code, told.error["code"]) == (3, "KV402")
    assert "Make room on its disk" in told.error["problems"][0]["todo"]
    assert room.print() == before
    assert room.run("lint", FEBRUARY).code == 2
    assert room.run("draft", "R01", "-c", "alder", "-p", "2024-02").code == 0


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_sync_that_is_stopped_leaves_the_last_good_data(room: Room, stop: signal.Signals) -> None:
    before = room.print()
    room.put(HEADER + MANY)
    running = room.start("sync")
    while running.poll() is None and not _half_built(room):
        time.sleep(0.005)
    running.send_signal(stop)
    _, said = running.communicate()
    assert running.returncode == (130 if stop is signal.SIGINT else -signal.SIGKILL)
    assert room.print() == before
    if stop is signal.SIGINT:
        assert "Nothing half-done is left behind." in said
        assert _half_built(room) == []
    room.put(HEADER + MORE)
    assert room.run("sync").code == 0
    assert (room.ask("deals_won"), _half_built(room)) == (3, [])


def _half_built(room: Room) -> list[str]:
    folder = room.root / ".kvitto" / "warehouse" / "building"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
