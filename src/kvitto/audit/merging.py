"""Several rows with one key: the latest counts, the others are merged into it.

No row is deleted. Which row is the latest must not depend on how many threads
wrote the table, so the same data always keeps the same row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvitto.audit.probe import KeyProbe
from kvitto.audit.scan import EXAMPLES
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.schema import APPLIED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MERGED = "duplicate"
"""What ``_excluded`` says of a row that was merged into the latest one of its key."""

PART_ROWS = 3_000_000
"""How many rows are looked through for repeated keys at a time."""

ORDERED_ROWS = 100_000
"""Up to this many rows a table is written by one thread, in the order of its source."""

_AHEAD = ("expected", "planned", "next", "due", "scheduled", "valid", "renewal")
"""Moments that lie ahead say nothing about how new a row is."""


def merge(
    connection: DuckDBPyConnection, table: CanonicalTable, probe: KeyProbe
) -> tuple[Finding, ...]:
    """Of the rows with one key, leave all but the latest out.

    The latest is the last one in the source's order where that is known (a
    small table), else the one with the latest moment in it; where that is
    equal too, their contents decide.
    """
    keys = ", ".join(f'"{name}"' for name in ("client_id", *probe.key))
    counts = f'_excluded IS NULL AND "{probe.key[0]}" IS NOT NULL'
    total = connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchall()[0][0]
    if not _collect_hashes(connection, table, f"hash({keys})", counts, total):
        return ()
    latest = "rowid DESC" if total <= ORDERED_ROWS else _newest(table)
    content = ", ".join(f'"{column.name}"' for column in table.declared)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE _repeated AS SELECT * EXCLUDE (place) FROM ("
        f' SELECT rowid AS row, client_id, _source, CAST("{probe.key[0]}" AS VARCHAR) AS record,'
        f" hash({keys}) AS same, min(hash({content})) OVER (PARTITION BY {keys})"
        f" <> max(hash({content})) OVER (PARTITION BY {keys}) AS differs,"
        f" row_number() OVER (PARTITION BY {keys} ORDER BY {latest}) AS place"
        f' FROM "{table.name}" WHERE {counts} AND hash({keys}) IN (FROM _hashes)) WHERE place > 1'
    )
    connection.execute("DROP TABLE _hashes")
    connection.execute(
        f"INSERT INTO {APPLIED} (client_id, table_name, record_id, action, rule, column_name, why)"
        f" SELECT client_id, '{table.name}', record, 'merged', ?, ?,"
        " 'another row of the same id; the latest counts' FROM _repeated",
        [f"{table.name}: one row for each {' and '.join(probe.key)}", probe.key[0]],
    )
    connection.execute(
        f"UPDATE \"{table.name}\" SET _excluded = '{MERGED}' FROM _repeated"
        f' WHERE "{table.name}".rowid = _repeated.row'
    )
    found = _findings(connection, table, probe)
    connection.execute("DROP TABLE _repeated")
    return found


def _newest(table: CanonicalTable) -> str:
    """An order that depends on the rows alone."""
    moments = [
        f'CAST("{column.name}" AS TIMESTAMP)'
        for column in table.declared
        if column.type in ("ts", "date") and not column.name.startswith(_AHEAD)
    ]
    first = [f"greatest({', '.join(moments)}) DESC NULLS LAST"] if moments else []
    return ", ".join([*first, *(f'"{one.name}" DESC NULLS LAST' for one in table.declared)])


def _collect_hashes(
    connection: DuckDBPyConnection, table: CanonicalTable, hashed: str, counts: str, total: int
) -> bool:
    """Collect the hashes of keys that occur twice, part by part, so that memory stays flat.

    Equal keys have equal hashes, so no hash twice means no key twice.
    """
    parts = max(1, -(-total // PART_ROWS))
    connection.execute("CREATE OR REPLACE TEMP TABLE _hashes (hashed UBIGINT)")
    for part in range(parts):
        only = f" AND {hashed} % {parts} = {part}" if parts > 1 else ""
        connection.execute(
            f"INSERT INTO _hashes SELECT {hashed} AS hashed"
            f' FROM "{table.name}" WHERE {counts}{only} GROUP BY 1 HAVING count(*) > 1'
        )
    found: int = connection.execute("SELECT count(*) FROM _hashes").fetchall()[0][0]
    if not found:
        connection.execute("DROP TABLE _hashes")
    return found > 0


def _findings(
    connection: DuckDBPyConnection, table: CanonicalTable, probe: KeyProbe
) -> tuple[Finding, ...]:
    rows = connection.execute(
        "SELECT client_id, _source, differs, count(*), count(DISTINCT same),"
        f" min(DISTINCT record, {EXAMPLES}) FROM _repeated GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ).fetchall()
    return tuple(
        Finding(
            code="duplicate_key",
            severity=Severity.warning if differs else Severity.notice,
            client=client or "",
            source=source or "",
            table=table.name,
            column=probe.key[0],
            rows=count,
            records=tuple(records),
            message=_said(table.name.replace("_", " "), count, ids, differs),
            todo="Remove the repeated rows from the source, or map what tells them apart.",
            resolution=Resolution.exclude,
        )
        for client, source, differs, count, ids, records in rows
    )


def _said(subject: str, count: int, ids: int, differs: bool) -> str:
    same = "1 id" if ids == 1 else f"{ids:,} ids"
    rows = f"{count:,} more rows of {subject} have {same} that another row has"
    if differs:
        return f"{rows}, with other contents; the latest of each counts"
    return f"{rows}, with the same contents; each counts once"
