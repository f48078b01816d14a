"""The data audit report: its parts, its words in both languages, what it says without data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from kvitto.metrics.catalogue import builtin_catalogue
from kvitto.model.block import NoticeBlock, TableBlock
from kvitto.model.finding import Finding, Severity
from kvitto.model.locale import Formatter
from kvitto.model.period import Calendar, parse_period
from kvitto.report.block import kinds
from kvitto.report.blocks.register import RegisterSpec
from kvitto.report.context import Context
from kvitto.report.register import (
    AccessLine,
    FieldLine,
    PartLine,
    RateLine,
    Registers,
    ScoreLine,
    SystemLine,
)
from kvitto.report.template import load_templates
from kvitto.report.words import languages, words_of
from kvitto.workspace.definition import ClientDefinition, SeriesDefinition
from kvitto.workspace.system import AccessRole, SystemKind

SPEC_METRICS = {
    "data_accuracy_rate", "duplicate_rate", "invalid_email_rate", "missing_field_issues",
    "unmapped_label_count", "source_conflict_rate", "field_usage_rate", "systems_audited_rate",
    "users_with_data_access", "audit_findings_fixed_rate",
}  # fmt: skip
DAY = date(2025, 3, 1)
LONG = 30
PARTS = (PartLine("completeness", 30, 9, 10), PartLine("uniqueness", 20, 0, 0))
FULL = Registers(
    day=DAY,
    scores=(
        ScoreLine("", 91.4, PARTS),
        ScoreLine("crm", 91.4, PARTS),
    ),
    course=((date(2025, 2, 1), 80.0), (DAY, 91.4)),
    is_listed=True,
    systems=(SystemLine("CRM", "crm", "", "daily", True, None, False, "", 2),),
    unnamed=("web",),
    access=(AccessLine("CRM", "Kim", "write", False, None, "", ("training", "review")),),
    fields=(
        FieldLine("deals", "product", 3, 100, (), "drop"),
        FieldLine("deals", "amount", 41, 100, ("bookings_amount",), "complete"),
        FieldLine("deals", "outcome", 100, 100, ("deals_won",), "keep"),
    ),
    rates=(
        RateLine("contacts", "", 40, 2, 0.05, 0.014, 0.165),
        RateLine("contacts", "email", 8, 1, None, None, None),
    ),
    findings=(
        Finding(
            code="missing_field", severity=Severity.warning, client="a", source="crm",
            table="deals", column="amount", rows=32, message="m", todo="t",
            decides="account manager",
        ),
    ),
    touched={("deals", "amount"): ("bookings_amount", "deals_won", "close_rate")},
)  # fmt: skip


def built(which: str, language: str, registers: Registers) -> Any:
    """The one block of a register; only what it reads of the context is there."""
    spec = RegisterSpec.model_validate({"kind": "register", "id": "r", "which": which})
    context = Context(
        template=load_templates()["R25"],
        series=SeriesDefinition(template="R25"),
        client=ClientDefinition(name="Nord"),
        client_id="nord",
        agency="Shared",
        period=parse_period("2025-Q1", Calendar(), DAY),
        language=language,
        formatter=Formatter.of(language),
        words=words_of(language),
        catalogue=builtin_catalogue(),
        now=datetime(2025, 3, 1, tzinfo=UTC),
        today=DAY,
        registers=registers,
    )
    (block,) = kinds().get("register").build(spec, context)
    return block


def texts(block: TableBlock) -> list[list[str]]:
    return [[cell.text for cell in row] for row in block.rows]


def test_the_report_names_the_ten_metrics() -> None:
    template = load_templates()["R25"]
    assert set(template.metrics()) >= SPEC_METRICS
    assert template.audience == "manager"


def test_every_register_is_shown() -> None:
    shown = {
        block.which for block in load_templates()["R25"].blocks() if isinstance(block, RegisterSpec)
    }
    assert shown == set(get_args(RegisterSpec.model_fields["which"].annotation))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("which", get_args(RegisterSpec.model_fields["which"].annotation))
def test_a_register_without_anything_says_so_in_words(which: str, language: str) -> None:
    block = built(which, language, Registers())
    assert isinstance(block, NoticeBlock)
    assert block.lines[0].endswith(".")


def test_a_part_without_data_is_no_hundred_per_cent() -> None:
    block = built("health", "en", FULL)
    assert texts(block)[0] == ["All sources", "91", "90.0%", "no data"]
    assert "Earlier: 1 February 2025 80." in block.note


def test_a_finding_says_what_it_touches_and_who_decides() -> None:
    ((what, rows, touches, done, who),) = texts(built("found", "en", FULL))
    assert (what, rows) == ("32 deals have no value", "32")
    assert touches == "Won value, Deals won, 1 more"
    assert (done, who) == ("kept as it is", "account manager")


def test_the_inventory_names_what_is_lacking() -> None:
    block = built("systems", "sv", FULL)
    assert texts(block) == [["CRM", "CRM", "ingen", "daily", "ja", "aldrig", "nej", "2"]]
    assert "web" in block.note


def test_access_shows_what_is_overdue() -> None:
    assert texts(built("access", "en", FULL)) == [
        ["Kim", "CRM", "may change", "unknown", "nobody", "training, review"]
    ]


def test_only_fields_that_want_a_decision_are_listed() -> None:
    block = built("fields", "en", FULL)
    assert [row[2] for row in texts(block)] == ["complete", "drop"]
    assert texts(block)[0][1:] == ["41.0%", "complete", "Won value needs it."]
    assert block.note == "1 field is kept as it is."


def test_too_small_a_sample_has_no_rate() -> None:
    found = texts(built("checks", "en", FULL))
    assert found[0] == ["Contacts, all fields", "40", "2", "5.0% (1.4% to 16.5%)"]
    assert found[1][3] == "too few to tell"


@pytest.mark.parametrize("language", languages())
def test_every_kind_and_role_has_a_word(language: str) -> None:
    words = words_of(language)
    for kind in get_args(SystemKind):
        assert words(f"register.kind.{kind}")
    for role in get_args(AccessRole):
        assert words(f"register.role.{role}")


def test_a_long_register_says_how_much_is_left_out() -> None:
    many = replace(FULL, access=FULL.access * LONG)
    block = built("access", "en", many)
    assert len(block.rows) == 20
    assert block.note == "10 more lines are not listed."
