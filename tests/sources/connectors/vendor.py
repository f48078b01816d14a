"""A source of a vendor's stand-in, opened or pulled as in a workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from kvitto.errors import SecretMissing
from kvitto.sources.connector import CONNECTORS, Reading
from kvitto.sources.pull import Pulled, pull
from kvitto.sources.staged import Staged
from kvitto.sources.stream import Account, Api, Notice, Opening
from kvitto.workspace.definition import LimitsDefinition, SourceDefinition

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Vendor:
    """A kind of connector, how it is opened, and the server that stands in for the vendor's."""

    kind: str
    open: Callable[[Opening], Api]
    stand_in: Callable[[], AbstractContextManager[Any]]


@dataclass
class Source:
    """One source: its settings and secrets, and what its runs brought."""

    kind: str
    open: Callable[[Opening], Api]
    root: Path
    settings: Mapping[str, Any]
    secrets: dict[str, str]
    now: datetime = NOW
    kept: dict[str, str] = field(default_factory=dict)
    pulled: dict[str, Pulled] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def opening(self, **more: Any) -> Opening:
        """What the connector is opened with."""
        kind = CONNECTORS.get(self.kind).settings
        limits = {"wait_seconds": 5, **more.pop("limits", {})}
        return Opening(
            source="crm",
            settings=kind.model_validate({**self.settings, **more}),
            secret=self._secret,
            keep_secret=self.kept.__setitem__,
            limits=LimitsDefinition.model_validate(limits),
            allow_private=True,
            now=lambda: self.now,
            notice=self.notices.append,
        )

    def api(self, **more: Any) -> Api:
        """The open connection."""
        return self.open(self.opening(**more))

    def sync(self, definition: Mapping[str, Any] | None = None, **more: Any) -> Staged:
        """One run; ``pulled`` says what each stream brought."""
        said = {"kind": self.kind, "client": "acme", **(definition or {})}
        folder = self.root / f"run{len(list(self.root.glob('run*')))}"
        folder.mkdir()
        known = SourceDefinition.model_validate(said)
        reading = Reading("crm", known, self.root, folder, now=lambda: self.now)

        def told(brought: Any) -> None:
            self.pulled = {one.stream: one for one in brought}

        return pull(reading, self.opening(**more), self.open, told)

    def _secret(self, name: str) -> str:
        if name not in self.secrets:
            raise SecretMissing.of(f"the credential '{name}'", "it is not there", "Name it.")
        return self.secrets[name]


def rows(staged: Staged, name: str) -> list[dict[str, Any]]:
    """The records of one staged table, in the order of their keys."""
    table = next(one for one in staged.tables if one.name == name)
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{one}"' for one in names)
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {listed} FROM {table.relation_sql} ORDER BY 1")
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def check(kind: str, root: Path, said: Mapping[str, Any]) -> Account:
    """Whom a workspace's source is to the server, with nothing but its definition."""
    known = {"kind": kind, "client": "acme", "allow_private": True, **said}
    definition = SourceDefinition.model_validate(known)
    return CONNECTORS.get(kind).check(Reading("crm", definition, root, root, now=lambda: NOW))


def conformed(staged: Staged, root: Path, *questions: str, currency: str = "SEK") -> list[Any]:
    """The staged tables made canonical as their connector says; the answers to SQL questions."""
    from kvitto.conform import conform, understand
    from kvitto.warehouse import Warehouse
    from kvitto.workspace.definition import ClientDefinition, TableMap

    told = tuple(
        TableMap(file=t.name, fill=dict(t.fill or {}), skip=not t.fill) for t in staged.tables
    )
    definition = SourceDefinition(kind="file", client="acme", tables=told)
    client = ClientDefinition(name="Acme", timezone="Europe/Stockholm", currency=currency)
    warehouse = Warehouse(root / ".kvitto" / "warehouse")
    with warehouse.building(rebuild=["crm"]) as building:
        report = conform(
            building.connection,
            "crm",
            definition,
            staged,
            understand(staged, definition),
            client,
            "b1",
            today=NOW.date(),
        )
        building.publish([report.state])
    with warehouse.reader() as reader:
        return [reader.query(question) for question in questions]
