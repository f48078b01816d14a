"""The edition as a mail: what a client reads on the way to the report.

MJML to HTML; every text is escaped before. Charts travel as pictures inside
the mail, so that nothing is loaded from anywhere. The HTML is kept below
:data:`CLIP`, the size from which mail programs cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kvitto.errors import RenderFailed
from kvitto.model.block import ActionsBlock, Change, MeetingBlock, TextBlock, Tile, TilesBlock
from kvitto.render.fact import safe_link
from kvitto.render.ledger import day_text
from kvitto.render.material import Material, rows_of_tiles, said, shown
from kvitto.render.page import environment
from kvitto.render.theme.font import clean

CLIP = 102_000
"""Bytes of HTML from which mail programs cut a mail."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail without its recipient. ``images`` are (content id, PNG) pairs used by ``html``."""

    subject: str
    html: str
    text: str
    images: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much goes in; made smaller until the mail is small enough."""

    tiles: int = 6
    texts: int = 3
    charts: int = 2
    steps: int = 8
    letters: int = 700


_SMALLER: tuple[Extent, ...] = (
    Extent(),
    Extent(texts=2, steps=5, letters=350),
    Extent(tiles=4, texts=1, charts=1, steps=3, letters=160),
)


def write_mail(material: Material, link: str | None) -> Mail:
    """The mail. Raises :class:`RenderFailed` if even its shortest shape is too large."""
    images = _images(material)
    html = ""
    for extent in _SMALLER:
        plan = _plan(material, link, replace(extent, charts=min(extent.charts, len(images))))
        html = _html(plan)
        if len(html.encode()) < CLIP:
            used = {chart["cid"] for chart in plan["charts"]}
            kept = tuple((cid, png) for cid, png in images if cid in used)
            return Mail(plan["subject"], html, _plain(plan), kept)
    raise RenderFailed.of(
        f"write the mail of '{material.edition.id}'",
        f"it takes {len(html.encode())} bytes even in its shortest shape",
        "Shorten the summary and the names of the next steps.",
    )


def _html(plan: dict[str, Any]) -> str:
    import mrml

    source = environment().get_template("mail.mjml.j2").render(plan)
    made = mrml.to_html(source, render_options=mrml.RenderOptions(fonts={}))
    return str(made.content)


def _images(material: Material) -> tuple[tuple[str, bytes], ...]:
    from kvitto.render.chart.draw import draw_png

    return tuple(
        (_cid(index), draw_png(material.wide_chart(block)))
        for index, block in enumerate(material.drawable[: Extent().charts])
    )


def _cid(index: int) -> str:
    return f"chart{index + 1}@kvitto"


def _plan(material: Material, link: str | None, extent: Extent) -> dict[str, Any]:
    """Everything that the mail says, in finished and shortened words."""
    e = material.edition
    subject = " ".join(clean(f"{e.title} \u2013 {e.client_name}, {e.period_text}").split())[:180]
    tiles = [t for b in e.blocks() if isinstance(b, TilesBlock) for t in b.tiles][: extent.tiles]
    summary = _summary(material, extent)
    rows = [[_tile(t, material, extent) for t in row] for row in rows_of_tiles(tuple(tiles), 3)]
    return {
        "e": e,
        "labels": e.labels,
        "words": material.words,
        "brand": material.brand,
        "theme": material.theme,
        "subject": subject,
        "preview": _cut(summary[0], 120) if summary else "",
        "rows": rows,
        "summary": summary,
        "charts": [
            {
                "cid": _cid(index),
                "title": _cut(block.title, extent.letters),
                "alt": _cut(block.alt or block.title, 400),
            }
            for index, block in enumerate(material.drawable[: extent.charts])
        ],
        "steps": _steps(material, extent),
        "meeting": _meeting(material),
        "link": safe_link(link) if link else None,
    }


def _tile(tile: Tile, material: Material, extent: Extent) -> dict[str, Any]:
    return {
        "name": _cut(tile.figure.label, 80),
        "value": shown(tile.figure, material.edition.labels.missing),
        "missing": tile.figure.number is None,
        "provisional": tile.figure.status == "provisional",
        "changes": [_change(change, material) for change in tile.changes[:2]],
        "goal": _cut(tile.goal.display, 80) if tile.goal else "",
    }


def _change(change: Change, material: Material) -> dict[str, str]:
    theme = material.theme
    sign = {"up": "\u25b2 ", "down": "\u25bc ", None: ""}[change.arrow]
    colour = {True: theme.good, False: theme.bad, None: theme.ink}[change.good]
    return {"text": sign + _cut(change.display, 100), "colour": colour}


def _summary(material: Material, extent: Extent) -> list[str]:
    """The report's first texts: the section that sums it up."""
    texts = [
        said(block)
        for section in material.edition.sections[:2]
        for block in section.blocks
        if isinstance(block, TextBlock) and block.sentences
    ]
    return [line for text in texts[: extent.texts] for line in _shortened(text, extent.letters)]


def _shortened(text: Sequence[str], letters: int) -> list[str]:
    """The paragraphs of a text until it is as long as it may be."""
    lines: list[str] = []
    for paragraph in text:
        left = letters - sum(map(len, lines))
        if left < 40 and lines:
            break
        lines.append(_cut(paragraph, left))
    return lines


def _steps(material: Material, extent: Extent) -> list[dict[str, Any]]:
    """The recipient's side first."""
    labels, language = material.edition.labels, material.edition.language
    sides = []
    for block in material.edition.blocks():
        if not isinstance(block, ActionsBlock):
            continue
        for side, name in (("client", block.client_label), ("us", block.us_label)):
            items = [item for item in block.items if item.side == side][: extent.steps]
            steps = [
                {
                    "title": _cut(item.title, min(extent.letters, 240)),
                    "how": _joined(
                        item.who,
                        f"{labels.due} {day_text(item.due, language)}" if item.due else "",
                        f"{labels.need}: {_cut(item.need, 160)}" if item.need else "",
                    ),
                }
                for item in items
            ]
            if steps:
                sides.append({"title": block.title, "name": name, "items": steps})
    return sides


def _meeting(material: Material) -> dict[str, str] | None:
    for block in material.edition.blocks():
        if isinstance(block, MeetingBlock):
            minutes = f"{block.minutes} {material.words.minutes}"
            return {"title": block.title, "how": _joined(block.when, minutes, block.where)}
    return None


def _plain(plan: dict[str, Any]) -> str:
    """The same words without any markup."""
    e, labels = plan["e"], plan["labels"]
    lines = [e.title, f"{e.client_name}, {e.period_text}"]
    lines += [f"{labels.data_as_of} {e.data_as_of_text}", ""]
    for tile in (tile for row in plan["rows"] for tile in row):
        more = [*(change["text"] for change in tile["changes"]), tile["goal"]]
        note = f" ({labels.provisional})" if tile["provisional"] else ""
        lines.append(f"{tile['name']}: " + "; ".join(p for p in (tile["value"] + note, *more) if p))
    for text in plan["summary"]:
        lines += ["", text]
    for chart in plan["charts"]:
        lines += ["", f"{chart['title']}: {chart['alt']}"]
    for side in plan["steps"]:
        lines += ["", f"{side['title']}: {side['name']}"]
        lines += [f"- {step['title']} ({step['how']})" for step in side["items"]]
    if plan["meeting"]:
        lines += ["", plan["meeting"]["title"], plan["meeting"]["how"]]
    if plan["link"]:
        lines += ["", f"{plan['words'].open_report}: {plan['link']}"]
    lines += ["", plan["brand"].footer or plan["brand"].name, e.id]
    return "\n".join(clean(line) for line in lines) + "\n"


def _cut(text: str, letters: int) -> str:
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= letters else flat[: letters - 1].rstrip() + "\u2026"


def _joined(*parts: str) -> str:
    return " \u00b7 ".join(part for part in parts if part)
