"""The last sheet: one line per receipt."""

from __future__ import annotations

from kvitto.render.book.sheet import Book

WIDTHS: tuple[int, ...] = (14, 26, 40, 26, 24, 12, 12, 9, 10, 44, 9, 40, 30)


def receipt_sheet(book: Book) -> None:
    """Code, place, value, period, rows, definition, sources and decisions of each figure."""
    material = book.material
    labels, words = material.edition.labels, material.words
    sheet = book.sheet(labels.receipts, name=book.receipts_name)
    heads = (
        labels.code, labels.metric, words.place, labels.value, labels.value, labels.period, "",
        "n", labels.lines, labels.definition, "", labels.sources, "",
    )  # fmt: skip
    for column, (head, width) in enumerate(zip(heads, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, book.head(right=column in (7, 8)))
    row = 0
    for group in material.groups:
        for entry in group.entries:
            row += 1
            receipt = material.edition.receipts[entry.code]
            texts = {
                0: entry.code, 1: group.name, 2: entry.place, 3: entry.value,
                4: receipt.value or "", 9: group.definition,
                11: "; ".join(group.sources), 12: entry.applied,
            }  # fmt: skip
            for column, text in texts.items():
                book.text(sheet, row, column, text)
            book.day(sheet, row, 5, receipt.first_day)
            book.day(sheet, row, 6, receipt.last_day)
            for column, number in ((7, entry.n), (8, entry.lines), (10, group.version)):
                sheet.write_number(row, column, number, book.format(num_format="#,##0"))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, row, len(WIDTHS) - 1)
