"""A source that is connected and brought nothing is told from one that is not connected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kvitto.model.value import Missing, MissingKind, Value
from tests.metrics.world import Memory, context, measure, state

NORTH = context("north")
FED = replace(state(client="north"), tables=("deals", "deal_snapshots", "leads", "activities"))
DEAL: dict[str, Any] = {
    "deal_id": "d1",
    "outcome": "won",
    "created_on": date(2017, 10, 1),
    "closed_on": date(2017, 11, 1),
    "amount_base": 100,
}


def figure(memory: Memory, metric: str) -> Value | Missing:
    return measure(memory, metric, about=NORTH).answer.cells[0].figure


@pytest.mark.parametrize(
    "metric",
    ["leads_created", "deals_won", "bookings_amount", "open_deals", "activities_completed"],
)
def test_a_connected_source_without_rows_gives_no_data(metric: str) -> None:
    found = figure(Memory(FED), metric)
    assert isinstance(found, Missing)
    assert found.kind is MissingKind.no_data


def test_the_reason_says_that_the_source_is_connected() -> None:
    found = figure(Memory(FED), "leads_created")
    assert isinstance(found, Missing)
    assert found.why == "the source is connected and has brought no leads"


def test_what_no_source_feeds_is_not_connected() -> None:
    memory = Memory(replace(FED, tables=("deals",))).fresh({"deals": [DEAL]})
    found = figure(memory, "leads_created")
    assert isinstance(found, Missing)
    assert found.kind is MissingKind.not_connected


def test_rows_of_another_client_do_not_make_a_zero() -> None:
    memory = Memory(FED).fresh({"leads": [{"lead_id": "l1", "client_id": "south"}]})
    found = figure(memory, "leads_created")
    assert isinstance(found, Missing)
    assert found.kind is MissingKind.no_data


def test_rows_of_another_period_make_a_zero() -> None:
    memory = Memory(FED).fresh({"deals": [{**DEAL, "outcome": "lost"}]})
    found = figure(memory, "deals_won")
    assert isinstance(found, Value)
    assert found.number == 0
