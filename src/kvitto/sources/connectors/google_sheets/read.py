"""Reading a spreadsheet: its sheets become plain text files, which are read like any others."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from kvitto.errors import BadSource, Problem, did_you_mean
from kvitto.model.finding import Finding, Severity
from kvitto.sources.connector import CONNECTORS, Reading
from kvitto.sources.connectors.google_sheets.grid import Grid
from kvitto.sources.connectors.google_sheets.settings import SCOPE, SheetsSettings
from kvitto.sources.connectors.google_sheets.tab import FIELDS, Book, Chosen, book_of, choose
from kvitto.sources.finding import reading_finding
from kvitto.sources.google.service import GoogleService
from kvitto.sources.google.settings import SIGN_IN
from kvitto.sources.staged import Decision, Staged, StagedTable
from kvitto.sources.stream import Account
from kvitto.workspace.definition import SourceDefinition, TableMap

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Opened:
    settings: SheetsSettings
    service: GoogleService

    def book(self) -> Book:
        """What the spreadsheet consists of."""
        path = f"/v4/spreadsheets/{self.settings.spreadsheet}"
        return book_of(self.service.get(path, {"fields": FIELDS}))


def read_sheets(reading: Reading) -> Staged:
    """Every sheet that the settings name. Raises :class:`BadSource`, all problems together."""
    opened = _open(reading)
    client = reading.definition.client or ""
    try:
        book = opened.book()
        chosen, findings = choose(reading.name, client, book, opened.settings.tabs)
        chosen = _without_skipped(reading.definition, chosen)
        _check_told(reading, chosen)
        written, found = _written(reading, opened, chosen)
    finally:
        opened.service.close()
    return _staged(reading, book, written, (*findings, *found))


def check_sheets(reading: Reading) -> Account:
    """Sign in and look at the spreadsheet."""
    opened = _open(reading)
    try:
        book = opened.book()
    finally:
        opened.service.close()
    return Account(
        f"the spreadsheet '{book.title}'",
        timezone=book.timezone,
        reads=tuple(sheet.title for sheet in book.sheets),
    )


def fingerprint(reading: Reading) -> str:
    """A text that is the same as long as every cell that is read is.

    The cells themselves are compared, because the version that the drive keeps
    of a file does not rise when a formula shows something else.
    """
    opened = _open(reading)
    digest = sha256()
    try:
        book = opened.book()
        client = reading.definition.client or ""
        chosen, _ = choose(reading.name, client, book, opened.settings.tabs)
        for one in _without_skipped(reading.definition, chosen):
            digest.update(repr((one.name, one.sheet)).encode())
            grid = Grid(opened.settings.spreadsheet, one, opened.settings.cells_per_request)
            for row in grid.rows(opened.service):
                digest.update(json.dumps(row).encode())
            digest.update(repr(sorted(grid.errors.items())).encode())
    finally:
        opened.service.close()
    return digest.hexdigest()


def _open(reading: Reading) -> _Opened:
    from kvitto.sources.pull.opening import opening_of

    opening = opening_of(reading, SheetsSettings, SIGN_IN)
    assert isinstance(opening.settings, SheetsSettings)
    service = GoogleService(
        opening,
        opening.settings,
        opening.settings.endpoint,
        scope=SCOPE,
        where="Google Sheets",
        advice="Share the spreadsheet with that address; reading is enough.",
    )
    return _Opened(opening.settings, service)


def _without_skipped(definition: SourceDefinition, chosen: Sequence[Chosen]) -> tuple[Chosen, ...]:
    skipped = [entry.file for entry in definition.tables if entry.skip]
    return tuple(
        one for one in chosen if not any(Path(_file(one.name)).match(file) for file in skipped)
    )


def _check_told(reading: Reading, chosen: Sequence[Chosen]) -> None:
    """Every entry under ``tables`` must be about a sheet that is read."""
    names = [one.name for one in chosen]
    problems = [
        Problem(
            f"read the table '{entry.file}' of the source '{reading.name}'",
            "the spreadsheet has no such sheet",
            did_you_mean(entry.file, names),
            f"sources/{reading.name}.yml",
        )
        for entry in reading.definition.tables
        if not entry.skip and not any(Path(_file(name)).match(entry.file) for name in names)
    ]
    if problems:
        raise BadSource(*problems)


def _written(
    reading: Reading, opened: _Opened, chosen: Sequence[Chosen]
) -> tuple[dict[str, Chosen], list[Finding]]:
    """Each sheet as a text file of its name; sheets without a cell are left out."""
    folder = _folder(reading)
    folder.mkdir()
    written: dict[str, Chosen] = {}
    findings: list[Finding] = []
    for place, one in enumerate(chosen):
        reading.progress(f"{reading.name}: {one.name}", place, len(chosen))
        grid = Grid(opened.settings.spreadsheet, one, opened.settings.cells_per_request)
        rows = _write(reading.folder / "rows.jsonl", grid, opened.service, folder / _file(one.name))
        findings += _grid_findings(reading, grid)
        if rows:
            written[_file(one.name)] = one
        else:
            findings.append(
                _finding(
                    reading,
                    one.name,
                    "empty_sheet",
                    "it holds nothing",
                    "Nothing, if that is meant.",
                    severity=Severity.notice,
                )
            )
    if not written:
        raise BadSource.of(
            f"read the source '{reading.name}'",
            "no sheet of the spreadsheet holds anything",
            "Look at the spreadsheet; the last good warehouse stays in use.",
        )
    return written, findings


def _write(beside: Path, grid: Grid, service: GoogleService, target: Path) -> int:
    """The sheet's rows as CSV, all of one width; the width is known only at the end."""
    count = 0
    with beside.open("w", encoding="utf-8") as out:
        for row in grid.rows(service):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    if count:
        with (
            beside.open(encoding="utf-8") as rows,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
            for line in rows:
                cells = json.loads(line)
                writer.writerow([*cells, *[""] * (grid.width - len(cells))])
    beside.unlink()
    return count


def _staged(
    reading: Reading, book: Book, written: dict[str, Chosen], findings: Sequence[Finding]
) -> Staged:
    """The files, read by the connector for files."""
    own = reading.folder / "files"
    own.mkdir()
    tables = tuple(_told(reading.definition, file) for file in written)
    definition = reading.definition.model_copy(
        update={"kind": "file", "path": "*", "tables": tables, "ignore": (), "settings": {}}
    )
    as_files = replace(reading, definition=definition, root=_folder(reading), folder=own)
    staged = CONNECTORS.get("file").read(as_files)
    return replace(
        staged,
        tables=tuple(_shown(table, book) for table in staged.tables),
        findings=(*staged.findings, *findings),
    )


def _shown(table: StagedTable, book: Book) -> StagedTable:
    how = Decision("spreadsheet", book.title, "found", f"the sheet '{table.file}' of it")
    return replace(table, name=table.file, decisions=(how, *table.decisions))


def _told(definition: SourceDefinition, file: str) -> TableMap:
    """What the definition says of the sheet, for the file that it was written to."""
    entry = next((e for e in definition.tables if Path(file).match(e.file)), None)
    told = entry or TableMap(file=file)
    pattern = re.sub(r"([*?\[])", r"[\1]", file)
    return told.model_copy(
        update={"file": pattern, "sheet": None, "delimiter": ",", "encoding": "utf-8"}
    )


def _grid_findings(reading: Reading, grid: Grid) -> list[Finding]:
    name = grid.chosen.name
    found = []
    for shown, cells in sorted(grid.errors.items()):
        found.append(
            _finding(
                reading,
                name,
                "formula_error",
                f"{len(cells)} cells show {shown} ({', '.join(cells[:5])}"
                f"{', ...' if len(cells) > 5 else ''}); they are read as empty",
                "Mend the formulas." if shown != "Loading..." else "Read again when it has loaded.",
                rows=len(cells),
                records=tuple(cells[:_SHOWN]),
            )
        )
    if grid.filled:
        found.append(
            _finding(
                reading,
                name,
                "merged_cells",
                f"{grid.filled} rows take the text of the merged cell that they are part of",
                "Nothing, if that is meant.",
                rows=grid.filled,
                severity=Severity.notice,
            )
        )
    if grid.kept:
        found.append(
            _finding(
                reading,
                name,
                "merged_numbers",
                f"{grid.kept} merged cells hold a number, which is read in their first row alone",
                "Unmerge them and write each row's own number.",
                rows=grid.kept,
            )
        )
    return found


def _finding(
    reading: Reading,
    sheet: str,
    code: str,
    message: str,
    todo: str,
    *,
    rows: int = 0,
    records: tuple[str, ...] = (),
    severity: Severity = Severity.warning,
) -> Finding:
    return reading_finding(
        code,
        client=reading.definition.client or "",
        source=reading.name,
        table=sheet,
        message=f"{sheet}: {message}",
        todo=todo,
        rows=rows,
        records=records,
        severity=severity,
    )


def _folder(reading: Reading) -> Path:
    return reading.folder / "sheets"


def _file(name: str) -> str:
    """The sheet's name as a file's: a slash would be a folder, a point in front hidden."""
    plain = re.sub(r"[/\\\x00]", "_", name)
    return f"_{plain}" if plain.startswith((".", "~$")) else plain
