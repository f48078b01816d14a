"""CSV: every figure of the edition on a line, with its place and its receipt.

UTF-8 with a byte-order mark, commas, every field quoted. Numbers are written
with a point and without grouping; text is guarded against formulas.
"""

from __future__ import annotations

import csv
import io

from kvitto.render.format import Format, Limit
from kvitto.render.guard import guarded
from kvitto.render.material import Material, shown
from kvitto.render.place import Placed
from kvitto.render.theme.font import clean

HEADER: tuple[str, ...] = (
    "edition",
    "client",
    "period",
    "section",
    "block",
    "kind",
    "row",
    "column",
    "from_day",
    "metric",
    "label",
    "value",
    "unit",
    "currency",
    "noun",
    "display",
    "missing",
    "status",
    "n",
    "receipt",
    "definition",
    "definition_version",
    "first_day",
    "last_day",
    "sources",
    "lines",
)
"""Columns; their names are the same in every language, so that programs can read them."""


def write(material: Material) -> bytes:
    """All figures in reading order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADER)
    for placed in material.placed:
        writer.writerow([guarded(clean(text)) for text in _line(placed, material)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _line(placed: Placed, material: Material) -> list[str]:
    e, figure = material.edition, placed.figure
    receipt = e.receipts.get(figure.receipt or "")
    return [
        e.id,
        e.client_name,
        e.period,
        placed.section,
        placed.block,
        placed.kind,
        placed.row,
        placed.column,
        placed.period,
        figure.metric,
        figure.label,
        number_text(figure.number),
        figure.unit,
        figure.currency or "",
        figure.noun or "",
        shown(figure, e.labels.missing),
        figure.missing or "",
        figure.status,
        str(figure.n),
        figure.receipt or "",
        receipt.definition if receipt else "",
        str(receipt.definition_version) if receipt else "",
        receipt.first_day if receipt else "",
        receipt.last_day if receipt else "",
        "; ".join(source.name for source in receipt.sources) if receipt else "",
        str(sum(part.lines for part in receipt.parts)) if receipt else "",
    ]


def number_text(number: float | None) -> str:
    """The number for a program: a whole one without a fraction; nothing where it is missing."""
    if number is None:
        return ""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


FORMAT = Format(
    name="csv",
    extension="csv",
    media_type="text/csv; charset=utf-8",
    write=write,
    limits=(
        Limit("texts, work, actions, meeting", "left out: it holds figures only"),
        Limit("drawn charts", "one line per figure"),
    ),
)
