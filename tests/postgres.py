"""A throw-away PostgreSQL on loopback, for the tests that need a real one.

In a ``conftest.py``::

    @pytest.fixture(scope="session")
    def cluster() -> Iterator[Cluster]:
        with running_cluster() as cluster:
            yield cluster

and each test takes ``cluster.new_database()``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import pytest

SECONDS_TO_START = 30
ATTEMPTS = 3
OWNER = "kvitto"


@dataclass(frozen=True)
class Cluster:
    """A server that listens on 127.0.0.1 only, and asks for a password."""

    port: int
    password: str
    programs: Path
    made: list[str] = field(default_factory=list)

    def url(self, database: str = "postgres", driver: str = "postgresql+psycopg") -> str:
        """The address of a database; ``driver="postgresql"`` gives the plain one of libpq."""
        return f"{driver}://{OWNER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The name of a new, empty database."""
        name = f"d{len(self.made):04d}"
        self.made.append(name)
        self.run(f"CREATE DATABASE {name}")
        return name

    def run(self, statements: str, database: str = "postgres") -> str:
        """Run SQL through ``psql``; what it printed, unaligned, without headers."""
        words = ["psql", "-XqtA", "-v", "ON_ERROR_STOP=1", self.url(database, "postgresql")]
        done = subprocess.run(
            [self.programs / words[0], *words[1:]],
            input=statements,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make a cluster, start it, stop it, remove it; skips where PostgreSQL is not installed."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="kvitto-postgres-"))
    try:
        password = _make(programs, folder)
        server, port = _start(programs, folder)
        try:
            yield Cluster(port, password, programs)
        finally:
            server.send_signal(signal.SIGINT)  # a fast end: it does not wait for its clients
            _wait(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """The folder of the server's programs: Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    on_path = shutil.which("initdb")
    if not found and on_path is not None:
        found = [Path(on_path).resolve()]
    if not found:
        pytest.skip("PostgreSQL's server is not installed (Debian's package: postgresql)")
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed (Debian's package: util-linux)")
    return found[-1].parent


def _version(initdb: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in initdb.parts[-3].split(".") if part.isdigit())


def _make(programs: Path, folder: Path) -> str:
    """Initialise the data folder; the password of its owner."""
    password = token_hex(12)
    key = folder / "password"
    key.write_text(password)
    _give(folder, key)
    words = ["-A", "scram-sha-256", "-U", OWNER, "--pwfile", str(key), "--no-locale", "-N"]
    done = subprocess.run(
        [*_as_servant(), programs / "initdb", "-D", folder / "data", "-E", "UTF8", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return password


def _start(programs: Path, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "server.log"
    for _ in range(ATTEMPTS):  # a port that was free may be taken a moment later
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 60,
        }
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with log.open("ab") as output:
            server = subprocess.Popen(
                [*_as_servant(), programs / "postgres", "-D", folder / "data", *words],
                stdout=output,
                stderr=output,
                cwd=folder,
            )
        if _answers(programs, server, port):
            return server, port
        _wait(server)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _answers(programs: Path, server: subprocess.Popen[bytes], port: int) -> bool:
    ends = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends and server.poll() is None:
        words = ["-q", "-h", "127.0.0.1", "-p", str(port)]
        if subprocess.run([programs / "pg_isready", *words], check=False).returncode == 0:
            return True
        time.sleep(0.1)
    server.kill()
    return False


def _wait(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(SECONDS_TO_START)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _as_servant() -> list[str]:
    """The words before a program: not as root, which PostgreSQL refuses, and never longer
    than this process, even when it is killed."""
    words = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return words
    person = _servant()
    return [*words, f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups"]


def _servant() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _give(*paths: Path) -> None:
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, _servant().pw_uid, _servant().pw_gid)


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
