"""A small workspace in which one source is read and conformed, for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from kvitto.conform import ConformReport, conform, understand
from kvitto.sources import CONNECTORS, Staged, StagedTable, check_source, read_source
from kvitto.sources.connector import Progress, silent
from kvitto.sources.stream import FETCHED, Account
from kvitto.warehouse import Warehouse
from kvitto.workspace.definition import ClientDefinition, SourceDefinition

SOURCE = "vendor"
CLIENT = "nordlys"


@dataclass(frozen=True)
class Workplace:
    """A folder with one source, which is read at ``now``, and then a minute later each time."""

    root: Path
    definition: SourceDefinition
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _reads: Iterator[int] = field(default_factory=count, repr=False)

    def read(self, progress: Progress = silent) -> Staged:
        """Read the source as a sync does, a minute after the last time.

        ``progress`` hears of each stream.
        """
        at = self.now + timedelta(minutes=next(self._reads))
        definition, root = self.definition, self.root
        return read_source(SOURCE, definition, root, progress=progress, now=lambda: at)

    def check(self) -> Account:
        """Test the connection as ``kvitto source test`` does."""
        return check_source(SOURCE, self.definition, self.root, now=lambda: self.now)

    def conform(self, staged: Staged) -> ConformReport:
        """Conform what was read, into a warehouse of its own."""
        warehouse = Warehouse(self.root / ".kvitto" / "warehouse")
        client = ClientDefinition(name="Nordlys", currency="SEK")
        with warehouse.building(rebuild=(SOURCE,)) as building:
            report = conform(
                building.connection,
                SOURCE,
                self.definition,
                staged,
                understand(staged, self.definition),
                client,
                "batch",
                today=self.now.date(),
            )
            building.publish([report.state])
        return report


@contextmanager
def workplace(
    root: Path,
    kind: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    environment: Any,
    **definition: Any,
) -> Iterator[Workplace]:
    """A workspace with one source of that kind.

    ``environment`` is pytest's ``monkeypatch``, which takes the credentials
    away again afterwards.
    """
    names = {name: f"KVITTO_TEST_{name.upper()}" for name in secrets}
    for name, value in secrets.items():
        environment.setenv(names[name], value)
    CONNECTORS.get(kind)
    told: dict[str, Any] = {
        "kind": kind,
        "client": CLIENT,
        "settings": dict(settings),
        "secrets": {name: f"env:{variable}" for name, variable in names.items()},
        "allow_private": True,
        **definition,
    }
    yield Workplace(root, SourceDefinition.model_validate(told))


def rows_of(staged: Staged) -> dict[str, list[tuple[object, ...]]]:
    """All staged rows by table, in an order of their own, without the time of their reading."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return {
            table.name: connection.execute(
                f"SELECT {_kept(table)} FROM {table.relation_sql} ORDER BY ALL"
            ).fetchall()
            for table in staged.tables
        }


def _kept(table: StagedTable) -> str:
    return "*" if table.column(FETCHED) is None else f"* EXCLUDE ({FETCHED})"
