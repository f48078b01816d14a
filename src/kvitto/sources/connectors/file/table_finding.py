"""What is said about one table of a sheet, and about the workbook as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.model.finding import Finding, Severity
from kvitto.sources.connectors.file.layout import LaidTable
from kvitto.sources.connectors.file.mixed import Odd
from kvitto.sources.connectors.file.package import Package
from kvitto.sources.connectors.file.place import Place, place_finding
from kvitto.sources.connectors.file.sheet_finding import Told, listed_rows, short_text
from kvitto.sources.staged import Decision

_LISTED = 5


def book_findings(place: Place, package: Package) -> Iterator[Finding]:
    """Links to other workbooks, and programs inside this one."""
    if package.links:
        listed = ", ".join(f"'{short_text(name)}'" for name in package.links[:_LISTED])
        yield place_finding(
            place,
            "external_links",
            f"formulas of {place.file} refer to {len(package.links)} other workbooks ({listed});"
            " their values are those of the last time it was saved",
            "Open it where these workbooks are, update the links and save it.",
            records=package.links[:20],
            severity=Severity.notice,
        )
    if package.macros:
        yield place_finding(
            place,
            "macros_not_run",
            f"{place.file} has macros; they are not run, and the values are those it was saved"
            " with",
            "Nothing, unless a macro has to fill it in.",
            severity=Severity.notice,
        )


def mixed_findings(told: Told, table: LaidTable) -> Iterator[Finding]:
    """Cells that are not stored as the others of their column."""
    for place, mixed in table.mixed.items():
        name = table.part.names[place - table.part.first]
        for code, odd, said, done, todo in (
            (
                "text_numbers",
                mixed.text_numbers,
                "hold numbers that are stored as text",
                "they are read as numbers",
                "Turn them into numbers in the workbook.",
            ),
            (
                "text_among_numbers",
                mixed.texts,
                "hold text where the others hold numbers",
                "they are not read as numbers",
                "Write the number alone; a unit belongs in the header.",
            ),
            (
                "serial_dates",
                mixed.serials,
                "hold a number where the others hold days",
                "it is read as the day that it counts to",
                "Give the cells the format of a date in the workbook.",
            ),
            (
                "text_dates",
                mixed.text_dates,
                "hold text where the others hold days",
                "they are read as far as they are written like the others",
                "Turn them into dates in the workbook.",
            ),
        ):
            if odd.count:
                yield place_finding(
                    told.place,
                    code,
                    f"{odd.count} cells of the column '{name}' of {told.where} {said}"
                    f" ({_examples(odd)}); {done}",
                    todo,
                    rows=odd.count,
                    records=told.cells(cell for cell, _, _ in odd.cells),
                    severity=Severity.notice
                    if code in ("text_numbers", "serial_dates")
                    else Severity.warning,
                    column=name,
                )


def _examples(odd: Odd) -> str:
    return ", ".join(
        f"{cell} '{short_text(text)}'" + (f" = {read}" if read and read != text else "")
        for cell, text, read in odd.cells[:_LISTED]
    )


def layout_decisions(told: Told, table: LaidTable, from_1904: bool) -> Iterator[Decision]:
    """Where the table stands and how its header was put together."""
    part, grid = table.part, told.layout.grid
    if from_1904:
        yield Decision("date system", "1904", "found", "the workbook says so")
    if not part.header:
        return
    rows = [grid.numbers[at] for at in part.header]
    several = len(rows) > 1
    value = f"rows {rows[0]} to {rows[-1]}" if several else f"row {rows[0]}"
    why = "a cell of the upper row stands for several columns" if several else "names above values"
    yield Decision("header", value, "found", why)
    if len(told.layout.tables) > 1:
        top = grid.cell(part.header[0], part.first)
        bottom = grid.cell(part.end - 1, part.last)
        why = f"one of {len(told.layout.tables)} tables on the sheet"
        yield Decision("range", f"{top}:{bottom}", "found", why)
    totals = [grid.numbers[at] for at in table.totals.rows]
    if totals:
        yield Decision(
            "left out", f"totals in {listed_rows(totals)}", "found", "they add up other rows"
        )
