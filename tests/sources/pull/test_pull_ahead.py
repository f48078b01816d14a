"""Streams that are asked for ahead of their turn: the same result, sooner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, get_ident, main_thread

import pytest

from kvitto.errors import SourceBusy
from kvitto.sources.stream import Page, Stream, Wanted
from tests.sources.pull.ledger import DEALS, START, Ledger, Run, run

NAMES = ("deals", "offers", "orders", "visits")
STREAMS = tuple(replace(DEALS, name=name) for name in NAMES)


@dataclass
class Wide(Ledger):
    """A ledger that bears four questions at a time; it notes which thread asked what."""

    at_once: int = 4
    log: list[tuple[str, str, bool]] = field(default_factory=list)
    meeting: Barrier | None = None
    refuses: str = ""
    meanwhile: str = ""

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        self.log.append(("pages", stream.name, get_ident() == main_thread().ident))
        if self.meeting is not None:
            self.meeting.wait(10)
        if stream.name == self.refuses:
            raise SourceBusy.of("read it", "the server asks to wait", "Go on later.")
        yield from super().pages(stream, wanted)
        if stream.name == self.meanwhile:
            self.put("made meanwhile", 2_000)

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        self.log.append(("ids", stream.name, get_ident() == main_thread().ident))
        yield from super().ids(stream)


@pytest.fixture
def ledger(tmp_path: Path) -> Wide:
    """One that was read before, so that the next run is one of those that find little."""
    wide = Wide(streams_given=STREAMS)
    for number in range(30):
        wide.put(f"d{number}", number, name=f"Deal {number}")
    run(wide, tmp_path)
    assert all(by_main for _, _, by_main in wide.log), "a first reading is left to its turn"
    wide.log.clear()
    return wide


def rows(found: Run) -> dict[str, list[tuple[object, ...]]]:
    return {name: found.rows(name, "id, name, _deleted") for name in NAMES}


def test_streams_are_asked_for_side_by_side(ledger: Wide, tmp_path: Path) -> None:
    ledger.meeting = Barrier(len(NAMES))  # it opens once all four are asked at the same time
    first = run(ledger, tmp_path).staged.revision
    assert {name for what, name, by_main in ledger.log if not by_main} == set(NAMES)
    ledger.meeting = None
    assert run(ledger, tmp_path).staged.revision == first


def test_the_result_is_that_of_asking_in_turn(ledger: Wide, tmp_path: Path) -> None:
    ledger.put("d3", 1_000, name="Changed")
    ledger.put("new", 1_001, name="New")
    del ledger.deals["d5"]
    later = START + timedelta(days=2)
    side_by_side = rows(run(ledger, tmp_path, now=later))
    in_turn = Ledger(deals=dict(ledger.deals), streams_given=STREAMS)
    in_turn.put("d5", 5, name="Deal 5")
    run(in_turn, tmp_path / "other")
    del in_turn.deals["d5"]
    assert rows(run(in_turn, tmp_path / "other", now=later)) == side_by_side
    assert ("d5", "Deal 5", "true") in side_by_side["visits"]


def test_ids_are_listed_after_the_last_record_has_come(ledger: Wide, tmp_path: Path) -> None:
    ledger.meanwhile = "orders"
    run(ledger, tmp_path)
    for name in NAMES:
        assert [what for what, asked, _ in ledger.log if asked == name] == ["pages", "ids"]
    ledger.meanwhile = ""
    after = run(ledger, tmp_path)
    assert ("made meanwhile", None, None) in after.rows("orders", "id, name, _deleted")


def test_an_error_is_raised_at_the_streams_turn_and_what_came_before_is_kept(
    ledger: Wide, tmp_path: Path
) -> None:
    ledger.put("d3", 1_000, name="Changed")
    ledger.refuses = "offers"
    with pytest.raises(SourceBusy, match="asks to wait"):
        run(ledger, tmp_path)
    ledger.refuses = ""
    second = run(ledger, tmp_path)
    brought = {one.stream: one.changed for one in second.pulled}
    assert brought == {"deals": 0, "offers": 1, "orders": 1, "visits": 1}


@pytest.mark.parametrize(("at_once", "requests"), [(4, 900), (1, 20_000)])
def test_a_source_that_may_ask_little_is_asked_in_turn(
    ledger: Wide, tmp_path: Path, at_once: int, requests: int
) -> None:
    ledger.at_once = at_once
    run(ledger, tmp_path, limits={"requests": requests})
    assert all(by_main for _, _, by_main in ledger.log)


def test_more_records_than_are_held_ahead_come_whole(ledger: Wide, tmp_path: Path) -> None:
    for number in range(2_500):
        ledger.put(f"n{number:04}", 2_000 + number, name="New")
    found = run(ledger, tmp_path, now=START + timedelta(days=3))
    assert [one.added for one in found.pulled] == [2_500] * 4
    assert len(found.rows("visits")) == 2_530
