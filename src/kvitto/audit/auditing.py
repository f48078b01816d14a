"""All checks over all tables, before a version is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from kvitto.audit.catalogue import CHECKS
from kvitto.audit.decision import decide
from kvitto.audit.entity.candidates import find_candidates
from kvitto.audit.label.finding import label_findings
from kvitto.audit.merging import MERGED, merge
from kvitto.audit.monitor import Arrival, watch
from kvitto.audit.probe import Check, KeyProbe, Look, Probe, Setting
from kvitto.audit.reading import in_order, prepare, source_findings, write_findings
from kvitto.audit.record import COPIED, bring_together
from kvitto.audit.rule import read_rules
from kvitto.audit.scan import finding_of, look, scan
from kvitto.audit.two_sources import two_sources
from kvitto.audit.union import UNITED, decided, mark_candidates, together, unite
from kvitto.model.finding import Finding
from kvitto.model.table import CanonicalTable, canonical_tables
from kvitto.warehouse.quoting import named
from kvitto.warehouse.schema import APPLIED
from kvitto.workspace.decision import DecisionsDefinition
from kvitto.workspace.definition import ClientDefinition, RulesDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a table's rows: all of them are one of the other four.

    Those under review count wherever the value that is in doubt is not needed.
    Of ``excluded`` are also those that the source itself deleted, merged or
    marked as a test.
    """

    rows: int
    counted: int
    reviewed: int
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
    decisions: Mapping[str, DecisionsDefinition] | None = None,
    arrival: Arrival | None = None,
) -> AuditResult:
    """Check every table, carry the rules out, write ``_findings`` and ``_applied``.

    ``extra`` are the findings of reading and conforming; they come back with
    the others. ``today`` bounds how far ahead a date may lie; ``decisions`` are
    what people said of single records; ``arrival`` how far the sources reach. Raises
    :class:`BadDefinition` before anything is changed if a rule cannot hold.
    """
    fields = read_rules(rules, clients, connection)
    prepare(connection)
    records = bring_together(rules.values() if isinstance(rules, Mapping) else rules, clients)
    setting = Setting(fields, _filled(connection), today or date.today(), records)
    currencies = {name: client.currency for name, client in clients.items()}
    running = dict(CHECKS) if checks is None else dict(checks)
    tables = [canonical_tables()[name] for name in setting.filled]
    probes = {
        table.name: [probe for check in running.values() for probe in check(table, setting)]
        for table in tables
    }
    found: list[Finding] = []
    for table in tables:
        for probe in probes[table.name]:
            if isinstance(probe, KeyProbe):
                found.extend(merge(connection, table, probe))
    alike, ruled = find_candidates(connection, _named(rules), decisions)
    found.extend(alike)
    found.extend(unite(connection, together(decided(decisions or {}), ruled)))
    mark_candidates(connection, decisions or {})
    for table in tables:
        others = [probe for probe in probes[table.name] if not isinstance(probe, KeyProbe)]
        found.extend(_audit_table(connection, table, others, currencies))
    found.extend(watch(connection, clients, rules, setting.today, arrival))
    found.extend(two_sources(connection, rules))
    found.extend(label_findings(connection, sorted(clients)))
    write_findings(connection, in_order(found), extra)
    whole = in_order([*found, *source_findings(connection)])
    return AuditResult(whole, _lines(connection), _tallies(connection, setting.filled))


def _named(
    rules: Sequence[RulesDefinition] | Mapping[str, RulesDefinition],
) -> Mapping[str, RulesDefinition]:
    if isinstance(rules, Mapping):
        return rules
    return {f"rules {number}": one for number, one in enumerate(rules, 1)}


def _audit_table(
    connection: DuckDBPyConnection,
    table: CanonicalTable,
    given: Sequence[Probe | Look],
    currencies: Mapping[str, str],
) -> list[Finding]:
    probes, found = look(connection, given)
    hits = scan(connection, table, probes)
    decide(connection, table, list(dict.fromkeys(hit.probe for hit in hits)), currencies)
    return [*found, *(finding_of(hit) for hit in hits)]


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
        table = canonical_tables()[name]
        merged = f"coalesce(t._excluded IN ('{MERGED}', '{UNITED}', '{COPIED}'), FALSE)"
        out = " OR ".join(["t._excluded IS NOT NULL", *_left_by_source(table)])
        reviewed = (
            f"coalesce((t.client_id, CAST(t.{named(table.key[0])} AS VARCHAR)) IN (SELECT"
            f" (client_id, record_id) FROM {APPLIED} WHERE table_name = ? AND action = 'review'),"
            " FALSE)"
        )
        numbers = connection.execute(
            f"SELECT count(*), count(*) FILTER (WHERE NOT ({out}) AND NOT {reviewed}),"
            f" count(*) FILTER (WHERE NOT ({out}) AND {reviewed}),"
            f" count(*) FILTER (WHERE ({out}) AND NOT {merged}),"
            f" count(*) FILTER (WHERE {merged}) FROM {named(name)} AS t",
            [name, name],
        ).fetchall()[0]
        tallies[name] = Tally(*numbers)
    return tallies


def _left_by_source(table: CanonicalTable) -> list[str]:
    """What makes a row count nowhere because its source says so."""
    flags = [f"coalesce(t.{one}, FALSE)" for one in ("is_deleted", "is_test") if table.has(one)]
    return [*flags, *(["t.merged_into_id IS NOT NULL"] if table.has("merged_into_id") else [])]
