"""CSV to audited canonical tables, against DuckDB's own ``read_csv`` of the same file.

    python benchmarks/csv_to_canonical.py [rows]

Two files of ten columns are brought in: activities, where one row becomes one
canonical row, and deals, where one row becomes nearly four, with its entries
into stages, its snapshot, the accounts and users that are known only by name.

Both run in a process of their own and write to a file on the same disk. What
is compared is processor time. On a machine with other work even that grows by
a third, so only ratios of one run can be compared.

The floor is what cannot be saved: the canonical rows, ready in Parquet, put
into empty tables, without reading text, converting, checking or publishing.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 1_000_000
GOAL = 0.40

ACTIVITIES = """
COPY (SELECT 'A' || lpad(CAST(i AS VARCHAR), 9, '0') AS "Activity ID",
  ['Call', 'Meeting', 'Email', 'Demo'][i % 4 + 1] AS "Activity type",
  'Agent ' || (i * 7919 % 40) AS "Owner", 'Account ' || (i * 31 % 20000) AS "Company",
  'P' || (i * 17 % 50000) AS "Contact", 'D' || (i * 13 % 90000) AS "Deal",
  DATE '2023-01-01' + CAST(i * 13 % 700 AS INTEGER) AS "Created",
  DATE '2023-01-01' + CAST(i * 13 % 700 + i % 9 AS INTEGER) AS "Completed",
  ['Held', 'No show', 'Connected'][i % 3 + 1] AS "Outcome", i * 97 % 3600 AS "Duration"
  FROM range({rows}) AS t(i)) TO '{target}' (HEADER)
"""

DEALS = """
COPY (SELECT 'D' || lpad(CAST(i AS VARCHAR), 9, '0') AS "Deal ID",
  'Agent ' || (i * 7919 % 40) AS "Sales rep", 'Product ' || (i % 7) AS "Product",
  'Account ' || (i * 31 % 20000) AS "Company",
  CASE WHEN i % 10 < 5 THEN 'Won' WHEN i % 10 < 8 THEN 'Lost' ELSE 'Engaging' END AS "Stage",
  DATE '2023-01-01' + CAST(i * 13 % 700 AS INTEGER) AS "Created",
  CASE WHEN i % 10 < 8 THEN DATE '2023-01-01' + CAST(i * 13 % 700 + i % 90 AS INTEGER) END
    AS "Close date",
  CAST((i * 97 % 1000000) / 100 AS DECIMAL(12, 2)) AS "Amount",
  'Region ' || (i % 5) AS "Region", 'web, source ' || (i % 9) AS "Lead source"
  FROM range({rows}) AS t(i)) TO '{target}' (HEADER)
"""


def plain(folder: Path) -> None:
    """``CREATE TABLE AS`` over ``read_csv``, with a type given so that money is no float."""
    import duckdb

    connection = duckdb.connect(
        str(folder / "plain.duckdb"),
        config={
            "memory_limit": "220MB",
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
        },
    )
    (path,) = (folder / "in").iterdir()
    money = ", types={'Amount': 'DECIMAL(18,4)'}" if path.stem == "deals" else ""
    connection.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}'{money})")
    connection.execute("CHECKPOINT")
    connection.close()


def whole(folder: Path) -> None:
    """The way every sync takes: read, understand, conform, audit, publish."""
    from kvitto.audit import audit
    from kvitto.conform import conform, understand
    from kvitto.sources import read_source
    from kvitto.warehouse import Warehouse
    from kvitto.workspace.definition import ClientDefinition, SourceDefinition

    definition = SourceDefinition.model_validate(
        {"client": "acme", "path": "in", "as_of": "2025-06-30", "currency": "EUR"}
    )
    client = ClientDefinition(name="Acme")
    with _Step("read"):
        staged = read_source("crm", definition, folder)
    understanding = understand(staged, definition)
    with Warehouse(folder / "warehouse").building(rebuild=["crm"]) as building:
        with _Step("conform"):
            report = conform(
                building.connection, "crm", definition, staged, understanding, client, "b1"
            )
        with _Step("audit"):
            audit(building.connection, {"acme": client}, [], report.findings)
        with _Step("publish"):
            version = building.publish([report.state])
    staged.close()
    print(f"  {dict(version.rows)}", file=sys.stderr)


def floor(folder: Path) -> None:
    """Put the canonical rows that are ready into empty tables of a new version."""
    from kvitto.warehouse.engine import open_building
    from kvitto.warehouse.schema import create_statements

    connection = open_building(folder / "floor.duckdb", folder / "spill")
    for statement in create_statements():
        connection.execute(statement)
    for path in sorted((folder / "ready").glob("*.parquet")):
        connection.execute(f"INSERT INTO {path.stem} SELECT * FROM '{path}'")
    connection.execute("CHECKPOINT")
    connection.close()


def _make_ready(folder: Path) -> None:
    """Write each table of the published version as Parquet, for the floor."""
    import duckdb

    ready = folder / "ready"
    ready.mkdir()
    (version,) = (folder / "warehouse" / "versions").glob("*.duckdb")
    connection = duckdb.connect(str(version), read_only=True)
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE estimated_size > 0 AND table_name[1] <> '_'"
    ).fetchall()
    for (table,) in tables:
        connection.execute(f"COPY {table} TO '{ready / table}.parquet'")
    connection.close()


class _Step:
    """Prints the processor time of one step."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self.begin = _processor()

    def __exit__(self, *_: object) -> None:
        print(f"  {self.name:8} {_processor() - self.begin:6.2f} CPU-s", file=sys.stderr)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _child(name: str, folder: Path) -> None:
    begin, clock = _processor(), time.perf_counter()
    {"plain": plain, "whole": whole, "floor": floor}[name](folder)
    # The highest mark of this process alone; getrusage would give the parent's too.
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    print(json.dumps([_processor() - begin, time.perf_counter() - clock, peak]))


def _run(name: str, folder: Path) -> tuple[float, float, float]:
    done = subprocess.run(
        [sys.executable, __file__, name, str(folder)], check=True, stdout=subprocess.PIPE, text=True
    )
    processor, clock, peak = json.loads(done.stdout.splitlines()[-1])
    return processor, clock, peak


def main() -> None:
    if len(sys.argv) == 3:
        _child(sys.argv[1], Path(sys.argv[2]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    for name, sql in (("activities", ACTIVITIES), ("deals", DEALS)):
        _compare(name, sql, rows)


def _compare(name: str, sql: str, rows: int) -> None:
    import duckdb

    with tempfile.TemporaryDirectory() as above:
        folder = Path(above)
        (folder / "in").mkdir()
        duckdb.connect().execute(sql.format(rows=rows, target=folder / "in" / f"{name}.csv"))
        used = {}
        for kind in ("plain", "whole", "floor"):
            if kind == "floor":
                _make_ready(folder)
            processor, clock, peak = used[kind] = _run(kind, folder)
            print(
                f"{name}, {kind}: {rows:,} rows, {processor:.2f} CPU-s, {clock:.2f} s,"
                f" {rows / processor:,.0f} rows per CPU-s, peak {peak:.0f} MB",
                flush=True,
            )
        ratio = used["plain"][0] / used["whole"][0]
        least = used["plain"][0] / used["floor"][0]
        print(
            f"{name}: ratio {ratio:.2f} (goal {GOAL:.2f} or more; {least:.2f} for writing alone)",
            flush=True,
        )


if __name__ == "__main__":
    main()
