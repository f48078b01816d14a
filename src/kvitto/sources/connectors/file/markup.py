"""Tables in markup: HTML that is called a workbook, and XML Spreadsheet 2003."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from kvitto.sources.connectors.file.cell import iso_text, number_text
from kvitto.sources.connectors.file.content import scan_text
from kvitto.sources.connectors.file.rewrite import guess_encoding

_MOST_SPAN = 1000
_MOST_ROWS = 2_000_000
_CELLS = ("td", "th", "cell")
_ROWS = ("tr", "row")
_UNSEEN = ("script", "style", "template", "noscript")


class _Tables(HTMLParser):
    """Collects the rows of every table; knows nothing of entities beyond HTML.

    A cell that spans columns or rows stands in the first of them; the others
    are empty. A table inside a cell is a table of its own.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[_Open] = []
        self._unseen = 0
        self._rows = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = tag.rpartition(":")[2]
        told = {key.rpartition(":")[2]: value or "" for key, value in attrs}
        if name in _UNSEEN:
            self._unseen += 1
        elif name == "table":
            self._open.append(_Open())
            self.tables.append(self._open[-1].rows)
        elif self._open and name in _ROWS and self._rows < _MOST_ROWS:
            self._rows += 1
            self._open[-1].start_row(_number(told.get("index"), 0))
        elif self._open and name in _CELLS:
            self._open[-1].start_cell(told)
        elif self._open and name == "data":
            self._open[-1].kind = told.get("type", "")
        elif self._open and name in ("br", "p", "div", "li"):
            self._open[-1].add("\n")

    def handle_endtag(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif self._open and name in (*_CELLS, *_ROWS):
            self._open[-1].end_cell()
        elif self._open and name == "table":
            self._open[-1].end_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and not self._unseen:
            self._open[-1].add(data)


class _Open:
    """The table whose end has not come yet."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.kind = ""
        self._pieces: list[str] | None = None
        self._place = 0
        self._taken: dict[int, int] = {}
        self._spans = (1, 1)

    def start_row(self, index: int) -> None:
        self.end_cell()
        while index and len(self.rows) < min(index - 1, _MOST_SPAN):
            self.rows.append([])
        self.rows.append([])
        self._place = 0
        self._taken = {at: left - 1 for at, left in self._taken.items() if left > 1}

    def start_cell(self, told: dict[str, str]) -> None:
        self.end_cell()
        if not self.rows:
            self.start_row(0)
        self._pieces, self.kind = [], ""
        index = _number(told.get("index"), 0)
        if 0 < index <= 16_384:
            self._place = index - 1
        across = told.get("colspan") or _more(told.get("mergeacross"))
        down = told.get("rowspan") or _more(told.get("mergedown"))
        self._spans = (_number(across, 1), _number(down, 1))

    def add(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def end_cell(self) -> None:
        if self._pieces is None:
            return
        text = _read("".join(self._pieces), self.kind)
        self._pieces = None
        row = self.rows[-1]
        while self._taken.get(self._place):
            self._place += 1
        row.extend([""] * (self._place - len(row)))
        across, down = self._spans
        row.append(text)
        row.extend([""] * (across - 1))
        if down > 1:
            # The row itself is counted off when the next one starts.
            self._taken.update({self._place + at: down for at in range(across)})
        self._place += across


def markup_tables(path: Path) -> list[list[list[str]]]:
    """The tables of the page or workbook that hold anything, in their order."""
    encoding = scan_text(path).encoding or guess_encoding(path).encoding
    parser = _Tables()
    with path.open(encoding=encoding, errors="replace") as stream:
        while part := stream.read(1 << 20):
            parser.feed(part)
    parser.close()
    return [table for table in parser.tables if any(any(row) for row in table)]


def filled_rows(table: list[list[str]]) -> Iterator[list[str]]:
    """The rows of a table that hold anything."""
    return (row for row in table if any(row))


def _read(text: str, kind: str) -> str:
    bare = text.strip()
    if kind == "Number":
        return number_text(bare)
    if kind == "DateTime":
        return iso_text(bare)
    if kind == "Boolean":
        return "true" if bare in ("1", "true") else "false"
    lines = (" ".join(line.split()) for line in bare.split("\n"))
    return "\n".join(line for line in lines if line)


def _number(text: str | None, otherwise: int) -> int:
    bare = (text or "").strip()
    return min(int(bare), _MOST_SPAN * 16) if bare.isdigit() and len(bare) < 6 else otherwise


def _more(text: str | None) -> str | None:
    return str(_number(text, 0) + 1) if text else None
