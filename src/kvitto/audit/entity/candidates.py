"""Candidates of a version: found anew, or taken over where a client's records did not change.

``find_candidates`` is what the audit calls between the merging of equal keys
and the carrying out of what people decided.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING

from kvitto.audit.entity.blocking import LeftOut
from kvitto.audit.entity.cluster import Apart, merged_groups
from kvitto.audit.entity.pair import ASK, MERGED, Pair, reasons_text
from kvitto.audit.entity.resolution import CONTRADICTED, compared
from kvitto.audit.entity.setting import TABLES, Setting, settings_of
from kvitto.audit.entity.source import clients_with_rows, raw_query
from kvitto.audit.scan import EXAMPLES
from kvitto.audit.union import Same
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.warehouse.carry import PREVIOUS, has_previous
from kvitto.warehouse.quoting import quoted
from kvitto.warehouse.schema import CANDIDATES, RESOLVED
from kvitto.workspace.decision import DecisionsDefinition
from kvitto.workspace.definition import RulesDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

METHOD = "1"
"""Changes when the same records would be compared otherwise: nothing older is taken over."""

_COLUMNS = "client_id, table_name, one_id, other_id, score, reasons, state"


def find_candidates(
    connection: DuckDBPyConnection,
    rules: Mapping[str, RulesDefinition],
    decisions: Mapping[str, DecisionsDefinition] | None = None,
) -> tuple[tuple[Finding, ...], tuple[Same, ...]]:
    """Fill ``_candidates``; give what is to be told, and what rules say is merged.

    Only records of one client are compared. Where a client's records, rules and
    decisions are those of the previous version, its candidates are taken over.
    """
    findings: list[Finding] = []
    same: list[Same] = []
    for table in TABLES:
        clients = clients_with_rows(connection, table)
        settings = {
            client: one
            for client, one in settings_of(rules, table, clients).items()
            if one.do != "keep"
        }
        if settings:
            apart = _apart(decisions or {}, table)
            findings += _of_table(connection, table, settings, apart)
            same += merged_by_rule(connection, table, settings)
    return tuple(findings), tuple(same)


def write_candidates(
    connection: DuckDBPyConnection, pairs: Sequence[Pair], *, replace: bool = True
) -> None:
    """Write these pairs; what stood there of their clients and tables goes, if ``replace``."""
    if replace:
        for client, table in sorted({(pair.client, pair.table) for pair in pairs}):
            connection.execute(
                f"DELETE FROM {CANDIDATES} WHERE client_id = ? AND table_name = ?", [client, table]
            )
    if pairs:
        connection.executemany(
            f"INSERT INTO {CANDIDATES} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                [
                    *(one.client, one.table, one.one, one.other, one.score),
                    *(reasons_text(one.reasons), one.state),
                ]
                for one in pairs
            ],
        )


def merged_by_rule(
    connection: DuckDBPyConnection, table: str, settings: Mapping[str, Setting]
) -> tuple[Same, ...]:
    """What is merged because a rule says so: each record with the one that stands for it.

    The oldest of a group stands, and of equally old ones the smallest id.
    """
    key = f"{table[:-1]}_id"
    merging = [client for client, one in settings.items() if one.do == "merge"]
    found: list[Same] = []
    for client in sorted(merging):
        rows = connection.execute(
            f"SELECT one_id, other_id, score FROM {CANDIDATES} WHERE client_id = ?"
            f" AND table_name = ? AND state = '{MERGED}' ORDER BY one_id, other_id",
            [client, table],
        ).fetchall()
        root = merged_groups([(one, other) for one, other, _ in rows])
        if not root:
            continue
        age = dict(
            connection.execute(
                f"SELECT {key}, CAST(min(created_at) AS VARCHAR) FROM {table}"
                " WHERE client_id = ? AND _excluded IS NULL GROUP BY 1",
                [client],
            ).fetchall()
        )
        groups: dict[str, list[str]] = {}
        for record in root:
            groups.setdefault(root[record], []).append(record)
        for group in groups.values():
            group.sort(key=lambda record: (age.get(record) or "9", record))
            found += [
                Same(client, table, other, group[0], settings[client].rule, "they are one")
                for other in group[1:]
            ]
    return tuple(found)


def _of_table(
    connection: DuckDBPyConnection,
    table: str,
    settings: Mapping[str, Setting],
    apart: Collection[Apart],
) -> list[Finding]:
    prints = _made_from(connection, table, settings, apart)
    known = _take_over(connection, table, settings, prints)
    anew = {client: one for client, one in settings.items() if client not in known}
    left_out: dict[str, list[LeftOut]] = {client: list(one) for client, one in known.items()}
    if anew:
        with compared(connection, table, anew, apart=apart) as (work, found):
            if work is not None:
                _insert(connection, work, table)
        for one in found:
            left_out.setdefault(one.client, []).append(one)
    connection.executemany(
        f"INSERT INTO {RESOLVED} VALUES (?, ?, ?, ?)",
        [
            [
                client,
                table,
                prints[client],
                json.dumps([astuple(o) for o in left_out.get(client, ())]),
            ]
            for client in sorted(settings)
        ],
    )
    return [*_found(connection, table), *_too_large(table, left_out)]


def _insert(connection: DuckDBPyConnection, work: DuckDBPyConnection, table: str) -> None:
    version, schema = connection.execute("SELECT current_database(), current_schema()").fetchall()[
        0
    ]
    work.execute(
        f'INSERT INTO "{version}"."{schema}".{CANDIDATES} ({_COLUMNS})'
        f" SELECT client_id, '{table}', one_id, other_id, score, CAST(to_json(reasons) AS VARCHAR),"
        " state FROM candidate ORDER BY client_id, one_id, other_id"
    )


def _made_from(
    connection: DuckDBPyConnection,
    table: str,
    settings: Mapping[str, Setting],
    apart: Collection[Apart],
) -> dict[str, str]:
    """Client -> a text that changes with its records, its setting and people's decisions."""
    rows = connection.execute(
        "SELECT r.client_id, count(*) || '-' || sum(hash(r)) || '-' || bit_xor(hash(r, 1))"
        f" FROM ({raw_query(table, 'main', list(settings))}) AS r GROUP BY 1"
    ).fetchall()
    decided = sorted(apart)
    return {
        client: f"{METHOD} {content} {settings[client]}"
        f" {[one[1:] for one in decided if one[0] == client]}"
        for client, content in rows
    }


def _take_over(
    connection: DuckDBPyConnection,
    table: str,
    settings: Mapping[str, Setting],
    prints: Mapping[str, str],
) -> dict[str, list[LeftOut]]:
    """Copy the previous version's candidates of the clients whose records are the same."""
    if not has_previous(connection):
        return {}
    present = connection.execute(
        f"SELECT 1 FROM duckdb_tables() WHERE database_name = '{PREVIOUS}'"
        f" AND table_name = '{RESOLVED}'"
    ).fetchone()
    if present is None:
        return {}
    rows = connection.execute(
        f"SELECT client_id, made_from, left_out FROM {PREVIOUS}.{RESOLVED} WHERE table_name = ?",
        [table],
    ).fetchall()
    known = {
        client: [LeftOut(*one) for one in json.loads(left_out)]
        for client, made_from, left_out in rows
        if prints.get(client) == made_from
    }
    for client in known:
        one = settings[client]
        merges = f"score >= {one.merge_above} AND NOT contains(reasons, '{CONTRADICTED}')"
        state = f"CASE WHEN {merges} THEN '{MERGED}' ELSE '{ASK}' END"
        connection.execute(
            f"INSERT INTO {CANDIDATES} ({_COLUMNS}) SELECT * REPLACE"
            f" ({state if one.do == 'merge' else quoted(ASK)} AS state)"
            f" FROM (SELECT {_COLUMNS} FROM {PREVIOUS}.{CANDIDATES}"
            " WHERE client_id = ? AND table_name = ?)",
            [client, table],
        )
    return known


def _apart(decisions: Mapping[str, DecisionsDefinition], table: str) -> tuple[Apart, ...]:
    return tuple(
        (client, one, other)
        for client, definition in decisions.items()
        for decision in definition.apart
        if decision.table == table
        for place, one in enumerate(decision.ids)
        for other in decision.ids[place + 1 :]
    )


def _found(connection: DuckDBPyConnection, table: str) -> list[Finding]:
    rows = connection.execute(
        f"SELECT client_id, count(*), min(one_id, {EXAMPLES}) FROM {CANDIDATES}"
        f" WHERE table_name = ? AND state = '{ASK}' GROUP BY 1 ORDER BY 1",
        [table],
    ).fetchall()
    return [
        Finding(
            code="possible_duplicate",
            severity=Severity.notice,
            client=client,
            source="",
            table=table,
            rows=count,
            records=tuple(records),
            message=(
                f"1 pair of {table} may be one and the same"
                if count == 1
                else f"{count:,} pairs of {table} may be one and the same"
            ),
            todo="Decide which are one, or let a rule merge the surest: duplicates in rules/.",
            resolution=Resolution.review,
        )
        for client, count, records in rows
    ]


def _too_large(table: str, left_out: Mapping[str, Sequence[LeftOut]]) -> list[Finding]:
    return [
        Finding(
            code="large_group",
            severity=Severity.notice,
            client=client,
            source="",
            table=table,
            rows=one.rows,
            message=(
                f"{one.rows:,} {table} have {one.shares} as many others, up to {one.largest:,}"
                " of them; that alone was not taken as a sign that they are one"
            ),
            todo="Look whether the field is filled with something that stands for nothing.",
        )
        for client, listed in sorted(left_out.items())
        for one in listed
    ]
