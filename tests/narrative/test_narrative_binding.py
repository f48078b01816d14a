"""Values in braces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kvitto.report.narrative import bind
from kvitto.report.narrative.check import unresolved

FORMS = ("", ".previous", ".last_year", ".change", ".difference", ".size", ".change.last_year")


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("metric", ["bookings_amount", "deals_won", "close_rate"])
def test_every_form_is_filled_and_checks(
    language: str, metric: str, world: Callable[[int, str], Any]
) -> None:
    report = world(2, language)
    for form in (*FORMS, ".goal"):
        source = f"{{{{{metric}{form}}}}}"
        bound = bind(source, report.figures, language, report.statements, "2017-12")
        assert bound.problems == ()
        assert "{" not in bound.text
        assert unresolved(report.checker.check(f"{report.names.metric(metric)}: {source}")) == ()


def test_the_value_is_the_one_that_is_shown(world: Callable[[int, str], Any]) -> None:
    report = world(2, "sv")
    shown = {figure.metric: figure.display for figure in report.figures}
    bound = bind("Vi nådde {{bookings_amount}}.", report.figures, "sv", report.statements)
    assert bound.text == f"Vi nådde {shown['bookings_amount']}."


def test_a_change_of_a_share_is_told_in_points(world: Callable[[int, str], Any]) -> None:
    report = world(2, "en")
    bound = bind("{{close_rate.change}}", report.figures, "en", report.statements)
    assert "percentage point" in bound.text
    assert bound.text[0] in "+−0"


def test_an_unknown_name_stays_and_suggests_the_nearest(world: Callable[[int, str], Any]) -> None:
    report = world(2, "en")
    bound = bind("We won {{deal_won}}.", report.figures, "en", report.statements)
    assert bound.text == "We won {{deal_won}}."
    assert "deals_won" in bound.problems[0].todo
    assert unresolved(report.checker.check("We won {{deal_won}}."))


@pytest.mark.parametrize(
    "source",
    [
        "{{deals_won.foo}}",
        "{{deals_won.change.goal}}",
        "{{deals_won.change.previous.x}}",
        "{{}}",
        "{{ }}",
        "{{deals won}}",
        "{{__class__}}",
        "{{deals_won.baseline}}",
    ],
)
def test_what_is_no_form_is_a_problem(source: str, world: Callable[[int, str], Any]) -> None:
    report = world(2, "en")
    bound = bind(source, report.figures, "en", report.statements)
    assert bound.text == source
    assert len(bound.problems) == 1


def test_a_binding_of_another_metric_than_the_sentence_names_is_marked(
    world: Callable[[int, str], Any],
) -> None:
    report = world(2, "en")
    (mark,) = unresolved(report.checker.check("The win rate was {{deals_won}}."))
    assert "close_rate" in mark.why


def test_a_binding_needs_no_named_metric(world: Callable[[int, str], Any]) -> None:
    report = world(2, "en")
    assert unresolved(report.checker.check("We closed {{deals_won}} this month.")) == ()
