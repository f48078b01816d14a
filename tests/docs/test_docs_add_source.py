"""The page on adding a source, followed to the letter: its files, its tests, a sync."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-source.md"
BLOCK = re.compile(r"^```(?:python|toml|yaml)\n# (\S+)\n(.*?)^```$", re.M | re.S)
SYNC = """
import os, sys
sys.path[:0] = ["tests"]
from kassa_stand_in import running_kassa
from kvitto.app.house import local_person, open_house
from kvitto.app.sync import sync
from pathlib import Path

with running_kassa() as kassa:
    file = Path("place/sources/billing.yml")
    text = file.read_text().replace("https://nordlys.kassa.example", kassa.url)
    file.write_text(text + "allow_private: true\\n")
    os.environ["KASSA_TOKEN"] = kassa.secrets["token"]
    house = open_house(Path("place"))
    who = local_person(house)
    sync(house, who)
    first = house.warehouse.current()
    again = sync(house, who)
    kassa.change()
    changed = sync(house, who)
    print(first.rows["invoices"], again.is_new, changed.is_new, changed.failed)
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's files, and the entry that installing the package would make."""
    root = tmp_path_factory.mktemp("kassa")
    for name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        path = root / ("place" if name.startswith("sources/") else "") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    installed = root / "kvitto_kassa-1.0.dist-info"
    installed.mkdir()
    named = f"Name: {project['name']}\nVersion: {project['version']}\n"
    (installed / "METADATA").write_text(f"Metadata-Version: 2.1\n{named}")
    groups = project["entry-points"].items()
    lines = [
        f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in of.items()) for group, of in groups
    ]
    (installed / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return root


def run(package: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python in the package's folder, with the package installed."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=package,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(package), *sys.path])},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_connector_of_the_page_keeps_the_contract(package: Path) -> None:
    done = run(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout


def test_the_connector_of_the_page_syncs(package: Path) -> None:
    for name, text in (
        ("kvitto.yml", "agency: Page\n"),
        ("clients/nordlys.yml", "name: Nordlys\ncurrency: SEK\n"),
    ):
        path = package / "place" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    done = run(package, "-c", SYNC)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "40 False True ()"


def test_the_page_is_short() -> None:
    prose = BLOCK.sub("", PAGE.read_text(encoding="utf-8"))
    assert len(prose.split()) < 500
