"""Files in an empty workspace, read as one source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kvitto.sources import Staged, StagedTable, read_source
from kvitto.workspace.definition import SourceDefinition


class Inbox:
    """The folder ``in`` of a workspace; what is put there is read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "in"
        self.folder.mkdir()

    def put(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def read(self, path: str = "in", **more: Any) -> Staged:
        definition = SourceDefinition.model_validate({"client": "acme", "path": path, **more})
        self.staged = read_source("crm", definition, self.root)
        return self.staged

    def table(self, content: str | bytes, name: str = "deals.csv", /, **more: Any) -> StagedTable:
        """The one table of one file. It is read in place, so its rows can be asked for."""
        self.put(name, content)
        return self.read(**more).tables[0]


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def rows(table: StagedTable) -> list[tuple[Any, ...]]:
    connection = duckdb.connect(config={"preserve_insertion_order": True})
    connection.execute("SET TimeZone = 'UTC'")
    found = connection.execute(f"SELECT * FROM {table.relation_sql}").fetchall()
    connection.close()
    return found


def kinds(table: StagedTable) -> dict[str, str]:
    return {column.header: column.format.kind for column in table.columns}


Read = Callable[..., StagedTable]
