"""A running Odoo 19 on loopback, with a fresh copy of the demo data for everyone who asks.

``python -m tests.live.odoo.server`` starts one for a person and prints where it
is; ``python -m tests.live.odoo.server prepare`` only fills the cache.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.live.odoo.installation import (
    Installation,
    Unavailable,
    installed,
    run,
    say,
    write_settings,
)
from tests.postgres import Cluster, free_port, running_cluster

TEMPLATE = "odoo_demo"
SECONDS_TO_START = 120


@dataclass
class Odoo:
    """A server and its database cluster. ``keys`` are API keys by login."""

    cluster: Cluster
    url: str
    keys: Mapping[str, str]
    made: list[str] = field(default_factory=list)

    def new_database(self) -> str:
        """The name of a new database with the demo data."""
        name = f"odoo{len(self.made):03d}"
        self.made.append(name)
        self.cluster.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name


@contextmanager
def running_odoo(cluster: Cluster, port: int | None = None) -> Iterator[Odoo]:
    """Install what is missing, start, stop. Raises :class:`Unavailable`."""
    odoo = installed(cluster)
    _restore(cluster, odoo)
    port = free_port() if port is None else port
    folder = Path(tempfile.mkdtemp(prefix="kvitto-odoo-"))
    try:
        process = _start(cluster, odoo, folder, port)
        try:
            _wait_for(process, port, folder / "odoo.log")
            yield Odoo(cluster, f"http://127.0.0.1:{port}", odoo.keys)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server: at the first signal it waits for its threads, at the second it does not."""
    for seconds in (2, 5):
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()


def _restore(cluster: Cluster, odoo: Installation) -> None:
    """The dump as a database that no one connects to, so that it can be copied."""
    known = cluster.run(f"SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'")
    if known:
        return
    cluster.run(f"CREATE DATABASE {TEMPLATE}")
    words: list[str | Path] = ["-d", cluster.url(TEMPLATE, "postgresql"), "--no-owner", odoo.dump]
    run("pg_restore", [cluster.programs / "pg_restore", *words])


def _start(
    cluster: Cluster, odoo: Installation, folder: Path, port: int
) -> subprocess.Popen[bytes]:
    more = {"http_interface": "127.0.0.1", "http_port": port, "dbfilter": "^odoo[0-9]+$"}
    settings = write_settings(cluster, odoo, folder, more)
    with (folder / "odoo.log").open("ab") as log:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", odoo.python, "-m", "odoo", "-c", settings],
            stdout=log,
            stderr=log,
            cwd=folder,
            env=odoo.environment(),
        )


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import http.client

    ends = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/web/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise Unavailable(f"Odoo did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _main() -> int:
    prepare = sys.argv[1:] == ["prepare"]
    try:
        with running_cluster() as cluster:
            if prepare:
                installed(cluster)
                return 0
            with running_odoo(cluster, 8069) as odoo:
                _show(odoo)
                while True:
                    time.sleep(3600)
    except (Unavailable, pytest.skip.Exception) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 0


def _show(odoo: Odoo) -> None:
    name = odoo.new_database()
    print(f"Odoo 19 with its demo data: {odoo.url}/odoo?db={name}  (login admin, password admin)")
    print("As a source of a workspace, in sources/odoo.yml:\n")
    print(f"    kind: odoo\n    client: <one of yours>\n    settings:\n      url: {odoo.url}")
    print(f"      database: {name}\n    secrets:\n      api_key: env:ODOO_API_KEY")
    print("    allow_private: true\n")
    print(f"with ODOO_API_KEY={odoo.keys['admin']} in the environment.")
    print("Ctrl-C ends it; nothing is kept.", flush=True)


if __name__ == "__main__":
    sys.exit(_main())
