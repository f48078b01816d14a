from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kvitto.store.engine import Store, open_store, sqlite_url
from tests.postgres import Cluster, running_cluster

NOON = datetime(2018, 1, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.live)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new state: what one engine promises, the other does too."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "state.db")
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.url(cluster.new_database())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def noon() -> datetime:
    return NOON
