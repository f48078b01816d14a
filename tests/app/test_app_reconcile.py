"""150 against 145: the bridge is found in the data alone, and told to the last conversion."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from kvitto.app.house import local_person
from kvitto.app.reconcile import compare_days, reconcile
from kvitto.cli.main import cli
from kvitto.errors import NotAllowed, UnknownName, WrongUse
from kvitto.metrics.bridge.step import StepKind
from kvitto.model.value import Missing, MissingKind, Value
from tests.app.bridge_made import CLIENT, MONTH, REASONS, WORD, made, steps_of

SEED = 20260101
CASES = ((0.1, SEED), (0.3, 7), (1.0, 42))
"""Sizes and seeds; the last one is that of the figures people talk about."""


@pytest.mark.parametrize(("size", "seed"), CASES)
def test_the_steps_are_those_that_were_planted(size: float, seed: int) -> None:
    house, truth = made(size, seed)
    found = reconcile(house, local_person(house), CLIENT, WORD, "crm", "ads", MONTH)
    planted: dict[str, int] = {}
    for item in truth.fault("conversion_gap").items:
        planted[str(item["reason"])] = planted.get(str(item["reason"]), 0) + int(str(item["by"]))
    assert {REASONS[kind]: by for kind, by in steps_of(found).items()} == planted
    shown = truth.shown[MONTH]
    assert isinstance(found.one.figure, Value)
    assert isinstance(found.other.figure, Value)
    assert found.one.figure.number == shown["leads_created.google"]
    assert found.other.figure.number == shown["ads.google_ads.conversions"]


@pytest.mark.parametrize(("size", "seed"), CASES)
def test_the_records_behind_the_steps_are_those_that_were_planted(size: float, seed: int) -> None:
    house, truth = made(size, seed)
    found = reconcile(house, local_person(house), CLIENT, WORD, "crm", "ads", MONTH)
    with house.readers.reading() as reader:
        rows = reader.query("SELECT conversion_id, order_id FROM ad_conversions")
    orders = dict(rows)
    for kind, reason in REASONS.items():
        told = {
            name
            for item in truth.fault("conversion_gap").items
            if item["reason"] == reason
            for name in item["leads"]  # type: ignore[attr-defined]  # items hold plain data
        }
        lines = [line for line in found.step(kind).lines if line.record]
        seen = {orders.get(line.record, line.record.rsplit(":", 1)[-1]) for line in lines}
        assert seen == told, kind


def test_150_against_145_is_explained_to_the_last_conversion() -> None:
    house, _ = made(1.0, 42)
    found = reconcile(house, local_person(house), CLIENT, WORD, "ads", "crm", MONTH)
    assert isinstance(found.one.figure, Value)
    assert isinstance(found.other.figure, Value)
    assert (found.one.figure.number, found.other.figure.number) == (150, 145)
    assert steps_of(found) == {
        StepKind.time_zone: -2,
        StepKind.duplicates: -2,
        StepKind.claimed: -3,
        StepKind.late: 3,
        StepKind.unexplained: -1,
    }
    (rest,) = found.step("unexplained").lines
    assert rest.on.isoformat() == "2025-09-15"


def test_every_step_has_a_receipt_and_the_figures_can_be_asked_again() -> None:
    house, _ = made(0.1, SEED)
    found = reconcile(house, local_person(house), CLIENT, WORD, "ads", "crm", MONTH)
    codes = [step.receipt.code for step in found.steps]
    assert len(set(codes)) == len(StepKind)
    assert all(step.receipt.n == len(step.lines) for step in found.steps)
    again = reconcile(house, local_person(house), CLIENT, WORD, "ads", "crm", MONTH)
    assert [step.receipt for step in again.steps] == [step.receipt for step in found.steps]
    from kvitto.app.receipt import open_receipt

    for told in (found.one, found.other):
        opened = open_receipt(house, local_person(house), told.receipt.code, lines=True, rerun=True)
        assert opened.check is not None
        assert opened.check.agrees
        assert opened.rerun is not None
        assert opened.rerun.agrees


def test_a_month_without_a_log_says_what_is_lacking_and_guesses_nothing() -> None:
    house, _ = made(0.3, 7)
    found = reconcile(house, local_person(house), CLIENT, WORD, "ads", "crm", "2025-08")
    open_steps = {step.kind for step in found.steps if not step.is_computed}
    assert open_steps == set(StepKind) - {StepKind.window, StepKind.unexplained}
    assert "single conversions of akerstroms_google" in found.step("late").lacks[0]
    assert set(steps_of(found)) <= {StepKind.unexplained}
    assert isinstance(found.one.figure, Value)
    assert isinstance(found.other.figure, Value)
    apart = int(found.other.figure.number) - int(found.one.figure.number)
    assert sum(step.amount for step in found.steps) == apart


def test_days_are_compared_and_the_rate_of_conflicts_is_a_share_of_days() -> None:
    house, _ = made(1.0, 42)
    found = compare_days(house, local_person(house), CLIENT, WORD, "ads", "crm", MONTH)
    assert len(found.days) == 30
    apart = [day.on.day for day in found.days if day.differs]
    assert 15 in apart
    assert isinstance(found.rate, Value)
    assert (found.rate.numerator, found.rate.denominator) == (len(apart), 30)


def test_a_missing_figure_is_no_bridge_and_says_why() -> None:
    house, _ = made(0.1, SEED)
    found = reconcile(
        house,
        local_person(house),
        CLIENT,
        "leads_created",
        "akerstroms_crm",
        "akerstroms_google",
        MONTH,
    )
    assert isinstance(found.other.figure, Missing)
    assert found.other.figure.kind is MissingKind.not_connected
    assert found.steps == ()
    assert not found.is_explained


def test_what_cannot_be_bridged_is_refused_with_the_way_out() -> None:
    house, _ = made(0.1, SEED)
    me = local_person(house)
    with pytest.raises(UnknownName, match="Did you mean 'ads'"):
        reconcile(house, me, CLIENT, WORD, "adds", "crm", MONTH)
    with pytest.raises(WrongUse, match="both sides are the same"):
        reconcile(house, me, CLIENT, WORD, "crm", "crm", MONTH)
    with pytest.raises(WrongUse, match="computed from other metrics"):
        reconcile(house, me, CLIENT, "roas", "akerstroms_crm", "akerstroms_google", MONTH)


def test_a_client_may_not_ask_for_a_bridge() -> None:
    from kvitto.app.who import Role, Who
    from kvitto.model.scope import Scope

    house, _ = made(0.1, SEED)
    client = Who("kerstin", Role.client, Scope.of("kerstin", CLIENT))
    with pytest.raises(NotAllowed):
        reconcile(house, client, CLIENT, WORD, "ads", "crm", MONTH)


def test_the_command_prints_and_ends_with_one_where_something_is_unexplained() -> None:
    house, _ = made(0.1, SEED)
    given = ["-w", str(house.root), "reconcile", "-c", CLIENT, "-m", WORD]
    given += ["--from", "ads", "--to", "crm", "-p", MONTH]
    told = CliRunner().invoke(cli, [*given, "--json", "--days"])
    found = json.loads(told.stdout)
    assert told.exit_code == 1
    apart = int(found["to"]["value"]) - int(found["from"]["value"])
    assert sum(int(step["amount"]) for step in found["steps"]) == apart
    assert found["explained"] is False
    assert len(found["days"]) == 30
    plain = CliRunner().invoke(cli, [*given, "--lines"])
    assert "another day in the other side's time zone" in plain.stdout


TEMPLATE = """\
id: BRIDGE
version: 1
title: {en: Two figures, sv: Två tal}
audience: manager
grain: month
kpis: [deals_won]
rules: []
sections:
  - id: all
    title: {en: Figures, sv: Tal}
    answers: achieved
    blocks:
      - {kind: tiles, id: kpis, metrics: [google_lead]}
  - id: appendix
    title: {en: Appendix, sv: Bilaga}
    appendix: true
    blocks:
      - {kind: bridge, id: bridge, metric: google_lead, one: ads, other: crm}
"""


@pytest.mark.parametrize(
    ("language", "zone"),
    [("en", "Another day in the other time zone"), ("sv", "En annan dag i den andra tidszonen")],
)
def test_a_report_prints_the_bridge_in_its_appendix(language: str, zone: str) -> None:
    from kvitto.app.edition import draft
    from kvitto.model.block import TableBlock
    from kvitto.model.brand import Brand
    from kvitto.render import render

    house, _ = made(0.1, SEED)
    (house.root / "templates").mkdir(exist_ok=True)
    (house.root / "templates" / "BRIDGE.yml").write_text(TEMPLATE, encoding="utf-8")
    house = house.reopened()
    edition = draft(house, local_person(house), CLIENT, "BRIDGE", MONTH, language)
    (appendix,) = [section for section in edition.sections if section.appendix]
    steps, records = appendix.blocks
    assert isinstance(steps, TableBlock)
    assert isinstance(records, TableBlock)
    shown = {row[0].text: row[1].text for row in steps.rows}
    assert shown[zone] == "\u22122"
    figures = [row[1].figure for row in steps.rows if row[1].figure is not None]
    first, *amounts, last = [figure.number for figure in figures]
    assert first is not None
    assert first + sum(amount or 0 for amount in amounts) == last
    assert {figure.receipt for figure in figures if figure.receipt} <= set(edition.receipts)
    assert len(records.rows) == 11
    for form in ("html", "json", "xlsx", "pdf"):
        printed = render(edition, Brand(id="kvitto", name="Kvitto"), form)
        assert form not in ("html", "json") or zone.encode() in printed
