"""A sync over interfaces, stopped at many points: the next one goes on as if nothing had been."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from kvitto.warehouse import Warehouse
from tests.live.stopping import COMMIT_ROWS
from tests.live.vendors import HERE, PAGE, Vendors, vendors

pytestmark = pytest.mark.live

KILLS = 20
STAGES = (
    "opening",
    "reading",
    "loading",
    "writing parts",
    "merging",
    "staging",
    "conforming",
    "auditing",
    "publishing",
)
"""The stages in which a run is stopped; each is a part of every first sync."""

AT_MOST_SECONDS = 20
"""By then a run that was asked to stop has ended, on a busy machine too."""


@dataclass(frozen=True, repr=False)
class Undisturbed:
    """What a sync comes to that is left alone, and how many calls each stage takes."""

    root: Path
    digest: str
    rows: dict[str, list[tuple[object, ...]]]
    requests: int
    idle: int
    calls: dict[str, int]


@pytest.fixture(scope="module")
def servers() -> Iterator[Vendors]:
    """The vendors' stand-ins; the child that is stopped is another process."""
    with vendors() as running:
        yield running


@pytest.fixture(scope="module")
def known() -> dict[str, Undisturbed]:
    """The undisturbed syncs by day: how far a source is complete depends on the day."""
    return {}


@pytest.fixture
def undisturbed(
    servers: Vendors, known: dict[str, Undisturbed], tmp_path_factory: pytest.TempPathFactory
) -> Undisturbed:
    """A sync that nobody stops, and one with nothing new after it."""
    if today() not in known:
        known[today()] = left_alone(servers, tmp_path_factory.mktemp("undisturbed"))
    return known[today()]


def left_alone(servers: Vendors, above: Path) -> Undisturbed:
    """What two syncs that nobody stops come to."""
    root = servers.workspace(above / "place")
    counted = above / "calls.json"
    before = servers.requests()
    assert run(servers, root, "count", str(counted), "-").returncode == 0
    whole = servers.requests() - before
    assert sync(servers, root).returncode == 0
    idle = servers.requests() - before - whole
    calls = json.loads(counted.read_text())
    return Undisturbed(root, digest(root), landed(root), whole, idle, calls)


def today() -> str:
    """The day of all syncs, whatever zone a client is in."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def run(servers: Vendors, root: Path, *how: str) -> subprocess.CompletedProcess[str]:
    """A sync in the child that may stop itself."""
    return subprocess.run(
        [
            sys.executable,
            str(HERE / "stopping.py"),
            *how,
            "sync",
            "-w",
            str(root),
            "--today",
            today(),
        ],
        env=servers.environment,
        capture_output=True,
        text=True,
        timeout=180,
    )


def sync(servers: Vendors, root: Path) -> subprocess.CompletedProcess[str]:
    """A sync that is left alone."""
    return run(servers, root, "let", "be", "-")


def digest(root: Path) -> str:
    """The content digest of the version that readers see."""
    return Warehouse(root / ".kvitto" / "warehouse").current().digest


def landed(root: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every record of every landing, by source and stream; the files' names do not count."""
    found = {}
    for state in sorted((root / ".kvitto" / "landing").glob("*/state.json")):
        for name, one in json.loads(state.read_text())["streams"].items():
            assert one["parts"] == []
            if one["snapshot"] is None:
                continue
            path = state.parent / one["snapshot"]
            with duckdb.connect() as connection:
                records = connection.sql(f"FROM read_parquet('{path}')")
                columns = [f'"{c}"' for c in records.columns if c != "fetched_at"]
                listed = ", ".join(columns)
                rows = connection.sql(f"SELECT {listed} FROM records ORDER BY ALL").fetchall()
            found[f"{state.parent.name}/{name}"] = rows
    return found


def points(calls: dict[str, int], count: int) -> list[tuple[str, int]]:
    """So many points, spread over the stages in turn and over the calls of each.

    Each lies in the middle of its share of a stage: how often a run waits and
    looks again depends on the machine, so its very last call may never come.
    """
    turns = -(-count // len(STAGES))
    spread = [
        (stage, 1 + calls[stage] * (2 * turn + 1) // (2 * turns))
        for turn in range(turns)
        for stage in STAGES
    ]
    return spread[:count]


def require_tidy(root: Path) -> None:
    """No half file, no folder of a run, no lock that is held; what columns are is kept."""
    runtime = root / ".kvitto"
    assert list((runtime / "staging").iterdir()) == []
    for state in runtime.glob("landing/*/state.json"):
        named = {one["snapshot"] for one in json.loads(state.read_text())["streams"].values()} - {
            None
        }
        there = {path.name for path in state.parent.iterdir()} - {"columns.json"}
        assert there == {*named, "state.json", "lock"}
    left = [path.name for path in runtime.rglob("*") if path.suffix in (".tmp", ".part", ".wal")]
    assert left == []
    for lock in [path for path in runtime.rglob("*lock") if path.is_file()]:
        with lock.open() as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def require_as_undisturbed(servers: Vendors, root: Path, undisturbed: Undisturbed) -> None:
    """After one more sync all is as if no run had been stopped."""
    done = sync(servers, root)
    assert done.returncode == 0, done.stderr
    assert digest(root) == undisturbed.digest
    assert landed(root) == undisturbed.rows
    require_tidy(root)


def test_the_points_lie_in_every_stage_of_a_run(undisturbed: Undisturbed) -> None:
    chosen = points(undisturbed.calls, KILLS)
    assert {stage for stage, _ in chosen} == set(STAGES)
    assert len(set(chosen)) == KILLS


@pytest.mark.parametrize("number", range(KILLS))
def test_a_sync_that_is_killed_is_gone_on_with(
    servers: Vendors, undisturbed: Undisturbed, tmp_path: Path, number: int
) -> None:
    stage, call = points(undisturbed.calls, KILLS)[number]
    root = servers.workspace(tmp_path / "place")
    before = servers.requests()
    assert run(servers, root, "SIGKILL", stage, str(call)).returncode == -9, stage
    require_as_undisturbed(servers, root, undisturbed)
    # At most what a run with nothing new asks, and the records since the last checkpoint.
    more = servers.requests() - before - undisturbed.requests
    assert more <= undisturbed.idle + COMMIT_ROWS // PAGE + 1, (stage, call)


@pytest.mark.parametrize("stage", STAGES)
def test_a_sync_that_is_asked_to_stop_does_so_and_is_gone_on_with(
    servers: Vendors, undisturbed: Undisturbed, tmp_path: Path, stage: str
) -> None:
    signal, code = (("SIGTERM", 143), ("SIGINT", 130))[STAGES.index(stage) % 2]
    root = servers.workspace(tmp_path / "place")
    middle = (undisturbed.calls[stage] + 1) // 2
    done = run(servers, root, signal, stage, str(middle))
    assert done.returncode == code, done.stderr
    assert "Stopped" in done.stderr
    require_as_undisturbed(servers, root, undisturbed)


@pytest.mark.parametrize(("signal", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_server_that_says_wait_holds_nobody_up(
    servers: Vendors, undisturbed: Undisturbed, tmp_path: Path, signal: str, code: int
) -> None:
    import signal as signals
    import time

    root = servers.workspace(tmp_path / "place")
    servers.crm.org.turned_away = 1_000
    try:
        words = ["sync", "crm", "-w", str(root), "--today", today()]
        child = subprocess.Popen(
            [sys.executable, "-m", "kvitto", *words],
            env=servers.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while servers.crm.org.turned_away == 1_000 and child.poll() is None:
            time.sleep(0.05)
        child.send_signal(getattr(signals, signal))
        assert child.wait(AT_MOST_SECONDS) == code
    finally:
        servers.crm.org.turned_away = 0
    require_as_undisturbed(servers, root, undisturbed)


def test_a_changed_definition_is_gone_on_with_too(
    servers: Vendors, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """Where a field is added, all is read again; a kill in the middle loses no column."""
    root = Path(shutil.copytree(undisturbed.root, tmp_path / "place"))
    file = root / "sources" / "crm.yml"
    asked = "tables:\n- file: opportunities\n  fill: {deals: {next_step: Region__c}}\n"
    file.write_text(file.read_text() + asked)
    assert run(servers, root, "SIGKILL", "merging", "1").returncode == -9
    done = sync(servers, root)
    assert done.returncode == 0, done.stderr
    state = json.loads((root / ".kvitto/landing/crm/state.json").read_text())
    snapshot = root / ".kvitto/landing/crm" / state["streams"]["opportunities"]["snapshot"]
    with duckdb.connect() as connection:
        assert "Region__c" in connection.sql(f"FROM read_parquet('{snapshot}')").columns
    require_tidy(root)
