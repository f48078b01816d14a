"""All checks of a table of ten million rows, against a bare scan of the same columns

Deals of two clients with 22 filled columns, two in a thousand rows spoiled in one of several ways,
in a file. The bare scan computes count, least and greatest of each of those columns by client and
source; the audit runs all checks and carries a rule out. Both in one run, each in turn.

    python -m benchmarks.audit_scan [millions]
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

from kvitto.audit import audit
from kvitto.audit.catalogue import CHECKS
from kvitto.audit.monitor import watch
from kvitto.audit.probe import Check, KeyProbe
from kvitto.model.table import canonical_table
from kvitto.warehouse.schema import create_statements
from kvitto.workspace.definition import ClientDefinition, FieldRule, RulesDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MILLIONS = 10
GOAL = 2.0
TODAY = date(2026, 1, 1)

DEALS = """
INSERT INTO deals BY NAME
SELECT CASE WHEN i % 3 = 0 THEN 'acme' ELSE 'borg' END AS client_id, 'crm' AS _source,
  'crm:deal:' || i AS deal_id, 'crm:account:' || (i * 31 % 500000) AS account_id,
  'crm:user:' || (i * 7 % 60) AS owner_id, 'crm:stage:' || (i % 7) AS stage_id,
  CASE WHEN i % 1511 = 0 THEN 'wonn' WHEN i % 10 < 3 THEN 'won' WHEN i % 10 < 8 THEN 'lost'
    ELSE 'open' END AS outcome,
  CASE WHEN i % 2003 = 0 THEN NULL WHEN i % 2503 = 0 THEN -10
    ELSE CAST(hash(i) % 900000 AS DECIMAL(20, 4)) / 100 END AS amount,
  amount AS amount_base, CASE WHEN i % 3001 = 0 THEN 'EURO' ELSE 'EUR' END AS currency_code,
  (i % 11) / 10.0 AS probability, 'new_business' AS kind,
  ['google', 'meta', 'mail', 'fair'][1 + i % 4] AS source,
  CASE WHEN i % 2999 = 0 THEN '- None -' ELSE 'Product ' || (i * 17 % 12) END AS product,
  ['North', 'South', 'East', 'West'][1 + i * 13 % 4] AS region,
  CASE WHEN i % 5 = 0 THEN 'Competitor ' || (i % 40) END AS competitor,
  CASE WHEN i % 4 = 0 THEN 'Call them about number ' || i END AS next_step,
  TIMESTAMP '2022-01-01 09:30:00' + INTERVAL (hash(i * 3) % 1400) DAY AS created_at,
  CAST(created_at AS DATE) AS created_on,
  CASE WHEN i % 10 < 8 THEN created_at + INTERVAL (CASE WHEN i % 3511 = 0 THEN -9
    ELSE hash(i * 5) % 60 END) DAY END AS closed_at, CAST(closed_at AS DATE) AS closed_on,
  created_on + 30 AS expected_close_on, 'one' AS _batch
FROM range({first}, {after}) AS numbers(i)
"""
CLIENTS = {"acme": ClientDefinition(name="Acme"), "borg": ClientDefinition(name="Borg")}
RULE = RulesDefinition(fields=(FieldRule(table="deals", column="amount", where="outcome = 'won'"),))


def main(millions: int) -> None:
    import duckdb

    with duckdb.connect() as small:
        build(small, 0)
        audited(small, None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deals.duckdb"
        connection = duckdb.connect(str(path))
        build(connection, millions)
        columns = filled(connection)
        print(f"{millions} M deals, {len(columns)} filled columns", flush=True)
        bare = min(timed(lambda: scan(connection, columns)) for _ in range(3))
        print(f"{'bare scan':40} {bare:6.2f} CPU-s", flush=True)
        apart = without_keys()
        told("all checks and monitors", timed(lambda: audited(connection, apart)), bare)
        connection.execute("UPDATE deals SET _excluded = NULL WHERE _excluded IS NOT NULL")
        told("of that the monitors", timed(lambda: monitored(connection)), bare)
        told("with the search for repeated keys", timed(lambda: audited(connection, None)), bare)
        connection.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak:,.0f} MB")


def build(connection: DuckDBPyConnection, millions: int) -> None:
    """The table, a million rows at a time; with none a thousand rows, to load what is needed."""
    for statement in create_statements():
        connection.execute(statement)
    for part in range(millions):
        first = part * 1_000_000
        connection.execute(DEALS.format(first=first, after=first + 1_000_000))
    if not millions:
        connection.execute(DEALS.format(first=0, after=1_000))
    connection.execute("CHECKPOINT")


def filled(connection: DuckDBPyConnection) -> list[str]:
    """The columns that hold anything."""
    names = [column.name for column in canonical_table("deals").columns]
    asked = ", ".join(f'count("{name}")' for name in names)
    counts = connection.execute(f"SELECT {asked} FROM deals").fetchall()[0]
    return [name for name, count in zip(names, counts, strict=True) if count]


def scan(connection: DuckDBPyConnection, columns: list[str]) -> None:
    """Count, least and greatest of each column."""
    asked = ", ".join(f'count("{one}"), min("{one}"), max("{one}")' for one in columns)
    connection.execute(f"SELECT client_id, _source, {asked} FROM deals GROUP BY 1, 2").fetchall()


def without_keys() -> dict[str, Check]:
    """All checks but the search for repeated keys, which is a join of the table with itself."""

    def rest(check: Check) -> Check:
        return lambda table, setting: [
            one for one in check(table, setting) if not isinstance(one, KeyProbe)
        ]

    return {name: rest(check) for name, check in CHECKS}


def audited(connection: DuckDBPyConnection, checks: dict[str, Check] | None) -> None:
    """The audit of all tables; the others are empty."""
    audit(connection, CLIENTS, [RULE], today=TODAY, checks=checks)


def monitored(connection: DuckDBPyConnection) -> None:
    """What watches the days alone, which is part of every audit."""
    watch(connection, CLIENTS, [RULE], TODAY)


def timed(run: Callable[[], object]) -> float:
    """CPU seconds of all threads: the machine may be shared."""
    start = process_time()
    run()
    return process_time() - start


def told(name: str, seconds: float, bare: float) -> None:
    print(f"{name:40} {seconds:6.2f} CPU-s, ratio {seconds / bare:.2f} (goal {GOAL})", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MILLIONS)
