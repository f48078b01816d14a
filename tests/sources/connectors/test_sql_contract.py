"""The SQL connector keeps the contract, against a real PostgreSQL.

A database never asks to wait, so the test of that reads like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import pytest

from kvitto.testing import ConnectorContract
from tests.postgres import Cluster, running_cluster
from tests.sources.connectors.stand_in import sql

WHOLE = [{"name": "deals"}, {"name": "accounts"}]
CHANGES = [
    {"name": "deals", "keeping": "changes", "cursor": "updated_at", "deleting": "ids"},
    {"name": "accounts"},
]


class _OnPostgres(ConnectorContract):
    kind = "sql"
    tables: list[dict[str, Any]]
    running: ClassVar[Cluster]

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def cluster(cls) -> Iterator[None]:
        pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
        with running_cluster() as cluster:
            cls.running = cluster
            yield

    def stand_in(self) -> AbstractContextManager[Any]:
        return sql.stand_in(self.running, self.tables)


class TestTablesReadWhole(_OnPostgres):
    tables = WHOLE


class TestTablesReadByTheirChanges(_OnPostgres):
    tables = CHANGES
