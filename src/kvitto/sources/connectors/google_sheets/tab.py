"""The sheets of a spreadsheet, and which of them are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kvitto.errors import BadSource, Problem, did_you_mean
from kvitto.model.finding import Finding, Severity
from kvitto.sources.connectors.google_sheets.settings import Tab
from kvitto.sources.finding import reading_finding


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells shown as one: first row and column counted from 0, the ends not included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as the spreadsheet describes it."""

    gid: int
    title: str
    rows: int
    columns: int
    hidden: bool
    merges: tuple[Merge, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sheet to read: ``name`` is what it is called in the definition."""

    name: str
    sheet: Sheet
    range: str | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """A spreadsheet: its title, time zone, locale and the sheets that hold cells."""

    title: str
    timezone: str | None
    locale: str | None
    sheets: tuple[Sheet, ...]


FIELDS = (
    "properties(title,locale,timeZone),"
    "sheets(properties(sheetId,title,sheetType,hidden,gridProperties(rowCount,columnCount)),merges)"
)


def book_of(data: Mapping[str, Any]) -> Book:
    """The spreadsheet as the API describes it; sheets of charts hold no cells."""
    properties = data.get("properties") or {}
    sheets = [
        _sheet(one)
        for one in data.get("sheets") or ()
        if (one.get("properties") or {}).get("sheetType", "GRID") == "GRID"
    ]
    return Book(
        str(properties.get("title") or "untitled"),
        properties.get("timeZone"),
        properties.get("locale"),
        tuple(sheets),
    )


def _sheet(data: Mapping[str, Any]) -> Sheet:
    properties = data.get("properties") or {}
    grid = properties.get("gridProperties") or {}
    rows, columns = int(grid.get("rowCount") or 0), int(grid.get("columnCount") or 0)
    merges = tuple(
        Merge(
            int(one.get("startRowIndex") or 0),
            int(one.get("endRowIndex") or rows),
            int(one.get("startColumnIndex") or 0),
            int(one.get("endColumnIndex") or columns),
        )
        for one in data.get("merges") or ()
    )
    return Sheet(
        int(properties.get("sheetId") or 0),
        str(properties.get("title") or ""),
        rows,
        columns,
        properties.get("hidden") is True,
        merges,
    )


def choose(
    source: str, client: str, book: Book, tabs: Sequence[Tab]
) -> tuple[tuple[Chosen, ...], tuple[Finding, ...]]:
    """The sheets to read. Raises :class:`BadSource` for those that are not there.

    A sheet that is found by its number under another name is read, with a
    finding. Without a number nobody knows whether another sheet is the same.
    """
    if not tabs:
        shown = [sheet for sheet in book.sheets if not sheet.hidden]
        return tuple(Chosen(sheet.title, sheet) for sheet in shown), ()
    chosen: list[Chosen] = []
    findings: list[Finding] = []
    problems: list[Problem] = []
    for tab in tabs:
        sheet = _found(book, tab)
        if sheet is None:
            problems.append(_missing(source, book, tab))
            continue
        chosen.append(Chosen(tab.name, sheet, tab.range))
        if sheet.title != tab.name:
            findings.append(_renamed(source, client, tab, sheet))
    if problems:
        raise BadSource(*problems)
    return tuple(chosen), tuple(findings)


def _found(book: Book, tab: Tab) -> Sheet | None:
    if tab.gid is not None:
        return next((sheet for sheet in book.sheets if sheet.gid == tab.gid), None)
    exact = [sheet for sheet in book.sheets if sheet.title == tab.name]
    alike = [sheet for sheet in book.sheets if _plain(sheet.title) == _plain(tab.name)]
    if exact:
        return exact[0]
    return alike[0] if len(alike) == 1 else None


def _plain(title: str) -> str:
    return re.sub(r"\s+", " ", title).strip().casefold()


def _missing(source: str, book: Book, tab: Tab) -> Problem:
    titles = [sheet.title for sheet in book.sheets]
    what = f"no sheet with gid {tab.gid}" if tab.gid is not None else "no sheet of that name"
    near = did_you_mean(tab.name, titles)
    return Problem(
        f"read the sheet '{tab.name}' of '{book.title}'",
        f"the spreadsheet has {what}",
        f"{near} A sheet that is named with its gid is found whatever it is called.",
        f"sources/{source}.yml",
    )


def _renamed(source: str, client: str, tab: Tab, sheet: Sheet) -> Finding:
    return reading_finding(
        "sheet_renamed",
        client=client,
        source=source,
        table=tab.name,
        severity=Severity.notice,
        message=f"the sheet '{tab.name}' is now called '{sheet.title}'; it is read all the same",
        todo=f"Write its new name in sources/{source}.yml, or leave it.",
    )
