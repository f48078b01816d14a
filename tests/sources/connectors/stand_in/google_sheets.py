"""A spreadsheet over loopback: cells of all kinds, rendered as the Sheets API renders them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.sources.connectors.stand_in.google import GoogleServer, Refusal, serving

SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
BOOK = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
Cell = str | int | float | bool | date | datetime | timedelta | None
_START = datetime(1899, 12, 30)
_RANGE = re.compile(
    r"'(?P<title>(?:[^']|'')+)'!(?P<left>[A-Z]+)(?P<top>\d*)(?::(?P<right>[A-Z]+)(?P<end>\d*))?"
)


@dataclass
class Tab:
    """One sheet: its cells as a person put them in."""

    gid: int
    title: str
    rows: list[list[Cell]] = field(default_factory=list)
    hidden: bool = False
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    kind: str = "GRID"
    size: tuple[int, int] = (1000, 26)


@dataclass
class Sheets(GoogleServer):
    """The service with one spreadsheet."""

    scope: str = SCOPE
    title: str = "Agency"
    locale: str = "sv_SE"
    timezone: str = "Europe/Stockholm"
    tabs: list[Tab] = field(default_factory=list)
    shared: bool = True

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a source that reads it."""
        return {"endpoint": self.url, "spreadsheet": BOOK}

    def tab(self, title: str, *rows: Sequence[Cell], **more: Any) -> Tab:
        """Add a sheet."""
        made = Tab(len(self.tabs) * 100, title, [list(row) for row in rows], **more)
        self.tabs.append(made)
        return made

    def change(self) -> None:
        """A deal is added and another one's amount is corrected."""
        self.tabs[0].rows.append(["D-4", "Delta", 80, date(2026, 11, 5), "won"])
        self.tabs[0].rows[1][2] = 999.5

    def delete(self) -> None:
        """The last deal is deleted."""
        self.tabs[0].rows.pop()

    def reply(
        self, method: str, path: str, query: Mapping[str, list[str]], body: dict[str, Any]
    ) -> Any:
        if not path.startswith(f"/v4/spreadsheets/{BOOK}"):
            raise Refusal(404, "NOT_FOUND", "Requested entity was not found.")
        if not self.shared:
            raise Refusal(403, "PERMISSION_DENIED", "The caller does not have permission")
        rest = path.removeprefix(f"/v4/spreadsheets/{BOOK}")
        if rest == "/values:batchGet":
            return {
                "spreadsheetId": BOOK,
                "valueRanges": [self._values(one, query) for one in query["ranges"]],
            }
        return {
            "spreadsheetId": BOOK,
            "properties": {
                "title": self.title,
                "locale": self.locale,
                "timeZone": self.timezone,
            },
            "sheets": [_described(place, one) for place, one in enumerate(self.tabs)],
        }

    def _values(self, asked: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
        matched = _RANGE.fullmatch(asked)
        titles = {one.title: one for one in self.tabs}
        if matched is None or matched["title"].replace("''", "'") not in titles:
            raise Refusal(400, "INVALID_ARGUMENT", f"Unable to parse range: {asked}")
        tab = titles[matched["title"].replace("''", "'")]
        left = _number(matched["left"])
        right = _number(matched["right"] or matched["left"])
        top = int(matched["top"] or 1) - 1
        end = int(matched["end"] or tab.size[0])
        value = query.get("valueRenderOption", ["FORMATTED_VALUE"])[0]
        dates = query.get("dateTimeRenderOption", ["SERIAL_NUMBER"])[0]
        rows = [
            _trimmed([self._shown(cell, value, dates) for cell in row[left : right + 1]])
            for row in tab.rows[top:end]
        ]
        while rows and not rows[-1]:
            rows.pop()
        answer: dict[str, Any] = {"range": asked, "majorDimension": "ROWS"}
        return {**answer, "values": rows} if rows else answer

    def _shown(self, cell: Cell, value: str, dates: str) -> Any:
        if cell is None:
            return ""
        if isinstance(cell, date | timedelta):
            if value == "UNFORMATTED_VALUE" and dates == "SERIAL_NUMBER":
                return _serial(cell)
            return _local(cell, self.locale)
        if value == "FORMATTED_VALUE" and isinstance(cell, float):
            return f"{cell:.0f}"
        return cell


def _serial(cell: date | timedelta) -> float | int:
    length = cell
    if isinstance(cell, datetime):
        length = cell - _START
    elif isinstance(cell, date):
        return (cell - _START.date()).days
    assert isinstance(length, timedelta)
    return length.total_seconds() / 86_400


def _local(cell: date | timedelta, locale: str) -> str:
    """A date as the spreadsheet's locale writes it."""
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    form = {"sv_SE": "%Y-%m-%d", "en_US": "%m/%d/%Y", "it_IT": "%d/%m/%Y", "fi_FI": "%d.%m.%Y"}
    clock = " %H:%M:%S" if isinstance(cell, datetime) else ""
    return cell.strftime(form[locale] + clock)


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] == "":
        row.pop()
    return row


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def _described(place: int, tab: Tab) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "sheetId": tab.gid,
        "title": tab.title,
        "index": place,
        "sheetType": tab.kind,
    }
    if tab.kind == "GRID":
        properties["gridProperties"] = {"rowCount": tab.size[0], "columnCount": tab.size[1]}
    if tab.hidden:
        properties["hidden"] = True
    described: dict[str, Any] = {"properties": properties}
    if tab.merges:
        described["merges"] = [
            {
                "sheetId": tab.gid,
                "startRowIndex": top,
                "endRowIndex": bottom,
                "startColumnIndex": left,
                "endColumnIndex": right,
            }
            for top, bottom, left, right in tab.merges
        ]
    return described


@contextmanager
def stand_in() -> Iterator[Sheets]:
    """A spreadsheet with a sheet of deals."""
    server = Sheets()
    server.tab(
        "Affärer",
        ["Affärs-ID", "Affärsnamn", "Belopp", "Skapad", "Status"],
        ["D-1", "Alfa", 1234.56, date(2026, 10, 3), "won"],
        ["D-2", "Beta", 500, date(2026, 10, 30), "lost"],
        ["D-3", "Gamma", None, date(2026, 11, 2), "open"],
    )
    with serving(server):
        yield server
