"""XLSX: a sheet of key figures, one sheet per table and chart, one of receipts.

Figures are numbers with a format, so that a reader can go on calculating;
missing ones are words. No text becomes a formula or a link by itself.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kvitto.model.block import ChartBlock, TableBlock
from kvitto.render.fact import moment_of
from kvitto.render.format import Format, Limit
from kvitto.render.material import Material
from kvitto.render.theme.token import FAMILY

if TYPE_CHECKING:
    from kvitto.render.book.sheet import Book


def write(material: Material) -> bytes:
    """The workbook; its time is the edition's, so that the bytes are the same again."""
    from xlsxwriter import Workbook

    from kvitto.render.book.sheet import Book

    out = io.BytesIO()
    workbook: Any = Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    e = material.edition
    created = datetime.fromtimestamp(max(moment_of(e), 0), UTC).replace(tzinfo=None)
    workbook.set_properties({"title": e.title[:255], "author": e.agency[:255], "created": created})
    workbook.formats[0].set_font_name(FAMILY)
    workbook.formats[0].set_font_size(10)
    _fill(Book(workbook, material))
    workbook.close()
    return out.getvalue()


def _fill(book: Book) -> None:
    from kvitto.render.book.receipt import receipt_sheet
    from kvitto.render.book.summary import summary_sheet, trend_sheet
    from kvitto.render.book.table import chart_sheet, table_sheet

    material = book.material
    summary_sheet(book)
    for block in material.edition.blocks():
        if isinstance(block, TableBlock) and block.rows:
            table_sheet(book, block)
        elif isinstance(block, ChartBlock):
            chart_sheet(book, block)
    trend_sheet(book)
    if material.edition.receipts:
        receipt_sheet(book)


FORMAT = Format(
    name="xlsx",
    extension="xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write=write,
    limits=(
        Limit("waterfall and funnel charts", "their data and a plain bar chart"),
        Limit("work, meeting and definitions", "left out: text stands in the report"),
    ),
)
