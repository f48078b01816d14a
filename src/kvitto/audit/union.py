"""Records that are one thing entered twice: one stands for all, nothing is deleted.

The record that stands keeps its own values and takes those that it lacks from
the others; what refers to one of the others refers to it from then on. What a
changed row said before stays in its ``_was``, so that the next version begins
from what the sources gave, and a decision can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kvitto.audit.scan import EXAMPLES
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.model.table import CanonicalTable, canonical_tables
from kvitto.warehouse.quoting import named, quoted
from kvitto.warehouse.schema import APPLIED, CANDIDATES
from kvitto.workspace.decision import DecisionsDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNITED = "merged"
"""What ``_excluded`` says of a record for which another one stands."""

_SAME = "_same"
"""The temporary table of records and those that stand for them."""

_OWN = ("created_at", "created_on", "is_deleted", "is_test", "merged_into_id")
"""What a record never takes from another one."""


@dataclass(frozen=True, slots=True)
class Same:
    """``record`` is ``kept``, for the reason that ``rule`` and ``why`` give."""

    client: str
    table: str
    record: str
    kept: str
    rule: str
    why: str


def decided(decisions: Mapping[str, DecisionsDefinition]) -> tuple[Same, ...]:
    """What people decided to be one, each record with the one that stands in the end."""
    found = []
    for client, definition in sorted(decisions.items()):
        for table in dict.fromkeys(one.table for one in definition.merges):
            for record, (kept, one) in sorted(definition.kept(table).items()):
                why = f"{one.by} on {one.on}" + (f": {one.why}" if one.why else "")
                rule = f"decisions/{client}.yml: {record} is {kept}"
                found.append(Same(client, table, record, kept, rule, why))
    return tuple(found)


def together(people: Sequence[Same], rules: Sequence[Same]) -> tuple[Same, ...]:
    """What people decided and what rules merge, each record with the one that stands in the end.

    Where both speak of a record the person's word holds; no record ends at
    itself.
    """
    found = {(one.client, one.table, one.record): one for one in people}
    for one in rules:
        place = (one.client, one.table, one.record)
        if place not in found and _kept(one, found) != one.record:
            found[place] = one
    return tuple(
        replace(one, kept=kept)
        for one in found.values()
        if (kept := _kept(one, found)) != one.record
    )


def _kept(one: Same, found: Mapping[tuple[str, str, str], Same]) -> str:
    kept = one.kept
    while (further := found.get((one.client, one.table, kept))) is not None and kept != one.record:
        kept = further.kept
    return kept


def unite(connection: DuckDBPyConnection, same: Sequence[Same]) -> tuple[Finding, ...]:
    """Let one record stand for each of the others, in the version that is built.

    A record that the client does not have, or that does not count, is told and
    nothing is done: no decision reaches into another client's records.
    """
    if not same:
        return ()
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_SAME} (client_id VARCHAR, table_name VARCHAR,"
        " record_id VARCHAR, kept_id VARCHAR, rule VARCHAR, why VARCHAR)"
    )
    connection.executemany(
        f"INSERT INTO {_SAME} VALUES (?, ?, ?, ?, ?, ?)",
        [(one.client, one.table, one.record, one.kept, one.rule, one.why) for one in same],
    )
    found: list[Finding] = []
    for name in dict.fromkeys(one.table for one in same):
        table = canonical_tables()[name]
        found += _unknown(connection, table)
        if not _left(connection, name):
            continue
        _stand(connection, table)
        for other, column in _references(name):
            _turn(connection, other, column, name)
    connection.execute(f"DROP TABLE {_SAME}")
    return tuple(found)


def mark_candidates(
    connection: DuckDBPyConnection, decisions: Mapping[str, DecisionsDefinition]
) -> None:
    """Write down which of the pairs that look alike a person has decided about."""
    pairs = [
        (state, client, table, one, other)
        for client, definition in decisions.items()
        for state, table, one, other in _decided_pairs(definition)
    ]
    if pairs:
        connection.executemany(
            f"UPDATE {CANDIDATES} SET state = ? WHERE client_id = ? AND table_name = ?"
            " AND list_sort([one_id, other_id]) = list_sort([?, ?])",
            pairs,
        )


def _decided_pairs(definition: DecisionsDefinition) -> Iterable[tuple[str, str, str, str]]:
    for table in dict.fromkeys(one.table for one in definition.merges):
        groups: dict[str, list[str]] = {}
        for record, (kept, _) in definition.kept(table).items():
            groups.setdefault(kept, [kept]).append(record)
        for group in groups.values():
            yield from (
                ("merged", table, one, other)
                for at, one in enumerate(group)
                for other in group[at + 1 :]
            )
    for apart in definition.apart:
        for at, one in enumerate(apart.ids):
            yield from (("apart", apart.table, one, other) for other in apart.ids[at + 1 :])


def _unknown(connection: DuckDBPyConnection, table: CanonicalTable) -> list[Finding]:
    """Take out what names a record that is not there, and say so."""
    key = named(table.key[0])
    there = (
        f"EXISTS (SELECT 1 FROM {named(table.name)} AS t WHERE t.client_id = s.client_id"
        f" AND t.{key} = s.{{}} AND t._excluded IS NULL)"
    )
    gone = f"NOT ({there.format('record_id')} AND {there.format('kept_id')})"
    rows = connection.execute(
        f"SELECT client_id, count(*), min(record_id || ' into ' || kept_id, {EXAMPLES})"
        f" FROM {_SAME} AS s WHERE table_name = ? AND {gone} GROUP BY 1 ORDER BY 1",
        [table.name],
    ).fetchall()
    connection.execute(f"DELETE FROM {_SAME} AS s WHERE table_name = ? AND {gone}", [table.name])
    subject = table.name.replace("_", " ")
    return [
        Finding(
            code="unknown_merge",
            severity=Severity.warning,
            client=client,
            source="",
            table=table.name,
            rows=count,
            records=tuple(pairs),
            message=f"{count} decided merges name {subject} that this client does not have",
            todo="Correct the ids in decisions/, or take the merge out.",
            resolution=Resolution.keep,
        )
        for client, count, pairs in rows
    ]


def _left(connection: DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(
        f"SELECT 1 FROM {_SAME} WHERE table_name = ? LIMIT 1", [table]
    ).fetchone()
    return found is not None


def _stand(connection: DuckDBPyConnection, table: CanonicalTable) -> None:
    """Leave the others out, and give the one that stands what it lacks."""
    key, place = named(table.key[0]), named(table.name)
    connection.execute(
        f"INSERT INTO {APPLIED} SELECT client_id, table_name, record_id, 'merged', rule,"
        f" ?, why, kept_id FROM {_SAME} WHERE table_name = ?",
        [table.key[0], table.name],
    )
    for column in _taken(table):
        _take(connection, table, column)
    connection.execute(
        f"UPDATE {place} AS t SET _excluded = '{UNITED}' FROM {_SAME} AS s"
        f" WHERE s.table_name = ? AND t.client_id = s.client_id AND t.{key} = s.record_id"
        " AND t._excluded IS NULL",
        [table.name],
    )


def _taken(table: CanonicalTable) -> list[str]:
    skipped = {*table.key, *_OWN, "client_id", "_source", "_source_id", "_batch", "_excluded"}
    return [one.name for one in table.columns if one.name not in {*skipped, "_was"}]


def _take(connection: DuckDBPyConnection, table: CanonicalTable, column: str) -> None:
    """Fill the column, where it is empty, from the first of the others that has it."""
    key, place, name = named(table.key[0]), named(table.name), named(column)
    given = (
        f"SELECT s.client_id, s.kept_id, arg_min(t.{name}, s.record_id) AS value,"
        " min(s.record_id) AS giver, arg_min(s.rule, s.record_id) AS rule"
        f" FROM {_SAME} AS s JOIN {place} AS t"
        f" ON t.client_id = s.client_id AND t.{key} = s.record_id AND t._excluded IS NULL"
        f" WHERE s.table_name = {quoted(table.name)} AND t.{name} IS NOT NULL GROUP BY 1, 2"
    )
    lacking = (
        f"t.client_id = g.client_id AND t.{key} = g.kept_id AND t.{name} IS NULL"
        " AND t._excluded IS NULL"
    )
    connection.execute(
        f"INSERT INTO {APPLIED} SELECT g.client_id, ?, g.kept_id, 'completed', g.rule, ?,"
        f" 'taken from ' || g.giver, NULL FROM ({given}) AS g JOIN {place} AS t ON {lacking}",
        [table.name, column],
    )
    connection.execute(
        f"UPDATE {place} AS t SET {name} = g.value, _was = {remembered(column)}"
        f" FROM ({given}) AS g WHERE {lacking}"
    )


def _references(table: str) -> list[tuple[CanonicalTable, str]]:
    """The columns of all tables that name a record of this one."""
    return [
        (other, column.name)
        for other in canonical_tables().values()
        for column in other.declared
        if column.references == table and column.name != "merged_into_id"
    ]


def _turn(connection: DuckDBPyConnection, table: CanonicalTable, column: str, to: str) -> None:
    """Let rows that name one of the others name the record that stands."""
    place, name, key = named(table.name), named(column), named(table.key[0])
    mine = f"s.table_name = {quoted(to)} AND t.client_id = s.client_id AND t.{name} = s.record_id"
    connection.execute(
        f"INSERT INTO {APPLIED} SELECT t.client_id, ?, CAST(t.{key} AS VARCHAR), 'relinked',"
        f" s.rule, ?, 'was ' || s.record_id, s.kept_id FROM {place} AS t JOIN {_SAME} AS s"
        f" ON {mine}",
        [table.name, column],
    )
    connection.execute(
        f"UPDATE {place} AS t SET {name} = s.kept_id, _was = {remembered(column)}"
        f" FROM {_SAME} AS s WHERE {mine}"
    )


def remembered(column: str) -> str:
    """``_was`` with what the column held; what it held first stays."""
    pair = f"json_object({quoted(column)}, CAST(t.{named(column)} AS VARCHAR))"
    return (
        f"CASE WHEN t._was IS NULL THEN CAST({pair} AS VARCHAR)"
        f" WHEN list_contains(json_keys(t._was), {quoted(column)}) THEN t._was"
        f" ELSE left(t._was, -1) || ',' || substr(CAST({pair} AS VARCHAR), 2) END"
    )
