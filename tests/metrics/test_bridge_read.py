"""A bridge read from tables: two CRMs, daily key events with their list, what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kvitto.errors import WrongUse
from kvitto.metrics.bridge.build import Pair, bridge
from kvitto.metrics.bridge.daily import compare
from kvitto.metrics.bridge.evidence import Zones
from kvitto.metrics.bridge.step import Bridge, StepKind
from kvitto.metrics.catalogue import load_catalogue
from kvitto.metrics.priority import Rule
from kvitto.metrics.sense import ClientCatalogue
from kvitto.model.scope import Scope
from kvitto.model.value import Missing, Value
from kvitto.workspace.meaning import MeaningFile
from kvitto.workspace.priority import Priority
from tests.metrics.world import Memory, context, period, state

OLD = replace(state("old", "north"), tables=("leads", "contacts"))
NEW = replace(state("new", "north"), tables=("leads", "contacts"))
GA4 = replace(state("ga4", "north"), tables=("web_key_events", "web_events"))
ZONES = Zones("UTC", {"ga4": "UTC"})
NORTH = context("north")


def lead(source: str, number: int, day: str, person: str, **more: Any) -> dict[str, Any]:
    return {
        "_source": source,
        "lead_id": f"{source}{number}",
        "_source_id": f"{source}{number}",
        "contact_id": f"{source}-{person}",
        "created_on": date.fromisoformat(day),
        **more,
    }


def people(*names: str) -> list[dict[str, Any]]:
    return [
        {"_source": source, "contact_id": f"{source}-{name}", "email": f"{name}@Example.com"}
        for source in ("old", "new")
        for name in names
    ]


def between(memory: Memory, metric: str, one: str, other: str, catalogue: Any = None) -> Bridge:
    pair = Pair(metric, one, other, period("2017-11"), Scope.of("Elin", "north"))
    return bridge(memory, catalogue or load_catalogue(), pair, NORTH, ZONES)


def steps(found: Bridge) -> dict[str, Decimal]:
    return {step.kind.value: step.amount for step in found.steps if step.amount}


def two_crms() -> Memory:
    rows = [
        lead("old", 1, "2017-11-02", "ann"),
        lead("new", 1, "2017-11-03", "ann"),
        lead("new", 2, "2017-11-03", "ann"),
        lead("old", 2, "2017-11-05", "bo"),
        lead("new", 3, "2017-11-05", "bo", is_test=True),
        lead("old", 3, "2017-11-29", "eva"),
        lead("new", 4, "2017-12-01", "eva"),
        lead("old", 4, "2017-11-07", "only"),
        lead("old", 5, "2017-11-09", "again"),
        lead("new", 5, "2017-11-25", "again"),
    ]
    return Memory(OLD, NEW).fresh({"leads": rows, "contacts": people("ann", "bo", "eva", "again")})


def test_two_crms_are_matched_by_the_person_behind_a_lead() -> None:
    found = between(two_crms(), "leads_created", "old", "new")
    assert isinstance(found.one.figure, Value)
    assert isinstance(found.other.figure, Value)
    assert (found.one.figure.number, found.other.figure.number) == (5, 3)
    assert steps(found) == {
        "attribution_date": Decimal(-1),
        "duplicates": Decimal(1),
        "filters": Decimal(-1),
        "unexplained": Decimal(-1),
    }
    rest = {line.record: line.why for line in found.step("unexplained").lines}
    assert rest == {
        "old4": "new knows no record of this id",
        "old5": "new knows no record of this id",
        "new5": "old knows no record of this id",
    }


def test_the_order_of_sources_does_not_touch_the_sides_and_gives_the_tolerance() -> None:
    rule = Rule("r", Priority(metric="leads_created", sources=("old",), tolerance=Decimal("0.9")))
    about = replace(NORTH, priorities=(rule,))
    pair = Pair("leads_created", "old", "new", period("2017-11"), Scope.of("Elin", "north"))
    found = bridge(two_crms(), load_catalogue(), pair, about, ZONES)
    assert isinstance(found.other.figure, Value)
    assert found.other.figure.number == 3
    assert compare(two_crms(), load_catalogue(), pair, about).tolerance == Decimal("0.9")
    assert compare(two_crms(), load_catalogue(), pair, NORTH).tolerance == Decimal("0.03")


MEANING = MeaningFile.model_validate(
    {
        "word": "signup",
        "definitions": [
            {
                "version": 1,
                "says": "A new lead.",
                "alternatives": True,
                "counts": [
                    {"name": "crm", "table": "leads", "date": "created_on"},
                    {
                        "name": "web",
                        "table": "web_key_events",
                        "date": "occurred_on",
                        "quantity": "events",
                        "where": {"name": "sign_up"},
                    },
                ],
            }
        ],
    }
)


def catalogue() -> ClientCatalogue:
    meanings = {"signup": MEANING}
    return ClientCatalogue(load_catalogue((), meanings), meanings, "north", "USD")


def web(with_list: bool) -> Memory:
    days = {"_source": "ga4", "name": "sign_up", "site": "s"}
    totals = [
        {**days, "occurred_on": date(2017, 11, 2), "events": 2},
        {**days, "occurred_on": date(2017, 11, 5), "events": 1},
    ]
    events = [
        {
            "_source": "ga4",
            "event_id": f"e{number}",
            "name": "sign_up",
            "occurred_at": datetime(2017, 11, day, 12),
            "occurred_on": date(2017, 11, day),
            "dedupe_key": key,
        }
        for number, (day, key) in enumerate([(2, "old1"), (2, "old1"), (5, None)])
    ]
    rows = [lead("old", 1, "2017-11-02", "ann"), lead("old", 2, "2017-11-04", "bo")]
    tables: dict[str, Any] = {"leads": rows, "web_key_events": totals}
    if with_list:
        tables["web_events"] = events
    return Memory(OLD, GA4).fresh(tables)


def test_key_events_are_explained_by_the_list_of_events() -> None:
    found = between(web(True), "signup", "web", "crm", catalogue())
    assert steps(found) == {"duplicates": Decimal(-1), "late": Decimal(1), "unexplained": -1}
    (rest,) = found.step(StepKind.unexplained).lines
    assert "no id" in rest.why


def test_without_the_list_the_days_are_told_and_the_steps_say_what_they_need() -> None:
    found = between(web(False), "signup", "web", "crm", catalogue())
    assert sum(step.amount for step in found.steps) == -1
    assert set(steps(found)) == {"unexplained"}
    assert found.step("duplicates").lacks == ("a list of the single conversions of ga4",)
    assert found.step("window").is_computed


def test_of_alternatives_the_first_at_hand_is_measured_and_never_the_sum() -> None:
    from kvitto.metrics.ask import ask
    from kvitto.model.question import Question

    def number(memory: Memory) -> Any:
        question = Question(Scope.of("Elin", "north"), "north", ("signup",), period("2017-11"))
        figure = ask(memory, catalogue(), question, NORTH).answer.cells[0].figure
        return None if isinstance(figure, Missing) else figure.number

    assert number(web(True)) == 2
    alone = Memory(GA4).fresh(
        {
            "web_key_events": [
                {
                    "_source": "ga4",
                    "name": "sign_up",
                    "site": "s",
                    "occurred_on": date(2017, 11, 2),
                    "events": 9,
                }
            ]
        }
    )
    assert number(alone) == 9


def test_what_is_no_count_or_sum_of_dated_rows_is_refused() -> None:
    for metric, why in (
        ("sales_cycle_length_median", "no count or sum"),
        ("close_rate", "ratio"),
    ):
        deal = {"deal_id": "d", "outcome": "won", "created_on": date(2017, 11, 1)}
        rows = [
            {**deal, "_source": name, "deal_id": name, "closed_on": date(2017, 11, 9)}
            for name in ("old", "new")
        ]
        memory = Memory(replace(OLD, tables=("deals",)), replace(NEW, tables=("deals",)))
        with pytest.raises(WrongUse, match=why):
            between(memory.fresh({"deals": rows}), metric, "old", "new")
