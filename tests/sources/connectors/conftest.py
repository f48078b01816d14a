"""The stand-in of the vendor that a module of tests names as ``VENDOR``, and a source of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sources.connectors.vendor import Source, Vendor


@pytest.fixture
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found = request.module.VENDOR
    assert isinstance(found, Vendor)
    return found


@pytest.fixture
def server(vendor: Vendor) -> Iterator[Any]:
    with vendor.stand_in() as running:
        yield running


@pytest.fixture
def source(vendor: Vendor, server: Any, tmp_path: Path) -> Source:
    return Source(vendor.kind, vendor.open, tmp_path, server.settings, server.secrets)
