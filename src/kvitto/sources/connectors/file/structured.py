"""Parquet and JSON to a staged table, every column as text.

Numbers in JSON are taken as they are written, never by way of a binary float.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import BadSource
from kvitto.sources.column import decide_columns
from kvitto.sources.connectors.file.content import Content
from kvitto.sources.connectors.file.delimited import Place
from kvitto.sources.format import NOTHING
from kvitto.sources.staged import Decision, StagedTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LARGEST_OBJECT = 16 * 1024 * 1024


def stage_structured(connection: DuckDBPyConnection, place: Place, content: Content) -> StagedTable:
    """Read the file. Raises :class:`BadSource` where the engine cannot."""
    import duckdb

    try:
        if content == "parquet":
            names, relation = _parquet(connection, place.path)
        else:
            names, relation = _json(connection, place.path)
        samples = _samples(connection, relation, names)
        columns, rows, _ = decide_columns(connection, relation, names, names, samples, place.file)
    except duckdb.Error as error:
        raise BadSource.of(
            f"read {place.file}",
            f"it looks like {content} but cannot be read: {str(error).splitlines()[0]}",
            "Export it again.",
        ) from error
    decision = Decision("format", content, "found", "the content says so")
    return StagedTable(place.name, place.file, None, columns, relation, rows, decisions=(decision,))


def _parquet(connection: DuckDBPyConnection, path: Path) -> tuple[tuple[str, ...], str]:
    read = f"read_parquet({_literal(str(path))})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
    texts = []
    for name, kind, *_ in described:
        nested = str(kind).endswith("[]") or str(kind).startswith(("STRUCT", "MAP"))
        value = f"CAST(to_json({_named(name)}) AS VARCHAR)" if nested else _plain(name, str(kind))
        texts.append(f"{_nothing(value)} AS {_named(name)}")
    return tuple(str(row[0]) for row in described), _selected(texts, read)


def _plain(name: str, kind: str) -> str:
    """The value as text; a binary float as the shortest decimal that gives it back."""
    return f"CAST({_named(name)} AS VARCHAR)"


def _json(connection: DuckDBPyConnection, path: Path) -> tuple[tuple[str, ...], str]:
    """Objects in a list or in lines; one object that holds the list is opened.

    An object inside an object gives a column for each of its entries.
    """
    listed = _list_inside(connection, path)
    if listed is None:
        read = _read(path, "json: 'JSON'", "records=false, format='auto'")
        rows = f"(SELECT json AS j FROM {read})"
    else:
        read = _read(path, "json: 'JSON'", "records=false, format='unstructured'")
        rows = (
            f"(SELECT unnest(CAST(json_extract(json, {_literal(_path(listed))}) AS JSON[])) AS j"
            f" FROM {read})"
        )
    keys = connection.execute(
        f"SELECT DISTINCT key FROM (SELECT unnest(json_keys(j)) AS key FROM {rows})"
    ).fetchall()
    found = [(str(key),) for (key,) in sorted(keys)]
    opened = [path for key in found for path in _opened(connection, rows, key)]
    names = tuple(".".join(path) for path in opened)
    texts = [
        f"{_nothing(f'json_extract_string(j, {_literal(_path(path))})')} AS {_named(name)}"
        for path, name in zip(opened, names, strict=True)
    ]
    if not texts:
        raise BadSource.of(
            f"read {path.name}", "there are no objects in it", "Export a list of objects."
        )
    return names, _selected(texts, rows)


def _list_inside(connection: DuckDBPyConnection, path: Path) -> tuple[str, ...] | None:
    """The key of the list in a file that is one object around it, as APIs answer."""
    read = _read(path, "json: 'JSON'", "records=false, format='auto'")
    first = connection.execute(f"SELECT json, json_type(json) FROM {read} LIMIT 2").fetchall()
    if len(first) != 1 or first[0][1] != "OBJECT":
        return None
    lists = connection.execute(
        "SELECT key FROM (SELECT unnest(json_keys(CAST($j AS JSON))) AS key)"
        " WHERE json_type(CAST($j AS JSON), '$.\"' || key || '\"') = 'ARRAY'"
        " AND json_type(CAST($j AS JSON), '$.\"' || key || '\"[0]') = 'OBJECT'",
        {"j": first[0][0]},
    ).fetchall()
    return (str(lists[0][0]),) if len(lists) == 1 else None


def _opened(
    connection: DuckDBPyConnection, rows: str, path: tuple[str, ...]
) -> list[tuple[str, ...]]:
    """The path itself, or one for each entry where it holds objects; two levels deep."""
    inside = connection.execute(
        f"SELECT DISTINCT unnest(json_keys(json_extract(j, {_literal(_path(path))}))) FROM {rows}"
        f" WHERE json_type(j, {_literal(_path(path))}) = 'OBJECT'"
    ).fetchall()
    if not inside or len(path) > 2:
        return [path]
    return [found for (key,) in sorted(inside) for found in _opened(connection, rows, (*path, key))]


def _read(path: Path, columns: str, options: str) -> str:
    return (
        f"read_json({_literal(str(path))}, columns={{{columns}}}, {options},"
        f" maximum_object_size={_LARGEST_OBJECT})"
    )


def _path(keys: Sequence[str]) -> str:
    return "$" + "".join('."' + key.replace('"', '\\"') + '"' for key in keys)


def _samples(
    connection: DuckDBPyConnection, relation: str, names: Sequence[str]
) -> list[list[str]]:
    rows = connection.execute(f"SELECT * FROM {relation} LIMIT 1000").fetchall()
    return [
        [str(row[place]) for row in rows if row[place] is not None] for place in range(len(names))
    ]


def _selected(texts: Sequence[str], rows: str) -> str:
    return f"(SELECT {', '.join(texts)} FROM {rows})"


def _nothing(value: str) -> str:
    listed = ", ".join(_literal(mark) for mark in NOTHING)
    return f"CASE WHEN {value} NOT IN ({listed}) THEN {value} END"


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
