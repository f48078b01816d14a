"""Ask which probes of a table hold for any row, and count only those, in one scan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kvitto.audit.probe import ROW, Look, Probe, Reference, row_column
from kvitto.model.finding import Finding
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SMALL = 100_000
"""Up to so many rows every condition is asked in one scan."""

_PLAIN = (
    rf"{ROW}\.\"?\w+\"? (IS NULL|(<|<=|>|>=|=) ((DATE|TIMESTAMP) )?('[^']*'|-?[0-9.]+|TRUE|FALSE))"
)

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


def look(
    connection: DuckDBPyConnection, given: Sequence[Probe | Look]
) -> tuple[list[Probe], list[Finding]]:
    """The probes, with those that looks at the rows gave, and what the looks told themselves."""
    probes: list[Probe] = []
    told: list[Finding] = []
    for one in given:
        for answer in one.ask(connection) if isinstance(one, Look) else (one,):
            if isinstance(answer, Probe):
                probes.append(answer)
            else:
                told.append(answer)
    return probes, told


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


def finding_of(hit: Hit) -> Finding:
    """The hit in words."""
    probe = hit.probe
    count = f"{hit.rows:,} of {hit.among:,}" if hit.among != hit.rows else f"all {hit.rows:,}"
    shown = f": {', '.join(repr(value) for value in hit.values)}" if hit.values else ""
    return Finding(
        code=probe.code,
        severity=probe.severity,
        client=hit.client,
        source=hit.source,
        table=probe.table,
        column=probe.column,
        rows=hit.rows,
        records=hit.records,
        message=f"{count} {probe.subject} {probe.what}{shown}",
        todo=probe.todo,
        resolution=probe.resolution,
        decides=probe.decides,
    )


def condition_of(probe: Probe) -> str:
    """The whole condition of a probe: the rows it looks at, and what is wrong."""
    parts = [f"({part})" for part in (probe.among, probe.condition) if part]
    if probe.clients is not None:
        parts.append(f"({is_of(probe.clients)})")
    return " AND ".join(parts)


def is_of(clients: Sequence[str]) -> str:
    """The condition on the rows of these clients."""
    listed = ", ".join(quoted(client) for client in clients)
    return f"{ROW}.client_id IN ({listed})" if clients else "FALSE"


def rows_of(connection: DuckDBPyConnection, table: str) -> int:
    """How many rows there are, those that do not count included; costs nothing."""
    return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()[0][0])


def source_of(table: str, probes: Sequence[Probe]) -> str:
    """The FROM clause: the rows that still count, beside the keys they refer to."""
    references = {probe.reference for probe in probes if probe.reference is not None}
    joins = "".join(_join(one) for one in sorted(references, key=lambda one: one.alias))
    return f'"{table}" AS {ROW}{joins} WHERE {ROW}._excluded IS NULL'


def _fired(
    connection: DuckDBPyConnection, table: CanonicalTable, probes: Sequence[Probe]
) -> list[Probe]:
    """Those probes that may hold for a row.

    Of a large table a plain comparison is asked by itself whether it holds for
    any: the engine answers from the smallest and largest values that it keeps
    of each block, and reads none of a clean column. A reference is asked by
    itself too, as it needs few columns. All others are asked together, where
    asking is cheaper than counting: the rows of a small table are few.
    """
    is_small = rows_of(connection, table.name) <= SMALL
    alone, together = [], []
    for one in probes:
        if one.marks is not None:
            continue
        if one.reference is not None or (not is_small and _is_plain(condition_of(one))):
            alone.append((one, f"EXISTS (FROM {_candidates(one)})"))
        elif is_small:
            together.append((one, f"coalesce(bool_or({condition_of(one)}), FALSE)"))
    quiet = {*_silent(connection, alone, "")}
    quiet |= {*_silent(connection, together, f" FROM {source_of(table.name, ())}")}
    return [one for one in probes if one not in quiet]


def _silent(
    connection: DuckDBPyConnection, asked: Sequence[tuple[Probe, str]], rows: str
) -> Iterator[Probe]:
    """Those of whose questions the answer is no."""
    if asked:
        said = ", ".join(question for _, question in asked)
        found = connection.execute(f"SELECT {said}{rows}").fetchall()[0]
        yield from (one for (one, _), fires in zip(asked, found, strict=True) if not fires)


def _is_plain(condition: str) -> bool:
    """Whether columns are compared with fixed values alone: whole blocks can be passed over."""
    pattern = rf"\(*{_PLAIN}\)*( (AND|OR) \(*{_PLAIN}\)*)*"
    return re.fullmatch(pattern, condition) is not None


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
        + ("" if probe.clients is None else f" WHERE {is_of(probe.clients)}")
    )


def _count(
    connection: DuckDBPyConnection, table: CanonicalTable, probes: Sequence[Probe]
) -> list[Hit]:
    """Rows by client and source, with the smallest ids: the same data names the same records.

    The conditions are asked of every row once; only rows in trouble are sorted
    out by which of them hold.
    """
    key = f"CAST({row_column(table.key[0])} AS VARCHAR)"
    asked = []
    for probe in probes:
        filtered = f"FILTER (WHERE {condition_of(probe)})"
        asked += [f"count(*) {filtered}", f"min({key}, {EXAMPLES}) {filtered}"]
    any_of = " OR ".join(f"({condition_of(probe)})" for probe in probes)
    rows = connection.execute(
        f"SELECT {ROW}.client_id, {ROW}._source, {', '.join(asked)}"
        f" FROM {source_of(table.name, probes)} AND ({any_of}) GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    if not rows:
        return []
    looked_at = _among(connection, table, probes)
    hits = []
    for index, probe in enumerate(probes):
        for row in rows:
            count, records = row[2 + 2 * index : 4 + 2 * index]
            if count:
                among = looked_at[probe.among][row[0], row[1]]
                named = tuple(str(record) for record in records or ())
                hits.append(Hit(probe, row[0] or "", row[1] or "", count, among, named))
    return hits


def _among(
    connection: DuckDBPyConnection, table: CanonicalTable, probes: Sequence[Probe]
) -> dict[str | None, dict[tuple[str | None, str | None], int]]:
    """How many rows the probes look at, by client and source."""
    kinds = list(dict.fromkeys(probe.among for probe in probes))
    asked = ", ".join("count(*)" + (f" FILTER (WHERE {one})" if one else "") for one in kinds)
    rows = connection.execute(
        f"SELECT {ROW}.client_id, {ROW}._source, {asked}"
        f" FROM {source_of(table.name, ())} GROUP BY 1, 2"
    ).fetchall()
    return {one: {(row[0], row[1]): row[2 + n] for row in rows} for n, one in enumerate(kinds)}


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
