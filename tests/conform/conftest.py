"""A workspace with files, brought into a building and asked there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kvitto.conform import ConformReport, Understanding, conform, understand
from kvitto.model.finding import Finding
from kvitto.sources import read_source
from kvitto.warehouse import Version, Warehouse
from kvitto.workspace.definition import ClientDefinition, SourceDefinition

Fill = Mapping[str, Mapping[str, Any]]


class Desk:
    """One client whose sources are files. ``sync`` reads, conforms and publishes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.warehouse = Warehouse(root / ".kvitto" / "warehouse")
        self.client = ClientDefinition(name="Acme", timezone="UTC", currency="EUR")
        self.labels: dict[str, dict[str, str]] = {}
        self.report: ConformReport

    def put(self, name: str, text: str) -> None:
        path = self.root / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def definition(self, fills: Mapping[str, Fill], **more: Any) -> SourceDefinition:
        tables = [{"file": name, "fill": fill} for name, fill in fills.items()]
        tables += more.pop("tables", [])
        plain = {"client": "acme", "path": "in", "as_of": "2024-06-30", "tables": tables, **more}
        return SourceDefinition.model_validate(plain)

    def understand(self, fills: Mapping[str, Fill] | None = None, **more: Any) -> Understanding:
        definition = self.definition(fills or {}, **more)
        staged = read_source("crm", definition, self.root)
        try:
            return understand(staged, definition)
        finally:
            staged.close()

    def sync(
        self, fills: Mapping[str, Fill] | None = None, name: str = "crm", **more: Any
    ) -> Version:
        definition = self.definition(fills or {}, **more)
        staged = read_source(name, definition, self.root)
        understanding = understand(staged, definition)
        with self.warehouse.building(rebuild=[name]) as building:
            self.report = conform(
                building.connection,
                name,
                definition,
                staged,
                understanding,
                self.client,
                "b1",
                labels=self.labels,
                today=date(2024, 6, 30),
            )
            version = building.publish([self.report.state])
        staged.close()
        return version

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self.warehouse.reader() as reader:
            return reader.query(sql)

    def finding(self, code: str) -> Finding:
        return next(finding for finding in self.report.findings if finding.code == code)

    @property
    def codes(self) -> list[str]:
        return sorted(finding.code for finding in self.report.findings)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


DEALS: dict[str, Any] = {
    "deals": {
        "deal_id": "id",
        "stage_id": "stage",
        "amount": "amount",
        "created_at": "created",
        "closed_at": "closed",
    }
}
HEADER = "id,stage,amount,created,closed\n"
