"""Metrics that a workspace adds: checked like the product's own, all problems together."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from ruamel.yaml import YAML

from kvitto.errors import BadDefinition
from kvitto.metrics.catalogue import check_metrics, load_catalogue
from kvitto.metrics.expression import FUNCTIONS, ExpressionFault, read
from kvitto.metrics.formula import compute, read_formula
from kvitto.metrics.wording import measure_in_words
from kvitto.model.metric import Metric
from kvitto.warehouse.reader import Reader
from tests.metrics.world import measure, number


def metric(name: str = "ours", **more: Any) -> Metric:
    written = {
        "id": name,
        "names": {"en": "Ours"},
        "explains": {"en": "Ours."},
        "unit": "count",
        "good": "higher",
        "additivity": "full",
        **more,
    }
    if not {"value", "numerator", "formula"} & set(more):
        written["value"] = {"table": "deals", "aggregation": "count", "at": "closed_on"}
    return Metric.model_validate(written)


def part(**more: Any) -> dict[str, Any]:
    return {"table": "deals", "aggregation": "count", "at": "closed_on", **more}


def found(*metrics: Metric) -> str:
    return "\n".join(str(problem) for problem in check_metrics(metrics))


def test_a_metric_of_a_workspace_is_asked_like_any_other(reader: Reader) -> None:
    large = metric("large_deals", value=part(where="outcome = 'won' AND amount_base > 5000"))
    share = metric(
        "large_share", unit="share", additivity="none", formula="large_deals / deals_won"
    )
    catalogue = load_catalogue((large, share))
    assert catalogue.get("large_deals").dimensions == catalogue.get("deals_won").dimensions
    asked = measure(reader, "large_deals", "large_share", "deals_won", catalogue=catalogue)
    expected = number(asked, "large_deals") / number(asked, "deals_won")
    assert number(asked, "large_share") == pytest.approx(expected, rel=1e-15)


def test_all_problems_of_all_metrics_come_together() -> None:
    with pytest.raises(BadDefinition) as raised:
        load_catalogue(
            (
                metric("one", value=part(table="dealz")),
                metric("two", value=part(where="outcom = 'won'")),
                metric("three", formula="deals_won / nothing_here"),
            )
        )
    said = [str(problem) for problem in raised.value.problems]
    assert len(said) == 3
    assert "Did you mean 'deals'?" in said[0]
    assert "Did you mean 'outcome'?" in said[1]
    assert "there is no metric 'nothing_here'" in said[2]


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (part(where="sleep(1)"), "calls 'sleep'"),
        (part(where="read_text('/etc/passwd') = 'x'"), "not a function here"),
        (part(aggregation="sum", measure="SUM(amount_base)"), "aggregates inside an aggregate"),
        (part(where="deal_id IN (SELECT deal_id FROM deals)"), "holds a query"),
        (part(where="1; DROP TABLE deals"), "not part of the language"),
        (part(where="ROW_NUMBER() OVER () = 1"), "not"),
        (part(where="outcome = "), "cannot be read"),
        (part(where="owner.nane = 'x'"), "there is none"),
        (part(where="boss.name = 'x'"), "there is no 'boss'"),
        (part(at="closed_at"), "not a local date"),
        (part(at=None), "it has no date"),
        (part(measure="amount_base"), "count takes no measure"),
        (part(aggregation="median"), "nothing to work on"),
        (part(aggregation="percentile", measure="days(created_on, closed_on)"), "a percentile"),
        (part(where="amount_base"), "not a condition"),
        (part(where="closed_on < as_of"), "which a flow has not"),
        (part(at=None, as_of=True), "needs 'snapshot', or 'since' and 'until'"),
        (part(aggregation="sum", measure="region"), "which is a text"),
        (part(where="days(created_on) > 3"), "takes 2 argument"),
    ],
)
def test_what_is_wrong_with_a_part_is_said(definition: dict[str, Any], said: str) -> None:
    assert said in found(metric(value=definition))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"unit": "count", "value": part(aggregation="sum", measure="amount_base")}, "unit: money"),
        ({"unit": "money", "value": part()}, "but number is measured"),
        (
            {"unit": "money", "value": part(aggregation="sum", measure="amount")},
            "currencies are never added",
        ),
        (
            {
                "unit": "money",
                "value": part(aggregation="sum", measure="amount_base * probability"),
            },
            "Wrap the fraction in exact",
        ),
        (
            {"unit": "number", "value": part(aggregation="sum", measure="probability")},
            "Wrap the fraction in exact",
        ),
        (
            {
                "unit": "money",
                "value": part(aggregation="sum", measure="amount_base * discount_base"),
            },
            "multiplies money by money",
        ),
        (
            {
                "unit": "share",
                "numerator": part(aggregation="sum", measure="amount_base"),
                "denominator": part(),
            },
            "a share of money in number",
        ),
        ({"unit": "count", "formula": "bookings_amount + deals_won"}, "adds money and a plain"),
        ({"unit": "count", "formula": "bookings_amount / deals_won"}, "the formula gives money"),
        ({"formula": "deals_won + SUM(deals_lost)"}, "not part of a formula"),
        ({"formula": "trailing(quota_attainment, 12)"}, "is a formula itself"),
        ({"formula": "deals_won", "value": part()}, "Give exactly one"),
        ({"numerator": part()}, "Give exactly one"),
        ({"dimensions": ["regoin"]}, "Did you mean 'region'?"),
        ({"dimensions": ["activity_type"]}, "do not reach 'activity_type'"),
        ({"names": {"sv": "Våra"}}, "the English text is missing"),
    ],
)
def test_what_is_wrong_with_a_metric_is_said(more: dict[str, Any], said: str) -> None:
    assert said in found(metric(**more))


def test_an_id_that_is_taken_is_refused() -> None:
    assert "the id is taken" in found(metric("deals_won"))
    assert "the id is taken" in found(metric("twice"), metric("twice"))


def test_formulas_that_lead_round_in_a_circle_are_named() -> None:
    said = found(
        metric("a", formula="b + 1"), metric("b", formula="c * 2"), metric("c", formula="a / 2")
    )
    assert "a -> b -> c -> a" in said


def test_a_formula_over_a_formula_is_written_out() -> None:
    inner = metric("decided", formula="deals_won + deals_lost")
    outer = metric("won_share", unit="share", formula="deals_won / decided")
    catalogue = load_catalogue((inner, outer))
    written = catalogue.formula(catalogue.get("won_share"))
    assert [term.metric for term in read_formula(written).terms] == ["deals_won", "deals_lost"]
    assert compute(written, {"deals_won": 3, "deals_lost": 1}) == 0.75


def test_every_function_is_described_and_can_be_called() -> None:
    calls = {
        "days": "days(entered_on, left_on)",
        "hours": "hours(entered_at, left_at)",
        "planned_activity": "planned_activity(deal_id)",
        "advanced": "advanced(30)",
        "exact": "exact(seq)",
        "nullif": "nullif(seq, 1)",
        "abs": "abs(seq)",
        "lower": "lower(deal_id)",
        "upper": "upper(deal_id)",
    }
    assert read("once(created_at, 30, outcome = 'won', account_id)", "deals")
    for name in FUNCTIONS:
        if name != "once":
            assert read(calls.get(name, f"{name}(seq, seq)"), "deal_stage_history")
        assert FUNCTIONS[name].startswith(f"{name}(")


def test_a_division_is_guarded_against_zero() -> None:
    assert "NULLIF(deals.amount_base, 0)" in read("discount_base / amount_base", "deals").tree.sql()
    with pytest.raises(ExpressionFault):
        read("days(created_on", "deals")


def test_the_example_of_the_readme_can_be_asked(reader: Reader) -> None:
    text = (files("kvitto.metrics") / "README.md").read_text(encoding="utf-8")
    example = YAML(typ="safe", pure=True).load(text.split("```yaml\n")[1].split("```")[0])
    catalogue = load_catalogue([Metric.model_validate(entry) for entry in example["metrics"]])
    asked = measure(reader, "large_deals_won", "deals_won", catalogue=catalogue)
    assert 0 < number(asked, "large_deals_won") < number(asked, "deals_won")


@pytest.mark.parametrize(
    ("measure_text", "words"),
    [
        ("amount_base", "an amount"),
        ("qualified_on", "a qualified date"),
        ("deal.owner_id", "an owner"),
        ("amount_base * exact(probability)", "a usable value"),
        (None, "a usable value"),
    ],
)
def test_what_is_missing_is_said_in_words(measure_text: str | None, words: str) -> None:
    assert measure_in_words(measure_text) == words
