"""What every step of conforming one source needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from kvitto.conform.understanding import Understanding
from kvitto.sources import Staged
from kvitto.warehouse.quoting import quoted
from kvitto.workspace.definition import ClientDefinition, SourceDefinition
from kvitto.workspace.label import LabelBook

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Context:
    """One source on its way into the building's tables.

    ``book`` holds the rules about labels that are in force. ``as_of``
    is the day that the source shows. A source that serves several clients is
    conformed for each of them alone: ``client_id`` says for which.
    """

    connection: DuckDBPyConnection
    name: str
    definition: SourceDefinition
    staged: Staged
    understanding: Understanding
    client: ClientDefinition
    batch: str
    as_of: date
    client_id: str
    book: LabelBook = field(default_factory=LabelBook)

    def mine(self, alias: str = "") -> str:
        """The SQL condition on this source's rows of this client, where ``alias`` is a table."""
        dot = f"{alias}." if alias else ""
        return f"{dot}_source = {quoted(self.name)} AND {dot}client_id = {quoted(self.client_id)}"

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
