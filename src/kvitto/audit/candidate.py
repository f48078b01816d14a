"""Pairs of records that may be one, as a published version knows them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from kvitto.audit.reading import Queried
from kvitto.model.table import CanonicalTable, canonical_tables
from kvitto.warehouse.quoting import named
from kvitto.warehouse.schema import CANDIDATES

SHOWN: Mapping[str, tuple[str, ...]] = {
    "accounts": ("name", "domain", "country_code", "region", "created_on"),
    "contacts": ("full_name", "email", "phone", "job_title", "created_on"),
    "leads": ("source", "source_detail", "created_at"),
}
"""What tells two records of a table apart or together, in the eyes of a person."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for or against two records being one; ``weight`` in bits, negative against."""

    said: str
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two records of one client that may be one.

    ``score`` is the probability, 0 to 1; ``state`` is ask, merged or apart.
    ``one`` and ``other`` hold what a person looks at; ``refers`` counts the
    rows that name each of them.
    """

    client: str
    table: str
    one_id: str
    other_id: str
    score: float
    state: str
    reasons: tuple[Reason, ...]
    one: Mapping[str, str | None]
    other: Mapping[str, str | None]
    refers: tuple[int, int]

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "client": self.client,
            "table": self.table,
            "one": {"id": self.one_id, "refers": self.refers[0], **self.one},
            "other": {"id": self.other_id, "refers": self.refers[1], **self.other},
            "score": self.score,
            "state": self.state,
            "reasons": [{"said": one.said, "weight": one.weight} for one in self.reasons],
        }


def read_candidates(
    reader: Queried,
    clients: Collection[str],
    *,
    table: str | None = None,
    state: str | None = None,
    limit: int = 200,
) -> tuple[Candidate, ...]:
    """The most likely pairs of these clients first; none for nobody."""
    found = reader.query(
        f"SELECT client_id, table_name, one_id, other_id, score, reasons, state FROM {CANDIDATES}"
        " WHERE list_contains($clients, client_id) AND table_name = COALESCE($table, table_name)"
        " AND state = COALESCE($state, state)"
        " ORDER BY score DESC, client_id, table_name, one_id, other_id LIMIT $limit",
        {"clients": sorted(clients), "table": table, "state": state, "limit": limit},
    )
    records: dict[tuple[str, str, str], tuple[dict[str, str | None], int]] = {}
    for name in dict.fromkeys(row[1] for row in found):
        ids = {(row[0], key) for row in found if row[1] == name for key in row[2:4]}
        records.update(_records(reader, canonical_tables()[name], ids))
    nothing: tuple[dict[str, str | None], int] = ({}, 0)
    made = []
    for client, name, one, other, score, reasons, held in found:
        (mine, names_mine), (theirs, names_theirs) = (
            records.get((client, name, key), nothing) for key in (one, other)
        )
        listed = tuple(Reason(str(r["said"]), float(r["weight"])) for r in json.loads(reasons))
        refers = (names_mine, names_theirs)
        made.append(Candidate(client, name, one, other, score, held, listed, mine, theirs, refers))
    return tuple(made)


def read_records(
    reader: Queried, client: str, table: str, ids: Collection[str]
) -> dict[str, dict[str, str | None]]:
    """What a person looks at of these records of one client; those that are not there are left."""
    found = _records(reader, canonical_tables()[table], {(client, record) for record in ids})
    return {record: shown for (_, _, record), (shown, _) in found.items()}


def known_ids(
    reader: Queried, client: str, table: CanonicalTable, ids: Collection[str]
) -> frozenset[str]:
    """Which of the ids are records of this client."""
    key = named(table.key[0])
    rows = reader.query(
        f"SELECT DISTINCT {key} FROM {named(table.name)}"
        f" WHERE client_id = $client AND list_contains($ids, {key})",
        {"client": client, "ids": sorted(ids)},
    )
    return frozenset(str(row[0]) for row in rows)


def _records(
    reader: Queried, table: CanonicalTable, ids: Collection[tuple[str, str]]
) -> dict[tuple[str, str, str], tuple[dict[str, str | None], int]]:
    """What is shown of each record, and how many rows name it."""
    shown = [name for name in SHOWN.get(table.name, ("name",)) if table.has(name)]
    columns = "".join(f", CAST(t.{named(name)} AS VARCHAR)" for name in shown)
    key = named(table.key[0])
    place = {
        "clients": sorted({client for client, _ in ids}),
        "ids": sorted({record for _, record in ids}),
    }
    of = "list_contains($clients, client_id) AND list_contains($ids, {})"
    rows = reader.query(
        f"SELECT client_id, {key}{columns} FROM {named(table.name)} AS t WHERE {of.format(key)}",
        place,
    )
    counted = _named_by(reader, table.name, of, place)
    return {
        (str(client), table.name, str(record)): (
            dict(zip(shown, values, strict=True)),
            counted.get((client, record), 0),
        )
        for client, record, *values in rows
    }


def _named_by(
    reader: Queried, table: str, of: str, place: Mapping[str, Any]
) -> dict[tuple[str, str], int]:
    parts = [
        f"SELECT client_id, {named(column.name)} AS record FROM {named(other.name)}"
        f" WHERE {of.format(named(column.name))}"
        for other in canonical_tables().values()
        for column in other.declared
        if column.references == table and column.name != "merged_into_id"
    ]
    if not parts:
        return {}
    rows = reader.query(
        f"SELECT client_id, record, count(*) FROM ({' UNION ALL '.join(parts)}) GROUP BY 1, 2",
        place,
    )
    return {(str(client), str(record)): int(count) for client, record, count in rows}
