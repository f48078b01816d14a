"""Markdown: the report as plain text with tables, for wikis, tickets and chats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from kvitto.model.block import (
    ActionsBlock,
    Block,
    CellShown,
    ChartBlock,
    DefinitionsBlock,
    MeetingBlock,
    NoticeBlock,
    RestatementsBlock,
    ShownFigure,
    TableBlock,
    TextBlock,
    TilesBlock,
    WorkBlock,
)
from kvitto.render.fact import facts_of, safe_link
from kvitto.render.format import Format, Limit
from kvitto.render.ledger import day_text
from kvitto.render.material import Material, said, shown
from kvitto.render.theme.font import clean

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|~!])")
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)")


def write(material: Material) -> bytes:
    """The document as UTF-8."""
    return ("\n".join(_lines(material)).rstrip() + "\n").encode()


def escaped(text: str) -> str:
    """The text without any meaning to Markdown or HTML, on one line."""
    flat = _SPECIAL.sub(r"\\\1", " ".join(clean(text).split()).replace("&", "&amp;"))
    return _LINE_START.sub(r"\1\\\2", flat)


def _lines(material: Material) -> Iterator[str]:
    e = material.edition
    yield from (f"# {escaped(e.title)}: {escaped(e.client_name)}, {escaped(e.period_text)}", "")
    if e.subtitle:
        yield from (escaped(e.subtitle), "")
    for name, text in facts_of(material):
        yield f"- {escaped(name)}: {escaped(text)}"
    for section in e.sections:
        yield from ("", f"## {escaped(section.title)}", "")
        for block in section.blocks:
            title = getattr(block, "title", "")
            if title:
                yield from (f"### {escaped(title)}", "")
            yield from _block(block, material)
            yield ""
    yield from _receipts(material)


def _block(block: Block, material: Material) -> Iterator[str]:
    maker: Callable[..., Iterator[str]] = _MAKERS[block.kind]
    return maker(block, material)


def _fig(figure: ShownFigure, material: Material) -> str:
    star = "\\*" if figure.status == "provisional" else ""
    mark = f" `{figure.receipt}`" if figure.receipt else ""
    return escaped(shown(figure, material.edition.labels.missing)) + star + mark


def _tiles(block: TilesBlock, material: Material) -> Iterator[str]:
    for tile in block.tiles:
        rest = [escaped(change.display) for change in tile.changes]
        rest += [escaped(tile.goal.display)] if tile.goal else []
        yield f"- **{escaped(tile.figure.label)}**: " + "; ".join(
            [_fig(tile.figure, material), *rest]
        )


def _text(block: TextBlock, material: Material) -> Iterator[str]:
    yield "\n\n".join(escaped(text) for text in said(block))


def _table(block: TableBlock, material: Material) -> Iterator[str]:
    if not block.rows:
        yield escaped(block.empty or material.edition.labels.missing)
        return
    cell = partial(_cell, material=material)
    right = [column.kind == "figure" for column in block.columns]
    rows = [*block.rows, *([block.total] if block.total else [])]
    heads = [escaped(column.label) for column in block.columns]
    yield from _grid(heads, right, [[cell(one) for one in row] for row in rows])
    if block.note:
        yield from ("", escaped(block.note))


def _cell(cell: CellShown, material: Material) -> str:
    return _fig(cell.figure, material) if cell.figure else escaped(cell.text)


def _grid(
    heads: Sequence[str], right: Sequence[bool], rows: Sequence[Sequence[str]]
) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "|".join("---:" if side else "---" for side in right) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _chart(block: ChartBlock, material: Material) -> Iterator[str]:
    yield from (escaped(block.alt), "")
    heads = [escaped(block.category_label), *(escaped(series.name) for series in block.series)]
    rows = [
        [escaped(category), *(_fig(series.values[at], material) for series in block.series)]
        for at, category in enumerate(block.categories)
    ]
    yield from _grid(heads, [False, *(True for _ in block.series)], rows)
    if block.note:
        yield from ("", escaped(block.note))


def _work(block: WorkBlock, material: Material) -> Iterator[str]:
    day = partial(day_text, language=material.edition.language)
    for item in block.items:
        link = safe_link(item.link) if item.link else None
        title = f"[{escaped(item.title)}](<{_address(link)}>)" if link else escaped(item.title)
        rest = (item.kind, item.who, day(item.due), day(item.done), item.hours, item.status)
        yield f"- {title}: " + ", ".join(escaped(part) for part in (*rest, item.note) if part)
    if not block.items:
        yield escaped(block.empty or material.edition.labels.missing)


def _address(link: str) -> str:
    return re.sub(r"[<>\s\\]", lambda found: f"%{ord(found[0]):02X}", link)


def _actions(block: ActionsBlock, material: Material) -> Iterator[str]:
    labels, language = material.edition.labels, material.edition.language
    for item in block.items:
        side = block.client_label if item.side == "client" else block.us_label
        due = f"{labels.due} {day_text(item.due, language)}" if item.due else ""
        need = f"{labels.need}: {item.need}" if item.need else ""
        rest = ", ".join(escaped(part) for part in (item.who, due, need, item.status) if part)
        yield f"- **{escaped(side)}**: {escaped(item.title)}: {rest}"
    if not block.items:
        yield escaped(block.empty or labels.missing)


def _meeting(block: MeetingBlock, material: Material) -> Iterator[str]:
    parts = (block.when, f"{block.minutes} {material.words.minutes}", block.where)
    yield ", ".join(escaped(part) for part in parts if part)
    for index, line in enumerate(block.agenda, 1):
        yield f"{index}. {escaped(line)}"


def _notice(block: NoticeBlock, material: Material) -> Iterator[str]:
    for line in block.lines:
        yield f"> {escaped(line)}"


def _definitions(block: DefinitionsBlock, material: Material) -> Iterator[str]:
    for item in block.items:
        yield f"- **{escaped(item.name)}**: {escaped(item.text)}"


def _restatements(block: RestatementsBlock, material: Material) -> Iterator[str]:
    words = material.words
    for item in block.items:
        named = f" ({escaped(', '.join(item.records))})" if item.records else ""
        yield (
            f"- **{escaped(item.label)}** ({escaped(item.edition)}): {words.said} "
            f"{_fig(item.said, material)}; {words.now} {_fig(item.now, material)} "
            f"({escaped(item.difference)}). {words.because}: {escaped(item.because)}{named}"
        )
    if not block.items:
        yield escaped(block.empty or material.edition.labels.missing)


def _receipts(material: Material) -> Iterator[str]:
    labels = material.edition.labels
    if material.groups:
        yield from ("", f"## {escaped(labels.receipts)}", "")
    for group in material.groups:
        yield from (f"### {escaped(group.name)}", "", escaped(group.definition), "")
        yield from (f"- {escaped(labels.sources)}: {escaped(source)}" for source in group.sources)
        yield ""
        heads = (labels.code, material.words.place, labels.period, labels.value, "n", labels.lines)
        rows = [
            [f"`{entry.code}`", escaped(entry.place), escaped(entry.period),
             escaped(entry.value), str(entry.n), str(entry.lines)]
            for entry in group.entries
        ]  # fmt: skip
        right = (False, False, False, True, True, True)
        yield from _grid([escaped(head) for head in heads], right, rows)
        yield ""


_MAKERS: dict[str, Any] = {
    "tiles": _tiles,
    "text": _text,
    "table": _table,
    "chart": _chart,
    "work": _work,
    "actions": _actions,
    "meeting": _meeting,
    "notice": _notice,
    "definitions": _definitions,
    "restatements": _restatements,
}

FORMAT = Format(
    name="md",
    extension="md",
    media_type="text/markdown; charset=utf-8",
    write=write,
    limits=(
        Limit("drawn charts", "their words and their table"),
        Limit("sparklines", "left out; the CSV and the sheet hold the points"),
    ),
)
