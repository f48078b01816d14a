"""A warehouse in an empty folder, and one word to publish a version of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kvitto.warehouse import SourceState, Version, Warehouse

Publish = Callable[..., Version]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "warehouse", versions_kept=2)


@pytest.fixture
def publish(warehouse: Warehouse) -> Publish:
    return lambda *amounts, **more: fill(warehouse, *amounts, **more)


def state(name: str = "crm", at: str = "2024-01-01T00:00:00+00:00") -> SourceState:
    return SourceState(name, "file", "acme", at, date(2024, 1, 1), 1, 0)


def fill(
    warehouse: Warehouse, *amounts: int, source: str = "crm", batch: str = "b1", at: str = "now"
) -> Version:
    """Publish deals of these amounts as everything the source has."""
    with warehouse.building(rebuild=[source]) as building:
        for number, amount in enumerate(amounts):
            building.connection.execute(
                "INSERT INTO deals (client_id, deal_id, amount, _source, _batch)"
                " VALUES ('acme', ?, ?, ?, ?)",
                [f"{source}:deal:{number}", amount, source, batch],
            )
        return building.publish([state(source, at)])
