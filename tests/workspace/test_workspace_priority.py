"""The order of sources in rules/: read, and every fault told together with its line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from kvitto.workspace import check_references, check_workspace, load_workspace

Small = Callable[..., Path]

GOOD = """\
priorities:
  - {metric: leads_created, sources: [crm], valid_to: 2025-06-30}
  - {metric: leads_created, sources: [crm], valid_from: 2025-07-01, tolerance: 0.1}
  - {table: deals, sources: [crm], counts: all}
"""


def problems(small: Small, text: str) -> list[str]:
    return [str(problem) for problem in check_workspace(small(rules__house=text))]


def test_an_order_is_read(small: Small) -> None:
    rules = load_workspace(small(rules__house=GOOD)).rules["house"].priorities
    assert [rule.sources for rule in rules] == [("crm",)] * 3
    assert rules[0].holds_on(date(2025, 6, 30))
    assert not rules[0].holds_on(date(2025, 7, 1))
    assert (rules[0].tolerance, rules[1].tolerance) == (Decimal("0.03"), Decimal("0.1"))
    assert (rules[0].fallback, rules[2].counts) == ("never", "all")


def test_an_order_that_names_an_unconnected_source_is_told_with_its_line(small: Small) -> None:
    text = "priorities:\n  - metric: leads_created\n    sources: [crn]\n"
    (found,) = problems(small, text)
    assert found == (
        "rules/house.yml:3: the priority of the metric leads_created: it names 'crn', a source"
        " that is not connected. Did you mean 'crm'?"
    )


def test_windows_that_overlap_and_one_that_ends_before_it_begins_are_told(small: Small) -> None:
    text = (
        "priorities:\n"
        "  - {metric: leads_created, sources: [crm], valid_to: 2025-07-01}\n"
        "  - {metric: leads_created, sources: [crm], valid_from: 2025-07-01}\n"
        "  - {table: deals, sources: [crm], valid_from: 2025-07-01, valid_to: 2025-01-01}\n"
    )
    found = problems(small, text)
    assert any(
        "rules/house.yml:3" in one and "number 1 of 'house' holds on the same days" in one
        for one in found
    )
    assert any("rules/house.yml:4" in one and "it ends on 2025-01-01" in one for one in found)
    assert len(found) == 2


def test_a_rule_of_nothing_of_two_things_or_of_no_table_is_told(small: Small) -> None:
    text = (
        "priorities:\n"
        "  - {sources: [crm]}\n"
        "  - {metric: leads_created, table: leads, sources: [crm]}\n"
        "  - {table: laeds, sources: [crm]}\n"
        "  - {table: leads, sources: [crm, crm]}\n"
        "  - {table: accounts, sources: [crm], fallback: day}\n"
    )
    found = "\n".join(problems(small, text))
    assert "there is none. Write metric: with an id" in found
    assert "both metric and table are given" in found
    assert "the table 'laeds': there is none. Did you mean 'leads'?" in found
    assert "'crm' is named twice" in found
    assert "there is one source alone" in found


def test_a_metric_that_is_not_is_told_with_its_line(small: Small) -> None:
    text = "priorities:\n  - metric: leads_creatd\n    sources: [crm]\n"
    workspace = load_workspace(small(rules__house=text))
    (found,) = check_references(workspace, ["leads_created"], [])
    assert (found.file, found.line) == ("rules/house.yml", 2)
    assert "Did you mean 'leads_created'?" in str(found)
