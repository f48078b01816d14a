"""One figure held against an earlier one: direction, size, significance, arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kvitto.insight.significance import (
    ALPHA,
    Kind,
    Lines,
    Tested,
    adjusted,
    compare_counts,
    compare_means,
    compare_medians,
    compare_rates,
    compare_totals,
    kind_of,
)
from kvitto.model.metric import Good, Metric
from kvitto.model.statement import Direction, Statement, Verdict
from kvitto.model.value import Figure, Missing, Number, Status, UnitKind, Value
from kvitto.workspace.definition import Materiality


@dataclass(frozen=True, slots=True)
class Exposure:
    """Days that the later and the earlier figure cover."""

    after: int = 1
    before: int = 1


def judge(
    metric: Metric,
    current: Figure,
    earlier: Figure,
    materiality: Materiality,
    *,
    comparison: str = "previous",
    against: str = "",
    exposure: Exposure = Exposure(),
    lines: Lines | None = None,
    evidence: Sequence[str] = (),
    good: Good | None = None,
) -> Statement:
    """What can be said about the change of one figure.

    A missing side gives a statement of kind "data" that names its kind. The
    arrow is set when the change is significant and material; use
    :func:`adjust` over all statements of a report before they are shown.
    ``good`` overrides the metric's good way (a goal that is a cap).
    """
    facts: dict[str, object] = {
        "id": f"{metric.id}/{comparison}",
        "subject": metric.id,
        "comparison": comparison,
        "against": against,
        "unit": current.unit.kind.value,
        "currency": current.unit.currency,
        "noun": current.unit.noun or metric.noun,
        "evidence": tuple(evidence),
        "n_before": earlier.n,
        "n_after": current.n,
    }
    if isinstance(current, Missing) or isinstance(earlier, Missing):
        return _without(current, earlier, facts)
    verdict, tested = _test(metric, current, earlier, exposure, lines)
    facts |= _moved(current, earlier, materiality, good or metric.good)
    facts |= {"method": "not tested", "verdict": verdict}
    if tested is not None:
        facts |= {
            "p_value": tested.p_value,
            "interval": tested.interval,
            "method": tested.method,
        }
    return _with_arrow(Statement.model_validate(facts), verdict == "significant")


def _moved(
    current: Value, earlier: Value, materiality: Materiality, way: Good
) -> dict[str, object]:
    """How far, which way, and whether that matters and is welcome."""
    change = Fraction(current.number) - Fraction(earlier.number)
    base = Fraction(earlier.number)
    relative = float(change / base) if base > 0 else None
    direction = direction_of(change)
    return {
        "kind": "change",
        "direction": direction,
        "magnitude": float(change),
        "relative": relative,
        "before": float(earlier.number),
        "after": float(current.number),
        "material": _material(current, float(change), relative, materiality),
        "good": _is_good(direction, way),
        "provisional": Status.provisional in (current.status, earlier.status),
    }


def adjust(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Hold all tests of one report together (Benjamini-Hochberg, 5 %).

    Only changes that stay significant among so many keep their arrow.
    """
    tested = [i for i, each in enumerate(statements) if _counts_as_test(each)]
    raised = dict(
        zip(tested, adjusted([statements[i].p_value or 0.0 for i in tested]), strict=True)
    )
    return tuple(
        _with_arrow(each.model_copy(update={"p_adjusted": raised[i]}), raised[i] < ALPHA)
        if i in raised
        else each
        for i, each in enumerate(statements)
    )


def direction_of(change: Fraction | float) -> Direction:
    """The sign of a change in words."""
    if change == 0:
        return Direction.flat
    return Direction.up if change > 0 else Direction.down


def _counts_as_test(statement: Statement) -> bool:
    return (
        statement.kind == "change"
        and statement.p_value is not None
        and statement.verdict in ("significant", "noise")
    )


def _with_arrow(statement: Statement, significant: bool) -> Statement:
    verdict: Verdict = statement.verdict
    if verdict in ("significant", "noise"):
        verdict = "significant" if significant else "noise"
    moved = statement.direction in (Direction.up, Direction.down)
    arrow = statement.direction if significant and statement.material and moved else None
    return statement.model_copy(
        update={"significant": significant, "verdict": verdict, "arrow": arrow}
    )


def _without(current: Figure, earlier: Figure, facts: dict[str, object]) -> Statement:
    """The later figure's own gap comes first: without it there is nothing to compare."""
    side, lost = ("after", current) if isinstance(current, Missing) else ("before", earlier)
    assert isinstance(lost, Missing)
    known = earlier if side == "after" else current
    number = float(known.number) if isinstance(known, Value) else None
    return Statement.model_validate(
        facts
        | {
            "kind": "data",
            "direction": Direction.unknown,
            "missing": lost.kind.value,
            "note": side,
            "before" if side == "after" else "after": number,
        }
    )


def _material(
    current: Value, change: float, relative: float | None, materiality: Materiality
) -> bool:
    if current.unit.kind is UnitKind.share:
        return abs(change) >= materiality.points - 1e-12
    if relative is None:
        return change != 0
    return abs(relative) >= materiality.relative - 1e-12


def _is_good(direction: Direction, way: Good) -> bool | None:
    if way is Good.neutral or direction not in (Direction.up, Direction.down):
        return None
    return (direction is Direction.up) is (way is Good.higher)


def _test(
    metric: Metric, current: Value, earlier: Value, exposure: Exposure, lines: Lines | None
) -> tuple[Verdict, Tested | None]:
    if min(current.n, earlier.n) < metric.min_n:
        return "too_few", None
    tested = _tested(kind_of(metric), current, earlier, exposure, lines)
    if tested is None:
        return "not_tested", None
    return ("significant" if tested.p_value < ALPHA else "noise"), tested


def _tested(
    kind: Kind, current: Value, earlier: Value, exposure: Exposure, lines: Lines | None
) -> Tested | None:
    if kind is Kind.count:
        before, after = _whole(earlier.number), _whole(current.number)
        if before is None or after is None:
            return None
        return compare_counts(before, after, exposure.before, exposure.after)
    if kind is Kind.rate:
        pairs = _pair(earlier), _pair(current)
        return compare_rates(pairs[0], pairs[1]) if pairs[0] and pairs[1] else None
    if lines is None or len(lines.before) < 2 or len(lines.after) < 2:
        return None
    if kind is Kind.total:
        return compare_totals(lines, exposure.before, exposure.after)
    if kind is Kind.mean:
        return compare_means(lines)
    return compare_medians(lines) if kind is Kind.median else None


def _pair(value: Value) -> tuple[int, int] | None:
    if value.numerator is None or value.denominator is None:
        return None
    won, trials = _whole(value.numerator), _whole(value.denominator)
    if won is None or trials is None or not 0 <= won <= trials or trials == 0:
        return None
    return won, trials


def _whole(number: Number) -> int | None:
    exact = Fraction(number)
    return int(exact) if exact.denominator == 1 and exact >= 0 else None
