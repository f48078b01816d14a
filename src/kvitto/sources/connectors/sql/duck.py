"""DuckDB files, attached to read only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb

from kvitto.errors import BadSource, Problem, SourceBusy
from kvitto.sources.connectors.sql.address import Dialect, file_at
from kvitto.sources.connectors.sql.column import Column, Kind, Relation
from kvitto.sources.connectors.sql.database import (
    Login,
    clean,
    kept_open,
    spoken,
    typed_moment,
    within,
)
from kvitto.warehouse.quoting import named, quoted

if TYPE_CHECKING:
    from pyarrow import RecordBatch

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "number"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "local"),
    "BOOLEAN": "flag",
    "DATE": "day",
    "TIMESTAMP WITH TIME ZONE": "instant",
    "JSON": "json",
    "UUID": "word",
    "BLOB": "bytes",
}


class Duck:
    """One connection, one snapshot."""

    dialect: Dialect = "duckdb"

    def __init__(self, login: Login) -> None:
        path = file_at(login.target, login.root)
        self._login = login
        self._connection = duckdb.connect(
            config={
                "memory_limit": "500MB",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        with kept_open(self._connection), self._asking("the file"):
            self._begin(str(path))

    def names(self) -> Sequence[str]:
        """All tables and views; without the schema where it is the usual one."""
        found = self._rows(
            "SELECT schema, name FROM (SELECT schema_name AS schema, table_name AS name,"
            " internal FROM duckdb_tables() WHERE database_name = 'theirs' UNION ALL"
            " SELECT schema_name, view_name, internal FROM duckdb_views()"
            " WHERE database_name = 'theirs') WHERE NOT internal ORDER BY ALL"
        )
        usual = self._login.schema or "main"
        return [str(name) if schema == usual else f"{schema}.{name}" for schema, name in found]

    def table(self, name: str) -> Relation | None:
        """The table's columns and key."""
        wanted = ".".join(spoken(name)).casefold()
        own = next((one for one in self.names() if one.casefold() == wanted), None)
        if own is None:
            return None
        schema, _, table = own.rpartition(".")
        schema = schema or self._login.schema or "main"
        keys = self._rows(
            "SELECT constraint_type, constraint_column_names FROM duckdb_constraints()"
            f" WHERE database_name = 'theirs' AND schema_name = {quoted(schema)}"
            f" AND table_name = {quoted(table)} AND constraint_type = 'PRIMARY KEY'"
        )
        key = tuple(str(one) for one in keys[0][1]) if keys else ()
        place = f"theirs.{named(schema)}.{named(table)}"
        return Relation(name, place, self._columns(place), key)

    def query(self, name: str, sql: str) -> Relation:
        """The columns of a query."""
        return Relation(name, f"(\n{sql}\n) AS q", self._columns(f"(\n{sql}\n) AS q"))

    def batches(self, sql: str, width: int) -> Iterator[RecordBatch]:
        """The rows, streamed out of the engine as columns."""
        with self._asking("rows"):
            found = self._connection.execute(sql)
            yield from found.to_arrow_reader(self._login.rows_per_page)

    def number(self, sql: str) -> int:
        """The one number."""
        ((found,),) = self._rows(sql)
        return int(found)

    def changed_sql(self, column: Column, since: datetime | None, until: datetime | None) -> str:
        """Compared in the column's own type; text as a moment."""
        return within(_value(column), since, until, partial(typed_moment, column))

    def days_sql(self, column: Column, first: date, last: date) -> str:
        """The days as they are kept: of instants those of UTC."""
        start = datetime.combine(first, datetime.min.time())
        end = datetime.combine(last + timedelta(days=1), datetime.min.time())
        return within(_value(column), start, end, partial(typed_moment, column))

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _begin(self, path: str) -> None:
        connection = self._connection
        connection.execute(f"ATTACH {quoted(path)} AS theirs (READ_ONLY)")
        connection.execute(f"USE theirs.{named(self._login.schema or 'main')}")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET enable_external_access = false")
        connection.execute("BEGIN")

    def _columns(self, relation: str) -> tuple[Column, ...]:
        described = self._rows(f"DESCRIBE SELECT * FROM {relation}")
        return tuple(_column(str(row[0]), str(row[1])) for row in described)

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self._asking("the catalogue"):
            return self._connection.execute(statement).fetchall()

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            asked = f"{what} of the database {self._login.target.label}"
            said = clean(self._login, str(error))
            if "lock" in said and isinstance(error, duckdb.IOException):
                raise SourceBusy(
                    Problem(asked, said, "Another program has it open; sync again later.")
                ) from None
            todo = "Look whether it is a DuckDB database, and correct the tables: of the settings."
            raise BadSource(Problem(asked, said, todo)) from None


def _column(name: str, declared: str) -> Column:
    column = named(name)
    if declared.endswith("]") or declared.startswith(("STRUCT", "MAP", "UNION")):
        return Column(name, declared, "json", f"CAST(to_json({column}) AS VARCHAR)")
    if declared.startswith("DECIMAL"):
        return Column(name, declared, "number", f"CAST({column} AS VARCHAR)")
    if declared.startswith("ENUM"):
        return Column(name, declared, "word", f"CAST({column} AS VARCHAR)")
    return Column(name, declared, _KINDS.get(declared, "text"), f"CAST({column} AS VARCHAR)")


def _value(column: Column) -> str:
    name = named(column.name)
    return name if column.kind in ("day", "local", "instant") else f"try_cast({name} AS TIMESTAMP)"
