"""Several rows with one key: the latest counts, the others are merged into it."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import KeyProbe, Setting
from kvitto.model.table import CanonicalTable


def probe(table: CanonicalTable, setting: Setting) -> Iterator[KeyProbe]:
    """The table's key; the client is always part of it."""
    yield KeyProbe(table.name, table.key)
