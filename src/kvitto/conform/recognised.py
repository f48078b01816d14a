"""The files of a source that are exports of known tools: what they fill, and what they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.conform.aside import Reason
from kvitto.conform.assembly import assemble
from kvitto.conform.layout import layouts
from kvitto.conform.recognition import Recognised, recognise
from kvitto.conform.understanding import FileUnderstanding
from kvitto.errors import Problem, did_you_mean
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.sources import Staged, StagedTable
from kvitto.sources.finding import reading_finding
from kvitto.workspace.definition import SourceDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Read:
    """What the layouts gave: files with their fills by ``id`` of the staged table, questions,
    and what was set aside.
    """

    files: Mapping[int, tuple[FileUnderstanding, ...]] = field(default_factory=dict)
    questions: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    rows: int = 0

    @property
    def recognised(self) -> bool:
        """Whether any file was recognised, were it only to set it aside."""
        return bool(self.files)


def read_layouts(
    staged: Staged, definition: SourceDefinition, tables: Sequence[StagedTable]
) -> Read:
    """The files among ``tables`` that are exports of a known tool."""
    told = {
        id(table): layout
        for table in tables
        if (layout := _told_layout(definition, table)) is not None
    }
    unknown = tuple(_unknown(staged, name) for name in told.values() if name not in _ids())
    found = recognise(tables, staged.name, definition.vendor, told)
    questions = (*unknown, *(_question(staged, one) for one in found if one.rivals))
    known = [one for one in found if one.layout is not None]
    if not known:
        return Read(questions=questions)
    files: dict[int, tuple[FileUnderstanding, ...]] = {}
    findings: list[Finding] = []
    rows = 0
    connection = _connection()
    try:
        for one in known:
            made = assemble(connection, one, found)
            files[id(one.table)] = made.files
            findings += [_finding(staged, definition, one, reason) for reason in made.reasons]
            rows += sum(reason.rows for reason in made.reasons)
            if not any(file.fills for file in made.files):
                rows += one.table.rejected
    finally:
        connection.close()
    return Read(files, questions, tuple(findings), rows)


def _told_layout(definition: SourceDefinition, table: StagedTable) -> str | None:
    """The layout that the definition names for the file, or for its sheet."""
    fitting = [
        entry
        for entry in definition.tables
        if entry.layout is not None
        and Path(table.file).match(entry.file)
        and entry.sheet in (None, table.sheet)
    ]
    exact = next((entry for entry in fitting if entry.sheet == table.sheet), None)
    found = exact or next(iter(fitting), None)
    return None if found is None else found.layout


def _ids() -> list[str]:
    return [layout.id for layout in layouts()]


def _unknown(staged: Staged, name: str) -> Problem:
    return Problem(
        f"read a file of the source '{staged.name}' as '{name}'",
        "there is no such layout",
        did_you_mean(name, _ids()),
        f"sources/{staged.name}.yml",
    )


def _question(staged: Staged, found: Recognised) -> Problem:
    names = [layout.id for layout in found.rivals]
    table = found.table
    return Problem(
        f"recognise {table.file}",
        f"its headers fit {' and '.join(names[:4])} equally well",
        f"Say which in sources/{staged.name}.yml, as in:"
        f" tables: - {{file: {table.file}, layout: {names[0]}}}",
        f"sources/{staged.name}.yml",
    )


_SAID = {
    "file_set_aside": (
        "is set aside: {why}",
        "Nothing; or say under tables: what it should fill.",
        Severity.notice,
    ),
    "total_row": ("{rows} rows {why} and are not added", "Nothing.", Severity.notice),
}


def _finding(
    staged: Staged, definition: SourceDefinition, found: Recognised, reason: Reason
) -> Finding:
    layout = found.layout
    assert layout is not None
    said, todo, severity = _SAID.get(
        reason.code,
        ("{rows} rows {why} and are left out", "Nothing; they are counted here.", Severity.notice),
    )
    shown = said.format(why=reason.why, rows=reason.rows)
    start = f"{found.table.file} ({layout.id})"
    joined = f"{start} {shown}" if reason.code == "file_set_aside" else f"of {start} {shown}"
    return reading_finding(
        reason.code,
        client=definition.client or "",
        source=staged.name,
        table=found.table.file,
        message=joined,
        todo=todo,
        rows=reason.rows,
        severity=severity,
        resolution=Resolution.exclude,
    )


def _connection() -> DuckDBPyConnection:
    """A connection of its own, for counting: the staged relations name files, not tables."""
    import duckdb

    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return connection
