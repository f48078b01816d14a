"""A file to be read, and findings about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.sources.connectors.file.written import Written
from kvitto.sources.finding import reading_finding
from kvitto.workspace.definition import TableMap


@dataclass(frozen=True, slots=True)
class Place:
    """A file to be read: where it is, what it is called in messages, whose it is.

    ``told`` is the definition's entry for it, ``folder`` where rewritten
    copies may be put, ``written`` what is known of a sheet that was written out.
    """

    path: Path
    file: str
    sheet: str | None
    client: str
    source: str
    folder: Path
    told: TableMap | None = None
    written: Written | None = None

    @property
    def name(self) -> str:
        """The table's name: the file's stem, or the sheet where one was named."""
        return Path(self.file).stem


def place_finding(
    place: Place,
    code: str,
    message: str,
    todo: str,
    *,
    rows: int = 0,
    records: tuple[str, ...] = (),
    severity: Severity = Severity.warning,
    resolution: Resolution = Resolution.keep,
    column: str | None = None,
) -> Finding:
    """A finding about the file: ``records`` are lines, cells or names of sheets."""
    return reading_finding(
        code,
        client=place.client,
        source=place.source,
        table=place.file,
        message=message,
        todo=todo,
        rows=rows,
        column=column,
        records=records,
        severity=severity,
        resolution=resolution,
    )
