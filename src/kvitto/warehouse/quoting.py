"""Texts and names in SQL, as DuckDB reads them and every database that keeps the standard.

Apart from the engine, so that who only writes SQL does not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def quoted(text: str | Path) -> str:
    """The text, or the path of a file, as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def named(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quoted_all(texts: Iterable[str | Path]) -> str:
    """The texts as literals with commas between, for ``IN (...)`` or a list."""
    return ", ".join(quoted(text) for text in texts)


def named_all(names: Iterable[str]) -> str:
    """The names as identifiers with commas between, for a list of columns."""
    return ", ".join(named(name) for name in names)
