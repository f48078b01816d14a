"""What all forms are made from: the edition, its brand, and what is drawn once for all."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kvitto.errors import RenderFailed
from kvitto.model.block import ChartBlock, Mark, Sentence, ShownFigure, TextBlock, Tile
from kvitto.model.brand import Brand
from kvitto.model.edition import Edition
from kvitto.render.chart.frame import is_empty
from kvitto.render.ledger import Group, groups_of, marks_of
from kvitto.render.place import Placed, figures_of
from kvitto.render.theme.token import Theme, theme_of
from kvitto.render.wording import Words, words_of


class Material:
    """An edition with its brand. Charts, places and receipts are worked out once, when needed."""

    def __init__(self, edition: Edition, brand: Brand) -> None:
        self.edition = edition
        self.brand = brand
        self._wide: dict[str, str] = {}

    @cached_property
    def theme(self) -> Theme:
        return theme_of(self.brand)

    @cached_property
    def logo(self) -> bytes | None:
        """The brand's logo, checked to be what it says it is. Raises :class:`RenderFailed`."""
        return logo_of(self.brand)

    @cached_property
    def words(self) -> Words:
        return words_of(self.edition.language)

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        return figures_of(self.edition)

    @cached_property
    def marks(self) -> dict[str, str]:
        return marks_of(self.edition.receipts)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        return groups_of(self.edition, self.placed, self.words)

    @cached_property
    def charts(self) -> tuple[ChartBlock, ...]:
        return tuple(block for block in self.edition.blocks() if isinstance(block, ChartBlock))

    @cached_property
    def drawable(self) -> tuple[ChartBlock, ...]:
        """The charts that have something to draw; the others are shown as words."""
        return tuple(block for block in self.charts if not is_empty(block))

    @cached_property
    def wide_charts(self) -> dict[str, str]:
        """Block id to SVG, for paper and wide screens; empty charts are not drawn."""
        return {block.id: self.wide_chart(block) for block in self.drawable}

    @cached_property
    def narrow_charts(self) -> dict[str, str]:
        """The same for telephones."""
        from kvitto.render.chart.spec import NARROW

        return {block.id: self._svg(block, NARROW, "n") for block in self.drawable}

    def wide_chart(self, block: ChartBlock) -> str:
        """One chart as SVG, drawn now if it was not before."""
        from kvitto.render.chart.spec import WIDE

        if block.id not in self._wide:
            self._wide[block.id] = self._svg(block, WIDE, "")
        return self._wide[block.id]

    def draw(self) -> None:
        """Draws what all forms share now, so that forms beside each other do not both do it."""
        _ = (self.theme, self.words, self.marks, self.placed, self.groups, self.wide_charts)

    def _svg(self, block: ChartBlock, width: int, suffix: str) -> str:
        from kvitto.render.chart.draw import draw_svg
        from kvitto.render.chart.spec import vega_spec

        spec = vega_spec(block, self.edition.language, self.brand, width=width)
        name = f"chart{self.charts.index(block)}{suffix}"
        return draw_svg(spec, name=name, title=block.title, text=block.alt)


def logo_of(brand: Brand) -> bytes | None:
    """The bytes of a brand's logo, ``None`` where it has none."""
    if brand.logo is None or brand.logo_kind is None:
        return None
    try:
        data = base64.b64decode(brand.logo, validate=True)
    except binascii.Error:
        data = b""
    there = data.startswith(b"\x89PNG") if brand.logo_kind == "png" else b"<svg" in data[:4000]
    if not there:
        raise RenderFailed.of(
            f"use the logo of the brand '{brand.id}'",
            f"it is not {brand.logo_kind.upper()} in base64",
            "Write the file in base64 and name its kind, svg or png, in the file of the brand.",
        )
    return data


def shown(figure: ShownFigure, missing: str) -> str:
    """The figure's text; a missing one always has words, never a blank."""
    return figure.display or (missing if figure.number is None else str(figure.number))


def paragraphs(block: TextBlock) -> tuple[tuple[Sentence, ...], ...]:
    """The sentences by paragraph: one that ends with a line break is the last of its own."""
    found: list[list[Sentence]] = [[]]
    for sentence in block.sentences:
        found[-1].append(sentence.model_copy(update={"text": sentence.text.rstrip("\n")}))
        if sentence.text.endswith("\n"):
            found.append([])
    return tuple(tuple(group) for group in found if group)


def said(block: TextBlock) -> tuple[str, ...]:
    """The paragraphs of a text without any marks."""
    return tuple(" ".join(each.text for each in group) for group in paragraphs(block))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a sentence with its mark; ``tagged`` where the receipt's code is printed."""

    text: str
    mark: Mark | None
    tagged: bool


def stretches(group: tuple[Sentence, ...]) -> list[list[Stretch]]:
    """A paragraph cut at its marks; a receipt shows its code once, where it is first met."""
    met: set[str] = set()
    found: list[list[Stretch]] = []
    for sentence in group:
        found.append([])
        for text, mark in segments(sentence):
            code = mark.receipt if mark is not None and mark.what == "number" else None
            found[-1].append(Stretch(text, mark, code is not None and code not in met))
            met.update({code} if code else ())
    return found


def segments(sentence: Sentence) -> Iterator[tuple[str, Mark | None]]:
    """The sentence in stretches, with the mark of each; marks that overlap are passed over."""
    at = 0
    for mark in sorted(sentence.marks, key=lambda mark: (mark.start, -mark.end)):
        if mark.start < at or mark.end > len(sentence.text) or mark.end <= mark.start:
            continue
        if mark.start > at:
            yield sentence.text[at : mark.start], None
        yield sentence.text[mark.start : mark.end], mark
        at = mark.end
    if at < len(sentence.text):
        yield sentence.text[at:], None


def balanced(count: int, most: int) -> tuple[int, ...]:
    """How many stand in each row, none of them alone, the shorter rows first: 5 is 2 and 3."""
    if count <= 0:
        return ()
    rows = -(-count // most)
    short, extra = divmod(count, rows)
    return tuple(short + (1 if index >= rows - extra else 0) for index in range(rows))


def rows_of_tiles(tiles: tuple[Tile, ...], most: int) -> tuple[tuple[Tile, ...], ...]:
    """Tiles in balanced rows."""
    rows: list[tuple[Tile, ...]] = []
    at = 0
    for count in balanced(len(tiles), most):
        rows.append(tiles[at : at + count])
        at += count
    return tuple(rows)
