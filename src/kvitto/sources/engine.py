"""The engine in which rows of a source are brought together, with limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_engine(folder: Path, memory: str = "500MB") -> DuckDBPyConnection:
    """An engine that spills below ``folder`` what does not fit into ``memory``, and is quiet."""
    import duckdb

    connection = duckdb.connect(
        config={
            "memory_limit": memory,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection
