"""Tables on paper: what each column needs, and whether the page must be turned.

Figures keep their line, names wrap, the type shrinks a little, and then the
page is turned: nothing is ever cut off.
"""

from __future__ import annotations

import re
from typing import Any

from kvitto.model.block import CellShown, ChartBlock, Column, ShownFigure, TableBlock
from kvitto.render.chart.frame import wide
from kvitto.render.fact import has_provisional, safe_link
from kvitto.render.ledger import day_text
from kvitto.render.material import Material, shown

Plain = dict[str, Any]

_UNIT = re.compile(r"\u00a0(?=[^\W\d]{6,})")
"""Before a long word for a unit a line may break: a column has little room."""

PAGE_PT = 482.0
"""Width of the type area of an upright A4 page."""


def figure_of(figure: ShownFigure, material: Material) -> Plain:
    """A figure in words, with its receipt."""
    return {
        "label": figure.label,
        "display": shown(figure, material.edition.labels.missing),
        "missing_words": figure.number is None,
        "status": figure.status,
        "receipt": figure.receipt,
    }


def mark_width(material: Material) -> float:
    """Points for the mark of a receipt, and the asterisk before it."""
    return max((len(mark) for mark in material.marks.values()), default=0) * 3.1 + 5


def table_of(block: TableBlock, material: Material) -> Plain:
    """A table with its type size and the widths of its columns."""

    def cells(row: tuple[CellShown, ...]) -> list[Plain]:
        return [_cell(c, material, k) for c, k in zip(row, block.columns, strict=False)]

    language = material.edition.language
    mark = mark_width(material) / 8.0
    marks = [mark if is_marked(block, index) else 0.0 for index in range(len(block.columns))]
    needs = [
        _need(block, index, column, marks[index], language)
        for index, column in enumerate(block.columns)
    ]
    size, landscape = _fit(needs)
    return {
        "columns": [
            {"label": c.label, "kind": c.kind, "marked": is_marked(block, index)}
            for index, c in enumerate(block.columns)
        ],
        "rows": [cells(row) for row in block.rows],
        "total": None if block.total is None else cells(block.total),
        "widths": [
            {"share": need} if column.kind == "text" else {"pt": need * size}
            for column, need in zip(block.columns, needs, strict=True)
        ],
        "size": size,
        "landscape": landscape,
        "note": block.note,
        "empty": block.empty or material.edition.labels.missing,
        "starred": has_provisional(block),
    }


def is_marked(block: TableBlock, index: int) -> bool:
    """Whether a figure of the column has a receipt or an asterisk, which need a place."""
    rows = [*block.rows, *([block.total] if block.total else [])]
    figures = [row[index].figure for row in rows if index < len(row)]
    return any(f and (f.receipt or f.status == "provisional") for f in figures)


def _need(block: TableBlock, index: int, column: Column, mark: float, language: str) -> float:
    """About how many em a column wants, with its mark and edges; names and words may wrap."""
    rows = [*block.rows, *([block.total] if block.total else [])]
    cells = [row[index] for row in rows if index < len(row)]
    words = max((wide(word, 1.12) for word in column.label.split()), default=0.0)
    if column.kind == "figure":
        numbers = [c for c in cells if c.figure is not None and c.figure.number is not None]
        others = [c for c in cells if c not in numbers]
        longest = max((_unbroken(c.text) * 0.65 + mark for c in numbers), default=2.0)
        rest = max((min(wide(c.text, 1.08), 8.0) for c in others), default=0.0)
        arrow = 1.2 if any(c.arrow for c in cells) else 0.0
        return max(longest + arrow, rest + arrow, words) + 1.1
    if column.kind == "date":
        return max([words, *(len(day_text(c.text, language)) * 0.6 for c in cells)]) + 1.1
    return max(min(max((wide(c.text, 1.08) for c in cells), default=0.0), 11.0), words) + 1.1


def _unbroken(text: str) -> int:
    """Letters of the longest part; numbers are held together by no-break spaces."""
    return max(map(len, _UNIT.sub(" ", text).split(" ")))


def _fit(needs: list[float]) -> tuple[float, bool]:
    """Type size, and whether the table wants the page turned: shrink a little, then turn."""
    total = sum(needs)
    for size in (8.6, 8.0, 7.4, 7.0):
        if total * size <= PAGE_PT:
            return size, False
    return max(5.4, min(8.2, PAGE_PT * 1.53 / total)), True


def _cell(cell: CellShown, material: Material, column: Column) -> Plain:
    link = safe_link(cell.link) if cell.link else None
    text = day_text(cell.text, material.edition.language) if column.kind == "date" else cell.text
    text = text or ("\u2013" if column.kind == "figure" else "")
    figure = None if cell.figure is None else figure_of(cell.figure, material)
    if figure is not None:
        figure["display"] = _UNIT.sub(" ", figure["display"])
    return {
        "text": text,
        "figure": figure,
        "arrow": cell.arrow,
        "good": cell.good,
        "link": link,
    }


def chart_table(block: ChartBlock, material: Material) -> Plain:
    """The data of a chart as a table, for the appendix."""
    empty = {"text": material.edition.labels.missing, "figure": None}
    none = {**empty, "arrow": None, "good": None, "link": None}

    def cell(figure: ShownFigure | None) -> Plain:
        return none if figure is None else {**none, "figure": figure_of(figure, material)}

    rows = [
        [
            {**none, "text": category},
            *(cell(s.values[at] if at < len(s.values) else None) for s in block.series),
        ]
        for at, category in enumerate(block.categories)
    ]
    if block.target is not None:
        name = block.target.label or material.edition.labels.goal
        rest = [{**none, "text": ""} for _ in block.series[1:]]
        rows.append([{**none, "text": name}, cell(block.target), *rest])
    return {
        "title": block.title,
        "alt": block.alt,
        "columns": [
            {"label": block.category_label, "kind": "text", "marked": False},
            *({"label": s.name, "kind": "figure", "marked": True} for s in block.series),
        ],
        "rows": rows,
    }
