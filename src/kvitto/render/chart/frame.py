"""What all shapes of chart share: the data as rows, the sizes, the plain look."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kvitto.model.block import ChartBlock, ShownFigure
from kvitto.model.value import Unit, UnitKind
from kvitto.render.theme.font import clean
from kvitto.render.theme.token import FALLBACK, FAMILY, Theme

Spec = dict[str, Any]
Row = dict[str, Any]

SIZE = 12
"""Type size of a chart in px, at its natural width."""

LINE = 14
"""Distance of two lines of one label, in px."""


@dataclass(frozen=True, slots=True)
class View:
    """A chart about to be drawn: its block, its look and how wide it may be."""

    block: ChartBlock
    theme: Theme
    language: str
    width: int

    @property
    def narrow(self) -> bool:
        return self.width < 480

    @property
    def unit(self) -> Unit:
        return Unit(UnitKind(self.block.unit), self.block.currency)

    def numbers(self) -> list[float]:
        """Every number that the chart must have room for."""
        found = [v.number for s in self.block.series for v in s.values if v.number is not None]
        target = self.block.target
        return found + ([target.number] if target and target.number is not None else [])

    @property
    def goal(self) -> str:
        """What the line of the goal is called: the chart's title says of what it is the goal."""
        from kvitto.render.wording import words_of

        target = self.block.target
        return words_of(self.language).goal if target is not None and target.label else ""

    def colour(self, index: int) -> str:
        return self.theme.series[index % len(self.theme.series)]


def is_empty(block: ChartBlock) -> bool:
    """Whether there is no number at all to draw."""
    return not any(v.number is not None for s in block.series for v in s.values)


def rows_of(view: View) -> list[Row]:
    """One row per figure: c category, i its place, s series, v number, d display, t in words."""
    rows: list[Row] = []
    for place, series in enumerate(view.block.series):
        for index, (category, figure) in enumerate(
            zip(view.block.categories, series.values, strict=False)
        ):
            rows.append(_row(view.block, category, index, series.name, place, figure))
    return rows


def _row(
    block: ChartBlock, category: str, index: int, name: str, place: int, figure: ShownFigure
) -> Row:
    shown = clean(figure.display) or "\u2013"
    of = f", {clean(name)}" if len(block.series) > 1 else ""
    return {
        "c": clean(category),
        "i": index,
        "s": clean(name),
        "k": place,
        "v": figure.number,
        "d": shown,
        "p": figure.status == "provisional",
        "t": f"{clean(category)}{of}: {shown}",
    }


def tooltip(view: View) -> list[Spec]:
    """Finished words only, so that a tooltip says what the report says."""
    named = [{"field": "s", "title": "\u2013", "type": "nominal"}]
    return [
        {"field": "c", "title": clean(view.block.category_label) or "\u2013", "type": "nominal"},
        *(named if len(view.block.series) > 1 else []),
        {"field": "d", "title": clean(view.block.value_label) or "\u2013", "type": "nominal"},
    ]


def spoken(view: View) -> Spec:
    """Tooltip and spoken description of a mark."""
    return {"tooltip": tooltip(view), "description": {"field": "t", "type": "nominal"}}


def lookup(labels: Sequence[str | list[str]]) -> str:
    """An axis label expression that only looks up; nothing of a name is ever evaluated."""
    return json.dumps(list(labels), ensure_ascii=True) + "[datum.value]"


def tick_lookup(ticks: Sequence[float], labels: Sequence[str]) -> str:
    """The same for numbers on an axis."""
    table = {_key(tick): label for tick, label in zip(ticks, labels, strict=True)}
    return json.dumps(table, ensure_ascii=True) + "[datum.value]"


def _key(tick: float) -> str:
    return str(int(tick)) if tick == int(tick) else repr(tick)


def wrapped(text: str, letters: int, lines: int = 2) -> list[str]:
    """At most ``lines`` lines of about ``letters`` letters; the rest becomes an ellipsis."""
    parts = textwrap.wrap(clean(text), max(letters, 4), break_long_words=True) or ["\u2013"]
    if len(parts) > lines:
        parts = [*parts[: lines - 1], _cut(" ".join(parts[lines - 1 :]), letters)]
    return parts


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: max(letters - 1, 1)].rstrip() + "\u2026"


def wide(text: str, size: float = SIZE) -> float:
    """About how many px a text takes."""
    return sum(1.0 if ord(char) > 0x2E7F else 0.56 for char in text) * size


def below(categories: Sequence[str], room: float) -> tuple[list[str | list[str]], int]:
    """Labels under an axis where each category has ``room`` px, and how many share one label.

    Where the longest word does not fit, every second, third... category is
    named, counted from the last one.
    """
    longest = max((wide(word) for name in categories for word in name.split()), default=0.0)
    every = max(1, int(-(-(longest + 4) // max(room, 1.0))))
    letters = max(int(room * every / 6.7), 3)
    if max(map(len, categories), default=0) > letters:
        words = max((len(word) for name in categories for word in name.split()), default=3)
        letters = min(letters, max(words, letters // 2))
    count = len(categories)
    labels: list[str | list[str]] = [
        wrapped(name, letters, 3) if (count - 1 - index) % every == 0 else ""
        for index, name in enumerate(categories)
    ]
    return labels, every


def by_lines(rows: Sequence[Row], name: str) -> list[tuple[int, list[Row]]]:
    """The rows by how many lines their text has; each number of lines is its own layer."""
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(len(row[name]), []).append(row)
    return sorted(groups.items())


def legend(view: View) -> Spec:
    """The colours by name, above the plot; ``None`` colours need no legend."""
    names = [clean(series.name) for series in view.block.series]
    return {
        "field": "k",
        "type": "ordinal",
        "scale": {
            "domain": list(range(len(names))),
            "range": [view.colour(index) for index in range(len(names))],
        },
        "legend": {
            "title": None,
            "orient": "top",
            "direction": "horizontal",
            "columns": 1 if view.narrow else 3,
            "symbolType": "square",
            "symbolSize": 90,
            "labelLimit": view.width // (1 if view.narrow else 3) - 24,
            "labelExpr": lookup([" ".join(wrapped(name, 48, 1)) for name in names]),
        },
    }


def value_axis(ticks: Sequence[float], labels: Sequence[str]) -> Spec:
    """A quiet axis: few light lines, labels, no line of its own."""
    return {
        "values": list(ticks),
        "labelExpr": tick_lookup(ticks, labels),
        "title": None,
        "domain": False,
        "ticks": False,
        "labelPadding": 8,
    }


def finished(view: View, layers: list[Spec], width: float, height: float) -> Spec:
    """The whole specification around the layers."""
    block, theme = view.block, view.theme
    family = ", ".join([FAMILY, *FALLBACK])
    named = {"labelFont": family, "titleFont": family}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": clean(block.alt) or clean(block.title),
        "background": None,
        "padding": 2,
        "width": round(width),
        "height": round(height),
        "layer": layers,
        "config": {
            "font": family,
            "view": {"stroke": None},
            "text": {"font": family, "fontSize": SIZE, "fill": theme.ink},
            "axis": {
                **named,
                "labelFontSize": SIZE,
                "labelColor": theme.muted,
                "labelAngle": 0,
                "labelLimit": 0,
                "labelLineHeight": LINE,
                "gridColor": theme.line,
                "domainColor": theme.line,
                "ticks": False,
            },
            "legend": {**named, "labelFontSize": SIZE, "labelColor": theme.ink, "offset": 14},
            "mark": {"invalid": "filter"},
        },
    }
