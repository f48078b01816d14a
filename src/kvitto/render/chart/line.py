"""Lines: gaps where a figure is missing, dashes and hollow points where it is provisional."""

from __future__ import annotations

from itertools import pairwise

from kvitto.render.chart.frame import (
    LINE,
    Row,
    Spec,
    View,
    below,
    by_lines,
    finished,
    lookup,
    rows_of,
    spoken,
    value_axis,
    wide,
    wrapped,
)
from kvitto.render.chart.scale import Scale, scale_of


def line_spec(view: View) -> Spec:
    """One line per series, named and valued at its end."""
    scale = scale_of(view.numbers(), view.unit, view.language, from_zero=False)
    height = 190 if view.narrow else 230
    rows = rows_of(view)
    ends = _ends(view, rows, scale, height)
    room = max([wide(line) for row in ends for line in row["l"]], default=0)
    left = max(map(wide, scale.labels)) + 8
    width = max(view.width - left - min(room, view.width * 0.3) - 20, 120)
    layers = [
        *_target(view, scale),
        _lines(view, rows, scale, width, provisional=False),
        _lines(view, rows, scale, width, provisional=True),
        _points(view, rows),
        *_labels(view, ends),
    ]
    return finished(view, layers, width, height)


def _x(view: View, width: float) -> Spec:
    count = max(len(view.block.categories), 1)
    labels, _ = below(view.block.categories, width / count)
    return {
        "field": "i",
        "type": "ordinal",
        "scale": {"domain": list(range(count)), "type": "point", "padding": 0.3},
        "axis": {
            "labelExpr": lookup(labels),
            "title": None,
            "labelOverlap": False,
            "labelPadding": 8,
        },
    }


def _y(view: View, scale: Scale) -> Spec:
    return {
        "field": "v",
        "type": "quantitative",
        "scale": {"domain": [scale.low, scale.high], "nice": False, "zero": False},
        "axis": value_axis(scale.ticks, scale.labels),
    }


def _colour(view: View) -> Spec:
    count = len(view.block.series)
    return {
        "field": "k",
        "type": "ordinal",
        "scale": {
            "domain": list(range(count)),
            "range": [view.colour(index) for index in range(count)],
        },
        "legend": None,
    }


def _lines(view: View, rows: list[Row], scale: Scale, width: float, *, provisional: bool) -> Spec:
    mark: Spec = {"type": "line", "strokeWidth": 2.4, "strokeJoin": "round", "strokeCap": "round"}
    if provisional:
        mark = {**mark, "strokeDash": [3, 5], "strokeWidth": 2}
    return {
        "data": {"values": _runs(rows, provisional)},
        "mark": mark,
        "encoding": {
            "x": _x(view, width),
            "y": _y(view, scale),
            "color": _colour(view),
            "detail": {"field": "g", "type": "nominal"},
        },
    }


def _runs(rows: list[Row], provisional: bool) -> list[Row]:
    """Neighbours that both have a number; each pair is its own stretch where it is dashed."""
    out: list[Row] = []
    group = 0
    for before, after in pairwise(rows):
        joined = before["k"] == after["k"] and None not in (before["v"], after["v"])
        if not joined or (before["p"] or after["p"]) is not provisional:
            group += 1
            continue
        if not out or out[-1]["g"] != group:
            out.append({**before, "g": group})
        out.append({**after, "g": group})
    return out


def _points(view: View, rows: list[Row]) -> Spec:
    shown = [row for row in rows if row["v"] is not None]
    last = {row["k"]: row["i"] for row in shown}
    few = len(view.block.categories) <= 16
    alone = {id(row) for row in shown if _alone(row, rows)}
    kept = [
        {**row, "a": 1 if few or row["p"] or row["i"] == last[row["k"]] or id(row) in alone else 0}
        for row in shown
    ]
    return {
        "data": {"values": kept},
        "mark": {"type": "point", "filled": True, "size": 44, "strokeWidth": 1.8, "opacity": 1},
        "encoding": {
            "x": {"field": "i", "type": "ordinal"},
            "y": {"field": "v", "type": "quantitative"},
            "stroke": {**_colour(view)},
            "fill": {
                "condition": {"test": "datum.p", "value": view.theme.paper},
                **_colour(view),
            },
            "opacity": {"field": "a", "type": "quantitative", "scale": None, "legend": None},
            **spoken(view),
        },
    }


def _alone(row: Row, rows: list[Row]) -> bool:
    beside = [r for r in rows if r["k"] == row["k"] and abs(r["i"] - row["i"]) == 1]
    return all(other["v"] is None for other in beside)


def _ends(view: View, rows: list[Row], scale: Scale, height: float) -> list[Row]:
    """The last figure of each series and the target, moved apart so that no labels touch."""
    last: dict[int, Row] = {row["k"]: row for row in rows if row["v"] is not None}
    many = len(view.block.series) > 1
    letters = 14 if view.narrow else 22
    labels = [
        {**row, "l": [f"{wrapped(row['s'], letters, 1)[0]} {row['d']}" if many else row["d"]]}
        for row in last.values()
    ]
    target = view.block.target
    if target is not None and target.number is not None:
        lines = [view.goal, target.display] if view.goal else [target.display]
        at = len(view.block.categories) - 1
        labels.append({"k": -1, "i": at, "v": target.number, "l": lines})
    return _apart(labels, scale, height)


def _apart(labels: list[Row], scale: Scale, height: float) -> list[Row]:
    """From the lowest up, each label at its own height or just above the one before."""
    span = scale.high - scale.low
    placed: list[Row] = []
    for row in sorted(labels, key=lambda row: float(row["v"])):
        half = len(row["l"]) * 7.5 / height
        at = (row["v"] - scale.low) / span
        if placed:
            at = max(at, placed[-1]["at"] + placed[-1]["half"] + half)
        placed.append({**row, "at": at, "half": half})
    over = max(placed[-1]["at"] + placed[-1]["half"] - 1.04, 0) if placed else 0
    return [{**row, "y": scale.low + (row["at"] - over) * span} for row in placed]


def _labels(view: View, ends: list[Row]) -> list[Spec]:
    return [_label(view, group, lines) for lines, group in by_lines(ends, "l")]


def _label(view: View, rows: list[Row], lines: int) -> Spec:
    alone = len(view.block.series) < 2
    colours: Spec = {"value": view.theme.ink}
    if not alone:
        colours = {**_colour(view), "scale": _text_colours(view)}
    return {
        "data": {"values": rows},
        "mark": {
            "type": "text",
            "align": "left",
            "baseline": "middle",
            "dx": 9,
            "dy": -(lines - 1) * 7,
            "lineHeight": LINE,
            "fontWeight": 600,
        },
        "encoding": {
            "x": {"field": "i", "type": "ordinal"},
            "y": {"field": "y", "type": "quantitative"},
            "text": {"field": "l", "type": "nominal"},
            "color": {"condition": {"test": "datum.k < 0", "value": view.theme.muted}, **colours},
        },
    }


def _text_colours(view: View) -> Spec:
    from kvitto.render.theme.colour import readable

    count = len(view.block.series)
    colours = [readable(view.colour(index), [view.theme.paper]) for index in range(count)]
    return {"domain": list(range(count)), "range": colours}


def _target(view: View, scale: Scale) -> list[Spec]:
    target = view.block.target
    if target is None or target.number is None:
        return []
    return [
        {
            "data": {"values": [{"v": target.number}]},
            "mark": {"type": "rule", "strokeDash": [6, 4], "stroke": view.theme.muted},
            "encoding": {"y": _y(view, scale)},
        }
    ]
