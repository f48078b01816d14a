"""The gate by itself: only what the report uses decides, and what holds is said with its task."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.model.finding import Finding, Severity
from kvitto.model.period import Calendar, parse_period
from kvitto.report.gate import HOLDING, Feed, Gate, GateState, Need, Passed, judge
from kvitto.report.lint.gate import check_gate
from kvitto.report.words import words_of

TODAY = date(2026, 1, 10)
DECEMBER = parse_period("2025-12", Calendar("Europe/Stockholm", 1, 1, "SE"), TODAY)
WELL = Feed("ga4", date(2026, 1, 9), date(2026, 1, 7))


def need(*feeds: Feed, agreed: bool = True, table: str = "web_traffic") -> Need:
    return Need("sessions", table, agreed, feeds, frozenset({"sessions", "visited_on"}))


def finding(code: str, **changed: object) -> Finding:
    known: dict[str, object] = {
        "code": code,
        "severity": Severity.warning,
        "client": "north",
        "source": "ga4",
        "table": "web_traffic",
        "rows": 0,
        "message": "2025-12-03: nothing",
        "todo": "Load it again.",
        "first_day": date(2025, 12, 3),
        "last_day": date(2025, 12, 4),
    }
    return Finding.model_validate({**known, **changed})


def states(needs: tuple[Need, ...], *findings: Finding, today: date = TODAY) -> list[str]:
    return [f"{one.code} {one.level.value}" for one in judge(needs, findings, DECEMBER, today)]


def test_where_all_is_there_the_gate_is_green() -> None:
    assert states((need(WELL),)) == []
    assert Gate("north", "R13", "2025-12", "Elin").state is GateState.green


@pytest.mark.parametrize("code", sorted(HOLDING))
def test_each_code_holds_or_makes_provisional_as_it_is_declared(code: str) -> None:
    level = "hold" if HOLDING[code] else "provisional"
    assert states((need(WELL),), finding(code)) == [f"{code} {level}"]


@pytest.mark.parametrize("code", sorted({*HOLDING, "business_change"} - {"reconciliation"}))
@pytest.mark.parametrize("language", ["en", "sv"])
def test_each_has_words_in_both_languages(code: str, language: str) -> None:
    text = words_of(language)(
        f"finding.{code}", source="ga4", subject="rows", days="1 May", day="1 May"
    )
    assert "{" not in text
    assert "ga4" in text


@pytest.mark.parametrize(
    "changed",
    [
        {"table": "deals"},
        {"source": "other"},
        {"first_day": date(2025, 11, 1), "last_day": date(2025, 11, 30)},
        {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 5)},
    ],
)
def test_trouble_elsewhere_does_not_concern_the_report(changed: dict[str, object]) -> None:
    assert states((need(WELL),), finding("gap", **changed)) == []


def test_a_zero_in_a_column_that_no_metric_reads_does_not_hold() -> None:
    zero = finding("sudden_zero", column="page_views", message="2025-12-03: page_views is 0")
    assert states((need(WELL),), zero) == []
    both = finding("sudden_zero", column="page_views", message="page_views, sessions is 0")
    assert states((need(WELL),), both) == ["sudden_zero hold"]


def test_an_event_with_another_name_holds_what_counts_events() -> None:
    keys = need(WELL, table="web_key_events")
    renamed = finding("label_renamed", table="web_key_events", column="name")
    assert states((keys,), renamed) == ["label_renamed hold"]


def test_a_change_of_business_holds_nothing() -> None:
    assert states((need(WELL),), finding("business_change", severity=Severity.notice)) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, ["not_settled provisional"]), (3, ["stale provisional"]), (4, ["stale hold"])],
)
def test_how_far_behind_a_source_is_decides(days: int, expected: list[str]) -> None:
    reached = DECEMBER.last - timedelta(days=days)
    feed = Feed("ga4", reached, reached - timedelta(days=2))
    assert states((need(feed),)) == expected


def test_an_allowance_of_the_rules_holds_for_its_source() -> None:
    reached = DECEMBER.last - timedelta(days=9)
    assert states((need(Feed("ga4", reached, reached, 10)),)) == ["stale provisional"]


def test_a_period_that_is_not_over_is_provisional() -> None:
    feed = Feed("ga4", date(2025, 12, 19), date(2025, 12, 17))
    assert states((need(feed),), today=date(2025, 12, 20)) == ["open_period provisional"]


def test_a_failed_source_holds_unless_it_has_the_whole_period() -> None:
    trouble = ("it refused us", "Sign in again.")
    late = date(2025, 12, 10)
    assert states((need(Feed("ga4", late, late, 30, trouble)),)) == [
        "source_failed hold",
        "stale provisional",
    ]
    whole = Feed("ga4", WELL.complete_to, WELL.settled_to, 3, trouble)
    assert states((need(whole),)) == ["source_failed provisional"]


def test_an_open_question_of_a_source_holds_as_a_question() -> None:
    feed = Feed("ga4", None, None, 3, ("whose rows?", "Say so."), True)
    assert states((need(feed),)) == ["question hold"]


def test_what_is_not_connected_holds_only_where_it_was_agreed() -> None:
    assert states((need(),)) == ["not_connected hold"]
    assert states((need(agreed=False),)) == []


@given(st.sets(st.sampled_from(sorted(HOLDING))), st.sets(st.sampled_from(sorted(HOLDING))))
def test_the_gate_is_open_once_all_that_holds_was_let_pass(
    found: set[str], passed: set[str]
) -> None:
    reasons = judge((need(WELL),), [finding(code) for code in sorted(found)], DECEMBER, TODAY)
    decision = Passed("Elin", "2026-01-10", "Agreed.", frozenset())
    marked = tuple(replace(one, passed=decision if one.code in passed else None) for one in reasons)
    gate = Gate("north", "R13", "2025-12", "Elin", marked)
    holding = {code for code in found if HOLDING[code]} - passed
    assert (gate.state is GateState.hold) == bool(holding)
    assert (gate.state is GateState.green) == (not found)
    blocking = [problem for problem in check_gate(gate) if problem.blocks]
    assert len(blocking) == len(gate.holding) == len(holding)
