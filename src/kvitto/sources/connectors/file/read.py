"""The ``file`` connector: a file, a folder or a glob of the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import BadSource, KvittoError, Problem, nearest
from kvitto.model.finding import Finding
from kvitto.sources.connector import Reading
from kvitto.sources.connectors.file.content import Content, content_of
from kvitto.sources.connectors.file.place import Place
from kvitto.sources.connectors.file.stacked import stage_stacked
from kvitto.sources.engine import open_engine
from kvitto.sources.staged import Staged, StagedTable
from kvitto.workspace.definition import TableMap

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

READABLE = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".ods",
    ".parquet",
    ".json",
    ".ndjson",
    ".jsonl",
)
"""Endings of files that a folder is searched for. A file that is named may end in anything."""

_MEMORY = "200MB"


def read_files(reading: Reading) -> Staged:
    """Every file that the source's path names. Raises :class:`BadSource`, all problems together."""
    paths = find_files(reading)
    problems = _unmatched(reading, paths)
    tables: list[StagedTable] = []
    findings: list[Finding] = []
    import duckdb

    connection = open_engine(reading.folder, _MEMORY)
    try:
        for path in paths:
            try:
                tables += _stage_file(connection, reading, path)
            except KvittoError as error:
                problems += error.problems
            except (duckdb.Error, OSError) as error:
                problems.append(_failed(path.name, error))
    finally:
        connection.close()
    if problems:
        raise BadSource(*problems)
    return Staged(reading.name, tuple(tables), tuple(findings))


def find_files(reading: Reading) -> list[Path]:
    """The files that the source's path names. Raises :class:`BadSource` where there is none."""
    definition = reading.definition
    wanted = reading.root / definition.path
    if wanted.is_file():
        found = [wanted]
    elif any(sign in definition.path for sign in "*?["):
        found = sorted(path for path in reading.root.glob(definition.path) if path.is_file())
    elif wanted.is_dir():
        found = sorted(path for path in wanted.iterdir() if path.suffix.lower() in READABLE)
    else:
        found = []
    kept = [path for path in found if not path.name.startswith((".", "~$"))]
    if not kept:
        raise BadSource.of(
            f"read the source '{reading.name}'",
            f"there is no file at {definition.path}",
            _advice(wanted),
            file=f"sources/{reading.name}.yml",
        )
    return [path for path in kept if not _is_ignored(reading, path)]


def _advice(wanted: Path) -> str:
    beside = wanted.parent
    if beside.is_dir():
        near = nearest(wanted.name, [path.name for path in beside.iterdir()])
        if near is not None:
            return f"Did you mean '{near}'? The path is counted from the workspace."
    return "Put the file there or mend path; it is counted from the workspace."


def _is_ignored(reading: Reading, path: Path) -> bool:
    return any(path.match(pattern) for pattern in reading.definition.ignore) or any(
        told.skip and path.match(told.file) for told in reading.definition.tables
    )


def _unmatched(reading: Reading, paths: Sequence[Path]) -> list[Problem]:
    """Entries of the definition that no file answers to."""
    names = [path.name for path in paths]
    problems = []
    for told in reading.definition.tables:
        if told.skip or any(path.match(told.file) for path in paths):
            continue
        near = nearest(told.file, names)
        problems.append(
            Problem(
                f"read the table '{told.file}' of the source '{reading.name}'",
                f"there is no such file at {reading.definition.path}",
                f"Did you mean '{near}'?" if near else f"Found: {', '.join(names[:8])}.",
                f"sources/{reading.name}.yml",
            )
        )
    return problems


def _stage_file(
    connection: DuckDBPyConnection, reading: Reading, path: Path
) -> tuple[StagedTable, ...]:
    told = [entry for entry in reading.definition.tables if path.match(entry.file)]
    before = path.stat()
    tables = _staged(connection, reading, path, told)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise BadSource.of(
            f"read {path.name}",
            f"it changed while it was read ({before.st_size:,} bytes, then {after.st_size:,})",
            "Wait until it is written in full; put it there under another name and rename it.",
            file=path.name,
        )
    return tables


def _staged(
    connection: DuckDBPyConnection, reading: Reading, path: Path, told: Sequence[TableMap]
) -> tuple[StagedTable, ...]:
    content = content_of(path)
    shown = (
        path.relative_to(reading.root).as_posix()
        if path.is_relative_to(reading.root)
        else path.name
    )
    place = Place(
        path,
        path.name,
        None,
        reading.definition.client or "",
        reading.name,
        reading.folder,
        told[0] if told else None,
    )
    if content == "packed":
        from kvitto.sources.connectors.file.unpack import unpacked

        path, inside = unpacked(path, shown, reading.folder)
        content = content_of(path, inside)
        place = replace(place, path=path)
    if content == "workbook":
        from kvitto.sources.connectors.file.workbook import stage_workbook

        return stage_workbook(connection, place, told)
    if content == "markup":
        from kvitto.sources.connectors.file.workbook import stage_markup

        return stage_markup(connection, place)
    if content in ("parquet", "json"):
        from kvitto.sources.connectors.file.structured import stage_structured

        return (stage_structured(connection, place, content),)
    if content != "text":
        raise _unreadable(shown, content)
    return stage_stacked(connection, place)


def _failed(file: str, error: Exception) -> Problem:
    """What the engine or the system says about a file that nothing else was found wrong with."""
    said = str(error).strip().splitlines()[0][:200]
    return Problem(f"read {file}", f"it cannot be read: {said}", "Export it again.", file)


def _unreadable(shown: str, content: Content) -> KvittoError:
    said = {
        "empty": ("it is empty", "Export it again; the last good warehouse stays in use."),
        "packed": ("it is packed more than once", "Unpack it and put its files there."),
    }
    found, todo = said.get(
        content,
        ("it is not a table but binary data", "Put a CSV, Excel, Parquet or JSON file there."),
    )
    return BadSource.of(f"read {shown}", found, todo, file=shown)


def entry_for(tables: Sequence[TableMap], name: str) -> TableMap | None:
    """The definition's entry for a file of that name."""
    return next((entry for entry in tables if Path(name).match(entry.file)), None)
