"""Everything about one metric, in the order of questions, the same every time."""

from __future__ import annotations

import math
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.insight.choice import choose, score
from kvitto.insight.contribution import Segment, Way, shares_of
from kvitto.insight.event import DataChange
from kvitto.insight.goal import Goal, stand
from kvitto.insight.study import not_decomposable, study
from kvitto.model.metric import Additivity, Aggregation, Good, Metric, Part
from kvitto.model.period import Calendar, Grain, Period, period_of, previous
from kvitto.model.question import Cell, Compared, ComparisonKind
from kvitto.model.statement import Statement
from kvitto.model.value import Figure, Missing, MissingKind, Unit, UnitKind, Value
from kvitto.workspace.definition import AnnotationDefinition, Materiality

USD = Unit(UnitKind.money, "USD")
SHARE = Unit(UnitKind.share)
DECEMBER = period_of(date(2017, 12, 1), Grain.month, Calendar())
NOVEMBER = previous(DECEMBER, Calendar())


def metric(aggregation: Aggregation = Aggregation.sum, good: Good = Good.higher) -> Metric:
    return Metric(
        id="bookings_amount",
        names={"en": "Bookings"},
        explains={"en": ""},
        unit=UnitKind.money,
        good=good,
        additivity=Additivity.full if aggregation is Aggregation.sum else Additivity.none,
        value=Part(table="deals", aggregation=aggregation, measure="amount", at="closed_on"),
    )


def cell(
    before: Figure,
    after: Figure,
    region: str | None = None,
    kind: ComparisonKind = ComparisonKind.previous,
) -> Cell:
    dims = () if region is None else (("region", region),)
    compared = Compared(kind, NOVEMBER, before, after, None, None, "WWWW-0002")
    return Cell("bookings_amount", dims, after, "WWWW-0001", compared)


def usd(number: float, n: int = 40) -> Value:
    return Value(number, USD, n)


def regions(*pairs: tuple[float, float]) -> list[Cell]:
    return [cell(usd(a), usd(b), f"R{i}") for i, (a, b) in enumerate(pairs)]


def earlier(held: Cell) -> Figure | None:
    return held.compared.figure if held.compared is not None else None


def amount(figure: Figure | None) -> float:
    return float(figure.number) if isinstance(figure, Value) else 0.0


def studied(cells: list[Cell], **more: Any) -> tuple[Statement, ...]:
    before = math.fsum(amount(earlier(each)) for each in cells)
    after = math.fsum(amount(each.figure) for each in cells)
    whole = cell(usd(before), usd(after))
    return study(metric(), whole, USD, {"region": cells}, Materiality(), **more)


def test_the_same_input_gives_the_same_statements_with_stable_ids() -> None:
    cells = regions((100, 150), (200, 190))
    first, again = studied(cells), studied(cells)
    assert first == again
    ids = [statement.id for statement in first]
    assert ids == ["bookings_amount/previous", "bookings_amount/previous/region"]


def test_segments_that_the_answer_lacks_become_the_rest_and_keep_the_sum() -> None:
    whole = cell(usd(1000), usd(1300))
    found = study(metric(), whole, USD, {"region": regions((400, 600))}, Materiality())
    parts = found[1].contributions
    assert [(part.segment, part.rest, part.total) for part in parts] == [
        ("R0", False, 200.0),
        ("", True, 100.0),
    ]


def test_a_new_and_a_lost_segment_count_with_all_they_have() -> None:
    gone = cell(usd(70), Missing(MissingKind.no_data, USD), "gone")
    new = cell(Missing(MissingKind.no_data, USD), usd(90), "new")
    found = study(metric(), cell(usd(70), usd(90)), USD, {"region": [gone, new]}, Materiality())
    totals = {
        part.segment: (part.before, part.after, part.total) for part in found[1].contributions
    }
    assert totals == {"gone": (70.0, None, -70.0), "new": (None, 90.0, 90.0)}


def test_a_segment_that_could_not_be_fetched_stops_the_split() -> None:
    broken = cell(Missing(MissingKind.sync_failed, USD), usd(90), "R1")
    found = study(metric(), cell(usd(70), usd(90)), USD, {"region": [broken]}, Materiality())
    assert [statement.kind for statement in found] == ["change"]


@pytest.mark.parametrize("how", [Aggregation.median, Aggregation.percentile, Aggregation.distinct])
def test_medians_percentiles_and_distinct_counts_are_not_split(how: Aggregation) -> None:
    assert not_decomposable(metric(how))
    found = study(
        metric(how), cell(usd(7), usd(9)), USD, {"region": regions((3, 4))}, Materiality()
    )
    assert [statement.kind for statement in found] == ["change"]


def test_averages_are_split_as_sum_over_count() -> None:
    def mean(total: int, n: int) -> Value:
        return Value(total / n, USD, n, numerator=total, denominator=n)

    cells = [cell(mean(400, 40), mean(900, 60), "R0"), cell(mean(600, 20), mean(300, 10), "R1")]
    whole = cell(mean(1000, 60), mean(1200, 70))
    found = study(metric(Aggregation.average), whole, USD, {"region": cells}, Materiality())
    change = 1200 / 70 - 1000 / 60
    assert math.isclose(found[1].magnitude or 0.0, change)
    assert math.isclose((found[1].mix or 0) + (found[1].rate or 0), change, abs_tol=1e-12)


def test_a_missing_figure_is_said_as_data_and_has_no_change() -> None:
    gone = cell(usd(70), Missing(MissingKind.not_connected, USD))
    found = study(metric(), gone, USD, {}, Materiality())
    assert [(each.kind, each.missing) for each in found] == [("data", "not_connected")]


def test_changes_of_the_data_come_first_and_events_last() -> None:
    notes = [
        AnnotationDefinition(on=date(2017, 12, 4), kind="launch", text="New template"),
        AnnotationDefinition(on=date(2017, 12, 9), kind="tracking_change", text="New tag"),
        AnnotationDefinition(on=date(2018, 1, 2), kind="launch", text="Too late"),
        AnnotationDefinition(on=date(2017, 12, 2), text="Other", metric="deals_won"),
    ]
    changed = [DataChange("definition_version", "Version 2 counts renewals")]
    found = studied(regions((1, 2), (3, 4)), period=DECEMBER, annotations=notes, changes=changed)
    kinds = [each.kind for each in found]
    assert kinds == ["data", "data", "change", "contribution", "coincidence"]
    assert found[-1].event == "New template"


@pytest.mark.parametrize(
    ("actual", "kind", "elapsed", "standing"),
    [
        (100, "target", 1.0, "ahead"),
        (99, "target", 1.0, "behind"),
        (49, "target", 0.5, "on_track"),
        (51, "target", 0.5, "ahead"),
        (30, "target", 0.5, "behind"),
        (99, "cap", 1.0, "ahead"),
        (101, "cap", 1.0, "behind"),
    ],
)
def test_goals_and_caps_stand_where_they_stand(
    actual: int, kind: Literal["target", "cap"], elapsed: float, standing: str
) -> None:
    goal = Goal(usd(100), kind, elapsed=elapsed)
    said = stand(metric(), usd(actual), goal, Materiality())
    assert said.standing == standing
    assert said.magnitude == actual - 100


def test_a_goal_of_zero_has_no_share_reached() -> None:
    said = stand(metric(), usd(5), Goal(usd(0), "cap"), Materiality())
    assert (said.reached, said.standing) == (None, "behind")


def test_a_missing_figure_leaves_the_goal_unknown() -> None:
    gone = Missing(MissingKind.no_data, USD)
    said = stand(metric(), gone, Goal(usd(10)), Materiality())
    assert (said.standing, said.missing, said.before) == ("unknown", "no_data", 10.0)


def even(size: int) -> tuple[Segment, ...]:
    from fractions import Fraction

    return tuple(
        Segment(f"s{i}", Fraction(100), Fraction(110), n_before=100, n_after=110)
        for i in range(size)
    )


def test_the_dimension_that_holds_the_change_is_shown_first() -> None:
    from fractions import Fraction

    told = (
        Segment("hit", Fraction(100), Fraction(300), n_before=100, n_after=300),
        Segment("calm", Fraction(300), Fraction(300), n_before=300, n_after=300),
    )
    shares = {
        "owner": shares_of(Way.additive, even(20)),
        "region": shares_of(Way.additive, told),
    }
    assert choose(Way.additive, shares) == ("region",)
    assert score(Way.additive, shares["owner"]) == 0.0


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=9))
def test_contributions_sum_to_the_stated_change(pairs: list[tuple[int, int]]) -> None:
    for said in studied(regions(*pairs)):
        if said.kind == "contribution":
            total = math.fsum(part.total for part in said.contributions)
            assert abs(total - (said.magnitude or 0.0)) < 1e-9
            assert said.magnitude == sum(b - a for a, b in pairs)


def test_days_of_both_periods_count() -> None:
    assert isinstance(DECEMBER, Period)
    count = metric(Aggregation.count)
    now = cell(usd(310), usd(310))
    said = study(count, now, USD, {}, Materiality(), period=DECEMBER)[0]
    assert said.p_value is not None
    assert said.p_value < 1
