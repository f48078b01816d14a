"""From an address to the open database of its kind."""

from __future__ import annotations

from kvitto.errors import MissingExtra
from kvitto.sources.connectors.sql.database import Database, Login


def open_database(login: Login) -> Database:
    """Connect. Raises :class:`SourceRefused`, :class:`SourceUnreachable`,
    :class:`AddressRefused`, :class:`BadSource`, :class:`MissingExtra`."""
    dialect = login.target.dialect
    try:
        if dialect == "postgres":
            from kvitto.sources.connectors.sql.postgres import Postgres

            return Postgres(login)
        if dialect == "mysql":
            from kvitto.sources.connectors.sql.mysql import Mysql

            return Mysql(login)
    except ModuleNotFoundError as error:
        raise MissingExtra.of(
            f"the source of kind 'sql' at {login.target.host}",
            f"the package '{error.name}' is not installed",
            f"Install it with: pip install 'kvitto[{dialect}]'",
        ) from error
    if dialect == "sqlite":
        from kvitto.sources.connectors.sql.sqlite import Sqlite

        return Sqlite(login)
    from kvitto.sources.connectors.sql.duck import Duck

    return Duck(login)
