"""Which labels a version holds: what was written, what it is called, how often, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from kvitto.warehouse.quoting import quoted_all
from kvitto.warehouse.schema import LABELS
from kvitto.workspace.concept import Place, concept_of

MOST = 10_000
"""Labels of one concept that are looked at, the most frequent first."""

DECIDED = ("exact", "folded", "pattern")
"""Kinds of a label about which a rule of the workspace spoke."""


class Queried(Protocol):
    """An open version that can be asked."""

    def query(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """The rows that the SQL gives."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label of one concept of a client, over all sources and columns.

    ``kind`` says on what ground ``raw`` became ``canonical``; see ``_labels``.
    """

    client: str
    concept: str
    raw: str
    canonical: str
    rows: int
    kind: str
    sources: tuple[str, ...]
    places: tuple[Place, ...]
    rule: str = ""
    by: str = ""
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """Labels beyond the most frequent ones: how many, in how many rows."""

    client: str
    concept: str
    labels: int
    rows: int


def has_labels(reader: Queried) -> bool:
    """Whether the version counts labels; one that an older program made does not."""
    sql = f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{LABELS}'"
    return bool(reader.query(sql))


def read_labels(
    reader: Queried, clients: Iterable[str]
) -> tuple[tuple[Label, ...], tuple[Rest, ...]]:
    """The labels of these clients, the most frequent first, and what was not looked at."""
    if not has_labels(reader):
        return (), ()
    rows = reader.query(
        "SELECT client_id, table_name, column_name, raw, canonical, kind, sum(row_count),"
        " list(DISTINCT source ORDER BY source), any_value(rule), any_value(decided_by),"
        f" any_value(valid_from) FROM {LABELS} WHERE client_id IN ({quoted_all(sorted(clients))})"
        " AND kind <> 'rest' GROUP BY ALL"
    )
    grouped: dict[tuple[str, str, str, str, str], list[Any]] = {}
    for client, table, column, raw, canonical, kind, count, sources, rule, by, start in rows:
        place = Place(table, column)
        key = (client, concept_of(table, column), raw, canonical, kind)
        held = grouped.setdefault(key, [0, set(), set(), rule, by, start])
        held[0] += int(count)
        held[1].update(sources)
        held[2].add(place)
    found = [_label(key, held) for key, held in grouped.items()]
    found.sort(key=lambda one: (one.client, one.concept, -one.rows, one.raw))
    kept, beyond = _bounded(found)
    return kept, (*_rest(reader, clients), *beyond)


def _label(key: tuple[str, str, str, str, str], held: Sequence[Any]) -> Label:
    client, concept, raw, canonical, kind = key
    rows, sources, places, rule, by, start = held
    listed = tuple(sorted(sources)), tuple(sorted(places))
    return Label(client, concept, raw, canonical, rows, kind, *listed, rule or "", by or "", start)


def _bounded(found: Sequence[Label]) -> tuple[tuple[Label, ...], list[Rest]]:
    kept: list[Label] = []
    counts: dict[tuple[str, str], list[int]] = {}
    for label in found:
        count = counts.setdefault((label.client, label.concept), [0, 0, 0])
        count[0] += 1
        if count[0] <= MOST:
            kept.append(label)
        else:
            count[1] += 1
            count[2] += label.rows
    return tuple(kept), [Rest(*key, c[1], c[2]) for key, c in counts.items() if c[1]]


def _rest(reader: Queried, clients: Iterable[str]) -> tuple[Rest, ...]:
    rows = reader.query(
        "SELECT client_id, table_name, column_name, sum(CAST(rule AS BIGINT)), sum(row_count)"
        f" FROM {LABELS} WHERE client_id IN ({quoted_all(sorted(clients))}) AND kind = 'rest'"
        " GROUP BY ALL ORDER BY ALL"
    )
    return tuple(
        Rest(client, concept_of(table, column), int(labels), int(count))
        for client, table, column, labels, count in rows
    )
