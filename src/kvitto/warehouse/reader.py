"""Questions to one published version, read-only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any

from kvitto.errors import WarehouseFailed
from kvitto.warehouse.engine import first_line, open_copying, open_reading, use_version
from kvitto.warehouse.quoting import quoted
from kvitto.warehouse.version import Version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Reader:
    """Reads one version; the version is not removed while the reader is open.

    The connection is read-only and locked down: SQL that names a file, loads
    an extension or changes a setting is refused by the engine. Every query has
    a cursor of its own, so one reader may serve several threads.
    """

    def __init__(self, version: Version, path: Path, held: int) -> None:
        self.version = version
        self._path = path
        self._held: int | None = held
        self._connection: DuckDBPyConnection | None = open_reading(path)
        self._copier: tuple[Path, DuckDBPyConnection] | None = None
        self._copier_lock = Lock()

    @property
    def path(self) -> Path:
        """The version's file, for who attaches it read-only; it stays while the reader is open."""
        return self._path

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of the answer. ``$name`` in the SQL takes ``parameters['name']``."""
        cursor = self._cursor()
        try:
            rows: list[tuple[Any, ...]] = _executed(cursor, sql, parameters).fetchall()
        finally:
            cursor.close()
        return rows

    def columns(self, sql: str, parameters: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """The names of the answer's columns."""
        cursor = self._cursor()
        try:
            described = _executed(cursor, f"SELECT * FROM ({sql}) LIMIT 0", parameters).description
        finally:
            cursor.close()
        return tuple(str(column[0]) for column in described or ())

    def copy_parquet(
        self, sql: str, target: Path, parameters: Mapping[str, Any] | None = None
    ) -> Path:
        """Write the answer to ``target`` as Parquet and give the path back.

        The reader itself may not write files; a second connection may, into
        the target's folder and nowhere else. It is kept for the next file of
        the same folder, as sealing writes many.
        """
        self._cursor().close()
        whole = target.resolve()
        cursor = self._copying(whole.parent)
        try:
            _executed(
                cursor,
                f"COPY ({sql}) TO {quoted(whole)} (FORMAT parquet, COMPRESSION zstd)",
                parameters,
            )
        except WarehouseFailed:
            whole.unlink(missing_ok=True)
            raise
        finally:
            cursor.close()
        return target

    def close(self) -> None:
        """Let go of the version. Closing twice does nothing."""
        with self._copier_lock:
            if self._copier is not None:
                self._copier[1].close()
                self._copier = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _copying(self, folder: Path) -> DuckDBPyConnection:
        with self._copier_lock:
            if self._copier is None or self._copier[0] != folder:
                if self._copier is not None:
                    self._copier[1].close()
                self._copier = (folder, open_copying(self._path, folder))
            cursor = self._copier[1].cursor()
        use_version(cursor)
        return cursor

    def _cursor(self) -> DuckDBPyConnection:
        if self._connection is None:
            raise WarehouseFailed.of(
                f"ask the warehouse {self.version.id}",
                "this reader is closed",
                "Open a new one with Warehouse.reader().",
            )
        return self._connection.cursor()


def _executed(
    connection: DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | None
) -> DuckDBPyConnection:
    import duckdb

    try:
        return connection.execute(sql, dict(parameters) if parameters else None)
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise WarehouseFailed.of(
            "ask the warehouse",
            first_line(error),
            "Make room on the disk, check the folder's rights, and do it again.",
        ) from error
    except duckdb.Error as error:
        raise WarehouseFailed.of(
            "ask the warehouse",
            first_line(error),
            "This is a fault of Kvitto or of a metric's expression; see the SQL: " + sql[:2000],
        ) from error
