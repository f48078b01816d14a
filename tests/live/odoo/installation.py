"""Odoo 19 with its demo data, installed below a cache folder without touching the system.

Three things are made once and kept: the unpacked package of the distribution, a
virtual environment with what Odoo imports, and a dump of a database with the
demo data and two API keys. Each is built beside its place and put there by one
rename, so a run that is killed goes on at the step where it was.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.live.odoo import archive
from tests.postgres import OWNER, Cluster

HERE = Path(__file__).parent
MODULES = "crm,sale_crm,hr_timesheet,survey,crm_livechat"
DATABASE_STEPS = HERE / "prepare.py"
SECONDS_TO_BUILD = 1200


class Unavailable(Exception):
    """Odoo cannot be had on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Installation:
    """What is needed to run Odoo: an interpreter, its modules and a dump of the demo data."""

    python: Path
    library: Path
    demo: Path

    @property
    def dump(self) -> Path:
        """The database with the demo data, in the custom format of ``pg_dump``."""
        return self.demo / "demo.dump"

    @property
    def keys(self) -> Mapping[str, str]:
        """API keys by login: ``admin``, and ``seller``, who sees the sales only."""
        keys: dict[str, str] = json.loads((self.demo / "keys.json").read_text())
        return keys

    def environment(self) -> dict[str, str]:
        """The environment of Odoo's processes: whatever asks the world gets no answer."""
        nowhere = "http://127.0.0.1:9"
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        proxies = {"http_proxy": nowhere, "https_proxy": nowhere, "no_proxy": "127.0.0.1,localhost"}
        return {**kept, **proxies, "PYTHONPATH": str(self.library), "TZ": "UTC"}


def installed(cluster: Cluster) -> Installation:
    """Odoo, made now where it is not in the cache. Raises :class:`Unavailable`."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache):
        library = _package(cache) / "usr" / "lib" / "python3" / "dist-packages"
        python = _environment(cache) / "bin" / "python"
        bare = Installation(python, library, Path())
        return Installation(python, library, _demo(cache, bare, cluster))


def cache_folder() -> Path:
    """Where things are kept: ``KVITTO_LIVE_CACHE``, or a folder of the person's own cache."""
    above = os.environ.get("KVITTO_LIVE_CACHE") or "~/.cache/kvitto-live"
    return Path(above).expanduser() / "odoo"


def say(line: str) -> None:
    """One line of progress."""
    print(f"odoo: {line}", file=sys.stderr, flush=True)


def run(
    what: str,
    words: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    given: str | None = None,
    cwd: Path | None = None,
) -> str:
    """Run a program to its end and give what it printed. Raises :class:`Unavailable`."""
    try:
        done = subprocess.run(
            words,
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_BUILD,
            check=False,
            env=env,
            cwd=cwd,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"Odoo cannot be had: {what}: {error}") from error
    if done.returncode != 0:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-6:])
        raise Unavailable(f"Odoo cannot be had: {what} ended with {done.returncode}:\n{last}")
    return done.stdout


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """One run at a time builds; the others wait for what it makes."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made(place: Path, what: str, make: Callable[[Path], None]) -> Path:
    """The folder, made by ``make`` beside its place where it is not there yet."""
    if place.is_dir():
        return place
    began = time.monotonic()
    say(f"{what} ...")
    fresh = place.with_name(place.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    make(fresh)
    for older in place.parent.glob(f"{place.name.rpartition('-')[0]}-*"):
        if older != fresh:
            shutil.rmtree(older, ignore_errors=True)
    fresh.rename(place)
    say(f"{what}: {time.monotonic() - began:.0f} s")
    return place


def _package(cache: Path) -> Path:
    def make(fresh: Path) -> None:
        try:
            archive.unpack(archive.download(cache / "apt"), fresh)
        except archive.NotFound as error:
            raise Unavailable(f"Odoo cannot be had: {error}") from error

    return _made(cache / "package-19", "getting and unpacking the package", make)


def _environment(cache: Path) -> Path:
    """The virtual environment; it is made in its place, for its paths are absolute."""
    lock = HERE / "requirements.lock"
    place = cache / f"venv-{_digest(lock.read_text(), sys.version)}"
    ready = place / "ready"
    if ready.exists():
        return place
    began = time.monotonic()
    say("installing what Odoo imports ...")
    shutil.rmtree(place, ignore_errors=True)
    run("python -m venv", [sys.executable, "-m", "venv", place])
    pip: list[str | Path] = [
        place / "bin" / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--no-input",
        "--prefer-binary",
    ]
    run("pip install", [*pip, "--require-hashes", "-r", lock])
    ready.touch()
    say(f"installing what Odoo imports: {time.monotonic() - began:.0f} s")
    return place


def _demo(cache: Path, bare: Installation, cluster: Cluster) -> Path:
    """A database with the demo data, dumped: restoring it takes seconds, making it minutes."""
    steps = DATABASE_STEPS.read_text()
    place = cache / f"demo-{_digest(MODULES, steps, str(cluster.programs))}"

    def make(fresh: Path) -> None:
        name = cluster.new_database()
        settings = write_settings(cluster, bare, fresh, {})
        odoo: list[str | Path] = [bare.python, "-m", "odoo"]
        choice: list[str | Path] = ["-c", settings, "-d", name, "--no-http"]
        load: list[str | Path] = [
            "-i",
            MODULES,
            "--with-demo",
            "--stop-after-init",
            "--log-level",
            "warn",
        ]
        env = bare.environment()
        run("odoo -i", [*odoo, *choice, *load], env=env, cwd=fresh)
        shell: list[str | Path] = [*odoo, "shell", *choice, "--log-level", "error"]
        printed = run("odoo shell", shell, env=env, given=steps, cwd=fresh)
        keys = [line for line in printed.splitlines() if line.startswith("{")][-1]
        dump: list[str | Path] = ["-Fc", "-f", fresh / "demo.dump", cluster.url(name, "postgresql")]
        run("pg_dump", [cluster.programs / "pg_dump", *dump])
        (fresh / "keys.json").write_text(keys)
        settings.unlink()
        cluster.run(f"DROP DATABASE {name}")

    return _made(place, "making a database with the demo data", make)


def write_settings(
    cluster: Cluster, odoo: Installation, folder: Path, more: Mapping[str, object]
) -> Path:
    """Odoo's settings file, with the password of the database, in ``folder``."""
    settings = {
        "db_host": "127.0.0.1",
        "db_port": cluster.port,
        "db_user": OWNER,
        "db_password": cluster.password,
        "addons_path": odoo.library / "odoo" / "addons",
        "data_dir": folder / "data",
        "max_cron_threads": 0,
        **more,
    }
    file = folder / "odoo.conf"
    lines = ["[options]", *(f"{name} = {value}" for name, value in settings.items())]
    file.write_text("\n".join(lines) + "\n")
    file.chmod(0o600)
    return file


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
