"""A real PostgreSQL with millions of rows: twice with changes between, killed, memory flat."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.postgres import Cluster, running_cluster

pytestmark = pytest.mark.live

ROWS = 2_000_000
FEW = 600_000
KILLS = 6

MADE = """
CREATE TABLE deals (deal_id bigint PRIMARY KEY, deal_name text, account_id text,
  amount numeric(12, 2), stage text, created_at timestamptz, close_date date,
  updated_at timestamptz);
INSERT INTO deals SELECT i, 'Deal ' || i, 'A' || (i * 31 % 20000), (i * 97 % 1000000) / 100.0,
  (ARRAY['Won', 'Lost', 'Open'])[1 + i % 3], timestamptz '2023-01-01' + i % 700 * interval '1 day',
  date '2023-01-01' + (i % 790)::int, timestamptz '2024-01-01' + i * interval '1 second'
  FROM generate_series(1::bigint, {rows}) AS i;
CREATE INDEX ON deals (updated_at);
CREATE TABLE few AS SELECT * FROM deals WHERE deal_id <= {few};
ALTER TABLE few ADD PRIMARY KEY (deal_id);
CREATE INDEX ON few (updated_at);
ANALYZE;
"""

SYNC = """
import json, sys
from pathlib import Path
from kvitto.sources.connector import Reading, read_source
from kvitto.workspace.definition import SourceDefinition

told, root = json.loads(sys.argv[1]), Path(sys.argv[2])
staged = read_source("crm", SourceDefinition.model_validate(told), root)
import duckdb
with duckdb.connect(config={"memory_limit": "200MB"}) as connection:
    connection.execute("SET TimeZone = 'UTC'")
    (table,) = staged.tables
    found = connection.execute(
        "SELECT count(*), CAST(sum(hash(deal_id, deal_name, amount, updated_at)) AS VARCHAR)"
        f" FROM {table.relation_sql}"
    ).fetchall()[0]
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
print(json.dumps([*found, peak]))
"""


class Site:
    """A database with two tables, and workspaces that read them in processes of their own."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.name = cluster.new_database()
        cluster.run(MADE.format(rows=ROWS, few=FEW), self.name)

    def words(self, root: Path, table: dict[str, Any]) -> list[str]:
        """The command of a sync."""
        told = {
            "kind": "sql",
            "client": "acme",
            "allow_private": True,
            "secrets": {"password": "env:KVITTO_READER"},
            "settings": {
                "url": f"postgresql://kvitto@127.0.0.1:{self.cluster.port}/{self.name}",
                "tables": [table],
            },
        }
        return [sys.executable, "-c", SYNC, json.dumps(told), str(root)]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a sync."""
        return {**os.environ, "KVITTO_READER": self.cluster.password}

    def sync(self, root: Path, table: dict[str, Any]) -> tuple[int, str, float]:
        """Rows, a sum over what they hold, and the peak of memory in MB."""
        done = subprocess.run(
            self.words(root, table),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        rows, content, peak = json.loads(done.stdout.splitlines()[-1])
        return int(rows), str(content), float(peak)

    def killed(self, root: Path, table: dict[str, Any], after: float) -> bool:
        """Whether a sync was killed, so many seconds after it began."""
        with subprocess.Popen(
            self.words(root, table),
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as running:
            time.sleep(after)
            if running.poll() is not None:
                return False
            running.send_signal(signal.SIGKILL)
            return running.wait() == -signal.SIGKILL


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    with running_cluster() as cluster:
        yield Site(cluster)


CHANGES = {"name": "deals", "keeping": "changes", "cursor": "updated_at", "deleting": "ids"}
WHOLE = {"name": "deals"}


def received(root: Path) -> int:
    """Rows of the landing's parts that a run has left; none where it came to its end."""
    state = json.loads((root / ".kvitto/landing/crm/state.json").read_text())
    return sum(part["rows"] for part in state["streams"]["deals"]["parts"])


def test_a_second_sync_brings_exactly_what_changed(site: Site, tmp_path: Path) -> None:
    rows, before, _ = site.sync(tmp_path / "a", CHANGES)
    assert rows == ROWS
    assert site.sync(tmp_path / "a", CHANGES)[:2] == (rows, before)
    site.cluster.run(
        "UPDATE deals SET amount = amount + 1, updated_at = now() WHERE deal_id % 1000 = 0;"
        f"INSERT INTO deals SELECT {ROWS} + i, 'New', 'A1', 1, 'Open', now(), NULL, now()"
        " FROM generate_series(1, 777) AS i",
        site.name,
    )
    rows, after, _ = site.sync(tmp_path / "a", CHANGES)
    assert (rows, after) == site.sync(tmp_path / "whole", WHOLE)[:2]
    snapshots = sorted((tmp_path / "a/.kvitto/landing/crm").glob("*.snapshot.parquet"))
    assert len(snapshots) == 1
    assert received(tmp_path / "a") == 0
    changed = duckdb.sql(
        f"SELECT count(*) FROM '{snapshots[0]}' WHERE updated_at >= '2026-01-01'"
    ).fetchall()
    assert changed == [(ROWS // 1000 + 777,)]


@pytest.mark.parametrize(
    "table", [{**CHANGES, "name": "few"}, {"name": "few"}], ids=["changes", "whole"]
)
def test_a_sync_that_is_killed_is_completed_by_the_next_one(
    site: Site, tmp_path: Path, table: dict[str, Any]
) -> None:
    began = time.monotonic()
    calm = site.sync(tmp_path / "calm", table)[:2]
    lasted = time.monotonic() - began
    killed = sum(
        site.killed(tmp_path / "killed", table, lasted * (place + 0.5) / KILLS)
        for place in range(KILLS)
    )
    assert killed > 0
    assert site.sync(tmp_path / "killed", table)[:2] == calm
    left = {path.suffix for path in (tmp_path / "killed/.kvitto/landing/crm").iterdir()}
    assert left <= {".parquet", ".json", ""}


def test_memory_does_not_grow_with_the_rows(site: Site, tmp_path: Path) -> None:
    few = site.sync(tmp_path / "few", {"name": "few"})[2]
    many = site.sync(tmp_path / "many", WHOLE)[2]
    print(f"{FEW:,} rows: {few:.0f} MB; {ROWS:,} rows: {many:.0f} MB")
    assert many < 1000
