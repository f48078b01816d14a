"""Runs that find nothing new: they write next to nothing and ask the engine little."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from kvitto.sources.landing import Part, StreamState, open_landing
from kvitto.sources.stream import Record, Wanted
from tests.sources.pull.ledger import DEALS, SPEND, START, Ledger, run

HOME = ".kvitto/landing/crm"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    found = Ledger()
    for number in range(30):
        found.put(f"d{number}", number, name=f"Deal {number}", amount="5")
    run(found, tmp_path)
    return found


def test_what_is_known_of_the_columns_is_kept_as_long_as_the_snapshot(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = run(ledger, tmp_path)
    kept = (tmp_path / HOME / "columns.json").stat()
    second = run(ledger, tmp_path)
    assert (tmp_path / HOME / "columns.json").stat() == kept
    assert first.staged.tables[0].columns == second.staged.tables[0].columns
    ledger.put("new", 1_000, amount="not a number")
    amount = run(ledger, tmp_path).staged.tables[0].column("amount")
    assert amount is not None
    assert (amount.filled, amount.readable) == (31, 30)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"deals": 3}'])
def test_what_is_known_of_the_columns_may_be_lost(
    ledger: Ledger, tmp_path: Path, text: str
) -> None:
    first = run(ledger, tmp_path)
    (tmp_path / HOME / "columns.json").write_text(text)
    assert run(ledger, tmp_path).staged.tables == _moved(first.staged.tables, tmp_path)


def _moved(tables: object, root: Path) -> object:
    """Tables of the run before, as they are called in the last one's folder."""
    last = len(list(root.glob("runs/*"))) - 1
    assert isinstance(tables, tuple)
    return tuple(
        replace(one, relation_sql=one.relation_sql.replace(f"runs/{last - 1}/", f"runs/{last}/"))
        for one in tables
    )


def test_a_field_that_is_read_in_another_way_is_looked_at_again(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.streams_given = (replace(DEALS, fields={**DEALS.fields, "name": "number"}),)
    name = run(ledger, tmp_path).staged.tables[0].column("name")
    assert name is not None
    assert (name.filled, name.readable) == (30, 0)


def test_an_idle_run_leaves_the_snapshot_and_no_part(ledger: Ledger, tmp_path: Path) -> None:
    before = {path.name for path in (tmp_path / HOME).glob("*.parquet")}
    again = run(ledger, tmp_path, now=START + timedelta(days=2))
    assert again.pulled[0].received > 0, "the overlap was read"
    assert {path.name for path in (tmp_path / HOME).glob("*.parquet")} == before
    with open_landing(tmp_path, "crm") as landing:
        state = landing.state.stream("deals")
    assert (state.parts, state.reconciled_at) == ((), (START + timedelta(days=2)).isoformat())


def test_a_change_that_was_taken_back_between_two_pages_is_no_news(
    ledger: Ledger, tmp_path: Path
) -> None:
    now = dict(ledger.deals["d29"])
    ledger.streams_given = (replace(DEALS, deleting="never"),)
    first = run(ledger, tmp_path).staged.revision
    second = TakenBack(ledger.deals, streams_given=ledger.streams_given, now=now)
    assert run(second, tmp_path).staged.revision == first


@dataclass
class TakenBack(Ledger):
    """A server that shows a record changed, and then as it was."""

    now: dict[str, object] = field(default_factory=dict)

    def _changed(self, wanted: Wanted) -> list[Record]:
        return [{**self.now, "amount": "6"}, self.now]


def test_days_that_lost_a_row_are_news_though_nothing_came(tmp_path: Path) -> None:
    ledger = Ledger(
        spend=[{"day": "2025-12-31", "campaign": "c1", "cost": "10"}], streams_given=(SPEND,)
    )
    run(ledger, tmp_path, since="2025-12-01")
    ledger.spend.clear()
    assert run(ledger, tmp_path, since="2025-12-01").pulled[0].removed == 1


def test_what_is_noted_for_later_is_written_when_the_landing_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / HOME / "state.json"
    with open_landing(tmp_path, "crm") as landing:
        landing.note("deals", StreamState(rows=3), later=True)
        assert not path.exists()
        landing.note("offers", StreamState(rows=4))
        assert '"deals"' in path.read_text()
        landing.note("deals", StreamState(rows=5), later=True)
    with open_landing(tmp_path, "crm") as landing:
        assert landing.state.stream("deals").rows == 5


def test_a_part_of_a_stopped_run_is_there_until_the_state_says_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "part.parquet"
    file.write_bytes(b"records")
    with open_landing(tmp_path, "crm") as landing:
        landing.add_part("deals", StreamState(), (file,), Part(None, 1))
        (part,) = landing.state.stream("deals").parts
        landing.keep("deals")
        landing.sweep()
        assert part.file is not None
        assert landing.path(part.file).exists(), "the state on the disk names it"
    assert not (tmp_path / HOME / part.file).exists()
