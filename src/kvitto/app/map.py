"""What was understood of a source: for ``kvitto map`` and the source's page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kvitto.app.house import House, require_known
from kvitto.app.who import Who, require_team

if TYPE_CHECKING:
    from kvitto.conform.understanding import FileUnderstanding
    from kvitto.sources import StagedTable


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column of a file. ``how`` is told, guessed or unknown; ``target`` what it fills."""

    column: str
    how: str
    target: str
    sample: str
    why: str


@dataclass(frozen=True, slots=True)
class MappedFile:
    """One file or sheet: how it was read, and what its columns became."""

    name: str
    rows: int
    columns: tuple[MappedColumn, ...]
    decisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A source as it was understood. ``questions`` wait for a person's answer."""

    source: str
    kind: str
    client: str
    files: tuple[MappedFile, ...]
    questions: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """As data."""
        return asdict(self)


def describe(house: House, who: Who, source: str) -> Described:
    """Read the source and say what each column was taken for; nothing is published.

    Raises :class:`UnknownName`, :class:`BadSource`.
    """
    from kvitto.conform import unanswered, understand
    from kvitto.sources import read_source

    require_known(source, house.workspace.sources, "source")
    definition = house.workspace.sources[source]
    for client in definition.serves:
        require_team(who, "see a source", client)
    connection = house.workspace.connections.get(definition.connection or "")
    staged = read_source(source, definition, house.root, connection, now=house.now)
    try:
        understanding = understand(staged, definition)
        asked = unanswered(staged, understanding)
    finally:
        staged.close()
    return Described(
        source,
        definition.kind,
        ", ".join(definition.serves),
        tuple(_file(file) for file in understanding.files),
        tuple(str(problem) for problem in (*understanding.problems, *asked)),
    )


def _file(file: FileUnderstanding) -> MappedFile:
    staged = file.staged
    rows = [
        MappedColumn(
            fill.takes,
            fill.how,
            f"{fill.table}.{fill.column}",
            _sample(staged, fill.map.column),
            fill.why,
        )
        for fill in file.fills
    ]
    rows += [
        MappedColumn(
            unknown.header,
            "unknown",
            "",
            ", ".join(unknown.samples[:2]),
            f"looks like {unknown.near}" if unknown.near else "",
        )
        for unknown in file.unknown
    ]
    name = staged.file if staged.sheet is None else f"{staged.file} [{staged.sheet}]"
    return MappedFile(name, staged.rows, tuple(rows), tuple(_decisions(staged)))


def _sample(staged: StagedTable, name: str | None) -> str:
    column = None if name is None else staged.column(name)
    return "" if column is None else ", ".join(column.samples[:2])


def _decisions(staged: StagedTable) -> list[str]:
    found = [f"{one.what}: {one.value} ({one.how}; {one.evidence})" for one in staged.decisions]
    for column in staged.columns:
        found += [
            f"{column.header}, {one.what}: {one.value} ({one.how}; {one.evidence})"
            for one in column.decisions
        ]
    return found
