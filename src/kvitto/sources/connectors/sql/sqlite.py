"""SQLite files: opened to read only, seen at one moment, streamed row by row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kvitto.errors import BadSource, Problem, SourceBusy
from kvitto.sources.connectors.sql.address import Dialect, file_at
from kvitto.sources.connectors.sql.column import Column, Kind, Relation
from kvitto.sources.connectors.sql.database import Login, clean, kept_open, spoken, within
from kvitto.sources.connectors.sql.rows import batches_of
from kvitto.warehouse.quoting import named, quoted

if TYPE_CHECKING:
    from pyarrow import RecordBatch

_BUSY_SECONDS = 10


class Sqlite:
    """One connection, one snapshot. A column holds what was put in, so the values decide."""

    dialect: Dialect = "sqlite"

    def __init__(self, login: Login) -> None:
        path = file_at(login.target, login.root)
        self._login = login
        self._page = login.rows_per_page
        with self._asking("the file"):
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
            )
        with kept_open(self._connection), self._asking("the file"):
            self._connection.execute("PRAGMA query_only = true")
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def names(self) -> Sequence[str]:
        """All tables and views."""
        return [
            str(name)
            for (name,) in self._rows(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
                " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            )
        ]

    def table(self, name: str) -> Relation | None:
        """The table's columns, key and indexes."""
        wanted = spoken(name)[-1].casefold()
        own = next((one for one in self.names() if one.casefold() == wanted), None)
        if own is None:
            return None
        found = self._rows(f"PRAGMA table_xinfo({named(own)})")
        columns = tuple(_column(str(row[1]), str(row[2])) for row in found if row[6] != 1)
        keyed = sorted((row[5], str(row[1])) for row in found if row[5])
        key = tuple(one for _, one in keyed)
        return Relation(name, named(own), columns, key)

    def query(self, name: str, sql: str) -> Relation:
        """The columns of a query; nothing is known of their types."""
        with self._asking(f"the query '{name}'"):
            cursor = self._connection.execute(f"SELECT * FROM (\n{sql}\n) LIMIT 0")
        columns = tuple(_column(str(one[0]), "") for one in cursor.description or ())
        return Relation(name, f"(\n{sql}\n)", columns)

    def batches(self, sql: str, width: int) -> Iterator[RecordBatch]:
        """The rows, streamed."""
        with self._asking("rows"):
            cursor = self._connection.execute(sql)
            yield from batches_of(iter(lambda: cursor.fetchmany(self._page), []), width)

    def number(self, sql: str) -> int:
        """The one number."""
        ((found,),) = self._rows(sql)
        return int(found)

    def changed_sql(self, column: Column, since: datetime | None, until: datetime | None) -> str:
        """Compared as moments, whatever way of ISO 8601 they are written in."""
        moment = f"julianday({named(column.name)})"
        return within(moment, since, until, _moment)

    def days_sql(self, column: Column, first: date, last: date) -> str:
        """The days as they are written."""
        day = f"substr({named(column.name)}, 1, 10)"
        end = (last + timedelta(days=1)).isoformat()
        return f"{day} >= {quoted(first.isoformat())} AND {day} < {quoted(end)}"

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self._asking("the catalogue"):
            return self._connection.execute(statement).fetchall()

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            asked = f"{what} of the database {self._login.target.label}"
            said = clean(self._login, str(error))
            if "locked" in said or "busy" in said:
                raise SourceBusy(
                    Problem(asked, said, "Somebody writes to it; sync again later.")
                ) from None
            todo = "Look whether it is an SQLite database, and correct the tables: of the settings."
            raise BadSource(Problem(asked, said, todo)) from None


def _column(name: str, declared: str) -> Column:
    """A declared type is a wish; only what is declared as bytes is believed."""
    kind: Kind = "bytes" if declared.upper() == "BLOB" else "text"
    return Column(name, declared or "any", kind, named(name))


def _moment(moment: datetime) -> str:
    return f"julianday({quoted(moment.replace(tzinfo=None).isoformat(sep=' '))})"
