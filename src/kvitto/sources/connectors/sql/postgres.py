"""PostgreSQL through psycopg: a repeatable-read transaction, rows in bulk by COPY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, sql

from kvitto.errors import BadAnswer, BadSource, Problem, SourceBusy, SourceRefused
from kvitto.sources.connectors.sql.address import Dialect, reachable_at
from kvitto.sources.connectors.sql.catalogue import TypeName, column_of
from kvitto.sources.connectors.sql.column import Column, Relation
from kvitto.sources.connectors.sql.csv import rows_as_batches
from kvitto.sources.connectors.sql.database import (
    APPLICATION,
    Login,
    clean,
    kept_open,
    refused,
    spoken,
    typed_moment,
    unreachable,
    within,
)
from kvitto.warehouse.quoting import named, quoted

if TYPE_CHECKING:
    from pyarrow import RecordBatch

_BYTES = 4 * 1024 * 1024
_LOCK_SECONDS = 10
_NOT_NOW = ("too many", "starting up", "shutting down", "recovery", "remaining connection")

_TABLES = """
SELECT n.nspname, c.relname, pg_table_is_visible(c.oid) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%'
AND n.nspname <> 'information_schema' ORDER BY 1, 2
"""
_COLUMNS = """
SELECT a.attname, a.atttypid, has_column_privilege(a.attrelid, a.attnum, 'SELECT')
FROM pg_attribute a WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_INDEXES = """
SELECT i.indisprimary, i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
  AND i.indimmediate, array(
    SELECT a.attname FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE k.place <= i.indnkeyatts ORDER BY k.place),
  NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid
    AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull)
FROM pg_index i WHERE i.indrelid = %s AND i.indisvalid
"""
_TYPE = "SELECT typname, typtype::text, typcategory::text, typbasetype FROM pg_type WHERE oid = %s"


class Postgres:
    """One connection, one snapshot."""

    dialect: Dialect = "postgres"

    def __init__(self, login: Login) -> None:
        self._login = login
        self._types: dict[int, TypeName] = {}
        self._connection = self._connect(login)
        with kept_open(self._connection), self._asking("the database"):
            self._begin()

    def names(self) -> Sequence[str]:
        """All tables and views; without the schema where it is not needed."""
        rows = self._rows(_TABLES)
        return [str(name) if visible else f"{schema}.{name}" for schema, name, visible in rows]

    def table(self, name: str) -> Relation | None:
        """The table's columns, types, keys and rights, out of the catalogue."""
        oid = self._oid(name)
        if oid is None:
            return None
        found = self._rows(_COLUMNS, oid)
        columns = [self._column(column, kind, bool(may)) for column, kind, may in found]
        readable = tuple(column for column in columns if column.readable)
        key, unique, leading = self._indexes(oid)
        ((schema, own),) = self._rows(
            "SELECT n.nspname, c.relname FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s",
            oid,
        )
        ((usage,),) = self._rows("SELECT has_schema_privilege(%s, 'USAGE')", schema)
        why = None if usage and readable else f"the user may not read {name}"
        place = f"{named(str(schema))}.{named(str(own))}"
        shown = tuple(columns) if why else readable
        return Relation(name, place, shown, key, unique, leading, why)

    def query(self, name: str, sql: str) -> Relation:
        """The columns of a query as the database describes them."""
        with self._asking(f"the query '{name}'"), self._connection.transaction():
            cursor = self._connection.execute(_plain(f"SELECT * FROM (\n{sql}\n) AS q LIMIT 0"))
            described = cursor.description or ()
            columns = [self._column(one.name, one.type_code, True) for one in described]
        return Relation(name, f"(\n{sql}\n) AS q", tuple(columns))

    def batches(self, sql: str, width: int) -> Iterator[RecordBatch]:
        """The rows, streamed as text by COPY: no object per value is made here."""
        with self._asking("rows"), self._as_stored(), self._connection.cursor() as cursor:
            statement = _plain(f"COPY ({sql}) TO STDOUT (FORMAT csv)")
            with cursor.copy(statement) as copy:
                yield from rows_as_batches(_joined(iter(copy)), width)

    def number(self, sql: str) -> int:
        """The one number."""
        ((found,),) = self._rows(sql)
        return int(found)

    def changed_sql(self, column: Column, since: datetime | None, until: datetime | None) -> str:
        """Compared in the column's own type, so that an index may be used."""
        return within(named(column.name), since, until, partial(typed_moment, column))

    def days_sql(self, column: Column, first: date, last: date) -> str:
        """The days as they are kept: of instants those of UTC."""
        start = datetime.combine(first, datetime.min.time())
        end = datetime.combine(last + timedelta(days=1), datetime.min.time())
        return within(named(column.name), start, end, partial(typed_moment, column))

    def close(self) -> None:
        """End the transaction and the connection."""
        self._connection.close()

    def _connect(self, login: Login) -> psycopg.Connection[Any]:
        target = login.target
        address = reachable_at(target, allow_private=login.allow_private)
        options = dict(target.options)
        options.setdefault("sslmode", "prefer" if login.allow_private else "require")
        try:
            return psycopg.connect(
                host=target.host,
                hostaddr=address,
                port=target.port,
                user=target.user,
                password=login.password,
                dbname=target.database,
                connect_timeout=login.connect_seconds,
                application_name=APPLICATION,
                passfile="/dev/null",  # no file of the person's is looked into
                client_encoding="UTF8",
                sslmode=options["sslmode"],
                sslrootcert=options.get("sslrootcert"),
            )
        except psycopg.Error as error:
            said = str(error)
            fatal = "FATAL" in said or "no password" in said or "SSL" in said
            if fatal and not any(words in said for words in _NOT_NOW):
                raise refused(login, said) from None
            raise unreachable(login, said) from None

    def _begin(self) -> None:
        connection = self._connection
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        told = {
            "timezone": "UTC",
            "datestyle": "ISO, YMD",
            "intervalstyle": "iso_8601",
            "extra_float_digits": "1",
            "statement_timeout": str(self._login.timeout_seconds * 1000),
            "lock_timeout": str(_LOCK_SECONDS * 1000),
            "idle_in_transaction_session_timeout": "0",
        }
        for name, value in told.items():
            connection.execute(_plain(f"SET LOCAL {name} = {quoted(value)}"))
        if self._login.schema is not None:
            connection.execute(_plain(f"SET LOCAL search_path = {named(self._login.schema)}"))

    @contextmanager
    def _as_stored(self) -> Iterator[None]:
        """A database without an encoding would refuse to hand out what it cannot turn into ours."""
        if self._connection.info.parameter_status("server_encoding") != "SQL_ASCII":
            yield
            return
        self._connection.execute("SET LOCAL client_encoding = 'SQL_ASCII'")
        yield
        self._connection.execute("SET LOCAL client_encoding = 'UTF8'")

    def _oid(self, name: str) -> int | None:
        """The table's number: as SQL would read the name, else as it is written."""
        exact = ".".join(named(part) for part in spoken(name))
        for written in (name, exact):
            try:
                with self._connection.transaction():
                    row = self._connection.execute(
                        "SELECT to_regclass(%s)::oid::bigint", [written]
                    ).fetchone()
            except (errors.SyntaxError, errors.InvalidName, errors.FeatureNotSupported):
                continue
            except errors.InsufficientPrivilege as error:
                raise SourceRefused(_problem(name, clean(self._login, str(error)))) from None
            if row is not None and row[0] is not None:
                return int(row[0])
        return None

    def _indexes(
        self, oid: int
    ) -> tuple[tuple[str, ...], tuple[frozenset[str], ...], frozenset[str]]:
        key: tuple[str, ...] = ()
        unique, leading = [], set()
        for primary, only, names, filled in self._rows(_INDEXES, oid):
            if names and names[0] is not None:
                leading.add(str(names[0]))
            if primary:
                key = tuple(str(name) for name in names)
            if only and filled and None not in names:
                unique.append(frozenset(str(name) for name in names))
        return key, tuple(unique), frozenset(leading)

    def _column(self, name: str, oid: int, may: bool) -> Column:
        return column_of(name, self._type(int(oid)), readable=may)

    def _type(self, oid: int) -> TypeName:
        if oid not in self._types:
            ((name, form, category, base),) = self._rows(_TYPE, oid)
            if base:
                self._types[oid] = self._type(int(base))
            else:
                self._types[oid] = TypeName(str(name), str(form), str(category))
        return self._types[oid]

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._asking("the catalogue"):
            return self._connection.execute(_plain(statement), values or None).fetchall()

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._meant(error, what) from None

    def _meant(self, error: psycopg.Error, what: str) -> BadSource:
        """The error as one of ours, split by who must act."""
        said = clean(self._login, str(error))
        asked = f"{what} of the database {self._login.target.label}"
        state = error.sqlstate or ""
        if isinstance(error, errors.InsufficientPrivilege):
            return SourceRefused(_problem(asked, said))
        if isinstance(error, errors.LockNotAvailable):
            return SourceBusy(Problem(asked, said, "Somebody changes the table; sync again later."))
        if isinstance(error, errors.QueryCanceled):
            return unreachable(self._login, f"{said} (timeout_seconds of the settings)")
        if state[:2] in ("42", "22"):
            return BadSource(Problem(asked, said, "Correct the tables: of the settings."))
        if state == "" or state[:2] in ("08", "57", "53", "40", "25"):
            return unreachable(self._login, said)
        return BadAnswer(Problem(asked, said, "Ask whoever runs the database."))


def _problem(asked: str, said: str) -> Problem:
    return Problem(asked, said, "Grant the user the right to SELECT there, or take it out.")


def _joined(messages: Iterator[Any]) -> Iterator[bytes]:
    """Whole rows, some megabytes at a time: each message of COPY is one row."""
    held: list[Any] = []
    size = 0
    for message in messages:
        held.append(message)
        size += len(message)
        if size >= _BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _plain(text: str) -> sql.SQL:
    """The statement as the driver takes it; what is ours is quoted before."""
    return sql.SQL(text)
