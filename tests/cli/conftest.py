from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kvitto.app.workspace import init_from


@dataclass(frozen=True)
class Ran:
    """What a command ended with and said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Kvitto = Callable[..., Ran]


def kvitto(*args: str, stdin: str | None = None) -> Ran:
    """The command in this process."""
    from kvitto.cli.main import cli

    result = CliRunner().invoke(cli, list(args), input=stdin, catch_exceptions=False)
    return Ran(result.exit_code, result.stdout, result.stderr)


def kvitto_process(*args: str, cwd: Path | None = None, **env: str) -> Ran:
    """The command as people start it."""
    import os

    done = subprocess.run(
        [sys.executable, "-m", "kvitto", *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | env,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(name="kvitto")
def kvitto_fixture() -> Kvitto:
    return kvitto


@pytest.fixture
def process() -> Kvitto:
    return kvitto_process


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, synced once; tests that read share it."""
    root = tmp_path_factory.mktemp("synced")
    init_from(root, "example")
    assert kvitto("sync", "-w", str(root), "--quiet").code == 0
    return root


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A fresh copy of the example, nothing synced."""
    init_from(tmp_path / "example", "example")
    return tmp_path / "example"
