"""The blocks of an edition: figures, texts, charts, tables and lists as they are shown.

Each figure carries its raw value, its display text and its receipt code;
renderers print the display text, so that outputs cannot disagree.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShownFigure(_Part):
    """A figure as it is shown.

    ``display`` is the finished text ("412 300 kr", "no data yet"). ``number``
    is the raw value for sheets and JSON, a fraction for shares, ``None`` where
    missing. ``unit`` is count, money, share, duration or number. ``receipt``
    is ``None`` only for figures that a person has set (a goal), and for those
    computed from other figures (a difference, a share of a change, an
    interval): these name the receipts of their parts in ``derived``.
    ``role`` says what was computed (change, contribution, mix, rate, rows,
    interval); it is empty for a measured figure. ``subject`` and ``period``
    tell two figures of one metric apart for the reader of the data: the
    segment, and the label of the period.
    """

    metric: str
    label: str
    display: str
    number: float | None
    exact: str | None = None
    unit: str
    currency: str | None = None
    noun: str | None = None
    n: int = 0
    status: str = "final"
    missing: str | None = None
    receipt: str | None = None
    derived: tuple[str, ...] = ()
    role: str = ""
    subject: str = ""
    period: str = ""


class Change(_Part):
    """A figure held against another one.

    ``arrow`` is "up" or "down" only where the change is significant and
    material, else ``None``. ``good`` says whether it is good news. ``display``
    is the finished text ("+18 % against September").
    """

    against: str
    figure: ShownFigure | None = None
    display: str
    number: float | None = None
    relative: float | None = None
    arrow: Literal["up", "down"] | None = None
    good: bool | None = None
    note: str = ""


class GoalShown(_Part):
    """How a figure stands to its goal. ``reached`` is 1.0 when it is met."""

    target: ShownFigure
    reached: float | None = None
    expected: float | None = None
    standing: Literal["ahead", "on_track", "behind", "unknown"]
    display: str
    objective: str = ""


class TrendPoint(_Part):
    """One period of a trend; ``number`` is ``None`` where missing, never zero."""

    label: str
    start: str
    number: float | None
    display: str
    receipt: str | None = None
    provisional: bool = False


class Tile(_Part):
    """A KPI at a glance.

    ``objective`` is the business goal that it serves; ``role`` the metric's
    (outcome, driver, leading_indicator, activity, vanity_prone).
    """

    figure: ShownFigure
    changes: tuple[Change, ...] = ()
    goal: GoalShown | None = None
    trend: tuple[TrendPoint, ...] = ()
    explain: str = ""
    objective: str = ""
    role: str = ""


class TilesBlock(_Part):
    kind: Literal["tiles"] = "tiles"
    id: str
    title: str = ""
    tiles: tuple[Tile, ...]


class Mark(_Part):
    """A stretch of a sentence that resolves to something, or does not.

    ``start`` and ``end`` are positions in the sentence's ``text``. ``state``:
    "bound" (to ``receipt`` or ``statement``), "vouched" (by ``by``), "plain"
    (a date, a name: needs nothing) or "unresolved", which blocks sealing.
    ``what`` is number, direction or cause; ``why`` says what was looked for.
    """

    start: int
    end: int
    what: Literal["number", "direction", "cause"]
    state: Literal["bound", "vouched", "plain", "unresolved"]
    receipt: str | None = None
    statement: str | None = None
    by: str | None = None
    why: str = ""


class Sentence(_Part):
    text: str
    marks: tuple[Mark, ...] = ()


class TextBlock(_Part):
    """A slot of text. ``source`` is what a person edits: it may bind values as
    ``{{metric_id}}``; ``sentences`` is the finished text with its marks."""

    kind: Literal["text"] = "text"
    id: str
    title: str = ""
    source: str = ""
    sentences: tuple[Sentence, ...] = ()
    origin: Literal["generated", "typed", "model"] = "generated"
    author: str = ""
    editable: bool = True


class Column(_Part):
    """``kind`` is text, figure or date; figures are set right-aligned."""

    key: str
    label: str
    kind: Literal["text", "figure", "date"] = "text"


class CellShown(_Part):
    """One cell: ``text`` is what is printed; ``figure`` is set for figures."""

    text: str
    figure: ShownFigure | None = None
    arrow: Literal["up", "down"] | None = None
    good: bool | None = None
    link: str | None = None


class TableBlock(_Part):
    kind: Literal["table"] = "table"
    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[CellShown, ...], ...]
    total: tuple[CellShown, ...] | None = None
    note: str = ""
    empty: str = ""


class Series(_Part):
    """Points of one line or one set of bars; ``values`` go with the categories."""

    name: str
    values: tuple[ShownFigure, ...]


class ChartBlock(_Part):
    """A chart as data.

    ``chart``: line, bar, column, stacked, waterfall or funnel. Every series
    has one figure per category. ``alt`` says in words what the chart shows;
    the same data is always available as a table. For a waterfall the one
    series holds opening, changes and closing; ``roles`` says which is which
    ("total" or "change"). ``target`` draws a line.
    """

    kind: Literal["chart"] = "chart"
    id: str
    title: str
    chart: Literal["line", "bar", "column", "stacked", "waterfall", "funnel"]
    category_label: str
    value_label: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    roles: tuple[Literal["total", "change"], ...] = ()
    target: ShownFigure | None = None
    unit: str
    currency: str | None = None
    alt: str
    note: str = ""


class WorkItem(_Part):
    """Something done or planned: ``link`` is what one can point at."""

    title: str
    kind: str = ""
    who: str = ""
    due: str = ""
    done: str = ""
    link: str = ""
    hours: str = ""
    status: str = ""
    note: str = ""


class WorkBlock(_Part):
    """A list of work: ``which`` is "done", "plan" or "milestones"."""

    kind: Literal["work"] = "work"
    id: str
    which: str = ""
    title: str
    items: tuple[WorkItem, ...]
    empty: str = ""


class ActionShown(_Part):
    """A next step: who, by when, what is needed. ``side`` is "us" or "client"."""

    title: str
    who: str
    side: Literal["us", "client"]
    due: str
    need: str = ""
    status: str = ""


class ActionsBlock(_Part):
    kind: Literal["actions"] = "actions"
    id: str
    title: str
    items: tuple[ActionShown, ...]
    us_label: str
    client_label: str
    empty: str = ""


class MeetingBlock(_Part):
    """The call: when, how long, how to join, what is on the agenda. ``day`` is its ISO date."""

    kind: Literal["meeting"] = "meeting"
    id: str
    title: str
    when: str
    day: str = ""
    minutes: int
    where: str = ""
    agenda: tuple[str, ...] = ()
    note: str = ""


class NoticeBlock(_Part):
    """A remark about the data or the report. ``tone`` is info or caution."""

    kind: Literal["notice"] = "notice"
    id: str
    title: str = ""
    lines: tuple[str, ...]
    tone: Literal["info", "caution"] = "info"


class Definition(_Part):
    metric: str
    name: str
    version: int
    text: str


class DefinitionsBlock(_Part):
    kind: Literal["definitions"] = "definitions"
    id: str
    title: str
    items: tuple[Definition, ...]


class Restatement(_Part):
    """What an earlier sealed edition said, what it is now, and why."""

    metric: str
    label: str
    edition: str
    said: ShownFigure
    now: ShownFigure
    difference: str
    because: str
    records: tuple[str, ...] = ()


class RestatementsBlock(_Part):
    kind: Literal["restatements"] = "restatements"
    id: str
    title: str
    items: tuple[Restatement, ...]
    empty: str = ""


Block = Annotated[
    TilesBlock
    | TextBlock
    | TableBlock
    | ChartBlock
    | WorkBlock
    | ActionsBlock
    | MeetingBlock
    | NoticeBlock
    | DefinitionsBlock
    | RestatementsBlock,
    Field(discriminator="kind"),
]
