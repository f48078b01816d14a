"""Carry rules out: fill defaults, leave rows out, note what waits for review.

Every row that a decision touches gets a line in ``_applied``. Rows are never
deleted: what does not count says why in ``_excluded``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kvitto.audit.probe import ROW, Probe, row_column
from kvitto.audit.scan import condition_of, source_of
from kvitto.model.finding import Resolution
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted
from kvitto.warehouse.schema import APPLIED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_INSERT = (
    f"INSERT INTO {APPLIED} (client_id, table_name, record_id, action, rule, column_name, why,"
    " kept_id)"
)


def decide(
    connection: DuckDBPyConnection,
    table: CanonicalTable,
    probes: Sequence[Probe],
    currencies: Mapping[str, str],
) -> None:
    """Do what the fired probes say, each row judged by what it was before any of it."""
    acting = [probe for probe in probes if probe.acts]
    if not acting:
        return
    marks = [f"COALESCE({condition_of(probe)}, FALSE) AS p{n}" for n, probe in enumerate(acting)]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE _touched AS SELECT * FROM (SELECT {ROW}.rowid AS row,"
        f" {ROW}.client_id, CAST({row_column(table.key[0])} AS VARCHAR) AS record,"
        f" {', '.join(marks)} FROM {source_of(table.name, acting)})"
        f" WHERE {' OR '.join(f'p{n}' for n in range(len(acting)))}"
    )
    order = (Resolution.exclude, Resolution.default, Resolution.review)
    for resolution in order:
        for number, probe in enumerate(acting):
            if probe.resolution is not resolution:
                continue
            if resolution is Resolution.default:
                _fill(connection, table, probe, number, currencies)
            else:
                _mark(connection, table, probe, number)
    connection.execute("DROP TABLE _touched")


def _mark(connection: DuckDBPyConnection, table: CanonicalTable, probe: Probe, number: int) -> None:
    left_out = probe.resolution is Resolution.exclude
    action = probe.action or ("excluded" if left_out else "review")
    still = "" if action == "excluded" else f" AND {ROW}._excluded IS NULL"
    why = probe.excluded or f"no {probe.column}"
    kept, marks = "NULL", ""
    if probe.marks is not None:
        kept, marks = "m.kept", f" LEFT JOIN {probe.marks} AS m ON m.row = h.row"
    connection.execute(
        f"{_INSERT} SELECT h.client_id, '{table.name}', h.record, '{action}', ?, ?, ?, {kept}"
        f' FROM _touched AS h JOIN "{table.name}" AS {ROW} ON {ROW}.rowid = h.row{marks}'
        f" WHERE h.p{number}{still}",
        [probe.rule, probe.column, why],
    )
    if left_out:
        connection.execute(
            f'UPDATE "{table.name}" AS {ROW} SET _excluded = ? FROM _touched AS h'
            f" WHERE {ROW}.rowid = h.row AND h.p{number} AND {ROW}._excluded IS NULL",
            [why],
        )


def _fill(
    connection: DuckDBPyConnection,
    table: CanonicalTable,
    probe: Probe,
    number: int,
    currencies: Mapping[str, str],
) -> None:
    column = table.column(str(probe.column))
    value = f"CAST({quoted(str(probe.default))} AS {column.sql_type})"
    for name, filled in _also_filled(table, column.name, value, currencies):
        touched = (
            f"{ROW}.rowid = h.row AND h.p{number} AND {ROW}._excluded IS NULL"
            f' AND {ROW}."{name}" IS NULL AND {filled} IS NOT NULL'
        )
        connection.execute(
            f"{_INSERT} SELECT h.client_id, '{table.name}', h.record, 'defaulted', ?, ?, ?, NULL"
            f' FROM _touched AS h JOIN "{table.name}" AS {ROW} ON {touched}',
            [probe.rule, name, f"no {column.name}; {probe.default} was filled in"],
        )
        connection.execute(
            f'UPDATE "{table.name}" AS {ROW} SET "{name}" = {filled}'
            f" FROM _touched AS h WHERE {touched}"
        )


def _also_filled(
    table: CanonicalTable, column: str, value: str, currencies: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The column itself, and what conforming makes from it: local date, base amount."""
    filled = [(column, value)]
    if column.endswith("_at") and table.has(f"{column[:-3]}_on"):
        filled.append((f"{column[:-3]}_on", f"CAST({value} AS DATE)"))
    if table.has(f"{column}_base"):
        base = " ".join(
            f"WHEN {ROW}.client_id = {quoted(client)} AND"
            f" {_currency(table)} IN ('', {quoted(currency)}) THEN {value}"
            for client, currency in currencies.items()
        )
        filled.append((f"{column}_base", f"CASE {base or 'WHEN FALSE THEN NULL'} END"))
    return filled


def _currency(table: CanonicalTable) -> str:
    return f"COALESCE({ROW}.currency_code, '')" if table.has("currency_code") else "''"
