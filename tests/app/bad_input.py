"""A workspace of two clients with a few rows each, driven through the real command line.

It is synced, and one report of the first client is sealed; what goes wrong
afterwards must leave both as they are.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

TODAY = "2024-04-02"
EDITION = "alder/R01/2024-03/1"

HEADER = "id,owner,stage,created,closed,amount\n"
ROWS = (
    "001,Anna,Won,2024-01-03,2024-02-14,1000\n"
    "002,Bo,Lost,2024-01-09,2024-02-20,400\n"
    "003,Anna,Won,2024-01-15,2024-03-05,250.50\n"
    "004,Bo,Proposal,2024-02-01,,700\n"
    "005,Bo,Proposal,2024-03-11,,90\n"
)
BIRCH = "D-1,Cleo,Won,2024-01-02,2024-03-28,77\nD-2,Cleo,Proposal,2024-03-02,,5\n"

AGENCY = "agency: Test Agency\ntimezone: Europe/Stockholm\ncurrency: EUR\n"
ALDER = """\
name: Alder
currency: EUR
objective: Win more
reports:
  - {template: R01, kpis: [open_deals, deals_created, deals_won, deals_lost]}
goals:
  - {metric: deals_won, period: 2024-02, target: 1, objective: Win more}
  - {metric: deals_won, period: 2024-03, target: 2, objective: Win more}
actions:
  - {title: Send the list, who: Elin, side: us, due: 2024-04-10}
  - {title: Read the list, who: Dana, side: client, due: 2024-04-12, need: a date}
"""
SOURCE = """\
kind: file
client: CLIENT
path: data/NAME
as_of: 2024-03-31
currency: EUR
tables:
  - file: NAME
    fill:
      deals:
        deal_id: id
        owner_id: owner
        stage_id: stage
        created_at: created
        closed_at: closed
        amount: amount
"""


@dataclass(frozen=True)
class Told:
    """What a command ended with and said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error document of ``--json``."""
        return self.json["error"]


@dataclass(frozen=True)
class Room:
    """A workspace below ``root``."""

    root: Path

    def run(self, *args: str) -> Told:
        """The command in this process."""
        from kvitto.cli.main import cli

        ran = CliRunner().invoke(cli, [*args, *self._settings()], catch_exceptions=False)
        return Told(ran.exit_code, ran.stdout, ran.stderr)

    def process(self, *args: str, limit: int | None = None) -> Told:
        """The command as people start it, with files of at most ``limit`` bytes."""
        done = subprocess.run(
            [sys.executable, "-m", "kvitto", *args, *self._settings()],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=None if limit is None else lambda: _limit_files(limit),
        )
        return Told(done.returncode, done.stdout, done.stderr)

    def start(self, *args: str) -> subprocess.Popen[str]:
        """The command, left running."""
        return subprocess.Popen(
            [sys.executable, "-m", "kvitto", *args, *self._settings()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def put(self, content: str | bytes, name: str = "data/deals.csv") -> Path:
        """Write a file of the workspace."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def change(self, name: str, old: str, new: str) -> None:
        """Put other words into a file of the workspace."""
        text = (self.root / name).read_text()
        assert old in text
        (self.root / name).write_text(text.replace(old, new))

    def add_source(self, name: str, file: str, client: str = "alder") -> None:
        """One more source, of one file of deals."""
        self.put(SOURCE.replace("CLIENT", client).replace("NAME", file), f"sources/{name}.yml")

    def ask(self, metric: str, *more: str, client: str = "alder", period: str = "2024-Q1") -> Any:
        """The only value of an answer."""
        told = self.run("ask", metric, "-c", client, "-p", period, "--json", *more)
        assert told.code == 0, told
        (row,) = told.json["rows"]
        return row.get("value", row.get("missing"))

    def findings(self, code: str) -> list[Any]:
        """The published findings of one code."""
        listed = self.run("audit", "--json").json["findings"]
        return [one for one in listed if one["code"] == code]

    def print(self) -> dict[str, str]:
        """A hash of every published and every sealed file."""
        runtime = self.root / ".kvitto"
        kept = [runtime / "warehouse" / "current"]
        kept += (runtime / "warehouse" / "versions").rglob("*")
        kept += (runtime / "editions").rglob("*")
        return {
            path.relative_to(runtime).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(kept)
            if path.is_file()
        }

    def sealed(self) -> dict[str, str]:
        """The same of the sealed editions alone."""
        return {name: mark for name, mark in self.print().items() if name.startswith("editions")}

    def _settings(self) -> tuple[str, ...]:
        return ("-w", str(self.root), "--today", TODAY, "--as", "Elin", "--quiet")


def fresh(root: Path) -> Room:
    """The workspace with nothing synced."""
    room = Room(root)
    room.put(AGENCY, "kvitto.yml")
    room.put(ALDER, "clients/alder.yml")
    room.put("name: Birch\ncurrency: EUR\n", "clients/birch.yml")
    room.put(HEADER + ROWS)
    room.put(HEADER + BIRCH, "data/birch.csv")
    room.add_source("crm", "deals.csv")
    room.add_source("other", "birch.csv", "birch")
    return room


def settled(factory: pytest.TempPathFactory, target: Path) -> Room:
    """A copy of the workspace, synced and with one sealed edition; made once in a session."""
    base = factory.getbasetemp() / "bad_input"
    if not base.exists():
        room = fresh(base)
        for command in (("sync",), ("draft", "R01", "-c", "alder", "-p", "2024-03")):
            assert room.run(*command).code == 0
        for step in ("approve", "seal"):
            told = room.run(step, EDITION)
            assert told.code == 0, told.err
    return Room(Path(shutil.copytree(base, target / "room")))


def _limit_files(limit: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
