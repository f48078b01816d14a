"""Streams of figures per day: days that may still change are read again and replaced whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kvitto.sources.stream import FieldKind, Notice
from tests.sources.pull.ledger import SPEND, Ledger, run

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _ledger(days: int = 60) -> Ledger:
    first = NOW.date() - timedelta(days=days)
    spend: list[dict[str, object]] = [
        {"day": str(first + timedelta(days=number)), "campaign": "c1", "cost": "10"}
        for number in range(days + 1)
    ]
    return Ledger(spend=spend, streams_given=(SPEND,))


def test_days_within_the_settling_time_are_read_again(tmp_path: Path) -> None:
    ledger = _ledger()
    run(ledger, tmp_path, now=NOW, since="2026-01-01")
    ledger.spend[-4]["cost"] = "12"
    second = run(ledger, tmp_path, now=NOW + timedelta(days=1), since="2026-01-01")
    assert ledger.asked[-1].first == date(2026, 2, 22)
    assert second.pulled[0].changed == 1
    assert ("2026-02-26", "12") in second.rows("spend", "day, cost")


def test_the_time_of_reading_alone_makes_nothing_new(tmp_path: Path) -> None:
    ledger = _ledger()
    fields: dict[str, FieldKind] = {**SPEND.fields, "fetched_at": "instant"}
    ledger.streams_given = (replace(SPEND, fields=fields),)
    for one in ledger.spend:
        one["fetched_at"] = "2026-03-01T10:00:00Z"
    first = run(ledger, tmp_path, now=NOW, since="2026-01-01")
    for one in ledger.spend:
        one["fetched_at"] = "2026-03-01T11:00:00Z"
    second = run(ledger, tmp_path, now=NOW, since="2026-01-01")
    assert first.staged.revision == second.staged.revision


def test_a_row_that_is_gone_from_its_day_is_gone_here(tmp_path: Path) -> None:
    ledger = _ledger()
    run(ledger, tmp_path, now=NOW, since="2026-01-01")
    gone = ledger.spend.pop(-3)
    second = run(ledger, tmp_path, now=NOW, since="2026-01-01")
    assert second.pulled[0].removed == 1
    assert (gone["day"],) not in second.rows("spend", "day")


def test_a_long_window_is_read_in_slices_and_resumed_after_the_last(tmp_path: Path) -> None:
    ledger = _ledger(days=300)
    first = run(ledger, tmp_path, now=NOW, since="2025-05-05")
    assert len(ledger.asked) == 4
    assert len(first.rows("spend")) == 301
    assert first.staged.complete_to == NOW.date() - timedelta(days=1)


def test_a_range_is_read_again_on_demand_without_moving_on(tmp_path: Path) -> None:
    ledger = _ledger()
    run(ledger, tmp_path, now=NOW, since="2026-01-01")
    ledger.spend[5]["cost"] = "77"
    again = run(
        ledger, tmp_path, now=NOW, since="2026-01-01", again=(date(2026, 1, 1), date(2026, 1, 10))
    )
    assert again.pulled[0].changed == 1
    run(ledger, tmp_path, now=NOW, since="2026-01-01")
    assert ledger.asked[-1].first == date(2026, 2, 22)


def test_a_campaign_renamed_in_the_middle_of_a_day_is_not_counted_twice(tmp_path: Path) -> None:
    ledger = _ledger()
    run(ledger, tmp_path, now=NOW, since="2026-01-01")
    ledger.spend[-2]["campaign"] = "c1 (new name)"
    second = run(ledger, tmp_path, now=NOW, since="2026-01-01")
    day = str(ledger.spend[-2]["day"])
    assert second.rows("spend", "day, campaign").count((day, "c1")) == 0
    assert len(second.rows("spend")) == 60


def test_an_account_that_refuses_keeps_its_days_and_is_asked_again(tmp_path: Path) -> None:
    ledger = _ledger()
    run(ledger, tmp_path, now=NOW, since="2026-01-01")
    refused = [one for one in ledger.spend if str(one["day"]) >= "2026-02-20"]
    ledger.spend = [{**one, "campaign": "c2"} for one in refused]
    ledger.notices = (
        Notice(
            "spend", "account_refused", "c1 refuses", "Ask for access.", unread={"campaign": "c1"}
        ),
    )
    second = run(ledger, tmp_path, now=NOW + timedelta(days=1), since="2026-01-01")
    days = second.rows("spend", "day, campaign")
    assert ("2026-02-28", "c1") in days
    assert ("2026-02-28", "c2") in days
    assert "account_refused" in {finding.code for finding in second.staged.findings}
    run(ledger, tmp_path, now=NOW + timedelta(days=9), since="2026-01-01")
    assert ledger.asked[-1].first == date(2026, 2, 22)


def test_a_stream_read_whole_holds_what_was_given_last(tmp_path: Path) -> None:
    stream = replace(SPEND, keeping="replace", cursor=None, settles_days=0)
    ledger = _ledger(5)
    ledger.streams_given = (stream,)
    run(ledger, tmp_path, now=NOW)
    del ledger.spend[0]
    assert len(run(ledger, tmp_path, now=NOW).rows("spend")) == 5
