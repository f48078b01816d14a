"""Runs that were stopped between two steps: the next one finds all that it needs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kvitto.errors import SourceBusy
from kvitto.sources.landing import StreamState, open_landing
from kvitto.sources.landing.state import write_state
from tests.sources.pull.ledger import DEALS, Ledger, run


def test_a_field_that_is_asked_for_since_a_stopped_run_has_its_column(tmp_path: Path) -> None:
    """Also where no record has a value in it, so that nothing else is new."""
    ledger = Ledger()
    ledger.put("a", 1, name="A")
    run(ledger, tmp_path)
    ledger.streams_given = (replace(DEALS, fields={**DEALS.fields, "region": "text"}),)
    ledger.fails_after = 0
    with pytest.raises(SourceBusy):
        run(ledger, tmp_path)
    ledger.fails_after = None
    assert run(ledger, tmp_path).rows(columns="id, name, region") == [("a", "A", None)]


def test_a_field_that_is_asked_for_of_an_empty_stream_has_its_column(tmp_path: Path) -> None:
    ledger = Ledger()
    run(ledger, tmp_path)
    ledger.streams_given = (replace(DEALS, fields={**DEALS.fields, "region": "text"}),)
    ledger.fails_after = 0
    run(ledger, tmp_path)
    assert run(ledger, tmp_path).rows(columns="id, region") == []


def test_a_state_that_is_the_same_is_not_written_again(tmp_path: Path) -> None:
    with open_landing(tmp_path, "crm") as landing:
        landing.note("deals", StreamState(rows=3))
        written = next((tmp_path / ".kvitto/landing/crm").glob("state.json")).stat()
        landing.note("deals", StreamState(rows=3))
        assert next((tmp_path / ".kvitto/landing/crm").glob("state.json")).stat() == written


def test_a_state_comes_back_as_it_was_written(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.put("a", 1, name="A")
    ledger.fails_after = 1
    for number in range(150):
        ledger.put(f"d{number}", number)
    with pytest.raises(SourceBusy):
        run(ledger, tmp_path)
    path = tmp_path / ".kvitto/landing/crm/state.json"
    before = json.loads(path.read_text())
    assert before["streams"]["deals"]["parts"][0]["rows"] == 100
    with open_landing(tmp_path, "crm") as landing:
        write_state(path, landing.state)
    assert json.loads(path.read_text()) == before
