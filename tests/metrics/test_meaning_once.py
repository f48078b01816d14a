"""The same person again counts once, whatever the order, the split or the repetition."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.metrics.sense import ClientCatalogue
from tests.metrics.test_meaning_words import FORMS, NORTH, catalogue, leads, meaning
from tests.metrics.world import Memory, measure, number

BEGIN = datetime(2017, 10, 1)
ONCE = {"by": "contact_id", "within": "30 minutes"}
PEOPLE = catalogue(meaning("conversion", {"counts": [leads(once=ONCE)]}))

Sent = tuple[int, str | None]
"""Minutes after the beginning, and who."""

sent = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from(("ann", "bo", None))), min_size=1, max_size=25
)


@pytest.fixture(scope="module")
def memory() -> Memory:
    return Memory()


def lead(index: int, minutes: int, who: str | None, **more: Any) -> dict[str, Any]:
    at = BEGIN + timedelta(minutes=minutes)
    row = {"lead_id": f"l{index:03d}", "created_at": at, "created_on": at.date()}
    return {**row, "contact_id": who, "source": "web", **more}


def by_hand(listed: Sequence[Sent], window: int = 30) -> list[Sent]:
    """Those that count: the first of each run of one person's."""
    last: dict[str, int] = {}
    kept = []
    for minutes, who in sorted(listed, key=lambda one: one[0]):
        if who is None or who not in last or minutes - last[who] > window:
            kept.append((minutes, who))
        if who is not None:
            last[who] = minutes
    return kept


def counted(
    memory: Memory, rows: Sequence[dict[str, Any]], words: ClientCatalogue, in_: str = "2017-Q4"
) -> float:
    asked = measure(
        memory.fresh({"leads": rows}), "conversion", about=NORTH, catalogue=words, in_=in_
    )
    return number(asked, "conversion")


@settings(max_examples=25, deadline=None)
@given(sent, st.randoms())
def test_what_counts_is_what_a_plain_loop_counts_in_any_order(
    memory: Memory, listed: list[Sent], chance: random.Random
) -> None:
    rows = [lead(index, *one) for index, one in enumerate(listed)]
    chance.shuffle(rows)
    assert counted(memory, rows, PEOPLE) == len(by_hand(listed))


@settings(max_examples=15, deadline=None)
@given(sent)
def test_what_was_counted_once_is_counted_again_in_full(memory: Memory, listed: list[Sent]) -> None:
    kept = by_hand(listed)
    assert by_hand(kept) == kept
    rows = [lead(index, *one) for index, one in enumerate(kept)]
    assert counted(memory, rows, PEOPLE) == len(rows)


@settings(max_examples=15, deadline=None)
@given(sent)
def test_the_days_of_a_period_add_up_to_it(memory: Memory, listed: list[Sent]) -> None:
    rows = [lead(index, minutes * 12, who) for index, (minutes, who) in enumerate(listed)]
    words = catalogue(meaning("conversion", {"counts": [leads(once={**ONCE, "within": "1 day"})]}))
    memory.fresh({"leads": rows})
    whole = measure(memory, "conversion", about=NORTH, catalogue=words)
    daily = measure(memory, "conversion", by=["day"], about=NORTH, catalogue=words, in_="2017-10")
    parts = [float(getattr(cell.figure, "number", 0)) for cell in daily.answer.cells]
    assert sum(parts) == number(whole, "conversion")


@settings(max_examples=15, deadline=None)
@given(sent, st.dates(date(2017, 10, 1), date(2017, 10, 4)))
def test_a_new_version_that_says_the_same_changes_no_number(
    memory: Memory, listed: list[Sent], day: date
) -> None:
    rows = [lead(index, minutes * 12, who) for index, (minutes, who) in enumerate(listed)]
    kind = leads(once={**ONCE, "within": "6 hours"})
    split = catalogue(
        meaning("conversion", {"counts": [kind]}, {"counts": [kind], "valid_from": f"{day}"})
    )
    alone = catalogue(meaning("conversion", {"counts": [kind]}))
    assert counted(memory, rows, split) == counted(memory, rows, alone)


@settings(max_examples=15, deadline=None)
@given(sent, st.dates(date(2017, 10, 2), date(2017, 10, 4)))
def test_the_parts_before_and_after_a_change_add_up_to_the_whole(
    memory: Memory, listed: list[Sent], day: date
) -> None:
    rows = [lead(index, minutes * 12, who) for index, (minutes, who) in enumerate(listed)]
    rows += [lead(900, -2000, None), lead(901, 20000, None)]
    words = catalogue(
        meaning(
            "conversion",
            {"counts": [leads(weight="0.5")]},
            {"counts": [leads(once=ONCE)], "valid_from": f"{day}"},
        )
    )
    before = f"2017-10-01..{day - timedelta(days=1)}"
    parts = [counted(memory, rows, words, part) for part in (before, f"{day}..2017-10-31")]
    assert sum(parts) == counted(memory, rows, words, "2017-10")


def test_a_row_that_does_not_count_hides_no_other(memory: Memory) -> None:
    once = {**FORMS, "once": ONCE}
    words = catalogue(meaning("conversion", {"counts": [once]}))
    rows = [
        lead(1, 0, "ann", source="spam"),
        lead(2, 5, "ann", _excluded="duplicate"),
        lead(3, 6, "ann", is_test=True),
        lead(4, 10, "ann"),
        lead(5, 20, "ann"),
    ]
    assert counted(memory, rows, words) == 1


def test_another_clients_rows_hide_none_of_ours(memory: Memory) -> None:
    rows = [lead(1, 0, "ann", client_id="south"), lead(2, 5, "ann")]
    assert counted(memory, rows, PEOPLE) == 1


def test_two_at_the_same_moment_count_once(memory: Memory) -> None:
    rows = [lead(1, 0, "ann"), lead(2, 0, "ann"), lead(3, 0, "ann")]
    assert counted(memory, rows, PEOPLE) == 1
