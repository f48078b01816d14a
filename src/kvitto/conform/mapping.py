"""Understanding a source: what its definition says, and what its headers suggest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kvitto.conform.recognised import read_layouts
from kvitto.conform.suggestion import suggest
from kvitto.conform.understanding import FileUnderstanding, Fill, Understanding, Unknown
from kvitto.errors import Problem, did_you_mean
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.model.table import CanonicalTable, canonical_tables
from kvitto.sources import Staged, StagedTable
from kvitto.sources.finding import reading_finding
from kvitto.workspace.definition import ColumnMap, SourceDefinition, TableMap

Wanted = Mapping[str, Mapping[str, str | ColumnMap]]
"""Canonical tables, and what fills each of their columns."""


def understand(staged: Staged, definition: SourceDefinition) -> Understanding:
    """Which canonical columns each file fills.

    A file with ``fill`` is taken at its word. Another one is compared with the
    layouts of known tools; where none fits, its headers are compared with
    those of its vendor and of eight languages. What is recognised and belongs
    nowhere is set aside and counted.
    """
    problems: list[Problem] = []
    files: dict[int, tuple[FileUnderstanding, ...]] = {}
    free = []
    for table in staged.tables:
        told = _entry(definition, table)
        wanted = _wanted(table, told)
        if not wanted and not table.declared:
            free.append(table)
            continue
        fills, found = _told(staged, table, wanted, told)
        problems += found
        unknown = _unknown(table, fills, definition.vendor)
        files[id(table)] = (FileUnderstanding(table, fills, unknown),)
    read = read_layouts(staged, definition, free)
    for table in free:
        files[id(table)] = read.files.get(id(table)) or (_suggested(table, definition),)
    whole = _by_platform(tuple(file for table in staged.tables for file in files[id(table)]))
    lost = _not_understood(staged, definition, whole)
    if not (problems or read.questions or read.recognised or any(file.fills for file in whole)):
        problems.append(_nothing(staged))
    return Understanding(
        staged.name,
        whole,
        tuple(problems),
        read.questions,
        (*read.findings, *(finding for _, finding in lost)),
        read.rows + sum(rows for rows, _ in lost),
    )


def _by_platform(files: tuple[FileUnderstanding, ...]) -> tuple[FileUnderstanding, ...]:
    """Mark the files with their platform where the source mixes the campaigns of several.

    Platforms number their campaigns on their own, so that one number may stand
    for two campaigns.
    """
    platforms = [_platform(file) for file in files]
    told = {
        platform
        for file, platform in zip(files, platforms, strict=True)
        if platform and not {"campaigns", "ad_spend"}.isdisjoint(file.tables)
    }
    if len(told) < 2:
        return files
    return tuple(
        replace(file, platform=platform) if platform in told else file
        for file, platform in zip(files, platforms, strict=True)
    )


def _platform(file: FileUnderstanding) -> str:
    """The tool that an export was recognised as, or what the definition says of all its rows."""
    if file.layout is not None:
        return file.layout.split(".", 1)[0]
    told = file.fill_of("ad_spend").get("platform")
    return "" if told is None else told.map.constant or ""


def _wanted(table: StagedTable, told: TableMap | None) -> Wanted:
    """What the connector knows of the table, with what the definition says on top."""
    known: dict[str, dict[str, str | ColumnMap]] = {
        name: dict(columns) for name, columns in table.fill.items()
    }
    for name, columns in (told.fill if told is not None else {}).items():
        known[name] = {**known.get(name, {}), **columns}
    return known


def _suggested(table: StagedTable, definition: SourceDefinition) -> FileUnderstanding:
    fills = suggest(table, definition.vendor)
    return FileUnderstanding(table, fills, _unknown(table, fills, definition.vendor))


def _not_understood(
    staged: Staged, definition: SourceDefinition, files: tuple[FileUnderstanding, ...]
) -> tuple[tuple[int, Finding], ...]:
    """Files of which nothing is known, beside others that were understood, with all their rows.

    Rows that could not be read have findings of their own.
    """
    return tuple(
        (file.staged.rows + file.staged.rejected, _unused(staged, definition, file.staged))
        for file in files
        if not file.fills and file.layout is None and not file.staged.declared
    )


def _unused(staged: Staged, definition: SourceDefinition, table: StagedTable) -> Finding:
    return reading_finding(
        "file_not_understood",
        client=definition.client or "",
        source=staged.name,
        table=table.file,
        message=f"no header of {table.file} is known; its {table.rows} rows are not used",
        todo="Say under tables: what it fills, or add it to ignore.",
        rows=table.rows,
        severity=Severity.warning,
        resolution=Resolution.exclude,
    )


def _entry(definition: SourceDefinition, table: StagedTable) -> TableMap | None:
    fitting = [entry for entry in definition.tables if Path(table.file).match(entry.file)]
    for entry in fitting:
        if entry.sheet is not None and entry.sheet == table.sheet:
            return entry
    return next((entry for entry in fitting if entry.sheet is None), None)


def _told(
    staged: Staged, table: StagedTable, wanted: Wanted, told: TableMap | None
) -> tuple[tuple[Fill, ...], list[Problem]]:
    fills: list[Fill] = []
    problems: list[Problem] = []
    for name, columns in wanted.items():
        canonical = canonical_tables().get(name)
        if canonical is None:
            problems.append(
                _problem(
                    staged,
                    f"fill the table '{name}' from {table.file}",
                    "there is no such canonical table",
                    did_you_mean(name, list(canonical_tables())),
                )
            )
            continue
        problems += _without_key(staged, table, canonical, columns)
        for column, value in columns.items():
            chosen = ColumnMap(column=value) if isinstance(value, str) else value
            here = told is not None and column in told.fill.get(name, {})
            if not here and _looks_in_vain(staged, chosen):
                continue
            found = _check(staged, table, canonical, column, chosen)
            problems += found
            if not found:
                file = f"it stands in sources/{staged.name}.yml"
                why = file if here else "the connector declares it"
                fills.append(Fill(name, column, chosen, "told", why))
    return tuple(fills), problems


def _looks_in_vain(staged: Staged, chosen: ColumnMap) -> bool:
    """Whether the connector would look the value up in a table that this server does not give."""
    wanted = chosen.lookup
    return wanted is not None and not any(
        wanted.table in (table.name, table.file) for table in staged.tables
    )


def _without_key(
    staged: Staged,
    table: StagedTable,
    canonical: CanonicalTable,
    columns: Mapping[str, str | ColumnMap],
) -> list[Problem]:
    wanted = canonical.key[0]
    if any(name in columns for name in canonical.key):
        return []
    return [
        _problem(
            staged,
            f"fill the table '{canonical.name}' from {table.file}",
            f"nothing fills its key '{wanted}'",
            f"Add {wanted}: with the column that tells its rows apart.",
        )
    ]


def _check(
    staged: Staged, table: StagedTable, canonical: CanonicalTable, column: str, chosen: ColumnMap
) -> list[Problem]:
    asked = f"fill {canonical.name}.{column} from {table.file}"
    declared = [item.name for item in canonical.declared]
    if column not in declared:
        return [_problem(staged, asked, "there is no such column", did_you_mean(column, declared))]
    headers = [item.header for item in table.columns]
    if chosen.lookup is not None:
        return _check_lookup(staged, table, asked, chosen)
    if chosen.column is None and chosen.constant is None:
        return [
            _problem(staged, asked, "it names neither a column nor a constant", "Write column: X.")
        ]
    if chosen.column is not None and table.column(chosen.column) is None:
        found = f"{table.file} has no column '{chosen.column}'"
        return [_problem(staged, asked, found, did_you_mean(chosen.column, headers))]
    return []


def _check_lookup(
    staged: Staged, table: StagedTable, asked: str, chosen: ColumnMap
) -> list[Problem]:
    lookup = chosen.lookup
    assert lookup is not None
    other = next((t for t in staged.tables if lookup.table in (t.name, t.file)), None)
    if other is None:
        names = [t.name for t in staged.tables]
        found = f"the source has no file '{lookup.table}'"
        return [_problem(staged, asked, found, did_you_mean(lookup.table, names))]
    problems = []
    for where, name in ((table, lookup.on), (other, lookup.key), (other, lookup.column)):
        if where.column(name) is None:
            headers = [item.header for item in where.columns]
            found = f"{where.file} has no column '{name}'"
            problems.append(_problem(staged, asked, found, did_you_mean(name, headers)))
    return problems


def _unknown(
    table: StagedTable, fills: tuple[Fill, ...], vendor: str | None
) -> tuple[Unknown, ...]:
    used = {name for fill in fills for name in _used(fill)}
    near = {fill.map.column: f"{fill.table}.{fill.column}" for fill in suggest(table, vendor)}
    return tuple(
        Unknown(column.header, column.samples[:3], near.get(column.name))
        for column in table.columns
        if not used.intersection((column.name, column.header))
    )


def _used(fill: Fill) -> tuple[str, ...]:
    names = [fill.map.column]
    if fill.map.lookup is not None:
        names.append(fill.map.lookup.on)
    return tuple(name for name in names if name is not None)


def _nothing(staged: Staged) -> Problem:
    names = ", ".join(table.file for table in staged.tables)
    return _problem(
        staged,
        f"understand the source '{staged.name}'",
        f"no header of {names} is known",
        "Say under tables: what each file fills; kvitto map shows its columns.",
    )


def _problem(staged: Staged, asked: str, found: str, todo: str) -> Problem:
    return Problem(asked, found, todo, f"sources/{staged.name}.yml")
