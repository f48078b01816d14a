"""Whole runs with the network cut, and a run in which one server cannot be reached."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kvitto.app.audit import findings
from kvitto.app.edition import get
from kvitto.app.house import local_person, open_house
from kvitto.model.block import NoticeBlock
from tests.live.vendors import HERE, Vendors, vendors

pytestmark = pytest.mark.live

REACH = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"


def is_cut(command: list[str]) -> bool:
    """Whether a program that is started so cannot even reach this machine over the network."""
    done = subprocess.run(
        [*command, sys.executable, "-c", REACH], capture_output=True, text=True, check=False
    )
    return "Network is unreachable" in done.stderr


@pytest.fixture(scope="module")
def cut() -> list[str]:
    """What to write before a command so that it has no network: a namespace, else a watcher."""
    unshare = shutil.which("unshare")
    if unshare is not None and is_cut([unshare, "-rn"]):
        return [unshare, "-rn", sys.executable]
    return [sys.executable, str(HERE / "watched.py")]


def kvitto(
    python: list[str], root: Path, *words: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command line, in a process of its own."""
    return subprocess.run(
        [*python, "-m", "kvitto", *words, "--as", "Elin"],
        env={**(environment or os.environ), "KVITTO_WORKSPACE": str(root)},
        cwd=root.parent,
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_the_watcher_lets_nothing_out() -> None:
    code = "import socket; socket.getaddrinfo('example.org', 443)"
    ran = [sys.executable, str(HERE / "watched.py"), "-c", code]
    assert subprocess.run(ran, capture_output=True, check=False).returncode == 97


def test_the_whole_demo_needs_no_network(cut: list[str], tmp_path: Path) -> None:
    done = kvitto(cut, tmp_path / "none", "demo", str(tmp_path / "demo"))
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "demo").rglob("*.pdf"))


def test_a_sync_of_files_needs_no_network(cut: list[str], servers: Vendors, tmp_path: Path) -> None:
    root = servers.workspace(tmp_path / "place")
    for name in ("ads", "crm"):
        (root / "sources" / f"{name}.yml").unlink()
    done = kvitto(cut, root, "sync")
    assert done.returncode == 0, done.stderr


def test_without_a_network_the_servers_are_marked_and_the_files_are_read(
    cut: list[str], servers: Vendors, tmp_path: Path
) -> None:
    if "watched.py" in cut[-1]:
        pytest.skip("this machine gives no network namespace, and the watcher allows loopback")
    root = servers.workspace(tmp_path / "place")
    done = kvitto(cut, root, "sync", "--json", environment=servers.environment)
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert {(one["source"], one["code"]) for one in said["failed"]} == {
        ("ads", "KV303"),
        ("crm", "KV303"),
    }
    assert [one["name"] for one in said["sources"]] == ["files"]


@pytest.fixture(scope="module")
def servers() -> Iterator[Vendors]:
    """The vendors' stand-ins."""
    with vendors(records=60, days=40) as running:
        yield running


@pytest.fixture
def lost(servers: Vendors, tmp_path: Path) -> Path:
    """A workspace that was read, and whose CRM cannot be reached any more."""
    root = servers.workspace(tmp_path / "place")
    here = [sys.executable]
    assert kvitto(here, root, "sync", environment=servers.environment).returncode == 0
    file = root / "sources" / "crm.yml"
    file.write_text(file.read_text().replace(servers.crm.url, "http://127.0.0.1:9"))
    with (root / "data" / "targets.csv").open("a") as lines:
        lines.write("900,5,won,2026-01-06\n")
    return root


def test_one_server_that_is_away_stops_nobody_else(servers: Vendors, lost: Path) -> None:
    house = open_house(lost)
    before = house.warehouse.current()
    done = kvitto([sys.executable], lost, "sync", environment=servers.environment)
    assert done.returncode == 1
    after = open_house(lost).warehouse.current()
    assert "crm: failed" in done.stdout
    assert after.id != before.id
    assert after.source("crm") == before.source("crm")
    assert after.rows["deals"] == before.rows["deals"] + 1
    found = [one.source for one in findings(house, local_person(house)) if _is_failure(one.code)]
    assert found == ["crm"]


def test_what_ails_it_is_said_where_a_person_looks(servers: Vendors, lost: Path) -> None:
    kvitto([sys.executable], lost, "sync", environment=servers.environment)
    shown = kvitto([sys.executable], lost, "sources")
    assert shown.returncode == 1
    assert "crm: an answer of the sign-in of Salesforce" in shown.stdout
    assert "Check the network" in shown.stdout


def test_the_report_says_that_it_rests_on_older_data(servers: Vendors, lost: Path) -> None:
    kvitto([sys.executable], lost, "sync", environment=servers.environment)
    drafted = kvitto([sys.executable], lost, "draft", "R01", "-c", "acme", "-p", "2026-11")
    assert drafted.returncode == 0, drafted.stderr
    house = open_house(lost)
    edition = get(house, local_person(house, "Elin"), "acme/R01/2026-11/1")
    caveats = [b for b in edition.blocks() if isinstance(b, NoticeBlock) and b.id == "caveats"]
    assert "crm could not be read the last time" in caveats[0].lines[0]


def test_a_server_that_is_back_is_read_from_where_it_was(servers: Vendors, lost: Path) -> None:
    kvitto([sys.executable], lost, "sync", environment=servers.environment)
    file = lost / "sources" / "crm.yml"
    file.write_text(file.read_text().replace("http://127.0.0.1:9", servers.crm.url))
    done = kvitto([sys.executable], lost, "sync", environment=servers.environment)
    assert done.returncode == 0, done.stderr
    assert kvitto([sys.executable], lost, "sources").returncode == 0


def _is_failure(code: str) -> bool:
    return code == "source_failed"
