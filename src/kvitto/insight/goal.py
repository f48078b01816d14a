"""How a figure stands to its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from kvitto.insight.change import direction_of
from kvitto.model.metric import Additivity, Good, Metric
from kvitto.model.statement import Direction, Standing, Statement
from kvitto.model.value import Figure, Missing, Status, Value
from kvitto.workspace.definition import Materiality


@dataclass(frozen=True, slots=True)
class Goal:
    """A target for the asked period, in the metric's unit.

    ``kind``: "target" to reach or "cap" to stay under. ``elapsed`` is the part
    of the goal's period that is over, 1.0 when all of it is.
    """

    target: Figure
    kind: Literal["target", "cap"] = "target"
    objective: str = ""
    elapsed: float = 1.0
    receipt: str | None = None


def stand(
    metric: Metric,
    current: Figure,
    goal: Goal,
    materiality: Materiality,
    evidence: Sequence[str] = (),
) -> Statement:
    """Ahead, on track, behind or unknown, with the gap in the metric's unit.

    A period that is not over is held against the even part of the target for
    figures that add up over time, against the whole target for the others. A
    cap of zero or a missing side is "unknown" as far as the share goes.
    """
    facts: dict[str, object] = {
        "id": f"{metric.id}/goal",
        "subject": metric.id,
        "comparison": "goal",
        "unit": current.unit.kind.value,
        "currency": current.unit.currency,
        "noun": current.unit.noun or metric.noun,
        "goal_kind": goal.kind,
        "objective": goal.objective,
        "evidence": tuple(evidence),
        "n_after": current.n,
    }
    if isinstance(current, Missing) or isinstance(goal.target, Missing):
        return _unknown(current, goal.target, facts)
    return Statement.model_validate(facts | _stood(metric, current, goal, goal.target, materiality))


def _stood(
    metric: Metric, current: Value, goal: Goal, asked: Value, materiality: Materiality
) -> dict[str, object]:
    actual, target = Fraction(current.number), Fraction(asked.number)
    running = goal.elapsed < 1 and metric.additivity is Additivity.full
    expected = target * Fraction(goal.elapsed).limit_denominator(10**6) if running else target
    gap, over = actual - target, goal.elapsed >= 1
    return {
        "kind": "goal",
        "direction": direction_of(gap),
        "magnitude": float(gap),
        "relative": float(gap / target) if target > 0 else None,
        "before": float(target),
        "after": float(actual),
        "reached": float(actual / target) if target > 0 else None,
        "expected": None if over else float(expected),
        "standing": _standing(actual, expected, goal.kind, over, materiality),
        "good": _good(actual, expected, goal.kind),
        "provisional": current.status is Status.provisional,
        "method": "even plan over time" if running else "against the target",
    }


def good_way(metric: Metric, goal: Goal | None) -> Good:
    """A cap turns a neutral metric's good way to lower, a target to higher."""
    if metric.good is not Good.neutral or goal is None:
        return metric.good
    return Good.lower if goal.kind == "cap" else Good.higher


def _standing(
    actual: Fraction, expected: Fraction, kind: str, over: bool, materiality: Materiality
) -> Standing:
    if _good(actual, expected, kind):
        return "ahead"
    near = expected > 0 and abs(actual / expected - 1) < Fraction(materiality.relative)
    return "on_track" if near and not over else "behind"


def _good(actual: Fraction, expected: Fraction, kind: str) -> bool:
    return actual <= expected if kind == "cap" else actual >= expected


def _unknown(current: Figure, target: Figure, facts: dict[str, object]) -> Statement:
    lost = current if isinstance(current, Missing) else target
    assert isinstance(lost, Missing)
    return Statement.model_validate(
        facts
        | {
            "kind": "goal",
            "direction": Direction.unknown,
            "standing": "unknown",
            "missing": lost.kind.value,
            "before": float(target.number) if isinstance(target, Value) else None,
            "after": float(current.number) if isinstance(current, Value) else None,
        }
    )
