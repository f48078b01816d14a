"""Opening the state: SQLite in WAL mode by default, PostgreSQL by address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError, ProgrammingError

from kvitto.errors import MissingExtra, StoreFailed

HEAD = "r0001"
"""The newest migration. A database that is there already is opened without Alembic."""

BUSY_SECONDS = 10.0

_UNDEFINED_TABLE = "42P01"


@dataclass(frozen=True, slots=True)
class Store:
    """An open state. Reads and writes are separate, because SQLite has one writer."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads; it never waits for a writer.

        Raises :class:`StoreFailed` where the database does not answer.
        """
        with _told("read"), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: all of it or nothing. Waits for another writer.

        Raises :class:`StoreFailed` where the disk is full or the wait too long.
        """
        with _told("write to"), self.engine.connect() as connection:
            connection.execution_options(kvitto_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the state at an SQLAlchemy address and bring it up to date.

    Raises :class:`MissingExtra` where the driver is not installed and
    :class:`StoreFailed` where the database cannot be opened, or was made by a
    newer version of the product.
    """
    address = make_url(url)
    engine = _engine(address)
    store = Store(engine)
    shown = address.render_as_string(hide_password=True)
    try:
        if _revision(store) != HEAD:
            from kvitto.store.migrate import upgrade

            upgrade(store.write, HEAD)
    except StoreFailed:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        raise StoreFailed.of(
            f"open the state at {shown}",
            str(error.orig),
            "Check the path, its rights and its disk.",
        ) from error
    return store


@contextmanager
def _told(wish: str) -> Iterator[None]:
    """What the database could not do, in our own words: it is no fault of the program."""
    try:
        yield
    except OperationalError as error:
        raise StoreFailed.of(
            f"{wish} the state",
            str(error.orig),
            "Make room on its disk and check its rights, then do it again; what was kept stays.",
        ) from error


def insert_or(connection: Connection, table: Table) -> Any:
    """An INSERT that may say what to do where the row is there; both engines spell it alike."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def _engine(address: URL) -> Engine:
    try:
        if address.get_backend_name() == "sqlite":
            engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        return create_engine(address, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise MissingExtra.of(
            f"the state on {address.get_backend_name()}",
            f"its driver is not installed ({error})",
            "Install it with: pip install 'kvitto[postgres]'",
        ) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={int(BUSY_SECONDS * 1000)}",
        "journal_mode=WAL",
        "synchronous=FULL",  # a delivery that was recorded stays recorded after a power cut
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a read that turns into a write can deadlock."""
    write = connection.get_execution_options().get("kvitto_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _revision(store: Store) -> str | None:
    try:
        with store.engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError) as error:
        if _no_such_table(error):
            return None
        raise
    return None if found is None else str(found)


def _no_such_table(error: DBAPIError) -> bool:
    """By PostgreSQL's code, because its words are in the language of the server."""
    return "no such table" in str(error.orig).lower() or _code(error) == _UNDEFINED_TABLE


def _code(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
