"""MySQL and MariaDB through PyMySQL: a consistent snapshot, rows streamed as text."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.converters import conversions
from pymysql.cursors import SSCursor

from kvitto.errors import AddressRefused, BadAnswer, BadSource, Problem, SourceBusy, SourceRefused
from kvitto.sources.connectors.sql.address import Dialect, reachable_at
from kvitto.sources.connectors.sql.column import Column, Kind, Relation
from kvitto.sources.connectors.sql.database import (
    Login,
    clean,
    kept_open,
    refused,
    spoken,
    ticked,
    unreachable,
    within,
)
from kvitto.sources.connectors.sql.rows import batches_of
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from pyarrow import RecordBatch

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), "integer"),
    **dict.fromkeys(("decimal", "float", "double"), "number"),
    **dict.fromkeys(("binary", "varbinary", "blob", "tinyblob", "mediumblob"), "bytes"),
    **dict.fromkeys(("longblob", "bit", "geometry", "point"), "bytes"),
    **dict.fromkeys(("enum", "set", "uuid"), "word"),
    "date": "day",
    "datetime": "local",
    "timestamp": "instant",
    "json": "json",
}
_CODES = {
    **dict.fromkeys((1, 2, 3, 8, 9, 13), "int"),
    **dict.fromkeys((0, 4, 5, 246), "decimal"),
    **dict.fromkeys((10, 14), "date"),
    **dict.fromkeys((249, 250, 251, 252, 253, 254), "char"),
    7: "timestamp",
    12: "datetime",
    245: "json",
    16: "bit",
}
_ENCODERS = {kind: how for kind, how in conversions.items() if not isinstance(kind, int)}
"""What the driver is told of types: nothing for those that it reads, so that they stay text."""

_REFUSED = (1044, 1045, 1049, 1698, 1130, 2059, 1251, 1275)
_MISSING = (1054, 1064, 1146, 1060, 1052)
_FORBIDDEN = (1142, 1143, 1370)


class Mysql:
    """One connection, one snapshot."""

    dialect: Dialect = "mysql"

    def __init__(self, login: Login) -> None:
        self._login = login
        self._connection = self._connect(login)
        with kept_open(self._connection), self._asking("the database"):
            self._begin()

    def names(self) -> Sequence[str]:
        """All tables and views that the user may see."""
        found = self._rows(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema"
            " NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY 1, 2"
        )
        return [str(name) if one == self._schema else f"{one}.{name}" for one, name in found]

    def table(self, name: str) -> Relation | None:
        """The table's columns and indexes."""
        parts = spoken(name, "`")
        schema, own = (parts[-2], parts[-1]) if len(parts) > 1 else (self._schema, parts[-1])
        where = f"table_schema = {_text(schema)} AND table_name = {_text(own)}"
        found = self._rows(
            "SELECT column_name, data_type, column_type, privileges, is_nullable"
            f" FROM information_schema.columns WHERE {where} ORDER BY ordinal_position"
        )
        if not found:
            return None
        columns = [_column(str(row[0]), str(row[1]), str(row[2])) for row in found]
        filled = frozenset(str(row[0]) for row in found if str(row[4]) == "NO")
        indexes: dict[tuple[str, bool], list[str]] = {}
        for index, only, column in self._rows(
            "SELECT index_name, non_unique = 0, column_name FROM information_schema.statistics"
            f" WHERE {where} ORDER BY index_name, seq_in_index"
        ):
            indexes.setdefault((str(index), str(only) == "1"), []).append(str(column))
        place = f"{ticked(schema)}.{ticked(own)}"
        unique = [frozenset(names) for (_, only), names in indexes.items() if only]
        return Relation(
            name,
            place,
            tuple(columns),
            tuple(indexes.get(("PRIMARY", True), ())),
            tuple(one for one in unique if one <= filled),
            frozenset(names[0] for names in indexes.values()),
        )

    def query(self, name: str, sql: str) -> Relation:
        """The columns of a query as the database describes them."""
        with self._asking(f"the query '{name}'"), self._connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM (\n{sql}\n) AS q LIMIT 0")
            described = cursor.description or ()
        columns = [
            _column(str(one[0]), _CODES.get(one[1], "char"), _CODES.get(one[1], "char"))
            for one in described
        ]
        return Relation(name, f"(\n{sql}\n) AS q", tuple(columns))

    def batches(self, sql: str, width: int) -> Iterator[RecordBatch]:
        """The rows, streamed; the driver is told to leave them the text that they are."""
        with self._asking("rows"), self._connection.cursor(SSCursor) as cursor:
            cursor.execute(sql)
            pages = iter(lambda: cursor.fetchmany(self._login.rows_per_page) or [], [])
            yield from batches_of(pages, width)

    def number(self, sql: str) -> int:
        """The one number."""
        ((found,),) = self._rows(sql)
        return int(found)

    def changed_sql(self, column: Column, since: datetime | None, until: datetime | None) -> str:
        """Compared in the column's own type, so that an index may be used."""
        written = _day if until is None and column.kind == "day" else _moment
        return within(ticked(column.name), since, until, written)

    def days_sql(self, column: Column, first: date, last: date) -> str:
        """The days as they are kept: of timestamps those of UTC."""
        name, end = ticked(column.name), last + timedelta(days=1)
        return f"{name} >= '{first.isoformat()}' AND {name} < '{end.isoformat()}'"

    def close(self) -> None:
        """End the transaction and the connection."""
        if self._connection.open:
            self._connection._force_close()  # rows that were not taken are not waited for

    @property
    def _schema(self) -> str:
        return self._login.schema or self._login.target.database

    def _connect(self, login: Login) -> Any:
        target = login.target
        address = reachable_at(target, allow_private=login.allow_private)
        connection = pymysql.connections.Connection(
            host=target.host,
            port=target.port,
            user=target.user,
            password=login.password,
            database=target.database,
            charset="utf8mb4",
            conv=_ENCODERS,
            connect_timeout=login.connect_seconds,
            read_timeout=login.timeout_seconds + 60,
            local_infile=False,
            defer_connect=True,
            **_secured(login),
        )
        try:
            call = socket.create_connection((address, target.port), login.connect_seconds)
            call.settimeout(None)
            connection.connect(sock=call)
        except OSError as error:
            raise unreachable(login, str(error)) from None
        except pymysql.Error as error:
            code = error.args[0] if error.args else 0
            said = str(error.args[1] if len(error.args) > 1 else error)
            if "SSL" in said and not login.allow_private:
                raise AddressRefused(
                    Problem(
                        f"an encrypted connection to {target.host}",
                        clean(login, said),
                        "Let the server offer TLS.",
                    )
                ) from None
            raise (refused if code in _REFUSED else unreachable)(login, said) from None
        return connection

    def _begin(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT version()")
            ((version,),) = cursor.fetchall()
            if "MariaDB" in str(version):
                cursor.execute(f"SET max_statement_time = {self._login.timeout_seconds}")
            else:
                cursor.execute(f"SET max_execution_time = {self._login.timeout_seconds * 1000}")
            cursor.execute("SET lock_wait_timeout = 10")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def _rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        with self._asking("the catalogue"), self._connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except pymysql.Error as error:
            raise self._meant(error, what) from None

    def _meant(self, error: pymysql.Error, what: str) -> BadSource:
        code = error.args[0] if error.args else 0
        said = clean(self._login, str(error.args[1] if len(error.args) > 1 else error))
        asked = f"{what} of the database {self._login.target.label}"
        if code in _FORBIDDEN or code in _REFUSED:
            todo = "Grant the user the right to SELECT there, or take it out."
            return SourceRefused(Problem(asked, said, todo))
        if code in _MISSING:
            return BadSource(Problem(asked, said, "Correct the tables: of the settings."))
        if code in (1205, 1213):
            return SourceBusy(Problem(asked, said, "Somebody changes the table; sync again later."))
        if code in (1969, 3024) or isinstance(
            error, pymysql.OperationalError | pymysql.InterfaceError
        ):
            return unreachable(self._login, said)
        return BadAnswer(Problem(asked, said, "Ask whoever runs the database."))


def _secured(login: Login) -> dict[str, Any]:
    """How the connection is encrypted; in the own network only where it is asked for."""
    options = login.target.options
    if options.get("sslmode", "prefer") in ("require", "verify-ca", "verify-full"):
        return {"ssl": {"ca": options.get("sslrootcert")}}
    return {} if login.allow_private else {"ssl": {"ca": None}}


def _column(name: str, kind: str, declared: str) -> Column:
    """A day of zeros, which is how this database writes none, is none."""
    column = ticked(name)
    known = _KINDS.get(kind.lower(), "text")
    if declared.lower() == "tinyint(1)":
        known = "flag"
    if known in ("day", "local", "instant"):
        return Column(name, declared, known, f"IF({column} = 0, NULL, CAST({column} AS CHAR))")
    return Column(name, declared, known, column)


def _moment(moment: datetime) -> str:
    return f"'{moment.replace(tzinfo=None).isoformat(sep=' ')}'"


def _day(moment: datetime) -> str:
    return f"'{moment.date().isoformat()}'"


def _text(text: str) -> str:
    return quoted(text.replace("\\", "\\\\"))
