"""Files of every format to counted staged rows, against the bare reader of the same file.

    python benchmarks/read_formats.py [rows]

The same ten columns as CSV, Parquet, JSON lines and XLSX. *Bare* is DuckDB's own
reader with every column counted (for XLSX python-calamine, written out as CSV,
and the CSV counted); *staged* reads the file as every sync does, decides each
column from all of its values, and counts the staged relation; *canonical* is a
whole sync: deals with their histories and snapshots, conformed, audited and
published. Each runs in a process of its own; processor time is compared.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROWS = 300_000
FORMATS = ("csv", "parquet", "ndjson", "xlsx")

DEALS = """
SELECT 'D' || lpad(CAST(i AS VARCHAR), 9, '0') AS "Deal ID",
  'Agent ' || (i * 7919 % 40) AS "Sales rep", 'Product ' || (i % 7) AS "Product",
  'Account ' || (i * 31 % 20000) AS "Company",
  CASE WHEN i % 10 < 5 THEN 'Won' WHEN i % 10 < 8 THEN 'Lost' ELSE 'Engaging' END AS "Stage",
  DATE '2023-01-01' + CAST(i * 13 % 700 AS INTEGER) AS "Created",
  DATE '2023-01-01' + CAST(i * 13 % 700 + i % 90 AS INTEGER) AS "Close date",
  CAST((i * 97 % 1000000) / 100 AS DECIMAL(12, 2)) AS "Amount",
  'Region ' || (i % 5) AS "Region", 'web, source ' || (i % 9) AS "Lead source"
  FROM range({rows}) AS t(i)
"""


def bare(path: Path) -> int:
    """The rows of the file, every column counted, by the reader alone."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": "220MB", "preserve_insertion_order": False})
    if path.suffix == ".xlsx":
        path = _by_calamine(path)
    readers = {".csv": "read_csv", ".parquet": "read_parquet", ".ndjson": "read_json"}
    read = f"{readers[path.suffix]}('{path}')"
    names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()]
    counts = ", ".join(f'count("{name}")' for name in names)
    found = connection.execute(f"SELECT count(*), {counts} FROM {read}").fetchone()
    assert found is not None
    return int(found[0])


def staged(path: Path) -> int:
    """The rows of the staged relation, every column counted."""
    import duckdb

    from kvitto.sources import read_source
    from kvitto.workspace.definition import SourceDefinition

    definition = SourceDefinition.model_validate({"client": "acme", "path": str(path)})
    read = read_source("crm", definition, path.parent)
    (table,) = read.tables
    connection = duckdb.connect(config={"memory_limit": "220MB", "preserve_insertion_order": False})
    counts = ", ".join(f'count("{column.name}")' for column in table.columns)
    found = connection.execute(f"SELECT count(*), {counts} FROM {table.relation_sql}").fetchone()
    read.close()
    assert found is not None
    assert int(found[0]) == table.rows
    return table.rows


def canonical(path: Path) -> int:
    """The canonical rows of the file, conformed, audited and published by a whole sync."""
    from datetime import date

    from kvitto.app.house import local_person, open_house
    from kvitto.app.sync import sync

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for folder in ("clients", "sources"):
            (root / folder).mkdir()
        (root / "kvitto.yml").write_text("agency: Measured\n")
        (root / "clients" / "acme.yml").write_text("name: Acme\ncurrency: SEK\n")
        (root / "sources" / "crm.yml").write_text(
            f"kind: file\nclient: acme\npath: {path}\nas_of: 2025-06-30\n"
        )
        house = open_house(root, date(2025, 6, 30))
        sync(house, local_person(house))
        return house.warehouse.current().rows["deals"]


def _by_calamine(path: Path) -> Path:
    from python_calamine import CalamineWorkbook

    target = path.with_suffix(".bare.csv")
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows():
            writer.writerow(row)
    return target


def _write(folder: Path, rows: int) -> None:
    import duckdb
    import xlsxwriter

    connection = duckdb.connect()
    sql = DEALS.format(rows=rows)
    connection.execute(f"COPY ({sql}) TO '{folder}/deals.csv' (HEADER)")
    connection.execute(f"COPY ({sql}) TO '{folder}/deals.parquet'")
    connection.execute(f"COPY ({sql}) TO '{folder}/deals.ndjson' (FORMAT json)")
    cursor = connection.execute(sql)
    book = xlsxwriter.Workbook(
        str(folder / "deals.xlsx"),
        {"constant_memory": True, "default_date_format": "yyyy-mm-dd"},
    )
    sheet = book.add_worksheet("Deals")
    sheet.write_row(0, 0, [column[0] for column in cursor.description or ()])
    number = 0
    while part := cursor.fetchmany(5000):
        for row in part:
            number += 1
            sheet.write_row(number, 0, row)
    book.close()


def _child(how: str, path: Path) -> None:
    {"bare": bare, "staged": staged, "canonical": canonical}[how](path)
    used, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    spent = used.ru_utime + used.ru_stime + children.ru_utime + children.ru_stime
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    print(json.dumps([spent, peak]))


def _run(how: str, path: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, __file__, how, str(path)], check=True, stdout=subprocess.PIPE, text=True
    )
    spent, peak = json.loads(done.stdout.splitlines()[-1])
    return spent, peak


def main() -> None:
    if len(sys.argv) == 3:
        _child(sys.argv[1], Path(sys.argv[2]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), rows)
        print(f"{rows:,} rows of ten columns; rows per CPU-second, peak memory")
        for form in FORMATS:
            path = Path(folder) / f"deals.{form}"
            (one, low), (other, high) = _run("bare", path), _run("staged", path)
            whole, most = _run("canonical", path)
            print(
                f"{form:8} bare {rows / one:>9,.0f} {low:>5.0f} MB   staged {rows / other:>9,.0f}"
                f" {high:>5.0f} MB   ratio {one / other:.2f}   canonical {rows / whole:>9,.0f}"
                f" {most:>5.0f} MB   ratio {one / whole:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
