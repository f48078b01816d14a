"""A source of a Google service, opened or pulled as in a workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from kvitto.sources import Staged
from kvitto.sources.connector import CONNECTORS, Reading
from kvitto.sources.pull.opening import opening_of
from kvitto.sources.stream import Account, Api, Notice, Opening, Wanted
from kvitto.workspace.definition import ConnectionDefinition, SourceDefinition

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
Row = dict[str, Any]


def _without_streams(_opening: Opening) -> Api:
    raise AssertionError("this source has no streams to ask")


FIRST = date(2026, 10, 20)


@dataclass(frozen=True)
class Asked:
    """What a stream gave."""

    records: list[Row]
    notices: list[Notice]

    def total(self, field: str) -> Decimal:
        """The sum of a field."""
        return sum((Decimal(str(one[field])) for one in self.records), Decimal(0))


@dataclass
class GoogleSource:
    """A source's file, its secrets in a folder of their own, and the clock."""

    kind: str
    root: Path
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    open: Callable[[Opening], Api] = _without_streams
    now: datetime = NOW
    more: dict[str, Any] = field(default_factory=dict)
    connection: ConnectionDefinition | None = None

    def reading(self, **more: Any) -> Reading:
        """What the connector is asked with."""
        said = {
            "kind": self.kind,
            "client": "acme",
            "allow_private": True,
            "since": "2026-10-20",
            "limits": {"wait_seconds": 5},
            "settings": dict(self.settings),
            "secrets": self.references(),
            **self.more,
            **more,
        }
        folder = self.root / "runs" / str(len(list(self.root.glob("runs/*"))))
        folder.mkdir(parents=True)
        definition = SourceDefinition.model_validate(said)
        return Reading(
            "google", definition, self.root, folder, self.connection, now=lambda: self.now
        )

    def references(self) -> dict[str, str]:
        """The secrets as references to the environment."""
        import os

        for name, value in self.secrets.items():
            os.environ[f"KVITTO_TEST_{name.upper()}"] = value
        return {name: f"env:KVITTO_TEST_{name.upper()}" for name in self.secrets}

    def sync(self, only: str | None = None, **more: Any) -> Staged:
        """One run, of one stream alone where ``only`` names it."""
        kind = CONNECTORS.get(self.kind)
        if only is not None:
            others = [one.name for one in kind.streams if one.name != only]
            more["tables"] = [{"file": name, "skip": True} for name in others]
        return kind.read(self.reading(**more))

    def ask(self, stream: str, *fields: str, **settings: Any) -> Asked:
        """The records of a stream, straight from the connection, and what it has to say."""
        kind = CONNECTORS.get(self.kind)
        reading = self.reading(settings={**self.settings, **settings})
        notices: list[Notice] = []
        opening = opening_of(reading, kind.settings, kind.secrets)
        api = self.open(replace(opening, notice=notices.append, now=lambda: self.now))
        try:
            (found,) = [one for one in api.streams() if one.name == stream]
            days = (None, None) if found.keeping == "replace" else (FIRST, self.now.date())
            pages = list(api.pages(found, Wanted(first=days[0], last=days[1], fields=fields)))
        finally:
            api.close()
        return Asked([dict(record) for page in pages for record in page], notices)

    def check(self, **more: Any) -> Account:
        """Test the connection."""
        return CONNECTORS.get(self.kind).check(self.reading(**more))


def table(staged: Staged, name: str) -> list[Row]:
    """The records of one staged table, in order."""
    (found,) = [one for one in staged.tables if one.name == name]
    names = [column.name for column in found.columns]
    listed = ", ".join(f'"{one}"' for one in names)
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT {listed} FROM {found.relation_sql} ORDER BY ALL")
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def codes(staged: Staged) -> list[str]:
    """The codes of what was found, sorted."""
    return sorted(finding.code for finding in staged.all_findings())
