"""What the tests of the asking share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kvitto.warehouse.reader import Reader
from kvitto.warehouse.warehouse import Warehouse
from tests.metrics.world import maven


@pytest.fixture(scope="session")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The demo's CRM, published once."""
    return maven(tmp_path_factory.mktemp("maven"))


@pytest.fixture
def reader(crm: Warehouse) -> Iterator[Reader]:
    with crm.reader() as opened:
        yield opened
