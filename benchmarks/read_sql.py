"""A table of PostgreSQL to staged rows, against the bare driver.

    python benchmarks/read_sql.py [rows]

A throw-away PostgreSQL on this machine holds one table of ten columns. *Copy* is
the driver's COPY of it into a file and nothing else; *rows* are SQLAlchemy's
rows from a server-side cursor, looked at once; *staged* reads the table as a
sync does: exported, kept, merged by its key, every column decided, and counted.
*Again* is the sync after that, with nothing new, read whole; *changes* is the
same by the column of the last change. Each runs in a process of its own;
processor time of that process is compared.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = 500_000

MADE = """
CREATE TABLE deals (deal_id bigint PRIMARY KEY, sales_rep text, product text, account_id text,
  stage text, created_at timestamptz, close_date date, amount numeric(12, 2), region text,
  updated_at timestamptz);
INSERT INTO deals SELECT i, 'Agent ' || (i * 7919 % 40), 'Product ' || (i % 7),
  'Account ' || (i * 31 % 20000), (ARRAY['Won', 'Lost', 'Engaging'])[1 + i % 3],
  timestamptz '2023-01-01' + i % 700 * interval '1 day', date '2023-01-01' + (i % 790)::int,
  (i * 97 % 1000000) / 100.0, 'Region ' || (i % 5),
  timestamptz '2024-01-01' + i * interval '1 second' FROM generate_series(1::bigint, {rows}) i;
CREATE INDEX ON deals (updated_at);
ANALYZE deals;
"""


def copy(url: str, folder: Path) -> int:
    """The rows in a file, by the driver alone."""
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with (
            (folder / "copied.csv").open("wb") as out,
            cursor.copy("COPY deals TO STDOUT (FORMAT csv)") as data,
        ):
            for row in data:
                out.write(row)
        return cursor.rowcount


def rows(url: str, _folder: Path) -> int:
    """The rows one by one, as objects."""
    import sqlalchemy

    address = url.replace("postgresql://", "postgresql+psycopg://")
    engine = sqlalchemy.create_engine(address)
    with engine.connect().execution_options(stream_results=True, max_row_buffer=10_000) as opened:
        return sum(1 for row in opened.execute(sqlalchemy.text("SELECT * FROM deals")) if row[0])


def staged(url: str, folder: Path, **told: str) -> int:
    """The rows of the staged relation, every column counted."""
    import duckdb

    from kvitto.sources import read_source
    from kvitto.workspace.definition import SourceDefinition

    before, _, after = url.partition("@")
    os.environ["READER"] = before.rpartition(":")[2]
    definition = SourceDefinition.model_validate(
        {
            "kind": "sql",
            "client": "acme",
            "allow_private": True,
            "secrets": {"password": "env:READER"},
            "settings": {
                "url": f"{before.rpartition(':')[0]}@{after}",
                "tables": [{"name": "deals", **told}],
            },
        }
    )
    read = read_source("crm", definition, folder)
    (table,) = read.tables
    connection = duckdb.connect(config={"memory_limit": "220MB", "preserve_insertion_order": False})
    counts = ", ".join(f'count("{column.name}")' for column in table.columns)
    found = connection.execute(f"SELECT count(*), {counts} FROM {table.relation_sql}").fetchone()
    read.close()
    assert found is not None
    assert int(found[0]) == table.rows
    return table.rows


def changes(url: str, folder: Path) -> int:
    """The same, read by the column of the last change."""
    return staged(url, folder, keeping="changes", cursor="updated_at")


HOW = {"copy": copy, "rows": rows, "staged": staged, "again": staged, "changes": changes}


def _child(how: str, url: str, folder: Path) -> None:
    HOW[how](url, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    print(json.dumps([used.ru_utime + used.ru_stime, peak]))


def _run(how: str, url: str, folder: Path) -> tuple[float, float]:
    words = [sys.executable, "-m", "benchmarks.read_sql", how, url, str(folder)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    spent, peak = json.loads(done.stdout.splitlines()[-1])
    return spent, peak


def main() -> None:
    if len(sys.argv) == 4:
        _child(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
        return
    from tests.postgres import running_cluster

    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with running_cluster() as cluster, tempfile.TemporaryDirectory() as below:
        name = cluster.new_database()
        cluster.run(MADE.format(rows=count), name)
        print(f"{count:,} rows of ten columns; rows per CPU-second, peak memory, against copy")
        least = 0.0
        for how in HOW:
            folder = Path(below) / ("staged" if how == "again" else how)
            folder.mkdir(exist_ok=True)
            spent, peak = _run(how, cluster.url(name, "postgresql"), folder)
            least = least or spent
            print(
                f"{how:8} {count / spent:>9,.0f} {peak:>5.0f} MB   ratio {spent / least:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
