"""A block of the edition as a Vega-Lite specification.

The same specification is drawn to SVG for the page and the PDF, to PNG for
mail, and shown interactively by the web room. All numbers in it are finished
texts beside the raw values; no engine formats anything.
"""

from __future__ import annotations

from collections.abc import Callable

from kvitto.model.block import ChartBlock
from kvitto.model.brand import Brand
from kvitto.render.chart.bar import bar_spec, funnel_spec, waterfall_spec
from kvitto.render.chart.column import column_spec, stacked_spec
from kvitto.render.chart.frame import Spec, View, finished, is_empty, wrapped
from kvitto.render.chart.line import line_spec
from kvitto.render.theme.token import theme_of

WIDE = 780
NARROW = 340

_SHAPES: dict[str, Callable[[View], Spec]] = {
    "line": line_spec,
    "bar": bar_spec,
    "column": column_spec,
    "stacked": stacked_spec,
    "waterfall": waterfall_spec,
    "funnel": funnel_spec,
}


def vega_spec(
    block: ChartBlock, language: str, brand: Brand | None = None, *, width: int = WIDE
) -> Spec:
    """The specification of a chart, about ``width`` px wide with its labels.

    Below 480 px names are wrapped earlier and the legend stands in one column.
    A chart without a single number becomes one line of words.
    """
    view = View(block, theme_of(brand or Brand()), language, width)
    return _nothing(view) if is_empty(block) else _SHAPES[block.chart](view)


def _nothing(view: View) -> Spec:
    words = next((v.display for s in view.block.series for v in s.values if v.display), "\u2013")
    mark = {"type": "text", "color": view.theme.muted, "fontSize": 13}
    layer = {
        "data": {"values": [{"d": wrapped(words, view.width // 8, 3)}]},
        "mark": mark,
        "encoding": {"text": {"field": "d", "type": "nominal"}},
    }
    return finished(view, [layer], view.width - 4, 96)
