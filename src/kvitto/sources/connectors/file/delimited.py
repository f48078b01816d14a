"""CSV and its kin to a staged table: the engine reads the bulk, nothing goes through Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
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
from kvitto.sources.connectors.file.script import proposed_columns
from kvitto.sources.connectors.file.total import total_rows
from kvitto.sources.format import NOTHING
from kvitto.sources.staged import Decision, StagedTable
from kvitto.warehouse.quoting import named, named_all, quoted, quoted_all

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_COLUMNS = 2_000
_WIDE = 300


def stage_delimited(connection: DuckDBPyConnection, place: Place) -> StagedTable:
    """Read the text file. Raises :class:`BadSource` where it holds no table."""
    ready = make_readable(place)
    dialect = _dialect_of(place, ready)
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
        (*ready.decisions, *_dialect_decisions(place, ready, dialect)),
        tuple(findings),
    )
    return _without_total(connection, place, table, ready.path)


def _dialect_of(place: Place, ready: Readable) -> Dialect:
    """How the text is cut; of one that was written here it is known."""
    told = place.told
    columns = () if told is None else told.columns
    if place.written is not None or ready.marks is not None:
        known = None if place.written is None else place.written.header
        dialect = find_dialect(ready.path, ",", '"', columns or known or ())
    else:
        dialect = find_dialect(
            ready.path, None if told is None else told.delimiter, columns=columns
        )
    if dialect is None:
        raise BadSource.of(
            f"read {place.file}", "there is no header in it", "Export the file again with a header."
        )
    if columns:
        _require_width(place, dialect, columns)
    return dialect


def _require_width(place: Place, dialect: Dialect, columns: Sequence[str]) -> None:
    """The names that a person gave are those of this file."""
    widths = Counter(len(row) for row in dialect.rows)
    if not widths or widths[len(columns)]:
        return
    raise BadSource.of(
        f"name the columns of {place.file}",
        f"{len(columns)} names are given, and its rows have {widths.most_common(1)[0][0]} cells",
        "Give each column a name, in the order of the file.",
        file=f"sources/{place.source}.yml",
    )


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
    counts = ", ".join(
        f"count(*) FILTER (WHERE {named(name)} IN ({quoted_all(FAILED)}))" for name in names
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
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    quote, delimiter = quoted(dialect.quote), quoted(dialect.delimiter)
    read = (
        f"read_csv({quoted(path)}, auto_detect=false,"
        f" header={str(dialect.headed).lower()}, delim={delimiter},"
        f" quote={quote}, escape={quote}, skip={dialect.skip}, columns={{{columns}}},"
        f" nullstr=[{quoted_all(marks)}],"
        f" max_line_size={LONGEST_LINE + 64}, store_rejects=true)"
    )
    if not blank:
        return read
    every = named_all(names)
    return f"(SELECT * FROM {read} WHERE coalesce({every}) IS NOT NULL)"


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
    if not dialect.headed and not any(dialect.header):
        found.append(
            place_finding(
                place,
                "no_header",
                f"{place.file} begins with a row and not with a header; its columns are called"
                " column_1, column_2 and so on",
                _naming_todo(place, dialect),
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
    if place.written is not None and place.written.header is not None:
        # The rows of a sheet were looked at one by one before.
        return table
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


def _naming_todo(place: Place, dialect: Dialect) -> str:
    """What a person writes once so that the columns have names."""
    names, _ = proposed_columns(place.path, place.name, len(dialect.header))
    shown = ", ".join(names) or "first, second, ..."
    return (
        f"Name its {len(dialect.header)} columns under tables:, as in"
        f" - {{file: {place.file}, columns: [{shown}]}}, or export it with its header."
    )


def _dialect_decisions(place: Place, ready: Readable, dialect: Dialect) -> Iterator[Decision]:
    told = place.told
    if told is not None and told.delimiter is not None:
        yield Decision("delimiter", told.delimiter, "told", "it stands in the definition")
    elif ready.marks is not None:
        why = f"its rows end in {ready.marks.row}"
        yield Decision("delimiter", ready.marks.cell, "found", why)
    else:
        yield Decision("delimiter", dialect.delimiter, "found", dialect.evidence)
    if told is not None and told.columns:
        yield Decision("columns", ", ".join(told.columns), "told", "they stand in the definition")
    elif not dialect.headed:
        names, script = proposed_columns(place.path, place.name, len(dialect.header))
        if names:
            why = f"{script} creates a table of that name; not used until columns: says so"
            yield Decision("proposed columns", f"[{', '.join(names)}]", "guessed", why)


def _samples(dialect: Dialect, width: int, marks: Sequence[str]) -> list[list[str]]:
    nothing = {"", *marks}
    rows = [row for row in dialect.rows if len(row) == width]
    if not rows:
        return [[] for _ in range(width)]
    return [
        [cell for cell in cells if cell not in nothing and not cell.isspace()]
        for cells in zip(*rows, strict=True)
    ]
