"""Whatever moment a build dies at, the last good version is there, or the next one whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kvitto.warehouse import Warehouse
from tests.warehouse.conftest import Publish, fill

HERE = Path(__file__).parent
POINTS = (
    "while rows are written",
    "while the digest is made",
    "before the file is moved",
    "before the record is written",
    "before the pointer is moved",
    "while the pointer is written",
)


def build(warehouse: Warehouse, amount: int, point: str) -> subprocess.CompletedProcess[str]:
    root = HERE.parent.parent
    return subprocess.run(
        [sys.executable, str(HERE / "building_child.py"), str(warehouse.root), str(amount), point],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": "/usr/bin:/bin"},
        timeout=60,
    )


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_build_leaves_the_last_good_version(
    warehouse: Warehouse, publish: Publish, point: str
) -> None:
    first = publish(1)
    done = build(warehouse, 2, point)
    assert done.returncode == -9, done.stderr
    assert warehouse.current().id == first.id
    with warehouse.reader() as reader:
        assert reader.query("SELECT sum(amount) FROM deals") == [(1,)]
    second = fill(warehouse, 3)
    assert warehouse.current() == second
    files = {path.stem for path in (warehouse.root / "versions").glob("*.duckdb")}
    assert files == {version.id for version in warehouse.versions()}


def test_a_disk_that_fills_says_so_and_breaks_nothing(
    warehouse: Warehouse, publish: Publish
) -> None:
    first = publish(1)
    done = build(warehouse, 2, "full disk")
    assert done.returncode == 3, done.stderr + done.stdout
    assert "Free disk space" in done.stdout
    assert warehouse.current() == first
    with warehouse.reader() as reader:
        assert reader.query("SELECT sum(amount) FROM deals") == [(1,)]
    assert publish(2).number == 2


def test_nothing_dies_where_nothing_is_asked_to(warehouse: Warehouse, publish: Publish) -> None:
    publish(1)
    done = build(warehouse, 2, "nowhere")
    assert done.returncode == 0, done.stderr
    assert warehouse.current().number == 2
