"""A place of its own for the comparing: nothing of it is left in the version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NAME = "kvitto_entity"

_MACROS = (
    "CREATE MACRO rest_of(a, b) AS"
    " array_to_string(list_filter(a, lambda x: NOT list_contains(b, x)), ' ')",
    "CREATE MACRO rest_empty(a, b) AS least(len(a), len(b)) > 0 AND"
    " (list_has_all(a, b) OR list_has_all(b, a))",
    "CREATE MACRO rest_likeness(a, b) AS CASE WHEN rest_of(a, b) <> '' AND rest_of(b, a) <> ''"
    " THEN jaro_winkler_similarity(rest_of(a, b), rest_of(b, a)) ELSE 0 END",
)


@contextmanager
def opened(connection: DuckDBPyConnection) -> Iterator[tuple[DuckDBPyConnection, str]]:
    """A cursor on an empty database in memory, and the SQL name of the version's schema.

    It shares memory limit, threads and spill folder with ``connection``, which
    must have no transaction open. All that is made in it goes with it.
    """
    version, schema = connection.execute("SELECT current_database(), current_schema()").fetchall()[
        0
    ]
    connection.execute(f"ATTACH ':memory:' AS {_NAME}")
    work = connection.cursor()
    try:
        work.execute(f"USE {_NAME}")
        for macro in _MACROS:
            work.execute(macro)
        yield work, f'"{version}"."{schema}"'
    finally:
        work.close()
        connection.execute(f"DETACH {_NAME}")
