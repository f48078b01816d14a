"""Charts for a page: drawn by the server, and as data for the browser to draw.

A drawn chart is kept in memory under its content, so a page that is read again
draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from kvitto.errors import RenderFailed, UnknownName, did_you_mean
from kvitto.model.block import ChartBlock, Series, Tile
from kvitto.model.brand import Brand
from kvitto.model.edition import Edition
from kvitto.web.words import say

REPORT = 700
"""Width in px of a chart in the column of a report."""

CARD = 520
"""Width of a chart in a card of the live page."""

PHONE = 320
"""Width of a chart on a phone."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart as SVG, for wide and for narrow screens; both empty where it cannot be drawn."""

    wide: Markup
    narrow: Markup


def charts_of(edition: Edition) -> tuple[ChartBlock, ...]:
    """The charts of an edition in reading order."""
    return tuple(block for block in edition.blocks() if isinstance(block, ChartBlock))


def find_chart(charts: Iterable[ChartBlock], name: str) -> ChartBlock:
    """The chart of that id. Raises :class:`UnknownName`."""
    known = {chart.id: chart for chart in charts}
    if name not in known:
        raise UnknownName.of(
            f"the chart '{name}'", "there is none", did_you_mean(name, list(known))
        )
    return known[name]


def trend_charts(tiles: Iterable[Tile]) -> tuple[ChartBlock, ...]:
    """The trend of each tile that has one, as a chart with the tile's own figures."""
    return tuple(
        _trend(tile) for tile in tiles if sum(point.number is not None for point in tile.trend) > 1
    )


def _trend(tile: Tile) -> ChartBlock:
    shown = tile.figure
    values = tuple(
        shown.model_copy(
            update={
                "display": point.display,
                "number": point.number,
                "exact": None,
                "status": "provisional" if point.provisional else "final",
                "missing": "no_data" if point.number is None else None,
                "receipt": point.receipt,
            }
        )
        for point in tile.trend
    )
    first, last = tile.trend[0], tile.trend[-1]
    return ChartBlock(
        id=shown.metric,
        title=shown.label,
        chart="line",
        category_label=say("live.period"),
        value_label=shown.label,
        categories=tuple(point.label for point in tile.trend),
        series=(Series(name=shown.label, values=values),),
        unit=shown.unit,
        currency=shown.currency,
        alt=say(
            "tile.trend_alt",
            label=shown.label,
            first=first.label,
            start=first.display,
            last=last.label,
            end=last.display,
        ),
    )


def pictures(
    charts: Iterable[ChartBlock], language: str, brand: Brand, width: int
) -> Mapping[str, Picture]:
    """The drawn charts by id, for a column of ``width`` px and for a phone."""
    return {chart.id: _drawn(chart, language, brand, width) for chart in charts}


def interactive(chart: ChartBlock, language: str, brand: Brand, width: int) -> dict[str, object]:
    """The specification that the server draws from, for the browser."""
    from kvitto.render.chart.spec import vega_spec

    return vega_spec(chart, language, brand, width=width)


@lru_cache(maxsize=512)
def _drawn(chart: ChartBlock, language: str, brand: Brand, wide: int) -> Picture:
    from kvitto.render.chart.draw import draw_svg
    from kvitto.render.chart.spec import vega_spec

    drawn = []
    for name, width in (("wide", wide), ("narrow", PHONE)):
        spec = vega_spec(chart, language, brand, width=width)
        try:
            # The drawing engine escapes every text of a chart that it writes.
            unique = f"{chart.id}-{name}"
            svg = draw_svg(spec, name=unique, title=chart.title, text=chart.alt)
            drawn.append(Markup(svg))  # noqa: S704 - escaped by the engine
        except RenderFailed:
            return Picture(Markup(), Markup())
    return Picture(drawn[0], drawn[1])
