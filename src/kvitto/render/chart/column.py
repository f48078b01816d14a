"""Standing bars: column and stacked."""

from __future__ import annotations

from kvitto.render.chart.bar import bar_spec, hollow
from kvitto.render.chart.frame import (
    Row,
    Spec,
    View,
    below,
    by_lines,
    finished,
    legend,
    lookup,
    rows_of,
    spoken,
    value_axis,
    wide,
    wrapped,
)
from kvitto.render.chart.scale import Scale, scale_of


def column_spec(view: View) -> Spec:
    """Columns in the given order, with their figures above them where these fit.

    Names (not dates) that do not fit beneath the columns turn them into bars.
    """
    if _too_long(view):
        return bar_spec(view)
    rows = rows_of(view)
    many = len(view.block.series)
    scale = scale_of(view.numbers(), view.unit, view.language)
    left = max(map(wide, scale.labels)) + 8
    room = (view.width - left) / max(len(view.block.categories), 1)
    fits = max((wide(str(row["d"]), 11) for row in rows), default=0) < room / many - 2
    width = view.width - (4 if fits else left + 4)
    side = {"xOffset": {"field": "k", "type": "ordinal"}} if many > 1 else {}
    layers = [
        {
            "data": {"values": [_based(row) for row in rows if row["v"] is not None]},
            "mark": {"type": "bar", "width": {"band": 0.72}, "cornerRadius": 1.5},
            "encoding": {
                "x": _across(view, width),
                "y": _up(view, scale, axis=not fits),
                "y2": {"field": "z"},
                **side,
                **hollow(view, legend(view) if many > 1 else {"value": view.colour(0)}),
                **spoken(view),
            },
        },
        *_words(view, rows, side, room / many, all_fit=fits),
        *_aim(view),
    ]
    return finished(view, layers, width, 170 if view.narrow else 210)


def stacked_spec(view: View) -> Spec:
    """The parts of each column on top of each other, negatives below zero."""
    rows: list[Row] = []
    ends: dict[tuple[int, bool], float] = {}
    for row in rows_of(view):
        if row["v"] is None:
            continue
        side = (row["i"], row["v"] < 0)
        start = ends.get(side, 0.0)
        ends[side] = start + row["v"]
        rows.append({**row, "z": start, "v": ends[side]})
    scale = scale_of([*ends.values(), *_aims(view)], view.unit, view.language)
    width = view.width - max(map(wide, scale.labels)) - 12
    layers = [
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "width": {"band": 0.72}},
            "encoding": {
                "x": _across(view, width),
                "y": _up(view, scale, axis=True),
                "y2": {"field": "z"},
                **hollow(view, legend(view)),
                **spoken(view),
            },
        },
        *_missing(view, width / max(len(view.block.categories), 1)),
        *_aim(view),
    ]
    return finished(view, layers, width, 190 if view.narrow else 230)


def _too_long(view: View) -> bool:
    names = view.block.categories
    dated = sum(any(char.isdigit() for char in name) for name in names) > len(names) / 2
    room = view.width * 0.92 / max(len(names), 1)
    return not dated and (below(names, room)[1] > 1 or max(map(wide, names)) > room * 2.6)


def _based(row: Row) -> Row:
    return {**row, "z": 0}


def _across(view: View, width: float) -> Spec:
    count = max(len(view.block.categories), 1)
    labels, _ = below(view.block.categories, width / count)
    return {
        "field": "i",
        "type": "ordinal",
        "scale": {"domain": list(range(count)), "padding": 0.08},
        "axis": {
            "labelExpr": lookup(labels),
            "title": None,
            "labelOverlap": False,
            "labelPadding": 7,
        },
    }


def _up(view: View, scale: Scale, *, axis: bool) -> Spec:
    return {
        "field": "v",
        "type": "quantitative",
        "scale": {"domain": [scale.low, scale.high], "nice": False},
        "axis": value_axis(scale.ticks, scale.labels) if axis else None,
    }


def _words(view: View, rows: list[Row], side: Spec, room: float, *, all_fit: bool) -> list[Spec]:
    """The figure above each column; where they do not fit, only the words for missing ones.

    Words that are wider than the place of their column are set upright.
    """
    shown = [row for row in rows if all_fit or row["v"] is None]
    upright = max((wide(row["d"], 11) for row in shown if row["v"] is None), default=0) > room * 1.6
    letters = max(int(room / 6), 8)
    ready = [
        {
            **row,
            "v": max(row["v"] or 0, 0),
            "n": row["v"] is None,
            "l": [row["d"]] if upright or row["v"] is not None else wrapped(row["d"], letters, 3),
        }
        for row in shown
    ]
    return [_text(view, group, side, lines, upright) for lines, group in by_lines(ready, "l")]


def _text(view: View, rows: list[Row], side: Spec, lines: int, upright: bool) -> Spec:
    mark: Spec = {"type": "text", "fontSize": 11, "lineHeight": 13}
    if upright:
        mark |= {"angle": 270, "align": "left", "baseline": "middle", "dx": 6}
    else:
        mark |= {"baseline": "bottom", "dy": -5 - 13 * (lines - 1)}
    return {
        "data": {"values": rows},
        "mark": mark,
        "encoding": {
            "x": {"field": "i", "type": "ordinal", "bandPosition": 0.5},
            **side,
            "y": {"field": "v", "type": "quantitative"},
            "text": {"field": "l", "type": "nominal"},
            "color": {
                "condition": {"test": "datum.n", "value": view.theme.muted},
                "value": view.theme.ink,
            },
        },
    }


def _missing(view: View, room: float) -> list[Spec]:
    """Words where a whole column is missing."""
    rows = rows_of(view)
    there = {row["i"] for row in rows if row["v"] is not None}
    lost = {row["i"]: row for row in rows if row["i"] not in there}
    return _words(view, list(lost.values()), {}, room, all_fit=False)


def _aims(view: View) -> list[float]:
    target = view.block.target
    return [target.number] if target and target.number is not None else []


def _aim(view: View) -> list[Spec]:
    target = view.block.target
    if target is None or target.number is None:
        return []
    text = f"{view.goal}: {target.display}" if view.goal else target.display
    data = {"values": [{"v": target.number, "d": wrapped(text, 60, 1)[0]}]}
    y = {"field": "v", "type": "quantitative"}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "strokeDash": [6, 4], "stroke": view.theme.ink},
            "encoding": {"y": y},
        },
        {
            "data": data,
            "mark": {"type": "text", "align": "right", "baseline": "bottom", "dy": -4},
            "encoding": {
                "x": {"value": "width"},
                "y": y,
                "text": {"field": "d", "type": "nominal"},
                "color": {"value": view.theme.muted},
            },
        },
    ]
