"""Ask which probes of a table hold for any row, and count only those, in one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kvitto.audit.probe import ROW, Probe, Reference, row_column, text_literal
from kvitto.model.table import CanonicalTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXAMPLES = 5
"""How many records, and how many wrong labels, a finding names."""

Place = tuple[str, str]
"""A client and a source."""


@dataclass(slots=True)
class Hit:
    """A probe that fired for the rows of one client from one source."""

    probe: Probe
    client: str
    source: str
    rows: int
    among: int
    records: tuple[str, ...] = ()
    values: tuple[str, ...] = field(default=())


def scan(
    connection: DuckDBPyConnection, table: CanonicalTable, probes: Sequence[Probe]
) -> list[Hit]:
    """What fired, in the order of the probes, clients and sources.

    Most probes never fire, so the first question is only which do; what fired
    is then counted by client and source.
    """
    fired = _fired(connection, table, probes)
    if not fired:
        return []
    hits = _count(connection, table, fired)
    _name_values(connection, hits)
    return hits


def condition_of(probe: Probe) -> str:
    """The whole condition of a probe: the rows it looks at, and what is wrong."""
    parts = [f"({part})" for part in (probe.among, probe.condition) if part]
    if probe.clients is not None:
        parts.append(f"({_of_clients(probe.clients)})")
    return " AND ".join(parts)


def source_of(table: str, probes: Sequence[Probe]) -> str:
    """The FROM clause: the rows that still count, beside the keys they refer to."""
    references = {probe.reference for probe in probes if probe.reference is not None}
    joins = "".join(_join(one) for one in sorted(references, key=lambda one: one.alias))
    return f'"{table}" AS {ROW}{joins} WHERE {ROW}._excluded IS NULL'


def _fired(
    connection: DuckDBPyConnection, table: CanonicalTable, probes: Sequence[Probe]
) -> list[Probe]:
    """Those probes that hold for any row.

    Each is asked by itself whether there is one: the engine answers from the
    smallest and largest values that it keeps of each block, and reads none of
    a clean column.
    """
    asked = ", ".join(f"EXISTS (FROM {_candidates(probe)})" for probe in probes)
    found = connection.execute(f"SELECT {asked}").fetchall()[0]
    return [probe for probe, fires in zip(probes, found, strict=True) if fires]


def _candidates(probe: Probe) -> str:
    """The rows that a probe is about; references by anti-join over few columns."""
    if probe.reference is None:
        return f"{source_of(probe.table, ())} AND {condition_of(probe)}"
    reference = probe.reference
    return (
        f'(SELECT client_id, "{reference.column}" AS key FROM "{probe.table}"'
        f' WHERE _excluded IS NULL AND "{reference.column}" IS NOT NULL) AS {ROW}'
        f' ANTI JOIN "{reference.table}" AS r'
        f' ON r.client_id = {ROW}.client_id AND r."{reference.key}" = {ROW}.key'
        + ("" if probe.clients is None else f" WHERE {_of_clients(probe.clients)}")
    )


def _count(
    connection: DuckDBPyConnection, table: CanonicalTable, probes: Sequence[Probe]
) -> list[Hit]:
    """Rows by client and source, with the smallest ids: the same data names the same records."""
    key = f"CAST({row_column(table.key[0])} AS VARCHAR)"
    asked = []
    for probe in probes:
        filtered = f"FILTER (WHERE {condition_of(probe)})"
        among = f" FILTER (WHERE {probe.among})" if probe.among else ""
        asked += [f"count(*) {filtered}", f"count(*){among}", f"min({key}, {EXAMPLES}) {filtered}"]
    rows = connection.execute(
        f"SELECT {ROW}.client_id, {ROW}._source, {', '.join(asked)}"
        f" FROM {source_of(table.name, probes)} GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    hits = []
    for index, probe in enumerate(probes):
        for row in rows:
            count, among_count, records = row[2 + 3 * index : 5 + 3 * index]
            if count:
                named = tuple(str(record) for record in records or ())
                hits.append(Hit(probe, row[0] or "", row[1] or "", count, among_count, named))
    return hits


def _name_values(connection: DuckDBPyConnection, hits: list[Hit]) -> None:
    for probe in dict.fromkeys(hit.probe for hit in hits if hit.probe.shows):
        rows = connection.execute(
            f"SELECT {ROW}.client_id, {ROW}._source,"
            f" CAST({row_column(str(probe.shows))} AS VARCHAR) AS label"
            f" FROM {source_of(probe.table, [probe])} AND ({condition_of(probe)})"
            " GROUP BY 1, 2, 3 QUALIFY row_number() OVER"
            f" (PARTITION BY {ROW}.client_id, {ROW}._source"
            f" ORDER BY count(*) DESC, label) <= {EXAMPLES}"
            " ORDER BY count(*) DESC, label"
        ).fetchall()
        for hit in hits:
            if hit.probe is probe:
                place = (hit.client, hit.source)
                hit.values = tuple(row[2] for row in rows if (row[0] or "", row[1] or "") == place)


def _join(reference: Reference) -> str:
    return (
        f' LEFT JOIN (SELECT DISTINCT client_id, "{reference.key}" AS key'
        f' FROM "{reference.table}") AS {reference.alias}'
        f" ON {reference.alias}.client_id = {ROW}.client_id"
        f" AND {reference.alias}.key = {row_column(reference.column)}"
    )


def _of_clients(clients: Sequence[str]) -> str:
    listed = ", ".join(text_literal(client) for client in clients)
    return f"{ROW}.client_id IN ({listed})" if clients else "FALSE"
