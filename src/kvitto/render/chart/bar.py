"""Lying bars: bar, funnel and waterfall; names at the left, figures at the end of each bar."""

from __future__ import annotations

from kvitto.model.block import ShownFigure
from kvitto.render.chart.frame import (
    Row,
    Spec,
    View,
    by_lines,
    finished,
    legend,
    rows_of,
    spoken,
    wide,
    wrapped,
)


def bar_spec(view: View) -> Spec:
    """Bars in the given order; several series lie side by side."""
    return _lying(view, [_span(row, 0.0, row["v"]) for row in rows_of(view)])


def funnel_spec(view: View) -> Spec:
    """Bars from the widest stage to the narrowest, each on a pale track of the widest."""
    return _lying(view, [_span(row, 0.0, row["v"]) for row in rows_of(view)], track=True)


def waterfall_spec(view: View) -> Spec:
    """Totals stand on zero; each change starts where the one before ended."""
    spans: list[Row] = []
    at = 0.0
    rows = [row for row in rows_of(view) if row["k"] == 0]
    for index, row in enumerate(rows):
        number = row["v"]
        total = index < len(view.block.roles) and view.block.roles[index] == "total"
        start, end = (0.0, number) if total else (at, None if number is None else at + number)
        at = at if end is None else end
        kind = 0 if total else 1 if (number or 0) >= 0 else 2
        spans.append({**_span(row, start, end), "k": kind})
    return _lying(view, spans, steps=True)


def _span(row: Row, start: float, end: float | None) -> Row:
    reach = start if end is None else end
    return {**row, "a": start, "b": reach, "r": max(start, reach), "n": end is None}


def _lying(view: View, rows: list[Row], *, track: bool = False, steps: bool = False) -> Spec:
    count = max(len(view.block.categories), 1)
    several = len(view.block.series) > 1 and not steps
    names = view.width * (0.36 if view.narrow else 0.3)
    longest = max((wide(name) for name in view.block.categories), default=40.0)
    names = min(names, longest + 6)
    values = max((wide(str(row["d"])) for row in rows), default=30.0)
    width = max(view.width - names - min(values, view.width * 0.3) - 24, 90)
    each = 30 * max(1, len(view.block.series) * 0.72 if several else 1)
    low = min(0.0, *(min(row["a"], row["b"]) for row in rows))
    high = max(0.0, *(row["r"] for row in rows), _aim(view.block.target))
    x = _across("a", low, high)
    y = _down(count)
    side = {"yOffset": {"field": "k", "type": "ordinal"}} if several else {}
    layers = [
        *(_track(x, y, high, view) if track else []),
        {
            "data": {"values": [row for row in rows if not row["n"]]},
            "mark": {"type": "bar", "height": {"band": 0.68}, "cornerRadius": 1.5},
            "encoding": {
                "x": x,
                "x2": {"field": "b"},
                "y": y,
                **side,
                **_paint(view, several, steps),
                **spoken(view),
            },
        },
        *(_joints(rows, view) if steps else []),
        _words(view, rows, side),
        *_names(view, names),
        *_aim_line(view),
    ]
    return finished(view, layers, width, each * count)


def _across(name: str, low: float, high: float) -> Spec:
    top = high if high > low else low + 1
    return {
        "field": name,
        "type": "quantitative",
        "scale": {"domain": [low, top], "nice": False},
        "axis": None,
    }


def _down(count: int) -> Spec:
    return {
        "field": "i",
        "type": "ordinal",
        "scale": {"domain": list(range(count)), "paddingInner": 0, "paddingOuter": 0},
        "axis": None,
    }


def _names(view: View, room: float) -> list[Spec]:
    """The names left of the bars, each set around the middle of its bar."""
    letters = int(room / 6.4)
    rows = [{"i": i, "l": wrapped(name, letters)} for i, name in enumerate(view.block.categories)]
    return [
        {
            "data": {"values": group},
            "mark": {
                "type": "text",
                "align": "right",
                "baseline": "middle",
                "dx": -10,
                "dy": -(lines - 1) * 6.5,
                "lineHeight": 13,
            },
            "encoding": {
                "x": {"value": 0},
                "y": {"field": "i", "type": "ordinal", "bandPosition": 0.5},
                "text": {"field": "l", "type": "nominal"},
            },
        }
        for lines, group in by_lines(rows, "l")
    ]


def _paint(view: View, several: bool, steps: bool) -> Spec:
    """Fill by series or by step; provisional bars are hollow with a dashed edge."""
    if steps:
        colours = [view.theme.muted, view.colour(0), view.colour(1)]
        colour: Spec = {
            "field": "k",
            "type": "ordinal",
            "scale": {"domain": [0, 1, 2], "range": colours},
            "legend": None,
        }
    elif several:
        colour = legend(view)
    else:
        colour = {"value": view.colour(0)}
    return hollow(view, colour)


def hollow(view: View, colour: Spec) -> Spec:
    """``colour`` as fill, but as a dashed edge only where a figure is provisional."""
    edge = {k: v for k, v in colour.items() if k != "legend"}
    edge = {**edge, "legend": None} if "field" in colour else edge
    return {
        "fill": {
            "condition": {"test": "datum.p", "value": view.theme.accent_soft},
            **colour,
        },
        "stroke": edge,
        "strokeWidth": {"condition": {"test": "datum.p", "value": 1.4}, "value": 0},
        "strokeDash": {"condition": {"test": "datum.p", "value": [4, 3]}, "value": [1, 0]},
    }


def _words(view: View, rows: list[Row], side: Spec) -> Spec:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 7},
        "encoding": {
            "x": {"field": "r", "type": "quantitative"},
            "y": {"field": "i", "type": "ordinal", "bandPosition": 0.5},
            **side,
            "text": {"field": "d", "type": "nominal"},
            "color": {
                "condition": {"test": "datum.n", "value": view.theme.muted},
                "value": view.theme.ink,
            },
        },
    }


def _track(x: Spec, y: Spec, high: float, view: View) -> list[Spec]:
    rows = [{"i": i, "a": 0, "b": high} for i in range(len(view.block.categories))]
    return [
        {
            "data": {"values": rows},
            "mark": {
                "type": "bar",
                "height": {"band": 0.68},
                "fill": view.theme.surface,
                "stroke": None,
            },
            "encoding": {"x": x, "x2": {"field": "b"}, "y": y},
        }
    ]


def _joints(rows: list[Row], view: View) -> list[Spec]:
    """Thin lines from where one step ends to where the next begins."""
    joints = [
        {"i": row["i"], "j": rows[at + 1]["i"], "b": row["b"]} for at, row in enumerate(rows[:-1])
    ]
    return [
        {
            "data": {"values": joints},
            "mark": {"type": "rule", "stroke": view.theme.muted, "strokeWidth": 0.8},
            "encoding": {
                "x": {"field": "b", "type": "quantitative"},
                "y": {"field": "i", "type": "ordinal", "bandPosition": 0.84},
                "y2": {"field": "j", "bandPosition": 0.16},
            },
        }
    ]


def _aim(target: ShownFigure | None) -> float:
    return target.number if target and target.number is not None else 0.0


def _aim_line(view: View) -> list[Spec]:
    target = view.block.target
    if target is None or target.number is None:
        return []
    text = f"{view.goal}: {target.display}" if view.goal else target.display
    data = {"values": [{"v": target.number, "d": wrapped(text, 40, 1)[0]}]}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "strokeDash": [6, 4], "stroke": view.theme.ink},
            "encoding": {"x": {"field": "v", "type": "quantitative"}},
        },
        {
            "data": data,
            "mark": {"type": "text", "baseline": "bottom", "align": "right", "dy": -4, "y": 0},
            "encoding": {
                "x": {"field": "v", "type": "quantitative"},
                "text": {"field": "d", "type": "nominal"},
                "color": {"value": view.theme.muted},
            },
        },
    ]
