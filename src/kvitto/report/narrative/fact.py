"""Everything measured that a text may speak of, one number at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kvitto.insight.contribution import displayed
from kvitto.insight.rounding import step_of
from kvitto.model.block import (
    Block,
    Change,
    ChartBlock,
    GoalShown,
    ShownFigure,
    TableBlock,
    Tile,
    TilesBlock,
    TrendPoint,
)
from kvitto.model.statement import Contribution, Statement

REST = "\u2026"
"""The subject of the bucket of all segments that are not named."""

UNNAMED = "\u2205"
"""The subject of rows without a value."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One number and all that a sentence must say rightly about it.

    ``unit``: count, money, share, duration, number, or for changes "percent"
    (relative), "points" and "times". ``role``: value, earlier, change, target,
    expected, reached, gap, contribution, mix, rate, rows, low, high, trend,
    ratio. ``subject`` is the segment, empty for the whole. ``period`` is the
    label of the period, ``comparison`` what the number is held against.
    ``also`` is the number as it was written where rounding had to keep a sum.
    """

    metric: str
    number: float
    unit: str
    role: str
    currency: str | None = None
    noun: str | None = None
    subject: str = ""
    period: str = ""
    comparison: str = ""
    receipt: str | None = None
    statement: str | None = None
    also: float | None = None
    label: str = ""
    display: str = ""

    @property
    def is_change(self) -> bool:
        """Whether its sign is a direction."""
        return self.role in ("change", "contribution", "mix", "rate", "gap")


Known = ShownFigure | Tile | Change | GoalShown | Fact | Block


def facts_of(
    figures: Iterable[Known], statements: Iterable[Statement] = (), period: str = ""
) -> tuple[Fact, ...]:
    """All facts of figures, tiles, tables, charts and statements.

    ``period`` is the label of the report's own period; a figure of another one
    is only found by a sentence that names that period.
    """
    found: dict[Fact, None] = {}
    for each in figures:
        found.update(dict.fromkeys(_of(each, period)))
    for statement in statements:
        found.update(dict.fromkeys(_of_statement(statement)))
    return tuple(found)


def _of(known: Known, period: str) -> list[Fact]:
    if isinstance(known, Fact):
        return [known]
    if isinstance(known, ShownFigure):
        return _of_figure(known, period)
    if isinstance(known, Tile):
        return _of_tile(known, period)
    if isinstance(known, Change):
        return _of_change(known, known.figure)
    if isinstance(known, GoalShown):
        return _of_goal(known)
    if isinstance(known, TilesBlock):
        return [fact for tile in known.tiles for fact in _of_tile(tile, period)]
    if isinstance(known, TableBlock):
        rows = [*known.rows, *((known.total,) if known.total else ())]
        cells = [cell.figure for row in rows for cell in row if cell.figure is not None]
        return [fact for figure in cells for fact in _of_figure(figure, period)]
    if isinstance(known, ChartBlock):
        values = [figure for series in known.series for figure in series.values]
        return [fact for figure in values for fact in _of_figure(figure, period)]
    return []


def _of_figure(figure: ShownFigure, period: str, role: str = "value") -> list[Fact]:
    if figure.number is None:
        return []
    elsewhere = bool(period and figure.period and figure.period != period)
    fact = Fact(
        figure.metric,
        figure.number,
        figure.unit,
        "trend" if elsewhere and role == "value" else role,
        figure.currency,
        figure.noun,
        figure.subject,
        figure.period,
        receipt=figure.receipt or (figure.derived[0] if figure.derived else None),
        label=figure.label,
        display=figure.display,
    )
    if role != "value" or not figure.n:
        return [fact]
    rows = replace(
        fact,
        number=float(figure.n),
        unit="count",
        role="rows",
        noun=None,
        display="",
        currency=None,
    )
    return [fact, rows]


def _of_tile(tile: Tile, period: str) -> list[Fact]:
    main = tile.figure
    found = _of_figure(main, period or main.period)
    for change in tile.changes:
        found += _of_change(change, main)
    if tile.goal is not None:
        found += _of_goal(tile.goal)
    for point in tile.trend:
        found += _of_point(point, main)
    return found


def _of_change(change: Change, main: ShownFigure | None) -> list[Fact]:
    found: list[Fact] = []
    if change.figure is not None and change.figure.number is not None:
        earlier = _of_figure(change.figure, "", "earlier")
        found += [replace(each, comparison=change.against) for each in earlier]
    like = main or change.figure
    if like is None or change.number is None:
        return found
    base = Fact(
        like.metric,
        change.number,
        "points" if like.unit == "share" else like.unit,
        "change",
        like.currency,
        like.noun,
        like.subject,
        comparison=change.against,
        receipt=like.receipt,
    )
    found.append(base)
    if change.relative is not None:
        found.append(
            replace(base, number=change.relative, unit="percent", currency=None, noun=None)
        )
    return found


def _of_goal(goal: GoalShown) -> list[Fact]:
    found = [replace(each, comparison="goal") for each in _of_figure(goal.target, "", "target")]
    if goal.reached is not None and found:
        found.append(
            replace(found[0], number=goal.reached, unit="percent", role="reached", display="")
        )
    return found


def _of_point(point: TrendPoint, main: ShownFigure) -> list[Fact]:
    if point.number is None:
        return []
    label = point.start[:7] if point.start.endswith("-01") else point.start
    return [
        Fact(
            main.metric,
            point.number,
            main.unit,
            "trend",
            main.currency,
            main.noun,
            main.subject,
            label,
            receipt=point.receipt,
            display=point.display,
        )
    ]


def _of_statement(statement: Statement) -> list[Fact]:
    base = Fact(
        statement.subject,
        0.0,
        statement.unit,
        "value",
        statement.currency,
        statement.noun,
        comparison=statement.comparison,
        receipt=statement.evidence[0] if statement.evidence else None,
        statement=statement.id,
    )
    makers = {"change": _of_changed, "goal": _of_standing, "contribution": _of_parts}
    maker = makers.get(statement.kind)
    if maker is not None:
        return maker(statement, base)
    return []


def _of_changed(statement: Statement, base: Fact) -> list[Fact]:
    if statement.before is None or statement.after is None or statement.magnitude is None:
        return []
    earlier = statement.evidence[1] if len(statement.evidence) > 1 else base.receipt
    difference = "points" if statement.unit == "share" else statement.unit
    found = [
        replace(base, number=statement.after, comparison=""),
        replace(
            base,
            number=statement.before,
            role="earlier",
            receipt=earlier,
            period=statement.against,
        ),
        replace(base, number=statement.magnitude, unit=difference, role="change"),
        *_rows(statement, base),
    ]
    if statement.relative is not None:
        found.append(_bare(base, statement.relative, "percent", "change"))
    if statement.before > 0 and statement.after >= 0:
        found.append(_bare(base, statement.after / statement.before, "times", "ratio"))
    if statement.interval is not None:
        for bound, role in zip(statement.interval, ("low", "high"), strict=True):
            found.append(replace(base, number=bound, unit=difference, role=role))
    return found


def _rows(statement: Statement, base: Fact) -> list[Fact]:
    found = []
    if statement.n_after:
        found.append(replace(_bare(base, statement.n_after, "count", "rows"), comparison=""))
    if statement.n_before:
        rows = _bare(base, statement.n_before, "count", "rows")
        found.append(replace(rows, period=statement.against))
    return found


def _of_standing(statement: Statement, base: Fact) -> list[Fact]:
    found: list[Fact] = []
    difference = "points" if statement.unit == "share" else statement.unit
    for number, role in (
        (statement.before, "target"),
        (statement.after, "value"),
        (statement.expected, "expected"),
    ):
        if number is not None:
            comparison = "" if role == "value" else "goal"
            found.append(replace(base, number=number, role=role, comparison=comparison))
    if statement.magnitude is not None:
        found.append(replace(base, number=statement.magnitude, unit=difference, role="gap"))
    if statement.reached is not None:
        found.append(_bare(base, statement.reached, "percent", "reached"))
    return found


def _of_parts(statement: Statement, base: Fact) -> list[Fact]:
    found = []
    difference = "points" if statement.unit == "share" else statement.unit
    change = replace(base, unit=difference)
    magnitude = statement.magnitude or 0.0
    found.append(replace(change, number=magnitude, role="change"))
    shown = _shown(statement)
    for each, also in zip(statement.contributions, shown, strict=True):
        subject = REST if each.rest else each.segment or UNNAMED
        part = replace(change, number=each.total, role="contribution", subject=subject, also=also)
        found.append(part)
        if magnitude:
            found.append(_bare(part, each.total / magnitude, "percent", "portion"))
        for number, role in ((each.before, "earlier"), (each.after, "value")):
            if number is not None:
                found.append(replace(base, number=number, role=role, subject=subject))
        found += _own_change(each, change, subject, statement)
    for number, role in ((statement.mix, "mix"), (statement.rate, "rate")):
        if number is not None:
            found.append(replace(change, number=number, role=role))
    return found


def _own_change(part: Contribution, base: Fact, subject: str, statement: Statement) -> list[Fact]:
    """How the segment's own figure changed, which for a ratio is not what it adds."""
    if part.before is None or part.after is None:
        return []
    change = part.after - part.before
    found = [replace(base, number=change, role="change", subject=subject)]
    if part.before > 0 and statement.unit != "share":
        relative = _bare(base, change / part.before, "percent", "change")
        found.append(replace(relative, subject=subject))
        ratio = _bare(base, part.after / part.before, "times", "ratio")
        found.append(replace(ratio, subject=subject))
    return found


def _shown(statement: Statement) -> Sequence[float]:
    step = step_of(statement.unit, abs(statement.magnitude or 0.0))
    return displayed(statement.contributions, statement.magnitude or 0.0, step)


def _bare(base: Fact, number: float, unit: str, role: str) -> Fact:
    return replace(
        base, number=float(number), unit=unit, role=role, currency=None, noun=None, also=None
    )
