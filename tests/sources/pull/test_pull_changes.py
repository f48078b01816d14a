"""Streams of changed records: what is asked, what is kept, what is learnt of deletions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.errors import BadAnswer, SourceBusy
from tests.sources.pull.ledger import DEALS, START, Ledger, run


def test_the_first_run_reads_everything_and_the_second_only_what_changed(tmp_path: Path) -> None:
    ledger = Ledger()
    for number in range(250):
        ledger.put(f"d{number}", number, name=f"Deal {number}", amount="10.50")
    assert run(ledger, tmp_path).pulled[0].added == 250
    ledger.put("d3", 1_000, name="Deal 3", amount="99")
    ledger.put("new", 1_001, name="New", amount=None)
    second = run(ledger, tmp_path)
    assert (second.pulled[0].added, second.pulled[0].changed) == (1, 1)
    assert second.pulled[0].received <= 13  # the two, and the overlap of ten minutes
    assert ("d3", "Deal 3", "99", None) in second.rows(columns="id, name, amount, _deleted")
    assert len(second.rows()) == 251


def test_nothing_new_leaves_the_same_revision(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.put("a", 1, name="A")
    first, second = run(ledger, tmp_path), run(ledger, tmp_path)
    assert first.staged.revision == second.staged.revision
    assert ledger.asked[1].since is not None


def test_a_record_that_became_visible_late_is_found_within_the_overlap(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.put("a", 60)
    run(ledger, tmp_path)
    ledger.put("late", 55)
    assert run(ledger, tmp_path).pulled[0].added == 1


def test_a_deleted_record_is_marked_and_comes_back_when_it_is_restored(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.put("a", 1)
    ledger.put("b", 2)
    run(ledger, tmp_path)
    del ledger.deals["a"]
    gone = run(ledger, tmp_path, now=START + timedelta(days=2))
    assert gone.rows(columns="id, _deleted") == [("a", "true"), ("b", None)]
    ledger.put("a", 5_000)
    back = run(ledger, tmp_path, now=START + timedelta(days=4))
    assert back.rows(columns="id, _deleted") == [("a", None), ("b", None)]


def test_many_deletions_at_once_are_taken_for_a_mistake(tmp_path: Path) -> None:
    ledger = Ledger()
    for number in range(40):
        ledger.put(f"d{number}", number)
    run(ledger, tmp_path)
    kept = {key: ledger.deals[key] for key in list(ledger.deals)[:5]}
    ledger.deals = kept
    later = START + timedelta(days=2)
    with pytest.raises(BadAnswer, match="5 of 40"):
        run(ledger, tmp_path, now=later)
    allowed = run(ledger, tmp_path, now=later, limits={"deleted_share": 1})
    assert len([row for row in allowed.rows(columns="_deleted") if row[0]]) == 35


def test_a_run_that_is_stopped_by_the_server_goes_on_where_it_was(tmp_path: Path) -> None:
    ledger = Ledger(fails_after=3)
    for number in range(1_000):
        ledger.put(f"d{number:04}", number)
    with pytest.raises(SourceBusy):
        run(ledger, tmp_path)
    ledger.fails_after = None
    resumed = run(ledger, tmp_path)
    assert resumed.pulled[0].received <= 720
    assert len(resumed.rows()) == 1_000


def test_a_renamed_field_is_an_error_and_a_new_one_a_notice(tmp_path: Path) -> None:
    ledger = Ledger()
    for number in range(30):
        ledger.put(f"d{number}", number, amount="5")
    run(ledger, tmp_path)
    for number in range(30):
        ledger.put(f"d{number}", 1_000 + number, sum="5")
    found = {finding.code: finding for finding in run(ledger, tmp_path).staged.findings}
    assert found["field_empty"].column == "amount"
    assert "sum" in found["field_new"].message


def test_further_fields_are_read_again_from_the_start(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.put("a", 1, region="North")
    run(ledger, tmp_path)
    told = [{"file": "deals", "fill": {"deals": {"deal_id": "id", "region": "region"}}}]
    second = run(ledger, tmp_path, tables=told)
    assert second.rows(columns="id, region") == [("a", "North")]


def test_rows_without_a_key_are_not_lost(tmp_path: Path) -> None:
    stream = replace(DEALS, deleting="never")
    ledger = Ledger(streams_given=(stream,))
    ledger.deals = {
        "x": {"id": None, "name": "one", "changed": START.isoformat()},
        "y": {"id": None, "name": "two", "changed": START.isoformat()},
    }
    assert len(run(ledger, tmp_path).rows()) == 2


Steps = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 9), st.booleans()), max_size=12
)


@settings(max_examples=8, deadline=None)
@given(steps=Steps, cuts=st.sets(st.integers(0, 11), max_size=3))
def test_any_sequence_of_runs_ends_with_what_the_server_holds(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, int, bool]],
    cuts: set[int],
) -> None:
    root = tmp_path_factory.mktemp("any")
    ledger = Ledger()
    for minute, (key, amount, deletes) in enumerate(steps):
        if deletes:
            ledger.deals.pop(key, None)
        else:
            ledger.put(key, minute, amount=str(amount))
        if minute in cuts:
            run(ledger, root, now=START + timedelta(days=1, minutes=minute))
    last = run(ledger, root, now=START + timedelta(days=2))
    held = {row[0]: row[1] for row in last.rows(columns="id, amount, _deleted") if row[2] is None}
    assert held == {key: one.get("amount") for key, one in ledger.deals.items()}
