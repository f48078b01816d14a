"""The ``file`` connector: a file, a folder or a glob of the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import BadSource, KvittoError, Problem, nearest
from kvitto.model.finding import Finding
from kvitto.sources.connector import Reading
from kvitto.sources.connectors.file.content import Content, content_of
from kvitto.sources.connectors.file.delimited import Place, stage_delimited
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
    paths = _find(reading)
    problems = _unmatched(reading, paths)
    tables: list[StagedTable] = []
    findings: list[Finding] = []
    connection = _connection(reading.folder)
    try:
        for path in paths:
            try:
                tables += _stage_file(connection, reading, path)
            except KvittoError as error:
                problems += error.problems
    finally:
        connection.close()
    if problems:
        raise BadSource(*problems)
    return Staged(reading.name, tuple(tables), tuple(findings))


def _find(reading: Reading) -> list[Path]:
    definition = reading.definition
    wanted = reading.root / definition.path
    if any(sign in definition.path for sign in "*?["):
        found = sorted(path for path in reading.root.glob(definition.path) if path.is_file())
    elif wanted.is_dir():
        found = sorted(path for path in wanted.iterdir() if path.suffix.lower() in READABLE)
    else:
        found = [wanted] if wanted.is_file() else []
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
        reading.definition.client,
        reading.name,
        reading.folder,
        told[0] if told else None,
    )
    if content == "workbook" or content == "markup":
        from kvitto.sources.connectors.file.workbook import stage_workbook

        return stage_workbook(connection, place, told, markup=content == "markup")
    if content in ("parquet", "json"):
        from kvitto.sources.connectors.file.structured import stage_structured

        return (stage_structured(connection, place, content),)
    if content != "text":
        raise _unreadable(shown, content)
    return (stage_delimited(connection, place),)


def _unreadable(shown: str, content: Content) -> KvittoError:
    said = {
        "empty": ("it is empty", "Export it again; the last good warehouse stays in use."),
        "packed": ("it is packed", "Unpack it and put its files there."),
    }
    found, todo = said.get(
        content,
        ("it is not a table but binary data", "Put a CSV, Excel, Parquet or JSON file there."),
    )
    return BadSource.of(f"read {shown}", found, todo, file=shown)


def _connection(folder: Path) -> DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection


def entry_for(tables: Sequence[TableMap], name: str) -> TableMap | None:
    """The definition's entry for a file of that name."""
    return next((entry for entry in tables if Path(name).match(entry.file)), None)
