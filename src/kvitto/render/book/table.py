"""A sheet per table, and a sheet per chart: its data and a chart that can be edited."""

from __future__ import annotations

from typing import Any

from kvitto.model.block import ChartBlock, TableBlock
from kvitto.render.book.sheet import Book
from kvitto.render.chart.frame import is_empty

_KINDS: dict[str, dict[str, str]] = {
    "line": {"type": "line"},
    "bar": {"type": "bar"},
    "funnel": {"type": "bar"},
    "waterfall": {"type": "bar"},
    "column": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
}


def table_sheet(book: Book, block: TableBlock) -> None:
    """The table as it stands in the report, with real numbers and dates."""
    sheet = book.sheet(block.title)
    _title(book, sheet, block.title)
    for column, head in enumerate(block.columns):
        texts = [row[column].text for row in block.rows if column < len(row)]
        sheet.set_column(column, column, _width(head.label, texts))
        right = head.kind == "figure"
        sheet.write_string(2, column, head.label, book.head(right=right))
    row = 2
    for row, cells in enumerate(block.rows, 3):
        for column, (head, cell) in enumerate(zip(block.columns, cells, strict=False)):
            book.cell(sheet, row, column, cell, head.kind)
    if block.total is not None:
        row += 1
        for column, (head, cell) in enumerate(zip(block.columns, block.total, strict=False)):
            book.cell(sheet, row, column, cell, head.kind, bold=True, top=1)
    if block.note:
        book.text(sheet, row + 2, 0, block.note, font_color=book.material.theme.muted)
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def chart_sheet(book: Book, block: ChartBlock) -> None:
    """The data of a chart, and the chart, with its words as alternative text."""
    sheet = book.sheet(block.title)
    _title(book, sheet, block.title)
    sheet.set_column(0, 0, _width(block.category_label, list(block.categories)))
    sheet.write_string(2, 0, block.category_label, book.head())
    for column, series in enumerate(block.series, 1):
        sheet.set_column(column, column, _width(series.name, [v.display for v in series.values]))
        sheet.write_string(2, column, series.name, book.head(right=True))
    for row, category in enumerate(block.categories, 3):
        book.text(sheet, row, 0, category, text_wrap=True)
        for column, series in enumerate(block.series, 1):
            if row - 3 < len(series.values):
                book.figure(sheet, row, column, series.values[row - 3])
    last = 2 + len(block.categories)
    if block.target is not None:
        label = block.target.label or book.material.edition.labels.goal
        book.text(sheet, last + 1, 0, label)
        book.figure(sheet, last + 1, 1, block.target)
    if block.categories and not is_empty(block):
        _chart(book, sheet, block, last)
    sheet.freeze_panes(3, 1)


def _chart(book: Book, sheet: Any, block: ChartBlock, last: int) -> None:
    kind = _KINDS[block.chart]
    chart = book.workbook.add_chart(kind)
    theme = book.material.theme
    for column in range(1, len(block.series) + 1):
        colour = theme.series[(column - 1) % len(theme.series)]
        paint: dict[str, object] = {"fill": {"color": colour}, "gap": 45}
        if kind["type"] == "line":
            paint = {"line": {"color": colour, "width": 2}}
        chart.add_series(
            {
                "name": [sheet.name, 2, column],
                "categories": [sheet.name, 3, 0, last, 0],
                "values": [sheet.name, 3, column, last, column],
                **paint,
            }
        )
    chart.show_blanks_as("gap")
    chart.set_legend({"none": True} if len(block.series) == 1 else {"position": "top"})
    lying = kind["type"] == "bar"
    grid: dict[str, object] = {"visible": not lying, "line": {"color": theme.line}}
    axis = {"major_gridlines": grid, "line": {"none": True}, "reverse": lying}
    chart.set_y_axis(axis)
    chart.set_size({"width": 720, "height": 340})
    place: dict[str, object] = {
        "description": block.alt[:900] or block.title[:900],
        "object_position": 2,
    }
    sheet.insert_chart(2, len(block.series) + 2, chart, place)


def _title(book: Book, sheet: Any, title: str) -> None:
    sheet.set_row(0, 22)
    book.text(sheet, 0, 0, title, bold=True, font_size=13)


def _width(head: str, cells: list[str]) -> float:
    words = max((len(word) for word in head.split()), default=0)
    return min(max([words + 3, *(len(cell) + 3 for cell in cells)]), 42)
