"""Goals: how far a figure is from what was agreed, at the end or on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kvitto.insight.goal import Goal as Held
from kvitto.insight.goal import stand
from kvitto.model.block import GoalShown
from kvitto.model.metric import Additivity
from kvitto.model.period import Period, parse_period
from kvitto.model.value import Figure, Missing, Number, UnitKind, Value
from kvitto.report.asking import Ask
from kvitto.report.change import points
from kvitto.report.context import Context
from kvitto.report.figure import show_goal
from kvitto.workspace.definition import GoalDefinition


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with its period; ``so_far`` is the part up to the report's last day."""

    definition: GoalDefinition
    period: Period
    so_far: Period

    @property
    def elapsed(self) -> float:
        """The share of the goal's days that have passed."""
        return self.so_far.days / self.period.days

    def ask(self) -> Ask:
        return Ask((self.definition.metric,), self.so_far)


def goals_of(context: Context) -> tuple[Goal, ...]:
    """The client's goals whose period holds the report's last day, the longest first."""
    calendar = context.client.calendar()
    last = min(context.period.last, context.today)
    found: list[Goal] = []
    for definition in context.client.goals:
        if definition.where:
            continue
        period = parse_period(definition.period, calendar, context.today)
        so_far = period.until(last) if period.start <= last < period.end else None
        if so_far is not None:
            found.append(Goal(definition, period, so_far))
    return tuple(sorted(found, key=lambda goal: -goal.period.days))


def goal_for(context: Context, metric: str) -> Goal | None:
    """The goal of a metric for exactly the report's period."""
    for goal in goals_of(context):
        same = (goal.period.start, goal.period.end) == (context.period.start, context.period.end)
        if goal.definition.metric == metric and same:
            return goal
    return None


def objective_of(context: Context, metric: str) -> str:
    """The business goal that a KPI serves: its goal's, else the client's own."""
    for goal in context.client.goals:
        if goal.metric == metric and goal.objective:
            return goal.objective
    return context.client.objective


def show_standing(context: Context, goal: Goal, figure: Figure) -> GoalShown:
    """How a figure stands to its goal, with the words for it."""
    metric = context.metric(goal.definition.metric)
    target = show_goal(context, metric, goal.definition.target, goal.period)
    if isinstance(figure, Missing):
        text = context.words("goal.unknown", target=target.display)
        return GoalShown(
            target=target,
            standing="unknown",
            display=text,
            objective=objective_of(context, metric.id),
        )
    cap = goal.definition.kind == "cap"
    reached = _reached(figure.number, goal.definition.target, cap)
    paced = metric.additivity is Additivity.full and goal.elapsed < 1 and not cap
    expected = goal.elapsed if paced else None
    held = Held(Value(goal.definition.target, figure.unit, 0), goal.definition.kind)
    statement = stand(
        metric, figure, replace(held, elapsed=goal.elapsed), context.client.materiality
    )
    return GoalShown(
        target=target,
        reached=reached,
        expected=expected,
        standing=statement.standing or "unknown",
        display=_words(context, goal, figure.number, target.display, reached, expected),
        objective=objective_of(context, metric.id),
    )


def _reached(number: Number, target: Number, cap: bool) -> float | None:
    above, below = (float(target), float(number)) if cap else (float(number), float(target))
    return above / below if below else None


def _words(
    context: Context,
    goal: Goal,
    number: Number,
    target: str,
    reached: float | None,
    expected: float | None,
) -> str:
    words, formatter = context.words, context.formatter
    if goal.definition.kind == "cap":
        kept = float(number) <= float(goal.definition.target)
        return words("goal.cap_kept" if kept else "goal.cap_broken", target=target)
    if reached is None:
        return words("goal.unknown", target=target)
    if expected is not None:
        pace = formatter.share(expected, 0)
        return words("goal.pace", target=target, reached=formatter.share(reached), pace=pace)
    if reached >= 1:
        return words("goal.reached", target=target)
    if context.metric(goal.definition.metric).unit is UnitKind.share:
        short = points(context, float(goal.definition.target) - float(number))
        return words("goal.points_short", target=target, points=short)
    return words("goal.short", target=target, reached=formatter.share(reached))
