"""How long a page of the app takes, in-process: the median of 50 requests on the demo data.

Run with ``python benchmarks/page_time.py``. The aim is under 100 ms for the
live page and the edition; the first request of each (charts are drawn, the
warehouse is opened) is given beside.
"""

from __future__ import annotations

import re
import shutil
import statistics
import tempfile
import time
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

from starlette.testclient import TestClient

from kvitto.app import edition as editions
from kvitto.app.house import House, Role, local_person, open_house
from kvitto.app.person import create_person
from kvitto.app.sync import sync
from kvitto.web import create_app

ROUNDS = 50
PASSWORD = "three plain words"
ACCOUNT = "elin@brightlane.example"


def prepare(root: Path) -> tuple[House, str]:
    """The demo workspace, synced, with one draft and one person."""
    with as_file(files("kvitto.app").joinpath("example")) as source:
        shutil.copytree(source, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    house = open_house(root, date(2018, 1, 5))
    who = local_person(house)
    sync(house, who)
    create_person(
        house, who, name="Elin", email=ACCOUNT, role=Role.owner, clients=(), password=PASSWORD
    )
    return house, editions.draft(house, who, "northgate", "R13", "2017-12").id


def enter(client: TestClient) -> None:
    """Sign in."""
    found = re.search(r'name="form_token" value="(\w+)"', client.get("/sign-in").text)
    assert found is not None
    data = {"account": ACCOUNT, "password": PASSWORD, "form_token": found[1]}
    client.post("/sign-in", data=data)


def measure(client: TestClient, path: str) -> tuple[float, float, float, int]:
    """First, median and slowest in ms, and the page's size in bytes."""
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        answer = client.get(path)
        times.append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, (path, answer.status_code)
    return times[0], statistics.median(times[1:]), max(times[1:]), len(answer.content)


def main() -> None:
    """Print one line per page."""
    with tempfile.TemporaryDirectory() as folder:
        house, edition = prepare(Path(folder) / "demo")
        client = TestClient(create_app(house))
        enter(client)
        codes = re.findall(r"/receipts/([\w-]+)", client.get("/clients/northgate").text)
        pages = {
            "clients": "/clients",
            "live page": "/clients/northgate",
            "edition": f"/editions/{edition}",
            "receipt": f"/receipts/{codes[0]}",
            "findings": "/findings",
        }
        print(f"{'page':<10} {'first ms':>9} {'median ms':>10} {'slowest ms':>11} {'kB':>6}")
        for name, path in pages.items():
            first, median, slowest, size = measure(client, path)
            print(f"{name:<10} {first:9.1f} {median:10.1f} {slowest:11.1f} {size / 1000:6.1f}")


if __name__ == "__main__":
    main()
