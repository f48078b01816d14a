"""What is said about a sheet: which rows are no records, which cells are no plain values.

Every finding names its cells as a spreadsheet program takes them (``Deals!A17``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kvitto.model.finding import Finding, Resolution, Severity
from kvitto.sources.connectors.file.beside import apart
from kvitto.sources.connectors.file.fact import Merge, SheetFacts, address, letters_of, merges
from kvitto.sources.connectors.file.layout import Layout
from kvitto.sources.connectors.file.place import Place, place_finding

_LISTED = 5
_SHOWN = 20
_TEXT = 60


@dataclass(frozen=True, slots=True)
class Told:
    """A place, the sheet's name, and its layout."""

    place: Place
    sheet: str
    layout: Layout

    def cells(self, refs: Iterable[str]) -> tuple[str, ...]:
        """Some of the cells with the name of their sheet."""
        return tuple(address(self.sheet, ref) for ref, _ in zip(refs, range(_SHOWN), strict=False))

    @property
    def where(self) -> str:
        """The file and the sheet in words."""
        return f"{self.place.file} ({self.sheet})"


def sheet_findings(told: Told, facts: SheetFacts) -> Iterator[Finding]:
    """All of them, in a fixed order."""
    yield from _value_findings(told, facts)
    yield from _merged_findings(told, facts)
    yield from _hidden_findings(told, facts)
    yield from _row_findings(told)
    yield from _total_findings(told)
    yield from _apart_findings(told)


def _value_findings(told: Told, facts: SheetFacts) -> Iterator[Finding]:
    """Formulas that failed or have no value, and cells that are struck through."""
    if facts.errors:
        listed = ", ".join(f"{ref} {code}" for ref, code in facts.errors[:_LISTED])
        yield place_finding(
            told.place,
            "failed_formula",
            f"{len(facts.errors)} cells of {told.where} hold an error instead of a value"
            f" and are read as empty: {listed}",
            "Mend the formulas in the workbook and save it again.",
            rows=len(facts.errors),
            records=told.cells(ref for ref, _ in facts.errors),
        )
    if facts.unvalued:
        yield place_finding(
            told.place,
            "formula_without_value",
            f"{len(facts.unvalued)} formulas of {told.where} were never calculated and"
            f" are read as empty ({', '.join(facts.unvalued[:_LISTED])})",
            "Open the workbook in a spreadsheet program and save it.",
            rows=len(facts.unvalued),
            records=told.cells(facts.unvalued),
        )
    struck = _present(told, facts.struck_rows)
    if struck:
        yield place_finding(
            told.place,
            "struck_rows",
            f"{len(struck)} rows of {told.where} have text that is struck through"
            f" ({listed_rows(struck)}); they are read like the others",
            "Delete them in the workbook if they should not count.",
            rows=len(struck),
            records=told.cells(f"{row}:{row}" for row in struck),
        )


def _merged_findings(told: Told, facts: SheetFacts) -> Iterator[Finding]:
    """Merged cells among the records; those of headers and titles are understood."""
    if not facts.merged:
        return
    grid = told.layout.grid
    asides = {at for table in told.layout.tables for at in table.part.asides}
    records = {number for at, number in enumerate(grid.numbers) if at not in asides}
    refs = {one: ref for ref in facts.merged for one in merges((ref,))}
    among = [one for one in refs if _covers(one, records)]
    tall = [one for one in among if one.bottom > one.top]
    if tall:
        yield place_finding(
            told.place,
            "merged_cells",
            f"{len(tall)} merged cells of {told.where} cover several rows; the value"
            f" is read in the first of them and the others are empty"
            f" ({', '.join(refs[one] for one in tall[:_LISTED])})",
            "Undo the merging and repeat the value if it holds for each row.",
            rows=sum(one.bottom - one.top for one in tall),
            records=told.cells(refs[one] for one in tall),
        )
    wide = [one for one in among if one.bottom == one.top]
    if wide:
        yield place_finding(
            told.place,
            "merged_columns",
            f"{len(wide)} merged cells of {told.where} cover several columns of a record; the"
            f" value is read in the first of them"
            f" ({', '.join(refs[one] for one in wide[:_LISTED])})",
            "Undo the merging and write the value where it belongs.",
            rows=len(wide),
            records=told.cells(refs[one] for one in wide),
        )


def _covers(one: Merge, records: set[int]) -> bool:
    """Whether a merged cell covers a row that is read."""
    tall = one.bottom - one.top
    return tall > len(records) or any(row in records for row in range(one.top, one.bottom + 1))


def _filled(told: Told) -> set[int]:
    return set(told.layout.grid.numbers)


def _hidden_findings(told: Told, facts: SheetFacts) -> Iterator[Finding]:
    rows = _present(told, facts.hidden_rows)
    if rows:
        left = bool(told.layout.asides("hidden"))
        by = "left out by a filter that is set" if facts.filtered else "hidden"
        done = (
            "they are not read, as the definition says" if left else "they are read like the others"
        )
        yield place_finding(
            told.place,
            "filtered_rows" if facts.filtered else "hidden_rows",
            f"{len(rows)} rows of {told.where} are {by} in the workbook ({listed_rows(rows)});"
            f" {done}",
            "Nothing, if that is meant."
            if left
            else "If they should not count, write hidden: leave_out for the file under tables:.",
            rows=len(rows),
            records=told.cells(f"{row}:{row}" for row in rows),
            severity=Severity.notice,
            resolution=Resolution.exclude if left else Resolution.keep,
        )
    kept = set(told.layout.grid.written.kept)
    columns = [
        one
        for first, last in facts.hidden_columns
        for one in range(first, min(last, max(kept, default=0)) + 1)
        if one in kept
    ]
    if columns:
        listed = ", ".join(letters_of(one) for one in columns[:_LISTED])
        yield place_finding(
            told.place,
            "hidden_columns",
            f"{len(columns)} columns of {told.where} are hidden in the workbook ({listed});"
            " they are read like the others",
            "Delete them in the workbook if they should not be used.",
            records=told.cells(f"{letters_of(one)}:{letters_of(one)}" for one in columns),
            severity=Severity.notice,
        )


def _row_findings(told: Told) -> Iterator[Finding]:
    """Rows that are no records: titles, notes, the header again."""
    for why, code, said, todo in (
        ("title", "lines_before_header", "lines stand above a header", "Nothing, if titles."),
        ("repeated_header", "repeated_header", "rows repeat the header", "Nothing."),
        ("note", "notes_below_table", "lines stand below a table as notes", "Nothing, if notes."),
    ):
        places = told.layout.asides(why)
        if places:
            shown = "; ".join(_said(told, *one) for one in places[:3])
            yield place_finding(
                told.place,
                code,
                f"{len(places)} {said} of {told.where} and are left out ({shown})",
                todo,
                rows=len(places),
                records=told.cells(_first_cell(told, *one) for one in places),
                severity=Severity.notice,
                resolution=Resolution.exclude,
            )


def _total_findings(told: Told) -> Iterator[Finding]:
    tables = told.layout.tables
    labelled = [label for table in tables for label in table.totals.rows.values()]
    if labelled:
        count = len(labelled)
        which = "a row of totals" if count == 1 else f"{count} rows of totals"
        labels = [f"'{one}'" for one in dict.fromkeys(labelled) if one]
        named = ", ".join(labels[:4]) or "without a label"
        verb = "is" if count == 1 else "are"
        refs = [_first_cell(told, *one) for one in told.layout.asides("total")]
        yield place_finding(
            told.place,
            "totals_row",
            f"{told.where} has {which} ({named}; {', '.join(refs[:_LISTED])}), which {verb} left"
            " out",
            "Nothing; or export without totals.",
            rows=count,
            records=told.cells(refs),
            severity=Severity.notice,
            resolution=Resolution.exclude,
        )
    differing = [(table, *one) for table in tables for one in table.totals.differs]
    for table, at, wrong in differing[:_SHOWN]:
        yield place_finding(
            told.place,
            "total_differs",
            f"the rows of {told.where} do not add up to the total in row"
            f" {told.layout.grid.numbers[at]}: {wrong}",
            "Look whether rows are missing from the export: a filter, a limit, removed items.",
            records=told.cells((_first_cell(told, at, table.part.first),)),
        )
    doubtful = [(table, at) for table in tables for at in table.totals.doubtful]
    if doubtful:
        refs = [_first_cell(told, at, table.part.first) for table, at in doubtful]
        names = [table.totals.doubtful[at] for table, at in doubtful]
        labels = [f"'{one}'" for one in dict.fromkeys(names)]
        yield place_finding(
            told.place,
            "maybe_total",
            f"{len(refs)} rows of {told.where} are called like totals"
            f" ({', '.join(labels[:4])}; {', '.join(refs[:_LISTED])}) and do not add up to the"
            " rows above them; they are read as records",
            "Delete them in the workbook if they are totals.",
            rows=len(refs),
            records=told.cells(refs),
        )


def _apart_findings(told: Told) -> Iterator[Finding]:
    """One table with an empty column inside, which may be two."""
    grid = told.layout.grid
    inner = [
        place
        for place in apart(grid)
        if not any(table.part.first == place for table in told.layout.tables)
    ]
    if inner:
        columns = [letters_of(grid.written.kept[place] - 1) for place in inner]
        listed = ", ".join(columns[:_LISTED])
        yield place_finding(
            told.place,
            "empty_column",
            f"{told.where} has an empty column inside ({listed}); what stands on both sides is"
            " read as one table",
            "If these are two tables, put each on a sheet of its own.",
            records=told.cells(f"{column}:{column}" for column in columns),
            severity=Severity.notice,
        )


def _first_cell(told: Told, at: int, first: int = 0) -> str:
    row = told.layout.grid.kept.get(at, ())
    place = next((place for place in range(first, len(row)) if row[place]), first)
    return told.layout.grid.cell(at, place)


def _said(told: Told, at: int, first: int) -> str:
    row = told.layout.grid.kept.get(at, ())
    text = next((cell for cell in row[first:] if cell), "")
    cell = _first_cell(told, at, first)
    return f"{cell} '{short_text(text)}'" if text else cell


def short_text(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _TEXT else f"{flat[: _TEXT - 1]}…"


def _present(told: Told, rows: Sequence[int]) -> list[int]:
    """The rows among them that hold anything."""
    if not rows:
        return []
    filled = _filled(told)
    return [row for row in rows if row in filled]


def listed_rows(rows: Sequence[int]) -> str:
    more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
    listed = ", ".join(str(row) for row in rows[:_LISTED])
    return f"row {listed}{more}" if len(rows) == 1 else f"rows {listed}{more}"
