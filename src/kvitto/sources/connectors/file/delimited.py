"""CSV and its kin to a staged table: the engine reads the bulk, nothing goes through Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.errors import BadSource
from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.sources.column import decide_columns, forget_rejected
from kvitto.sources.connectors.file.cell import FAILED
from kvitto.sources.connectors.file.content import LONGEST_LINE
from kvitto.sources.connectors.file.dialect import Dialect, column_names, find_dialect
from kvitto.sources.connectors.file.place import Place, place_finding
from kvitto.sources.connectors.file.readable import Readable, make_readable
from kvitto.sources.connectors.file.total import total_rows
from kvitto.sources.format import NOTHING
from kvitto.sources.staged import Decision, StagedTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_COLUMNS = 2_000
_WIDE = 300


def stage_delimited(connection: DuckDBPyConnection, place: Place) -> StagedTable:
    """Read the text file. Raises :class:`BadSource` where it holds no table."""
    ready = make_readable(place)
    told = None if place.told is None else place.told.delimiter
    dialect = _dialect_of(place, ready.path, told)
    names, doubled = column_names(dialect.header)
    _allow_for(connection, place, len(names))
    failed = _failed_cells(connection, place, ready, dialect, names) if ready.errors else ()
    marks = (*NOTHING, *FAILED) if failed else NOTHING
    relation = relation_of(ready.path, dialect, names, blank=False, marks=marks)
    columns, rows, blank = decide_columns(
        connection,
        relation,
        names,
        [header or name for header, name in zip(dialect.header, names, strict=True)],
        _samples(dialect, len(names), marks),
        place.file,
        frozenset() if place.written is None else place.written.numbers,
    )
    rejected, lines = _rejected(connection, place)
    findings = [*ready.findings, *failed, *lines, *_doubled_finding(place, doubled)]
    findings += _shape_findings(place, dialect, rows - blank)
    table = StagedTable(
        place.name,
        place.file,
        place.sheet,
        columns,
        relation_of(ready.path, dialect, names, blank=blank > 0, marks=marks),
        rows - blank,
        rejected + ready.long_lines,
        (*ready.decisions, _delimiter_decision(dialect, told)),
        tuple(findings),
    )
    return _without_total(connection, place, table, ready.path)


def _dialect_of(place: Place, path: Path, told: str | None) -> Dialect:
    """How the text is cut; of a sheet that was written out it is known."""
    known = place.written is not None
    dialect = find_dialect(path, ",", '"') if known else find_dialect(path, told)
    if dialect is None:
        raise BadSource.of(
            f"read {place.file}", "there is no header in it", "Export the file again with a header."
        )
    return dialect


def _allow_for(connection: DuckDBPyConnection, place: Place, columns: int) -> None:
    """Memory for a wide file: the engine holds a stretch of every column for each thread."""
    if columns > MOST_COLUMNS:
        raise BadSource.of(
            f"read {place.file}",
            f"it has {columns:,} columns; up to {MOST_COLUMNS:,} are read",
            "Export records as rows, or only the columns that are needed.",
            file=place.file,
        )
    if columns > _WIDE:
        connection.execute("SET threads = 1")
        connection.execute("SET memory_limit = '600MB'")


def _failed_cells(
    connection: DuckDBPyConnection,
    place: Place,
    ready: Readable,
    dialect: Dialect,
    names: Sequence[str],
) -> tuple[Finding, ...]:
    """Cells that show a failed formula; only looked for where the bytes have one."""
    relation = relation_of(ready.path, dialect, names, blank=False)
    listed = ", ".join(_literal(mark) for mark in FAILED)
    counts = ", ".join(
        'count(*) FILTER (WHERE "' + name.replace('"', '""') + f'" IN ({listed}))' for name in names
    )
    (row,) = connection.execute(f"SELECT {counts} FROM {relation}").fetchall()
    forget_rejected(connection)
    found = {name: int(count) for name, count in zip(names, row, strict=True) if count}
    if not found:
        return ()
    said = ", ".join(f"'{name}' {count}" for name, count in list(found.items())[:8])
    return (
        place_finding(
            place,
            "failed_formula",
            f"{sum(found.values())} cells of {place.file} show a failed formula instead of a value"
            f" and are read as empty: {said}",
            "Mend the formulas where the file was made and export it again.",
            rows=sum(found.values()),
        ),
    )


def relation_of(
    path: Path,
    dialect: Dialect,
    names: Sequence[str],
    *,
    blank: bool,
    marks: Sequence[str] = NOTHING,
) -> str:
    """The table expression that reads the file in bulk, every column as text.

    With ``blank`` rows without any value are left out. Lines that cannot be cut
    are always stored: where the engine is told to ignore them instead, it can
    drop the good line that follows.
    """
    columns = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in names)
    quote, delimiter = _literal(dialect.quote), _literal(dialect.delimiter)
    read = (
        f"read_csv({_literal(str(path))}, auto_detect=false,"
        f" header={str(dialect.headed).lower()}, delim={delimiter},"
        f" quote={quote}, escape={quote}, skip={dialect.skip}, columns={{{columns}}},"
        f" nullstr=[{', '.join(_literal(mark) for mark in marks)}],"
        f" max_line_size={LONGEST_LINE + 64}, store_rejects=true)"
    )
    if not blank:
        return read
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    return f"(SELECT * FROM {read} WHERE coalesce({listed}) IS NOT NULL)"


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
        place_finding(
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
        place_finding(
            place,
            "duplicate_header",
            f"{place.file} has more than one column named {listed}; the later ones are"
            f" read as '{doubled[0]}_2' and so on",
            "Rename one of them in the export if the wrong one is used.",
        ),
    )


def _shape_findings(place: Place, dialect: Dialect, rows: int) -> tuple[Finding, ...]:
    found: list[Finding] = list(_header_findings(place, dialect.header))
    if dialect.skip:
        found.append(
            place_finding(
                place,
                "lines_before_header",
                f"{dialect.skip} lines stand before the header of {place.file} and are left out",
                "Nothing, if they are a title.",
                severity=Severity.notice,
            )
        )
    if not dialect.headed:
        found.append(
            place_finding(
                place,
                "no_header",
                f"{place.file} begins with a row and not with a header; its columns are called"
                " column_1, column_2 and so on",
                "Export it with its header, or say under tables: what the columns fill.",
            )
        )
    if rows == 0:
        found.append(
            place_finding(
                place,
                "no_rows",
                f"{place.file} has a header and no rows",
                "Check the export's filter; the table is empty until it has rows.",
            )
        )
    return tuple(found)


def _header_findings(place: Place, header: Sequence[str]) -> tuple[Finding, ...]:
    """A first row that was taken for the header and may be a record."""
    values = [cell for cell in header if _is_like_data(cell)]
    if not values or len(values) * 3 < sum(bool(cell.strip()) for cell in header):
        return ()
    return (
        place_finding(
            place,
            "header_like_data",
            f"the first row of {place.file} is taken for its header and looks like data:"
            f" {', '.join(repr(cell) for cell in header[:5])}",
            "Put a row with the names of the columns above it, unless these are the names.",
            rows=1,
        ),
    )


def _is_like_data(cell: str) -> bool:
    """A number or a date; a year may well be the name of a column."""
    bare = cell.strip()
    is_year = len(bare) == 4 and bare.startswith(("19", "20"))
    has_value = any(sign.isdigit() for sign in bare) and not any(sign.isalpha() for sign in bare)
    return has_value and not is_year


def _without_total(
    connection: DuckDBPyConnection, place: Place, table: StagedTable, path: Path
) -> StagedTable:
    """Leave out rows of totals, with a finding, and another where they do not agree."""
    total = total_rows(connection, table, path)
    if total is None:
        return table
    which = "a row of totals" if total.rows == 1 else f"{total.rows} rows of totals"
    findings = [
        place_finding(
            place,
            "totals_row",
            f"{place.file} has {which} ('{total.label}'), which is left out",
            "Nothing; or export without totals.",
            rows=total.rows,
            severity=Severity.notice,
            resolution=Resolution.exclude,
        )
    ]
    if total.differs:
        findings.append(
            place_finding(
                place,
                "total_differs",
                f"the rows of {place.file} do not add up to its own total: {total.differs}",
                "Look whether rows are missing from the export: a filter, a limit, removed items.",
            )
        )
    return replace(
        table,
        relation_sql=f"(SELECT * FROM {table.relation_sql} WHERE NOT ({total.condition}))",
        rows=table.rows - total.rows,
        rejected=table.rejected + total.rows,
        findings=(*table.findings, *findings),
    )


def _delimiter_decision(dialect: Dialect, told: str | None) -> Decision:
    if told is not None:
        return Decision("delimiter", told, "told", "it stands in the definition")
    return Decision("delimiter", dialect.delimiter, "found", dialect.evidence)


def _samples(dialect: Dialect, width: int, marks: Sequence[str]) -> list[list[str]]:
    nothing = set(marks)
    columns: list[list[str]] = [[] for _ in range(width)]
    for row in dialect.rows:
        if len(row) != width:
            continue
        for cell, values in zip(row, columns, strict=True):
            if cell.strip() and cell not in nothing:
                values.append(cell)
    return columns


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
