"""Accounts and contacts for the tests of entity resolution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

ACCOUNT = ("client_id", "account_id", "name", "domain", "region", "country_code")
CONTACT = ("client_id", "contact_id", "full_name", "email", "phone", "account_id")


def fill_accounts(tables: duckdb.DuckDBPyConnection, rows: Iterable[Sequence[str | None]]) -> None:
    """Accounts by the columns of :data:`ACCOUNT`; the last ones may be left out."""
    _fill(tables, "accounts", ACCOUNT, rows)


def fill_contacts(tables: duckdb.DuckDBPyConnection, rows: Iterable[Sequence[str | None]]) -> None:
    """Contacts by the columns of :data:`CONTACT`; the last ones may be left out."""
    _fill(tables, "contacts", CONTACT, rows)


def _fill(
    tables: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str | None]],
) -> None:
    full = [[*row, *[None] * (len(columns) - len(row))] for row in rows]
    if full:
        tables.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            full,
        )
