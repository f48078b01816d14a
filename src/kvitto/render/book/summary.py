"""The first sheet: what the report is, its key figures and its texts; and the trends."""

from __future__ import annotations

from typing import Any

from kvitto.model.block import ActionsBlock, NoticeBlock, TextBlock, Tile, TilesBlock
from kvitto.render.book.sheet import Book, iso_day
from kvitto.render.fact import facts_of
from kvitto.render.ledger import day_text
from kvitto.render.material import said


def summary_sheet(book: Book) -> None:
    """Title, facts, tiles with change and goal, texts, next steps."""
    e, theme = book.material.edition, book.material.theme
    sheet = book.sheet(book.material.words.summary)
    for column, width in enumerate((34, 20, 34, 20, 20, 14)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 28)
    book.text(sheet, 0, 0, e.title, bold=True, font_size=18, font_color=theme.ink)
    row = 1
    for name, text in facts_of(book.material):
        book.text(sheet, row, 0, name, font_color=theme.muted)
        book.text(sheet, row, 1, text)
        row += 1
    row = _days(book, sheet, row)
    tiles = [t for b in e.blocks() if isinstance(b, TilesBlock) for t in b.tiles]
    row = _tiles(book, sheet, row + 1, tiles) if tiles else row
    row = _texts(book, sheet, row + 1)
    _steps(book, sheet, row + 1)
    sheet.fit_to_pages(1, 0)


def _days(book: Book, sheet: Any, row: int) -> int:
    """The first and the last day as dates that can be calculated with."""
    e = book.material.edition
    for text in dict.fromkeys((e.first_day, e.last_day)):
        if iso_day(text) is not None:
            book.text(sheet, row, 0, e.labels.period, font_color=book.material.theme.muted)
            book.day(sheet, row, 1, text)
            row += 1
    return row


def _tiles(book: Book, sheet: Any, row: int, tiles: list[Tile]) -> int:
    labels = book.material.edition.labels
    heads = (labels.metric, labels.value, "\u0394", labels.goal, "", labels.receipt)
    for column, head in enumerate(heads):
        sheet.write_string(row, column, head, book.head(right=column in (1, 3)))
    for tile in tiles:
        row += 1
        book.text(sheet, row, 0, tile.figure.label, text_wrap=True)
        book.figure(sheet, row, 1, tile.figure, bold=True)
        book.text(sheet, row, 2, "; ".join(c.display for c in tile.changes), text_wrap=True)
        if tile.goal is not None:
            book.figure(sheet, row, 3, tile.goal.target)
            if tile.goal.reached is not None:
                look = book.format(num_format="0%", align="right")
                sheet.write_number(row, 4, tile.goal.reached, look)
        book.text(sheet, row, 5, tile.figure.receipt or "")
    return row + 1


def _texts(book: Book, sheet: Any, row: int) -> int:
    for block in book.material.edition.blocks():
        if isinstance(block, TextBlock):
            text = "\n".join(said(block))
        elif isinstance(block, NoticeBlock):
            text = "\n".join(block.lines)
        else:
            continue
        if block.title:
            book.text(sheet, row, 0, block.title, bold=True)
            row += 1
        look = book.format(text_wrap=True)
        sheet.merge_range(row, 0, row, 4, "", look)
        book.text(sheet, row, 0, text, text_wrap=True)
        sheet.set_row(row, 15 * max(1, len(text) // 115 + 1 + text.count("\n")))
        row += 2
    return row


def _steps(book: Book, sheet: Any, row: int) -> None:
    labels, language = book.material.edition.labels, book.material.edition.language
    for block in book.material.edition.blocks():
        if not isinstance(block, ActionsBlock) or not block.items:
            continue
        for column, head in enumerate((block.title, labels.owner, labels.need, labels.due)):
            sheet.write_string(row, column, head, book.head())
        for item in block.items:
            row += 1
            side = block.client_label if item.side == "client" else block.us_label
            cells = (item.title, f"{item.who} ({side})", item.need, day_text(item.due, language))
            for column, text in enumerate(cells):
                book.text(sheet, row, column, text, text_wrap=True)
            sheet.set_row(row, 15 * max(1, len(item.title) // 34 + 1, len(item.need) // 34 + 1))
        row += 2


def trend_sheet(book: Book) -> None:
    """The points of all sparklines, one line each."""
    trends = [p for p in book.material.placed if p.kind == "trend"]
    if not trends:
        return
    labels = book.material.edition.labels
    sheet = book.sheet("Trend")
    for column, width in enumerate((34, 16, 16, 22, 14)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    heads = (labels.metric, labels.period, "", labels.value, labels.receipt)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, book.head(right=column == 3))
    for row, point in enumerate(trends, 1):
        book.text(sheet, row, 0, point.row)
        book.text(sheet, row, 1, point.column)
        book.day(sheet, row, 2, point.period)
        book.figure(sheet, row, 3, point.figure)
        book.text(sheet, row, 4, point.figure.receipt or "")
