"""How many records are one too many: merged ones, and those that may be one and wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kvitto.audit.merging import MERGED
from kvitto.audit.record import COPIED
from kvitto.audit.register.state import State
from kvitto.audit.union import UNITED
from kvitto.model.finding import Finding, Resolution
from kvitto.model.table import CanonicalTable, canonical_tables
from kvitto.warehouse.quoting import named, quoted, quoted_all
from kvitto.warehouse.schema import CANDIDATES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COUNTED = ("accounts", "contacts", "leads")
"""Tables whose records are people and companies."""

_ONE_TOO_MANY = (MERGED, UNITED, COPIED)
_Place = tuple[str, str, str]
"""Client, table, source."""


def duplicate_states(
    connection: DuckDBPyConnection, findings: Sequence[Finding] = ()
) -> Iterator[State]:
    """By client, table and source: the records in excess among all records.

    Records that were merged are in excess, of those that may be one and wait for a
    decision all but one, and forms that were sent again, as the ``findings`` tell
    them. What the source itself deleted or marked is no record.
    """
    again = _sent_again(findings)
    for name in COUNTED:
        table = canonical_tables()[name]
        excess = _waiting(connection, table)
        rows = connection.execute(
            "SELECT client_id, coalesce(_source, ''), count(*),"
            f" count(*) FILTER (WHERE _excluded IN ({quoted_all(_ONE_TOO_MANY)}))"
            f" FROM {named(name)} AS t WHERE {_is_record(table)} GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
        for client, source, records, merged in rows:
            waiting = excess.get((client, name, source), 0)
            part = min(records, merged + waiting + again.get((client, name, source), 0))
            yield State(client, "duplicates", part, records, name, source=source)


def _sent_again(findings: Sequence[Finding]) -> Mapping[_Place, int]:
    """Copies of forms that count still, because no rule leaves them out."""
    found: dict[_Place, int] = {}
    for one in findings:
        if one.code == "double_submitted" and one.resolution is not Resolution.exclude:
            place = (one.client, one.table, one.source)
            found[place] = found.get(place, 0) + one.rows
    return found


def _is_record(table: CanonicalTable) -> str:
    parts = [f"(_excluded IS NULL OR _excluded IN ({quoted_all(_ONE_TOO_MANY)}))"]
    parts += [f"NOT coalesce({one}, FALSE)" for one in ("is_deleted", "is_test") if table.has(one)]
    if table.has("merged_into_id"):
        parts.append("merged_into_id IS NULL")
    return " AND ".join(parts)


def _waiting(connection: DuckDBPyConnection, table: CanonicalTable) -> Mapping[_Place, int]:
    """Of each group of records that may be one, all but the first, by their source."""
    pairs = connection.execute(
        f"SELECT client_id, one_id, other_id FROM {CANDIDATES}"
        f" WHERE table_name = {quoted(table.name)} AND state = 'ask' ORDER BY 1, 2, 3"
    ).fetchall()
    if not pairs:
        return {}
    root: dict[tuple[str, str], tuple[str, str]] = {}
    for client, one, other in pairs:
        first, second = sorted((_end((client, one), root), _end((client, other), root)))
        if first != second:
            root[second] = first
    extra = {one for one in root if root[one] != one}
    key = named(table.key[0])
    rows = connection.execute(
        f"SELECT client_id, {key}, coalesce(_source, '') FROM {named(table.name)} AS t"
        f" WHERE _excluded IS NULL AND {_is_record(table)} AND list_contains(?, {key})",
        [sorted({record for _, record in extra})],
    ).fetchall()
    found: dict[_Place, int] = {}
    for client, record, source in rows:
        if (client, record) in extra:
            place = (client, table.name, source)
            found[place] = found.get(place, 0) + 1
    return found


def _end(record: tuple[str, str], root: dict[tuple[str, str], tuple[str, str]]) -> tuple[str, str]:
    while root.get(record, record) != record:
        record = root[record]
    return record
