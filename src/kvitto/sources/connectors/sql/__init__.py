"""SQL databases: PostgreSQL, MySQL and MariaDB, SQLite, DuckDB."""

from __future__ import annotations

from kvitto.sources.connector import Connector, Reading, SecretField
from kvitto.sources.connectors.sql.settings import SqlSettings
from kvitto.sources.staged import Staged
from kvitto.sources.stream import Account

SECRETS = (
    SecretField(
        "password",
        "Password of the database's user",
        "Whoever runs the database makes a user that may only read, and gives the password.",
        optional=True,
    ),
)


def _read(reading: Reading) -> Staged:
    from kvitto.sources.connectors.sql.read import read_sql

    return read_sql(reading)


def _check(reading: Reading) -> Account:
    from kvitto.sources.connectors.sql.read import check_sql

    return check_sql(reading)


CONNECTOR = Connector(
    kind="sql",
    title="SQL databases",
    reads="Tables, views and queries of PostgreSQL, MySQL, MariaDB, SQLite and DuckDB, all of a"
    " run in one snapshot, understood like files.",
    settings=SqlSettings,
    read=_read,
    check=_check,
    secrets=SECRETS,
    settles="As the definition says (settles_days); at once where it says nothing.",
    limits="One connection that may only read; statements end after timeout_seconds.",
    tested="A real PostgreSQL, SQLite and DuckDB files over loopback, with changes, kills and"
    " restarts in between; MariaDB where one is installed.",
    extra="postgres",
)
