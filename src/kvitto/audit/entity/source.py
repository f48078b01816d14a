"""Canonical accounts and contacts -> raw records to compare."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOTHING = "CAST(NULL AS VARCHAR)"
_GONE = "coalesce(t.is_deleted, FALSE) OR t.merged_into_id IS NOT NULL AS gone"
_COUNTS = "t._excluded IS NULL AND t.client_id IS NOT NULL"


def raw_query(table: str, schema: str, clients: Collection[str]) -> str:
    """The SQL of ``raw`` (see :mod:`preparation`) for these clients' rows that count."""
    listed = ", ".join(quoted(client) for client in sorted(clients))
    counted = f"{_COUNTS} AND t.client_id IN ({listed})"
    nothing = {name: f"{_NOTHING} AS {name}" for name in ("street", "postcode", "ident")}
    if table == "accounts":
        return (
            "SELECT t.client_id, t.account_id AS record_id, t.name, t.domain,"
            f" t.country_code AS country, {_NOTHING} AS phone, {nothing['street']},"
            f" t.region AS place, {nothing['postcode']}, {nothing['ident']},"
            f" t.merged_into_id AS merged_into, {_GONE}"
            f" FROM {schema}.accounts AS t WHERE {counted} AND t.account_id IS NOT NULL"
        )
    return (
        "SELECT t.client_id, t.contact_id AS record_id, t.full_name AS name, t.email,"
        f" a.name AS company, {_NOTHING} AS born, t.phone, {nothing['street']},"
        f" {_NOTHING} AS place, {nothing['postcode']}, {nothing['ident']},"
        f" t.merged_into_id AS merged_into, {_GONE}"
        f" FROM {schema}.contacts AS t LEFT JOIN (SELECT client_id, account_id, min(name) AS name"
        f" FROM {schema}.accounts WHERE _excluded IS NULL GROUP BY ALL) AS a"
        " ON a.client_id = t.client_id AND a.account_id = t.account_id"
        f" WHERE {counted} AND t.contact_id IS NOT NULL"
    )


def clients_with_rows(connection: DuckDBPyConnection, table: str) -> tuple[str, ...]:
    """Who has at least two rows that count; nobody where the tables to compare are not there."""
    there = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database()"
        " AND table_name IN ('accounts', 'contacts')"
    ).fetchall()[0][0]
    if there < 2:
        return ()
    rows = connection.execute(
        f'SELECT client_id FROM "{table}" AS t WHERE {_COUNTS} GROUP BY 1 HAVING count(*) > 1'
        " ORDER BY 1"
    ).fetchall()
    return tuple(str(row[0]) for row in rows)
