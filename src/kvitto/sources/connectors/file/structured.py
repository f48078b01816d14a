"""Parquet and JSON to a staged table, every column as text.

Numbers in JSON are taken as they are written, never by way of a binary float.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvitto.errors import BadSource, Problem
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.sources.column import decide_columns
from kvitto.sources.connectors.file.content import Content
from kvitto.sources.connectors.file.dialect import column_names
from kvitto.sources.connectors.file.ndjson import has_long_decimal, mend_json
from kvitto.sources.connectors.file.place import Place, place_finding
from kvitto.sources.format import NOTHING
from kvitto.sources.staged import Decision, StagedTable
from kvitto.warehouse.quoting import named, quoted, quoted_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LARGEST_OBJECT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Found:
    """Names of the columns, the relation, what is wrong with it, rows that are not in it."""

    names: tuple[str, ...]
    relation: str
    findings: tuple[Finding, ...] = ()
    left: int = 0


def stage_structured(connection: DuckDBPyConnection, place: Place, content: Content) -> StagedTable:
    """Read the file. Raises :class:`BadSource` where the engine cannot."""
    import duckdb

    try:
        if content == "parquet":
            found = _parquet(connection, place)
        else:
            found = _written(connection, place, _json(connection, place))
        samples = _samples(connection, found.relation, found.names)
        columns, rows, _ = decide_columns(
            connection, found.relation, found.names, found.names, samples, place.file
        )
    except duckdb.Error as error:
        raise _unreadable(place, content, str(error)) from error
    decision = Decision("format", content, "found", "the content says so")
    return StagedTable(
        place.name,
        place.file,
        None,
        columns,
        found.relation,
        rows,
        found.left,
        (decision,),
        found.findings,
    )


def _written(connection: DuckDBPyConnection, place: Place, found: _Found) -> _Found:
    """The relation as a file of columns: parsing JSON takes much memory, and is done once."""
    target = place.folder / f"{len(list(place.folder.iterdir())):04d}.parquet"
    path = quoted(target)
    connection.execute(f"COPY (SELECT * FROM {found.relation}) TO {path} (FORMAT parquet)")
    return replace(found, relation=f"read_parquet({path})")


def _unreadable(place: Place, content: str, said: str) -> BadSource:
    first = said.splitlines()[0].replace(str(place.path), place.file)
    todo = "Export it again."
    if "ncrypt" in first or _starts(place, b"PARE"):
        first, todo = "it is encrypted", "Export it without encryption."
    return BadSource(
        Problem(
            f"read {place.file}",
            f"it looks like {content} but cannot be read: {first}",
            todo,
            place.file,
        )
    )


def _starts(place: Place, mark: bytes) -> bool:
    with place.path.open("rb") as stream:
        return stream.read(len(mark)) == mark


def _parquet(connection: DuckDBPyConnection, place: Place) -> _Found:
    read = f"read_parquet({quoted(place.path)})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
    texts = []
    for name, kind, *_ in described:
        nested = str(kind).endswith("[]") or str(kind).startswith(("STRUCT", "MAP"))
        value = f"CAST(to_json({named(name)}) AS VARCHAR)" if nested else _plain(name, str(kind))
        texts.append(f"{_nothing(value)} AS {named(name)}")
    return _Found(tuple(str(row[0]) for row in described), _selected(texts, read))


def _plain(name: str, kind: str) -> str:
    """The value as text; a binary float as the shortest decimal that gives it back."""
    return f"CAST({named(name)} AS VARCHAR)"


def _json(connection: DuckDBPyConnection, place: Place) -> _Found:
    """Objects in a list or in lines; one object that holds the list is opened.

    An object inside an object gives a column for each of its entries. What the
    engine refuses is mended first, where that can be done.
    """
    import duckdb

    try:
        if (
            _starts(place, b"\xef\xbb\xbf")
            or _starts(place, b"\xff\xfe")
            or _starts(place, b"\xfe\xff")
        ):
            raise duckdb.InvalidInputException("it has a byte-order mark")
        if has_long_decimal(place.path):
            # The engine takes decimals by way of a binary float, which would round these.
            raise duckdb.InvalidInputException("it has decimals of more than 17 digits")
        return _objects(connection, place, place.path)
    except duckdb.Error as error:
        target = place.folder / f"{len(list(place.folder.iterdir())):04d}.ndjson"
        mended = mend_json(place.path, target)
        if mended is None:
            raise _unreadable(place, "json", str(error)) from error
        found = _objects(connection, place, mended.path)
    if mended.others:
        more = _object_findings(place, mended.others, 0, 0)
        found = replace(found, findings=(*found.findings, *more))
    if not mended.broken:
        return found
    listed = ", ".join(str(line) for line in mended.broken[:10])
    finding = place_finding(
        place,
        "broken_json",
        f"{place.file} has {len(mended.broken)} {mended.why}; they are left out ({listed})",
        "Mend them in the export, or export again.",
        rows=len(mended.broken),
        records=tuple(str(line) for line in mended.broken[:20]),
        severity=Severity.error,
        resolution=Resolution.exclude,
    )
    return replace(found, findings=(*found.findings, finding), left=len(mended.broken))


def _objects(connection: DuckDBPyConnection, place: Place, path: Path) -> _Found:
    """The objects of the file as rows; one scan finds out how they are built."""
    listed, others = _list_inside(connection, path)
    form = "array" if _begins(path) == b"[" else "auto"
    read = _read(path, "json: 'JSON'", f"records=false, format='{form}'")
    rows = f"(SELECT json AS j FROM {read})"
    if listed is not None:
        read = _read(path, "json: 'JSON'", "records=false, format='unstructured'")
        rows = (
            f"(SELECT unnest(CAST(json_extract(json, {quoted(_path((listed,)))}) AS JSON[])) AS j"
            f" FROM {read})"
        )
    shape, plain, doubled = _built(connection, rows)
    opened = list(_leaves(shape, ()))
    if not opened:
        raise BadSource.of(
            f"read {place.file}", "there are no objects in it", "Export a list of objects."
        )
    names = column_names([".".join(leaf) for leaf in opened])[0]
    in_bulk = not plain and not doubled and _is_nameable(shape)
    if in_bulk:
        values = ["r." + ".".join(named(key) for key in leaf) for leaf in opened]
        rows = _typed(path, shape, listed, form)
    else:
        values = [f"json_extract_string(j, {quoted(_path(leaf))})" for leaf in opened]
        rows = f"(SELECT j FROM {rows} WHERE json_type(j) = 'OBJECT')" if plain else rows
    texts = [
        f"{_nothing(value)} AS {named(name)}" for value, name in zip(values, names, strict=True)
    ]
    findings = _object_findings(place, others, plain, doubled)
    return _Found(names, _selected(texts, rows), tuple(findings), plain)


Shape = dict[str, Any]
"""The keys of objects; below a key that holds objects only stand theirs, else ``None``."""

_DEEPEST = 3
_MOST_OPEN = 4_000


def _built(connection: DuckDBPyConnection, rows: str) -> tuple[Shape, int, int]:
    """The keys of all objects, how many entries are none, and how many have a key twice."""
    shape: Shape = {}
    plain = doubled = 0
    # Deeper nesting would bring the engine down; opening signs are an upper bound of it.
    opens = "length(t) * 2 - length(replace(t, '[', '')) - length(replace(t, '{', ''))"
    deep = f"{opens} > {_MOST_OPEN}"
    found = connection.execute(
        f"SELECT CASE WHEN NOT ({deep}) THEN json_structure(j) END AS s,"
        " CASE WHEN json_type(j) = 'OBJECT' THEN json_keys(j) END AS ks, count(*)"
        f" FROM (SELECT j, CAST(j AS VARCHAR) AS t FROM {rows}) GROUP BY s, ks ORDER BY s, ks"
    )
    while some := found.fetchmany(1000):
        for structure, keys, count in some:
            if keys is None:
                plain += count
                continue
            doubled += count if len(set(keys)) < len(keys) else 0
            _merge(shape, _structure(structure, keys), 1)
    return shape, plain, doubled


def _structure(text: str | None, keys: Sequence[str]) -> Shape:
    """What the engine says of the object; only its keys where that goes too deep."""
    try:
        found = json.loads(text) if text else None
    except RecursionError:
        found = None
    return found if isinstance(found, dict) else dict.fromkeys(keys, "JSON")


def _merge(shape: Shape, one: Shape, depth: int) -> None:
    for key, kind in one.items():
        is_object = isinstance(kind, dict) and depth < _DEEPEST and bool(kind)
        if kind == "NULL":
            # Says nothing of what stands there in other rows.
            shape.setdefault(key, {})
        elif not is_object:
            shape[key] = None
        elif shape.setdefault(key, {}) is not None:
            _merge(shape[key], kind, depth + 1)


def _leaves(shape: Shape, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key in sorted(shape):
        if shape[key]:
            yield from _leaves(shape[key], (*above, key))
        else:
            yield (*above, key)


def _is_nameable(shape: Shape) -> bool:
    """Whether the engine can tell the keys apart: it knows no capitals and no empty names."""
    lowered = {key.lower() for key in shape}
    inside = all(_is_nameable(below) for below in shape.values() if below)
    return len(lowered) == len(shape) and "" not in lowered and inside


def _typed(path: Path, shape: Shape, listed: str | None, form: str) -> str:
    """The objects as one struct of texts each, read by the engine without a detour."""
    fields = ", ".join(f"{named(key)} {_type(below)}" for key, below in shape.items())
    if listed is not None:
        columns = f"{quoted(listed)}: {quoted(f'STRUCT({fields})[]')}"
        read = _read(path, columns, "records=true, format='unstructured'")
        return f"(SELECT unnest({named(listed)}) AS r FROM {read})"
    columns = ", ".join(f"{quoted(key)}: {quoted(_type(below))}" for key, below in shape.items())
    options = f"records=true, format='{form}'"
    return f"{_read(path, columns, options)} AS r"


def _type(below: Shape | None) -> str:
    if not below:
        return "VARCHAR"
    return f"STRUCT({', '.join(f'{named(key)} {_type(more)}' for key, more in below.items())})"


def _begins(path: Path) -> bytes:
    """The first sign that is no blank."""
    with path.open("rb") as stream:
        return stream.read(4096).lstrip()[:1]


def _object_findings(
    place: Place, others: Sequence[tuple[str, int]], plain: int, doubled: int
) -> Iterator[Finding]:
    if others:
        listed = ", ".join(f"'{key}' with {count}" for key, count in others)
        yield place_finding(
            place,
            "lists_not_read",
            f"{place.file} holds more than one list; these are not read: {listed}",
            "Put each list into a file of its own if it is needed.",
            rows=sum(count for _, count in others),
        )
    if plain:
        yield place_finding(
            place,
            "broken_json",
            f"{plain} entries of {place.file} are no objects and are left out",
            "Mend them in the export, or export again.",
            rows=plain,
            severity=Severity.error,
            resolution=Resolution.exclude,
        )
    if doubled:
        yield place_finding(
            place,
            "duplicate_key",
            f"{doubled} objects of {place.file} have a key twice; the first one is read",
            "Look at what writes the file: JSON should have each key once.",
            rows=doubled,
        )


def _list_inside(
    connection: DuckDBPyConnection, path: Path
) -> tuple[str | None, list[tuple[str, int]]]:
    """The key of the longest list in a file that is one object around it, and the other lists."""
    if _begins(path) == b"[":
        return None, []
    read = _read(path, "json: 'JSON'", "records=false, format='auto'")
    first = connection.execute(f"SELECT json, json_type(json) FROM {read} LIMIT 2").fetchall()
    if len(first) != 1 or first[0][1] != "OBJECT":
        return None, []
    lists = connection.execute(
        "SELECT key, json_array_length(CAST($j AS JSON), path) AS size FROM (SELECT key,"
        " '/' || replace(replace(key, '~', '~0'), '/', '~1') AS path"
        " FROM (SELECT DISTINCT unnest(json_keys(CAST($j AS JSON))) AS key))"
        " WHERE json_type(CAST($j AS JSON), path) = 'ARRAY'"
        " AND json_type(CAST($j AS JSON), path || '/0') = 'OBJECT' ORDER BY size DESC, key",
        {"j": first[0][0]},
    ).fetchall()
    found = [(str(key), int(size)) for key, size in lists]
    return (found[0][0], found[1:]) if found else (None, [])


def _read(path: Path, columns: str, options: str) -> str:
    return (
        f"read_json({quoted(path)}, columns={{{columns}}}, {options},"
        f" maximum_object_size={_LARGEST_OBJECT})"
    )


def _path(keys: Sequence[str]) -> str:
    """A JSON pointer, which every key can stand in."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


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
    return f"CASE WHEN {value} NOT IN ({quoted_all(NOTHING)}) THEN {value} END"
