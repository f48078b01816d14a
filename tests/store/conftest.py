from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kvitto.store.engine import Store, open_store, sqlite_url

NOON = datetime(2018, 1, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(sqlite_url(tmp_path / "state.db"))
    yield opened
    opened.close()


@pytest.fixture
def noon() -> datetime:
    return NOON
