"""Whose rows are whose, where one source serves several clients.

Each client is conformed alone, from its own rows, so that no row of another can
come in by a join or by a mistake further on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kvitto.errors import BadDefinition, Problem, did_you_mean
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.sources import Staged, StagedTable
from kvitto.warehouse.quoting import named, quoted_all
from kvitto.workspace.definition import ClientRule, Follow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def share(
    connection: DuckDBPyConnection, staged: Staged, rule: ClientRule | None, client: str
) -> Staged:
    """The part of what was staged that is the client's: all of it without a rule.

    Raises :class:`BadDefinition` where the rule names what is not there.
    """
    if rule is None:
        return staged
    check_rule(staged, rule)
    tables = [_part(connection, staged, table, rule, client) for table in staged.tables]
    findings = tuple(replaced(finding, client) for finding in staged.findings)
    kept = tuple(table for table in tables if table is not None)
    return replace(staged, tables=kept, findings=findings)


def nobodys(
    connection: DuckDBPyConnection, staged: Staged, rule: ClientRule | None, clients: Sequence[str]
) -> tuple[Finding, ...]:
    """Rows that belong to no client by the rule: a finding for each table, told to each client.

    The values are not repeated, because they may name somebody else's account.
    """
    if rule is None:
        return ()
    check_rule(staged, rule)
    found = []
    for table in staged.tables:
        condition = _condition(staged, table, rule, tuple(sorted(set(rule.map))))
        if condition is None:
            continue
        count = _count(connection, f"{table.relation_sql} AS t", f"({condition}) IS NOT TRUE")
        if count:
            found += [_unassigned(staged.name, table, rule, client, count) for client in clients]
    return tuple(found)


def check_rule(staged: Staged, rule: ClientRule) -> None:
    """Raises :class:`BadDefinition` with all that the rule names and the source does not have."""
    problems = []
    file = f"sources/{staged.name}.yml"
    names = [table.name for table in staged.tables]
    if not any(table.column(rule.column) for table in staged.tables):
        headers = [column.header for table in staged.tables for column in table.columns]
        problems.append(
            Problem(
                f"tell the clients apart by '{rule.column}'",
                "no table of the source has such a column",
                did_you_mean(rule.column, headers),
                file,
            )
        )
    for name, follow in rule.follow.items():
        asked = f"give {name} the client of {follow.table}"
        here, there = _table(staged, name), _table(staged, follow.table)
        for table, wanted in ((here, name), (there, follow.table)):
            if table is None:
                found = f"the source has no table '{wanted}'"
                problems.append(Problem(asked, found, did_you_mean(wanted, names), file))
        for table, column in ((here, follow.on), (there, follow.key), (there, rule.column)):
            if table is not None and table.column(column) is None:
                headers = [one.header for one in table.columns]
                found = f"{table.file} has no column '{column}'"
                problems.append(Problem(asked, found, did_you_mean(column, headers), file))
    if problems:
        raise BadDefinition(*problems)


def replaced(finding: Finding, client: str) -> Finding:
    """The finding as one about that client."""
    return finding.model_copy(update={"client": client})


def _part(
    connection: DuckDBPyConnection,
    staged: Staged,
    table: StagedTable,
    rule: ClientRule,
    client: str,
) -> StagedTable | None:
    values = tuple(sorted(raw for raw, whose in rule.map.items() if whose == client))
    condition = _condition(staged, table, rule, values)
    findings = tuple(replaced(finding, client) for finding in table.findings)
    if condition is None:
        return None if rule.rest == "skip" else replace(table, findings=findings)
    relation = f"(SELECT t.* FROM {table.relation_sql} AS t WHERE {condition})"
    rows = _count(connection, relation, "true")
    return replace(table, relation_sql=relation, rows=rows, rejected=0, findings=findings)


def _condition(
    staged: Staged, table: StagedTable, rule: ClientRule, values: tuple[str, ...]
) -> str | None:
    """The condition on the table's rows ``t``; ``None`` where the rule says nothing of it."""
    listed = quoted_all(values) or "NULL"
    own = table.column(rule.column)
    if own is not None:
        return f"trim(t.{named(own.name)}) IN ({listed})"
    follow = rule.follow.get(table.name) or rule.follow.get(table.file)
    if follow is None:
        return None
    return _followed(staged, table, rule, follow, listed)


def _followed(
    staged: Staged, table: StagedTable, rule: ClientRule, follow: Follow, listed: str
) -> str:
    other = _table(staged, follow.table)
    assert other is not None
    on, key, column = table.column(follow.on), other.column(follow.key), other.column(rule.column)
    assert on is not None
    assert key is not None
    assert column is not None
    return (
        f"trim(t.{named(on.name)}) IN (SELECT trim({named(key.name)}) FROM {other.relation_sql}"
        f" WHERE trim({named(column.name)}) IN ({listed}))"
    )


def _table(staged: Staged, name: str) -> StagedTable | None:
    return next((table for table in staged.tables if name in (table.name, table.file)), None)


def _count(connection: DuckDBPyConnection, relation: str, condition: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {relation} WHERE {condition}").fetchone()
    return int(row[0]) if row else 0


def _unassigned(
    source: str, table: StagedTable, rule: ClientRule, client: str, count: int
) -> Finding:
    return Finding(
        code="nobodys_rows",
        severity=Severity.warning,
        client=client,
        source=source,
        table=table.file,
        column=rule.column,
        rows=count,
        records=(),
        message=f"{count} rows of {table.file} belong to no client: their '{rule.column}' is empty"
        " or not in the map",
        todo=f"Add the values under clients: map: in sources/{source}.yml; kvitto map {source}"
        " shows them.",
        resolution=Resolution.exclude,
    )
