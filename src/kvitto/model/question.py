"""A question and its answer.

A question always carries a scope. An answer is a list of cells, each with a
figure and the code of its receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kvitto.model.period import Period
from kvitto.model.scope import Scope
from kvitto.model.value import Figure


class ComparisonKind(StrEnum):
    previous = "previous"
    last_year = "last_year"
    goal = "goal"
    baseline = "baseline"


@dataclass(frozen=True, slots=True)
class Filter:
    """``dimension`` is one of ``values``; ``negated`` turns it round.

    An empty string among the values stands for rows without a value.
    """

    dimension: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Measure these metrics for one client and period, split by dimensions.

    Built only for a client that the scope holds.
    """

    scope: Scope
    client: str
    metrics: tuple[str, ...]
    period: Period
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    compare: ComparisonKind | None = None

    def __post_init__(self) -> None:
        self.scope.require(self.client)


@dataclass(frozen=True, slots=True)
class Compared:
    """The figure that a cell is held against, over days that are equally many.

    ``current`` is the figure of the aligned part where the asked period is
    not over yet, else the cell's own. ``change`` is in the metric's unit,
    ``relative`` over the earlier figure; both are ``None`` where either side
    is missing, ``relative`` also where the base is zero or negative.

    For a goal, ``cap`` says that the figure is to stay under it, and
    ``objective`` what it serves. ``note`` says how the definition changed
    between the two.
    """

    kind: ComparisonKind
    period: Period | None
    figure: Figure
    current: Figure
    change: float | None
    relative: float | None
    receipt: str | None = None
    aligned: bool = False
    cap: bool = False
    objective: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of an answer, where it stands, and its receipt."""

    metric: str
    dimensions: tuple[tuple[str, str | None], ...]
    figure: Figure
    receipt: str
    compared: Compared | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was measured. ``warehouse`` is the published version that was asked."""

    question: Question
    cells: tuple[Cell, ...]
    warehouse: str
    sql: tuple[str, ...] = ()

    def one(self, metric: str, **dimensions: str | None) -> Cell:
        """The only cell of that metric and place. Raises ``KeyError`` if there is none."""
        wanted = tuple(dimensions.items())
        for cell in self.cells:
            if cell.metric == metric and all(item in cell.dimensions for item in wanted):
                return cell
        raise KeyError((metric, wanted))
