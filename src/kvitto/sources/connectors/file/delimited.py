"""CSV and its kin to a staged table: the engine reads the bulk, nothing goes through Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import BadSource
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.sources.column import decide_columns
from kvitto.sources.connectors.file.content import LONGEST_LINE, TextScan, scan_text
from kvitto.sources.connectors.file.dialect import Dialect, column_names, find_dialect
from kvitto.sources.finding import reading_finding
from kvitto.sources.format import NOTHING
from kvitto.sources.connectors.file.rewrite import guess_encoding, rewrite
from kvitto.sources.staged import Decision, StagedTable
from kvitto.sources.connectors.file.total import total_row
from kvitto.workspace.definition import TableMap

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Place:
    """A file to be read: where it is, what it is called in messages, whose it is.

    ``told`` is the definition's entry for it, ``folder`` where rewritten
    copies may be put.
    """

    path: Path
    file: str
    sheet: str | None
    client: str
    source: str
    folder: Path
    told: TableMap | None = None

    @property
    def name(self) -> str:
        """The table's name: the file's stem, or the sheet where one was named."""
        return Path(self.file).stem


@dataclass(frozen=True, slots=True)
class _Readable:
    path: Path
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...]
    long_lines: int


def stage_delimited(connection: DuckDBPyConnection, place: Place) -> StagedTable:
    """Read the text file. Raises :class:`BadSource` where it holds no table."""
    ready = _made_readable(place)
    told = None if place.told is None else place.told.delimiter
    dialect = find_dialect(ready.path, told)
    if dialect is None:
        raise BadSource.of(
            f"read {place.file}", "there is no header in it", "Export the file again with a header."
        )
    names, doubled = column_names(dialect.header)
    relation = relation_of(ready.path, dialect, names, blank=False)
    columns, rows, blank = decide_columns(
        connection,
        relation,
        names,
        [header or name for header, name in zip(dialect.header, names, strict=True)],
        _samples(dialect, len(names)),
        place.file,
    )
    rejected, lines = _rejected(connection, place)
    findings = [*ready.findings, *lines, *_doubled_finding(place, doubled)]
    findings += _shape_findings(place, dialect, rows - blank)
    table = StagedTable(
        place.name,
        place.file,
        place.sheet,
        columns,
        relation_of(ready.path, dialect, names, blank=blank > 0),
        rows - blank,
        rejected + ready.long_lines,
        (*ready.decisions, _delimiter_decision(dialect, told)),
        tuple(findings),
    )
    return _without_total(connection, place, table, ready.path)


def relation_of(path: Path, dialect: Dialect, names: Sequence[str], *, blank: bool) -> str:
    """The table expression that reads the file in bulk, every column as text.

    With ``blank`` rows without any value are left out. Lines that cannot be cut
    are always stored: where the engine is told to ignore them instead, it can
    drop the good line that follows.
    """
    columns = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in names)
    quote, delimiter = _literal(dialect.quote), _literal(dialect.delimiter)
    read = (
        f"read_csv({_literal(str(path))}, auto_detect=false, header=true, delim={delimiter},"
        f" quote={quote}, escape={quote}, skip={dialect.skip}, columns={{{columns}}},"
        f" nullstr=[{', '.join(_literal(mark) for mark in NOTHING)}],"
        f" max_line_size={LONGEST_LINE + 64}, store_rejects=true)"
    )
    if not blank:
        return read
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    return f"(SELECT * FROM {read} WHERE coalesce({listed}) IS NOT NULL)"


def _made_readable(place: Place) -> _Readable:
    """The file itself where it is plain UTF-8, else a rewritten copy beside."""
    scan = scan_text(place.path)
    told = None if place.told is None else place.told.encoding
    if told is not None:
        encoding, decision = told, Decision("encoding", told, "told", "it stands in the definition")
    elif scan.encoding is not None:
        encoding = scan.encoding
        decision = Decision("encoding", encoding, "found", "all of its bytes agree")
    else:
        encoding, why = guess_encoding(place.path)
        decision = Decision("encoding", encoding, "guessed", why)
    if encoding.lower().replace("_", "-") in ("utf-8", "utf-8-sig") and _is_plain(scan):
        return _Readable(place.path, (decision,), (), 0)
    target = place.folder / f"{len(list(place.folder.iterdir())):04d}-{place.path.name}.csv"
    try:
        unknown = rewrite(place.path, encoding, target)
    except LookupError:
        raise BadSource.of(
            f"read {place.file}",
            f"the encoding '{encoding}' is not known",
            "Write encoding: utf-8, cp1252, utf-16 or another known one.",
        ) from None
    return _Readable(
        target,
        (decision,),
        (*_text_findings(place, scan, encoding, unknown), *_guess_findings(place, decision)),
        len(scan.long_lines),
    )


def _guess_findings(place: Place, decision: Decision) -> tuple[Finding, ...]:
    if decision.how != "guessed":
        return ()
    return (
        _finding(
            place,
            "guessed_encoding",
            f"{place.file} does not say its encoding; it is read as {decision.value}",
            f"Look at the names in it and write encoding: {decision.value}, or the right one.",
            severity=Severity.notice,
        ),
    )


def _is_plain(scan: TextScan) -> bool:
    return scan.encoding == "utf-8" and not (scan.mixed or scan.zeros or scan.long_lines)


def _text_findings(
    place: Place, scan: TextScan, encoding: str, unknown: int
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if unknown:
        found.append(
            _finding(
                place,
                "wrong_encoding",
                f"{unknown} characters of {place.file} cannot be read as {encoding}",
                "Name the right encoding in the definition, as in encoding: cp1252.",
                rows=unknown,
                severity=Severity.warning,
            )
        )
    if scan.long_lines:
        listed = ", ".join(str(line) for line in scan.long_lines[:10])
        found.append(
            _finding(
                place,
                "line_too_long",
                f"{len(scan.long_lines)} lines of {place.file} are longer than"
                f" {LONGEST_LINE:,} bytes and are left out (line {listed})",
                "Look for a quote that never closes in the export, and export again.",
                rows=len(scan.long_lines),
                records=tuple(str(line) for line in scan.long_lines[:20]),
                severity=Severity.error,
                resolution=Resolution.exclude,
            )
        )
    return tuple(found)


def _rejected(connection: DuckDBPyConnection, place: Place) -> tuple[int, tuple[Finding, ...]]:
    """Rows that the engine could not cut into cells, counted by what is wrong with them."""
    import duckdb

    try:
        connection.execute("SELECT 1 FROM reject_errors LIMIT 1")
    except duckdb.CatalogException:
        # The engine makes the table only when the first row is rejected.
        return 0, ()
    found = connection.execute(
        "SELECT error_type, count(DISTINCT line), list(DISTINCT line ORDER BY line)[:20],"
        " first(error_message ORDER BY line) FROM reject_errors GROUP BY 1 ORDER BY 1"
    ).fetchall()
    total = connection.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchone()
    connection.execute("DROP TABLE reject_errors")
    connection.execute("DROP TABLE reject_scans")
    findings = tuple(
        _finding(
            place,
            "rejected_row",
            f"{count} rows of {place.file} cannot be read: {_said(str(kind), str(message))}"
            f" (line {', '.join(str(line) for line in lines[:10])})",
            "Mend these lines in the export, or export again with every cell in quotes.",
            rows=int(count),
            records=tuple(str(line) for line in lines),
            severity=Severity.error,
            resolution=Resolution.exclude,
        )
        for kind, count, lines, message in found
    )
    return (int(total[0]) if total else 0), findings


def _said(kind: str, message: str) -> str:
    words = {
        "MISSING COLUMNS": "they have too few cells",
        "TOO MANY COLUMNS": "they have too many cells",
        "UNQUOTED VALUE": "a quote does not close where it should",
        "LINE SIZE OVER MAXIMUM": "they are too long",
        "INVALID ENCODING": "they hold bytes that are not in the file's encoding",
    }
    return words.get(kind, message.split("\n", 1)[0])


def _doubled_finding(place: Place, doubled: Sequence[str]) -> tuple[Finding, ...]:
    if not doubled:
        return ()
    listed = ", ".join(f"'{name}'" for name in doubled)
    return (
        _finding(
            place,
            "duplicate_header",
            f"{place.file} has more than one column named {listed}; the later ones are"
            f" read as '{doubled[0]}_2' and so on",
            "Rename one of them in the export if the wrong one is used.",
        ),
    )


def _shape_findings(place: Place, dialect: Dialect, rows: int) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if dialect.skip:
        found.append(
            _finding(
                place,
                "lines_before_header",
                f"{dialect.skip} lines stand before the header of {place.file} and are left out",
                "Nothing, if they are a title.",
                severity=Severity.notice,
            )
        )
    if rows == 0:
        found.append(
            _finding(
                place,
                "no_rows",
                f"{place.file} has a header and no rows",
                "Check the export's filter; the table is empty until it has rows.",
            )
        )
    return tuple(found)


def _without_total(
    connection: DuckDBPyConnection, place: Place, table: StagedTable, path: Path
) -> StagedTable:
    """Leave out a row of totals at the end, with a finding."""
    total = total_row(connection, table, path)
    if total is None:
        return table
    finding = _finding(
        place,
        "totals_row",
        f"the last row of {place.file} is a row of totals ('{total.label}') and is left out",
        "Nothing; or export without totals.",
        rows=total.rows,
        severity=Severity.notice,
        resolution=Resolution.exclude,
    )
    return replace(
        table,
        relation_sql=f"(SELECT * FROM {table.relation_sql} WHERE NOT ({total.condition}))",
        rows=table.rows - total.rows,
        rejected=table.rejected + total.rows,
        findings=(*table.findings, finding),
    )


def _delimiter_decision(dialect: Dialect, told: str | None) -> Decision:
    if told is not None:
        return Decision("delimiter", told, "told", "it stands in the definition")
    return Decision("delimiter", dialect.delimiter, "found", dialect.evidence)


def _samples(dialect: Dialect, width: int) -> list[list[str]]:
    nothing = set(NOTHING)
    columns: list[list[str]] = [[] for _ in range(width)]
    for row in dialect.rows:
        if len(row) != width:
            continue
        for cell, values in zip(row, columns, strict=True):
            if cell.strip() and cell not in nothing:
                values.append(cell)
    return columns


def _finding(
    place: Place,
    code: str,
    message: str,
    todo: str,
    *,
    rows: int = 0,
    records: tuple[str, ...] = (),
    severity: Severity = Severity.warning,
    resolution: Resolution = Resolution.keep,
) -> Finding:
    return reading_finding(
        code,
        client=place.client,
        source=place.source,
        table=place.file,
        message=message,
        todo=todo,
        rows=rows,
        records=records,
        severity=severity,
        resolution=resolution,
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
