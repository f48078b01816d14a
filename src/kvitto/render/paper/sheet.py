"""The edition as the data that the Typst files read.

All words are finished here: missing figures in words, dates in the language,
characters that no font has replaced, long words made breakable.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from kvitto.model.block import (
    ActionsBlock,
    Block,
    ChartBlock,
    DefinitionsBlock,
    MeetingBlock,
    RestatementsBlock,
    TextBlock,
    Tile,
    TilesBlock,
    WorkBlock,
)
from kvitto.model.locale import LOCALES
from kvitto.render.chart.frame import is_empty, wide
from kvitto.render.chart.spark import spark_svg, spoken
from kvitto.render.fact import facts_of, first_words, is_dashed, safe_link
from kvitto.render.ledger import day_text
from kvitto.render.material import Material, paragraphs, rows_of_tiles, stretches
from kvitto.render.paper.table import Plain, chart_table, figure_of, mark_width, table_of
from kvitto.render.theme.font import showable
from kvitto.render.theme.token import FALLBACK, FAMILY


@dataclass
class Sheet:
    """``data`` for the templates, ``files`` the pictures they name."""

    data: Plain = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def sheet_of(material: Material) -> Sheet:
    """The whole document as data and pictures."""
    sheet = Sheet()
    e, labels = material.edition, material.edition.labels
    territory = LOCALES.get(e.language, "en_GB").split("_")
    data: Plain = {
        "title": e.title,
        "subtitle": e.subtitle,
        "agency": e.agency,
        "client": e.client_name,
        "brand": material.brand.name,
        "period": e.period_text,
        "running": f"{e.title}, {e.period_text}",
        "footer": material.brand.footer or material.brand.name,
        "lang": territory[0],
        "region": territory[-1],
        "facts": facts_of(material),
        "labels": labels.model_dump(),
        "words": asdict(material.words),
        "theme": material.theme.plain(),
        "fonts": [FAMILY, *FALLBACK],
        "marks": material.marks,
        "mark_width": mark_width(material),
        "sections": [
            {
                "title": section.title,
                "appendix": section.appendix,
                "blocks": [_block(block, material, sheet) for block in section.blocks],
            }
            for section in e.sections
        ],
        "charts": [chart_table(block, material) for block in material.charts],
        "receipt_widths": _receipt_widths(material),
        "groups": [asdict(group) for group in material.groups],
        "vouches": [
            {"phrase": v.phrase, "by": _joined(v.by, day_text(v.at[:10], e.language), v.reason)}
            for v in e.vouches
        ],
        **_logo(material, sheet),
    }
    lost = _Lost()
    sheet.data = {**_printable(data, lost), "replaced": False}
    sheet.data["replaced"] = lost.count > 0
    return sheet


def _receipt_widths(material: Material) -> list[float]:
    """Points for period, value, n and lines; measuring hundreds of rows would cost too much."""
    labels = material.edition.labels
    entries = [entry for group in material.groups for entry in group.entries]

    def need(head: str, texts: list[str], most: float) -> float:
        return min(max(map(wide, [head, *texts])) / 12 * 7.2 + 10, most)

    return [
        need(labels.period, [entry.period for entry in entries], 120),
        need(labels.value, [entry.value for entry in entries], 110),
        need("n", [str(entry.n) for entry in entries], 40),
        need(labels.lines, [str(entry.lines) for entry in entries], 60),
    ]


def _logo(material: Material, sheet: Sheet) -> Plain:
    brand = material.brand
    if material.logo is None:
        return {"logo": None, "logo_kind": None}
    name = f"logo.{brand.logo_kind}"
    sheet.files[name] = material.logo
    return {"logo": name, "logo_kind": brand.logo_kind}


def _block(block: Block, material: Material, sheet: Sheet) -> Plain:
    maker: Callable[..., Plain] | None = _MAKERS.get(block.kind)
    made = block.model_dump() if maker is None else maker(block, material, sheet)
    return {**made, "kind": block.kind, "title": getattr(block, "title", "")}


def _tiles(block: TilesBlock, material: Material, sheet: Sheet) -> Plain:
    rows = rows_of_tiles(block.tiles, 3)
    return {"rows": [[_tile(tile, material, sheet) for tile in row] for row in rows]}


def _tile(tile: Tile, material: Material, sheet: Sheet) -> Plain:
    spark = spark_svg(tile.trend, material.theme)
    name = f"spark-{len(sheet.files)}.svg"
    if spark:
        sheet.files[name] = spark.encode()
    goal = tile.goal
    return {
        "figure": figure_of(tile.figure, material),
        "changes": [
            {"display": c.display, "arrow": c.arrow, "good": c.good, "note": c.note}
            for c in tile.changes
        ],
        "goal": None
        if goal is None
        else {
            "display": goal.display,
            "objective": goal.objective,
            "reached": None if goal.reached is None else min(max(goal.reached, 0.0), 1.0),
        },
        "explain": "" if tile.figure.metric in _defined(material) else tile.explain,
        "spark": name if spark else None,
        "spoken": spoken(tile.trend),
    }


def _defined(material: Material) -> set[str]:
    """The metrics that the report explains in its list of definitions."""
    blocks = material.edition.blocks()
    return {item.metric for b in blocks if isinstance(b, DefinitionsBlock) for item in b.items}


def _text(block: TextBlock, material: Material, sheet: Sheet) -> Plain:
    return {
        "paragraphs": [
            [
                [
                    {
                        "text": each.text,
                        "state": each.mark.state if each.mark else "plain",
                        "receipt": each.mark.receipt
                        if each.mark and each.mark.what == "number"
                        else None,
                        "tagged": each.tagged,
                    }
                    for each in sentence
                ]
                for sentence in stretches(group)
            ]
            for group in paragraphs(block)
        ]
    }


def _chart(block: ChartBlock, material: Material, sheet: Sheet) -> Plain:
    svg = None
    if block.id in material.wide_charts:
        svg = f"chart-{len(sheet.files)}.svg"
        sheet.files[svg] = material.wide_charts[block.id].encode()
    return {
        "svg": svg,
        "words": first_words(block) or material.edition.labels.missing,
        "alt": block.alt or block.title,
        "note": block.note,
        "dashed": not is_empty(block) and is_dashed(block),
    }


def _work(block: WorkBlock, material: Material, sheet: Sheet) -> Plain:
    labels, language = material.edition.labels, material.edition.language
    return {
        "empty": block.empty or labels.missing,
        "items": [
            {
                "title": item.title,
                "link": safe_link(item.link) if item.link else None,
                "note": item.note,
                "how": _joined(
                    item.kind,
                    item.who,
                    f"{labels.due} {day_text(item.due, language)}"
                    if item.due and not item.done
                    else "",
                    day_text(item.done, language),
                    item.hours,
                    item.status,
                ),
            }
            for item in block.items
        ],
    }


def _actions(block: ActionsBlock, material: Material, sheet: Sheet) -> Plain:
    labels, language = material.edition.labels, material.edition.language
    sides = []
    for side, name in (("client", block.client_label), ("us", block.us_label)):
        items = [
            {
                "title": item.title,
                "need": item.need,
                "how": _joined(
                    item.who,
                    f"{labels.due} {day_text(item.due, language)}" if item.due else "",
                    item.status,
                ),
            }
            for item in block.items
            if item.side == side
        ]
        if items:
            sides.append({"name": name, "items": items})
    return {"sides": sides, "empty": block.empty or labels.missing}


def _meeting(block: MeetingBlock, material: Material, sheet: Sheet) -> Plain:
    how = _joined(f"{block.minutes} {material.words.minutes}", block.where)
    return {"when": block.when, "how": how, "agenda": block.agenda, "note": block.note}


def _restatements(block: RestatementsBlock, material: Material, sheet: Sheet) -> Plain:
    return {
        "empty": block.empty or material.edition.labels.missing,
        "items": [
            {
                "label": item.label,
                "edition": item.edition,
                "said": figure_of(item.said, material),
                "now": figure_of(item.now, material),
                "difference": item.difference,
                "because": item.because,
                "records": ", ".join(item.records[:12])
                + (" \u2026" if len(item.records) > 12 else ""),
            }
            for item in block.items
        ],
    }


_MAKERS: dict[str, Callable[..., Plain]] = {
    "tiles": _tiles,
    "text": _text,
    "table": lambda block, material, _: table_of(block, material),
    "chart": _chart,
    "work": _work,
    "actions": _actions,
    "meeting": _meeting,
    "restatements": _restatements,
}


def _joined(*parts: str) -> str:
    return " \u00b7 ".join(part for part in parts if part)


@dataclass
class _Lost:
    count: int = 0


_LONG = re.compile(r"\S{24,}")


def _printable(item: Any, lost: _Lost) -> Any:
    """Every text in characters that can be printed, with long words made breakable."""
    if isinstance(item, str):
        text, count = showable(item)
        lost.count += count
        return _LONG.sub(_softened, text)
    if isinstance(item, dict):
        return {key: _printable(value, lost) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_printable(value, lost) for value in item]
    return item


def _softened(found: re.Match[str]) -> str:
    """A word of 24 letters or more may break after its slashes, or else after every eighth."""
    word = found[0]
    if word.startswith(("https://", "http://", "mailto:")):
        return word
    if "/" in word:
        return word.replace("/", "/\u200b")
    return "\u200b".join(word[at : at + 8] for at in range(0, len(word), 8))
