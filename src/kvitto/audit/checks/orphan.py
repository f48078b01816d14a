"""References that point nowhere.

A table from which the client has no rows at all is not connected; references
into it are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.audit.probe import Probe, Reference, Setting, row_column
from kvitto.model.finding import Severity
from kvitto.model.table import TENANT, CanonicalTable, canonical_tables


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe]:
    """Every reference into a table that holds rows."""
    for column in table.declared:
        if column.references is None or column.name == TENANT:
            continue
        clients = setting.filled.get(column.references, frozenset())
        if not clients:
            continue
        alias = f"r_{column.name}"
        every = clients >= setting.filled.get(table.name, frozenset())
        yield Probe(
            code="orphan",
            severity=Severity.warning,
            table=table.name,
            column=column.name,
            condition=f"{row_column(column.name)} IS NOT NULL AND {alias}.key IS NULL",
            what=f"name in {column.name} what is not among the {column.references}",
            todo=f"Sync the {column.references} too, or correct the reference.",
            subject=table.name.replace("_", " "),
            clients=None if every else tuple(sorted(clients)),
            reference=Reference(
                alias,
                column.references,
                canonical_tables()[column.references].key[0],
                column.name,
            ),
        )
