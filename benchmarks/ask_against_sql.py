"""`ask` against the raw SQL that it compiles to, alternately in one run.

Generates a warehouse of deals of each size, asks five typical questions
through `ask` and the same SQL straight through the reader, in turn, and prints
the ratios and the fixed cost (what `ask` takes beyond its SQL).

    python benchmarks/ask_against_sql.py [--rows 1000000 10000000] [--repeat 7]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from kvitto.metrics.answer import Measured
from kvitto.metrics.ask import ask
from kvitto.metrics.catalogue import load_catalogue
from kvitto.metrics.context import ClientContext
from kvitto.model.period import Calendar, parse_period
from kvitto.model.question import ComparisonKind, Question
from kvitto.model.scope import Scope
from kvitto.warehouse.reader import Reader
from kvitto.warehouse.version import SourceState
from kvitto.warehouse.warehouse import Warehouse

TODAY = date(2026, 1, 1)
CONTEXT = ClientContext("bench", "Bench", "EUR", Calendar("UTC"), TODAY)
STATE = SourceState("crm", "file", "bench", "2026-01-01T00:00:00Z", date(2025, 12, 31), 0, 0)

DEALS = """
INSERT INTO deals BY NAME
SELECT 'bench' AS client_id, 'crm:deals:' || i AS deal_id, 'crm:users:' || (i * 7 % 60) AS owner_id,
  ['North', 'South', 'East', 'West'][1 + i * 13 % 4] AS region,
  'Product ' || (i * 17 % 12) AS product, 'crm:accounts:' || (i * 31 % 5000) AS account_id,
  CASE WHEN i % 10 < 3 THEN 'won' WHEN i % 10 < 8 THEN 'lost' ELSE 'open' END AS outcome,
  CASE WHEN i % 50 <> 0 THEN CAST(hash(i) % 900000 AS DECIMAL(20, 4)) / 100 END AS amount_base,
  DATE '2022-01-01' + CAST(hash(i * 3) % 1400 AS INTEGER) AS created_on,
  CASE WHEN i % 10 < 8 THEN DATE '2022-01-01'
    + CAST(hash(i * 3) % 1400 + hash(i * 5) % 60 AS INTEGER) END AS closed_on, 'crm' AS _source
FROM range({rows}) AS numbers(i)
"""
USERS = """
INSERT INTO users BY NAME
SELECT 'bench' AS client_id, 'crm:users:' || i AS user_id, 'Person ' || i AS name,
  'crm:users:' || (i % 6) AS manager_id, 'crm' AS _source FROM range(60) AS numbers(i)
"""

QUESTIONS: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...], ComparisonKind | None], ...] = (
    (
        "four KPIs, one quarter, against the one before",
        ("deals_won", "bookings_amount", "close_rate", "average_deal_size"),
        "2025-Q2",
        (),
        ComparisonKind.previous,
    ),
    (
        "won value by region, against last year",
        ("bookings_amount",),
        "2025-Q2",
        ("region",),
        ComparisonKind.last_year,
    ),
    ("close rate by manager, one year", ("close_rate",), "2024", ("manager",), None),
    (
        "won value by month, against last year",
        ("bookings_amount",),
        "2025",
        ("month",),
        ComparisonKind.last_year,
    ),
    (
        "median sales cycle by product, one year",
        ("sales_cycle_length_median",),
        "2024",
        ("product",),
        None,
    ),
)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 1_000_000, 10_000_000])
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args(arguments)
    for rows in options.rows:
        with TemporaryDirectory() as folder:
            warehouse = build(Path(folder), rows)
            with warehouse.reader() as reader:
                report(reader, rows, options.repeat)


def build(root: Path, rows: int) -> Warehouse:
    """A warehouse with that many deals."""
    warehouse = Warehouse(root)
    with warehouse.building() as building:
        building.connection.execute(USERS)
        building.connection.execute(DEALS.format(rows=rows))
        building.publish([STATE])
    return warehouse


def report(reader: Reader, rows: int, repeat: int) -> None:
    """Measure every question and print one line each."""
    print(f"\n{rows:,} deals")
    print(f"  {'question':<48} {'sql ms':>8} {'ask ms':>8} {'ratio':>6} {'median':>6} {'fixed':>8}")
    for title, metrics, period, by, compare in QUESTIONS:
        question = Question(
            Scope.of("benchmark", "bench"),
            "bench",
            metrics,
            parse_period(period, CONTEXT.calendar, TODAY),
            by,
            (),
            compare,
        )
        sql, asked = in_turn(reader, question, repeat)
        fixed = median(one - other for one, other in zip(asked, sql, strict=True))
        print(
            f"  {title:<48} {min(sql):8.1f} {min(asked):8.1f} {min(asked) / min(sql):6.2f}"
            f" {median(asked) / median(sql):6.2f} {fixed:5.1f} ms"
        )


def in_turn(reader: Reader, question: Question, repeat: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the raw SQL and of `ask`, taken alternately after one round to warm up."""
    catalogue = load_catalogue()

    def through_ask() -> Measured:
        return ask(reader, catalogue, question, CONTEXT)

    statements = through_ask().answer.sql

    def through_sql() -> None:
        for statement in statements:
            reader.query(statement)

    through_sql()
    sql, asked = [], []
    for _ in range(repeat):
        sql.append(timed(through_sql))
        asked.append(timed(through_ask))
    return sql, asked


def timed(run: Callable[[], object]) -> float:
    start = perf_counter()
    run()
    return (perf_counter() - start) * 1000


if __name__ == "__main__":
    main(sys.argv[1:])
