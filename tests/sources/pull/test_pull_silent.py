"""The loading library keeps quiet: nothing is looked up, nothing is written elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

_CHILD = """
import sys
told = []
sys.addaudithook(
    lambda event, args: told.append((event, args)) if event.startswith("socket.") else None
)
from pathlib import Path
from kvitto.sources.pull.extract import write_pages
folder = Path(sys.argv[1])
files = write_pages(iter([[{"id": 1, "a.b C": "x"}] * 30_000]), ("id", "a.b C"), folder, "deals")
import duckdb
assert "dlt" in sys.modules
rows = duckdb.read_parquet(str(files[0]))
assert rows.columns == ["id", "a.b C"] and rows.fetchall() == [("1", "x")] * 30_000, rows
looked_up = [args for event, args in told if event in ("socket.getaddrinfo", "socket.connect",
    "socket.gethostbyname")]
print("looked up:", looked_up)
"""


def test_fetching_looks_no_name_up_and_writes_nothing_outside_its_folder(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "fetch"
    home.mkdir()
    folder.mkdir()
    quiet = {key: value for key, value in os.environ.items() if "DLT" not in key}
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_CHILD), str(folder)],
        env={**quiet, "HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "looked up: []" in ran.stdout
    assert list(home.rglob("*")) == []
