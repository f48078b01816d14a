"""What every step of conforming one source needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kvitto.conform.understanding import Understanding
from kvitto.sources import Staged
from kvitto.workspace.definition import ClientDefinition, SourceDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Context:
    """One source on its way into the building's tables.

    ``labels`` maps "deals.product" to raw label -> canonical label. ``as_of``
    is the day that the source shows.
    """

    connection: DuckDBPyConnection
    name: str
    definition: SourceDefinition
    staged: Staged
    understanding: Understanding
    client: ClientDefinition
    batch: str
    labels: Mapping[str, Mapping[str, str]]
    as_of: date

    @property
    def client_id(self) -> str:
        return self.definition.client

    @property
    def timezone(self) -> str:
        """The zone of times that carry none: the source's, else the client's."""
        return self.definition.timezone or self.client.timezone

    @property
    def currency(self) -> str:
        """The currency of amounts that carry none: the source's, else the client's."""
        return self.definition.currency or self.client.currency

    def count(self, sql: str) -> int:
        """The one whole number that the query gives."""
        found = self.connection.execute(sql).fetchone()
        return int(found[0]) if found and found[0] is not None else 0
