"""All checks over all tables, before a version is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from kvitto.audit.catalogue import CHECKS
from kvitto.audit.decision import decide
from kvitto.audit.merging import MERGED, merge
from kvitto.audit.probe import Check, KeyProbe, Probe, Setting
from kvitto.audit.reading import in_order, prepare, source_findings, write_findings
from kvitto.audit.rule import read_rules
from kvitto.audit.scan import Hit, scan
from kvitto.model.finding import Finding
from kvitto.model.table import CanonicalTable, canonical_tables
from kvitto.warehouse.schema import APPLIED
from kvitto.workspace.definition import ClientDefinition, RulesDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a table's rows: ``rows`` = ``counted`` + ``excluded`` + ``merged``."""

    rows: int
    counted: int
    excluded: int
    merged: int


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What was found, how many lines ``_applied`` got, and every filled table's tally."""

    findings: tuple[Finding, ...]
    applied: int
    tallies: Mapping[str, Tally] = field(default_factory=dict)


def audit(
    connection: DuckDBPyConnection,
    clients: Mapping[str, ClientDefinition],
    rules: Sequence[RulesDefinition] | Mapping[str, RulesDefinition],
    extra: Sequence[Finding] = (),
    *,
    today: date | None = None,
    checks: Mapping[str, Check] | None = None,
) -> AuditResult:
    """Check every table, carry the rules out, write ``_findings`` and ``_applied``.

    ``extra`` are the findings of reading and conforming; they come back with
    the others. ``today`` bounds how far ahead a date may lie. Raises
    :class:`BadDefinition` before anything is changed if a rule cannot hold.
    """
    decisions = read_rules(rules, clients, connection)
    prepare(connection)
    setting = Setting(decisions, _filled(connection), today or date.today())
    currencies = {name: client.currency for name, client in clients.items()}
    running = dict(CHECKS) if checks is None else dict(checks)
    found: list[Finding] = []
    for name in setting.filled:
        found.extend(
            _audit_table(connection, canonical_tables()[name], setting, running, currencies)
        )
    write_findings(connection, in_order(found), extra)
    whole = in_order([*found, *source_findings(connection)])
    return AuditResult(whole, _lines(connection), _tallies(connection, setting.filled))


def _audit_table(
    connection: DuckDBPyConnection,
    table: CanonicalTable,
    setting: Setting,
    checks: Mapping[str, Check],
    currencies: Mapping[str, str],
) -> list[Finding]:
    given = [probe for check in checks.values() for probe in check(table, setting)]
    found: list[Finding] = []
    for probe in given:
        if isinstance(probe, KeyProbe):
            found.extend(merge(connection, table, probe))
    hits = scan(connection, table, [probe for probe in given if isinstance(probe, Probe)])
    decide(connection, table, list(dict.fromkeys(hit.probe for hit in hits)), currencies)
    return [*found, *(_finding(hit) for hit in hits)]


def _finding(hit: Hit) -> Finding:
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


def _filled(connection: DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """The tables that hold rows, each with its clients."""
    present = {
        row[0]
        for row in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
        ).fetchall()
    }
    found: dict[str, frozenset[str]] = {}
    for name in canonical_tables():
        if name in present:
            rows = connection.execute(f'SELECT DISTINCT client_id FROM "{name}"').fetchall()
            if rows:
                found[name] = frozenset(str(row[0]) for row in rows)
    return found


def _lines(connection: DuckDBPyConnection) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {APPLIED}").fetchall()[0][0])


def _tallies(connection: DuckDBPyConnection, tables: Iterable[str]) -> dict[str, Tally]:
    tallies = {}
    for name in tables:
        rows, counted, merged = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE _excluded IS NULL),"
            f" count(*) FILTER (WHERE _excluded = '{MERGED}') FROM \"{name}\""
        ).fetchall()[0]
        tallies[name] = Tally(rows, counted, rows - counted - merged, merged)
    return tallies
