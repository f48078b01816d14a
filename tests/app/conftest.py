"""The demo, made once; tests that change something work on a copy of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kvitto.app import edition
from kvitto.app.demo import DemoResult
from kvitto.app.house import House, local_person, open_house
from kvitto.app.sync import sync
from kvitto.app.who import Role, Who
from kvitto.app.workspace import init_from
from kvitto.model.scope import Scope
from tests.spine import made_spine

TODAY = date(2018, 1, 3)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return made_spine(tmp_path_factory)


@pytest.fixture(scope="session")
def shared(demo: DemoResult) -> Iterator[House]:
    """The demo's workspace, for tests that only read."""
    house = open_house(demo.workspace, TODAY)
    yield house
    house.store.close()


@pytest.fixture
def house(demo: DemoResult, tmp_path: Path) -> Iterator[House]:
    """A copy of the demo's workspace, with everything in it."""
    root = Path(shutil.copytree(demo.workspace, tmp_path / "copy"))
    house = open_house(root, TODAY)
    yield house
    house.store.close()


@pytest.fixture(scope="session")
def moved(demo: DemoResult, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo after one deal changed in the CRM and was synced; the deal's id."""
    root = Path(shutil.copytree(demo.workspace, tmp_path_factory.mktemp("moved") / "demo"))
    deal = change_a_deal(root)
    house = open_house(root, TODAY)
    assert sync(house, local_person(house, "Elin Sandberg")).is_new
    house.store.close()
    return root, deal


@pytest.fixture(scope="session")
def correcting(moved: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """And after corrections of two sealed reports were drafted."""
    root = Path(shutil.copytree(moved[0], tmp_path_factory.mktemp("correcting") / "demo"))
    house = open_house(root, TODAY)
    for report in ("R06", "R13"):
        edition.draft(house, local_person(house, "Elin Sandberg"), "northgate", report, "2017-12")
    house.store.close()
    return root


@pytest.fixture
def correction(correcting: Path, tmp_path: Path) -> Iterator[House]:
    """A copy of the workspace with the two corrections in draft."""
    house = open_house(Path(shutil.copytree(correcting, tmp_path / "correction")), TODAY)
    yield house
    house.store.close()


def change_a_deal(root: Path) -> str:
    """Halve the amount of one deal that was won in December; its id."""
    path = root / "data" / "crm" / "sales_pipeline.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    for index, line in enumerate(lines):
        cells = line.split(",")
        if cells[4] == "Won" and cells[6].startswith("2017-12") and int(cells[7]) > 4000:
            cells[7] = str(int(cells[7]) // 2)
            lines[index] = ",".join(cells)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            return cells[0]
    raise AssertionError("no such deal")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    """The example as it is shipped: nothing synced, nobody signed up."""
    init_from(tmp_path / "empty", "example")
    house = open_house(tmp_path / "empty", TODAY)
    yield house
    house.store.close()


@pytest.fixture
def elin(shared: House) -> Who:
    return local_person(shared, "Elin Sandberg")


@pytest.fixture
def dana() -> Who:
    """The client's own sign-in."""
    return Who("Dana Whitfield", Role.client, Scope.of("Dana Whitfield", "northgate"))


@pytest.fixture
def stranger() -> Who:
    """A manager of another client."""
    return Who("Jonas Lind", Role.manager, Scope.of("Jonas Lind", "southgate"))
