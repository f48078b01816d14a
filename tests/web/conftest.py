"""A demo workspace with data, people and editions, made once; browsers on top of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kvitto.app import edition as editions
from kvitto.app.house import House, Role, local_person, open_house
from kvitto.app.person import create_person
from kvitto.app.sync import sync
from kvitto.web import create_app
from kvitto.web.words import speak
from tests.web.browsing import (
    BRIEF,
    MANAGER,
    OTHER,
    OWNER,
    PAIRS,
    PASSWORD,
    READER,
    SEALED,
    TODAY,
    Enter,
    browser,
    signed_in,
)


@pytest.fixture(autouse=True)
def english() -> None:
    """Each test begins in English, whatever the one before it spoke."""
    speak("en")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's CRM synced; a second client without data; an owner, two managers, a reader."""
    root = tmp_path_factory.mktemp("web") / "demo"
    with as_file(files("kvitto.app").joinpath("example")) as source:
        shutil.copytree(source, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    first = (root / "clients/northgate.yml").read_text().splitlines()
    second = [line for line in first if line.startswith(("language", "currency", "timezone"))]
    (root / "clients/acme.yml").write_text("name: Acme <b>Paper</b>\n" + "\n".join(second) + "\n")
    (root / "templates").mkdir()
    (root / "templates/brief.yml").write_text(BRIEF)
    agreed = root / "clients/northgate.yml"
    agreed.write_text(agreed.read_text().replace("reports:", "reports:\n  - template: brief", 1))
    house = open_house(root, TODAY)
    owner = local_person(house, "Olga Owner")
    sync(house, owner)
    for name, email, role, clients in (
        ("Olga Owner", OWNER, Role.owner, ()),
        ("Elin Sandberg", MANAGER, Role.manager, ("northgate",)),
        ("Jonas Lind", OTHER, Role.manager, ("acme",)),
        ("Dana Whitfield", READER, Role.client, ("northgate",)),
    ):
        create_person(
            house, owner, name=name, email=email, role=role, clients=clients, password=PASSWORD
        )
    editions.draft(house, owner, "northgate", "R13", "2017-12")
    editions.draft(house, owner, "northgate", "brief", "2017-12")
    editions.draft(house, owner, "northgate", "brief", "2017-11")
    editions.approve(house, owner, SEALED.removeprefix("/editions/"))
    editions.seal(house, owner, SEALED.removeprefix("/editions/"))
    house.store.close()
    return root


@pytest.fixture(scope="session")
def reading_app(made: Path) -> FastAPI:
    """An application for tests that change nothing but sessions."""
    return create_app(open_house(made, TODAY))


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy of the workspace that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "demo"))


@pytest.fixture(scope="session")
def alike(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with two pairs of companies that may be one, as an audit writes them down."""
    root = Path(shutil.copytree(made, tmp_path_factory.mktemp("alike") / "demo"))
    house = open_house(root, TODAY)
    with house.warehouse.building() as building:
        building.connection.execute("DELETE FROM _candidates")
        building.connection.executemany(
            "INSERT INTO _candidates VALUES ('northgate', 'accounts', ?, ?, ?, ?, 'ask')", PAIRS
        )
        building.publish(())
    house.store.close()
    return root


@pytest.fixture
def deciding(alike: Path, tmp_path: Path) -> Iterator[House]:
    """A workspace with pairs to decide, which a test may change."""
    house = open_house(Path(shutil.copytree(alike, tmp_path / "alike")), TODAY)
    yield house
    house.store.close()


@pytest.fixture
def house(root: Path) -> House:
    return open_house(root, TODAY)


@pytest.fixture
def anonymous(reading_app: FastAPI) -> TestClient:
    return browser(reading_app)


@pytest.fixture
def enter(reading_app: FastAPI) -> Enter:
    """A signed-in browser that only reads."""
    return lambda email: signed_in(reading_app, email)


@pytest.fixture
def desk(house: House) -> Iterator[TestClient]:
    """The manager, signed in to a workspace that may be changed."""
    yield signed_in(create_app(house), MANAGER)
    house.store.close()
