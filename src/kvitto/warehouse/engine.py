"""Connections to DuckDB: one to build with, one to read with, both with limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvitto.errors import WarehouseFailed
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BUILD_MEMORY = "220MB"
"""What building may hold in memory; beyond it DuckDB spills to the folder beside the file."""

READ_MEMORY = "1GB"
"""What one reader may hold in memory."""

STORAGE = "v1.5.0"
"""The format of the file, which the oldest engine that we accept reads.

The engine's default is what its versions of years ago read, and costs a
quarter more to write: newer formats have cheaper ways to compress texts.
"""

_LOCKED: dict[str, Any] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}


def open_building(path: Path, spill: Path) -> DuckDBPyConnection:
    """A new file to build in. Row order is not kept, so that memory stays flat."""
    import duckdb

    connection = duckdb.connect(
        str(path),
        config={
            "memory_limit": BUILD_MEMORY,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
            "storage_compatibility_version": STORAGE,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    # The engine's own bar goes to standard output, where results are read.
    connection.execute("SET enable_progress_bar = false")
    # Nobody reads the file before it is published, so it is brought in order once, then.
    connection.execute("SET checkpoint_threshold = '1TB'")
    return connection


def open_reading(path: Path) -> DuckDBPyConnection:
    """A published file, read-only and locked down: no files, no network, no settings."""
    import duckdb

    try:
        connection = duckdb.connect(
            str(path), read_only=True, config={**_LOCKED, "memory_limit": READ_MEMORY}
        )
        _lock_settings(connection)
    except duckdb.Error as error:
        raise WarehouseFailed.of(
            f"open the warehouse {path.name}",
            first_line(error),
            "Go back to an earlier version with: kvitto rollback",
        ) from error
    return connection


def open_copying(path: Path, folder: Path) -> DuckDBPyConnection:
    """A published file, read-only, from which files of one single folder may be written."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": READ_MEMORY})
    connection.execute(f"ATTACH {quoted(path)} AS version (READ_ONLY)")
    connection.execute(f"SET allowed_directories = [{quoted(folder)}]")
    for setting, allowed in _LOCKED.items():
        connection.execute(f"SET {setting} = {str(allowed).lower()}")
    _lock_settings(connection)
    return connection


def _lock_settings(connection: DuckDBPyConnection) -> None:
    """No setting may be changed any more. Connections to one file share theirs in a process."""
    import duckdb

    try:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.InvalidInputException:
        found = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
        if found is None or not found[0]:
            raise


def use_version(cursor: DuckDBPyConnection) -> None:
    """Let a cursor of :func:`open_copying` name tables plainly; cursors do not inherit that."""
    cursor.execute("USE version")


def first_line(error: BaseException) -> str:
    """What an engine's error says, without its pointer into the SQL."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
