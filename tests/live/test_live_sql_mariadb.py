"""A real MariaDB on loopback, where its programs are (Debian's package: mariadb-server).

``KVITTO_MARIADB`` may name the folder above its ``sbin`` and ``bin`` instead of ``/usr``.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kvitto.errors import BadDefinition, BadSource, SourceRefused, SourceUnreachable
from kvitto.sources import Staged, read_source
from kvitto.workspace.definition import SourceDefinition
from tests.postgres import free_port

pytestmark = pytest.mark.live

pymysql = pytest.importorskip("pymysql", reason="the extra `mysql` is not installed")

PASSWORD = "r-5e-c-r-e-t"
MADE = """
CREATE TABLE deals (id int PRIMARY KEY, name varchar(40), amount decimal(20, 4), ratio double,
  yes boolean, stage enum('New', 'Won'), at timestamp(6) NULL, clock datetime(6), day date,
  doc json, raw blob, KEY (at)) ENGINE=InnoDB CHARACTER SET utf8mb4;
SET time_zone = '+02:00';
SET sql_mode = '';
INSERT INTO deals VALUES (1, 'Två "ord",\nrader 😀', 1234567890123456.7891, 0.1, true, 'Won',
  '2026-06-01 12:00:00.123456', '2026-06-01 12:00:00.5', '2026-02-28', '{"a": [1, 2]}', x'ff');
INSERT INTO deals (id, name, clock, day) VALUES (2, NULL, '0000-00-00', '0000-00-00');
CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'r-5e-c-r-e-t';
GRANT SELECT ON crm.* TO reader@'127.0.0.1';
CREATE TABLE many (id int PRIMARY KEY, at timestamp NULL, KEY (at));
INSERT INTO many SELECT seq, '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_300000;
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    above = Path(os.environ.get("KVITTO_MARIADB", "/usr"))
    program, install = above / "sbin/mariadbd", above / "bin/mariadb-install-db"
    if not program.exists() or not install.exists():
        pytest.skip("MariaDB's server is not installed (Debian's package: mariadb-server)")
    folder, port = Path(tempfile.mkdtemp(prefix="kvitto-mariadb-")), free_port()
    words = ["--no-defaults", f"--basedir={above}", f"--datadir={folder}/data", "--user=root"]
    quiet = ["--skip-test-db", "--auth-root-authentication-method=normal"]
    subprocess.run([install, *words, *quiet], check=True, capture_output=True, timeout=60)
    listen = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/socket"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([program, *words, *listen], stdout=log, stderr=log)
    try:
        _make(port)
        yield port
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _make(port: int) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.1)
    run(port, "CREATE DATABASE crm CHARACTER SET utf8mb4", database=None)
    run(port, MADE)


def run(port: int, statements: str, database: str | None = "crm") -> None:
    connection = pymysql.connect(
        host="127.0.0.1", port=port, user="root", database=database, autocommit=True
    )
    try:
        for statement in filter(str.strip, statements.split(";\n")):
            connection.cursor().execute(statement.strip().rstrip(";"))
    finally:
        connection.close()


def read(root: Path, port: int, *tables: dict[str, Any], user: str = "reader") -> Staged:
    os.environ["KVITTO_TEST_MARIADB"] = PASSWORD
    told = {
        "kind": "sql",
        "client": "acme",
        "allow_private": True,
        "secrets": {"password": "env:KVITTO_TEST_MARIADB"},
        "settings": {"url": f"mysql://{user}@127.0.0.1:{port}/crm", "tables": tables},
    }
    return read_source("crm", SourceDefinition.model_validate(told), root)


def held(staged: Staged, *columns: str) -> list[tuple[Any, ...]]:
    (table,) = staged.tables
    return duckdb.sql(
        f"SELECT {', '.join(columns)} FROM {table.relation_sql} ORDER BY ALL"
    ).fetchall()


def test_every_type_is_kept_exactly(port: int, tmp_path: Path) -> None:
    staged = read(tmp_path, port, {"name": "deals"})
    first, second = held(staged, "* EXCLUDE (_deleted)")
    assert first == (
        *("1", 'Två "ord",\nrader 😀', "1234567890123456.7891", "0.1", "1", "Won"),
        *("2026-06-01 10:00:00.123456", "2026-06-01 12:00:00.500000", "2026-02-28"),
        '{"a": [1, 2]}',
    )
    assert second == ("2", *[None] * 9)
    found = {column.name: column.format for column in staged.tables[0].columns}
    assert (found["at"].kind, found["at"].zoned, found["clock"].zoned) == ("instant", True, False)
    assert found["yes"].kind == "bool"


def test_changes_and_removals_are_found(port: int, tmp_path: Path) -> None:
    table = {"name": "many", "keeping": "changes", "cursor": "at", "deleting": "ids"}
    assert held(read(tmp_path, port, table), "count(*)") == [(300_000,)]
    run(port, "INSERT INTO many VALUES (300001, now());\nUPDATE many SET at = now() WHERE id = 5")
    staged = read(tmp_path, port, table)
    assert held(staged, "count(*)") == [(300_001,)]
    small = {"query": "SELECT id, at FROM many WHERE id < 10;", "as": "q", "key": "id"}
    assert len(held(read(tmp_path / "q", port, small), "id")) == 9


def test_days_without_a_zone_and_queries_with_numbers(port: int, tmp_path: Path) -> None:
    table = {"query": "SELECT amount * 2 AS twice, day FROM deals", "as": "q"}
    assert held(read(tmp_path, port, table), "twice")[0] == ("2469135780246913.5782",)


def test_refusals_are_told_apart(port: int, tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="Access denied") as raised:
        read(tmp_path, port, {"name": "deals"}, user="nobody")
    assert PASSWORD not in str(raised.value)
    with pytest.raises(BadDefinition, match="Did you mean 'deals'"):
        read(tmp_path, port, {"name": "deal"})
    with pytest.raises(BadSource, match="nothing"):
        read(tmp_path, port, {"query": "SELECT nothing FROM deals", "as": "q"})
    with pytest.raises(SourceUnreachable):
        read(tmp_path, free_port(), {"name": "deals"})
