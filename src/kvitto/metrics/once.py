"""The same person again, shortly after: counted once.

Of the rows that are equal in their keys, one that comes within the window of
the row before it repeats it. A run of such rows counts at its first, so the
order in which rows arrive, and how often this is applied, changes nothing.
All rows of the client are looked at, also those before the asked period:
what counts on a day does not depend on the days that are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlglot
from sqlglot import exp

from kvitto.metrics.population import valid_rows
from kvitto.model.table import TENANT, canonical_table

_REPEATED = """{record} NOT IN (
  SELECT run.record FROM (
    SELECT {seen_record} AS record, {moment} AS moment,
      LAG({moment}) OVER (PARTITION BY {keys} ORDER BY {moment}, {seen_record}) AS before
    FROM {table} AS seen
    WHERE {conditions}
  ) AS run
  WHERE run.moment <= run.before + INTERVAL '{minutes}' MINUTE
)"""

SEEN = "seen"
"""The name of the table when it is looked at a second time."""


def once(
    table: str, moment: exp.Expr, minutes: int, condition: exp.Expr, keys: Sequence[exp.Expr]
) -> exp.Expr:
    """That no row like it, with equal keys, came within that many minutes before.

    The expressions are over columns of ``table`` alone.
    """
    record = canonical_table(table).key[0]
    seen = [_seen(key) for key in keys]
    kept = [*valid_rows(table, SEEN), _seen(condition), _seen(moment).is_(exp.null()).not_()]
    kept += [key.copy().is_(exp.null()).not_() for key in seen]
    text = _REPEATED.format(
        record=f"{table}.{record}",
        seen_record=f"{SEEN}.{record}",
        moment=_seen(moment).sql("duckdb"),
        keys=", ".join([f"{SEEN}.{TENANT}", *(key.sql("duckdb") for key in seen)]),
        table=table,
        conditions=exp.and_(*kept).sql("duckdb"),
        minutes=minutes,
    )
    made: exp.Expr = sqlglot.parse_one(text, read="duckdb")
    return made


def _seen(tree: exp.Expr) -> exp.Expr:
    holder = exp.Paren(this=tree.copy())
    for column in holder.find_all(exp.Column):
        column.set("table", exp.to_identifier(SEEN))
    found: exp.Expr = holder.this
    return found
