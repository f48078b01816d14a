"""Sorting records into steps: whatever they are, the steps add up to the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from kvitto.metrics.bridge.ledger import Entry, Ledger, Standing, local_day
from kvitto.metrics.bridge.sorting import explain
from kvitto.metrics.bridge.step import Line, StepKind
from kvitto.model.period import Period

MONTH = Period(date(2025, 9, 1), date(2025, 10, 1))
HERE, THERE = "Europe/Stockholm", "America/New_York"


def at(day: int, hour: int, zone: str = HERE, month: int = 9) -> datetime:
    """An instant, as the tables hold it: UTC without a zone."""
    local = datetime(2025, month, day, hour, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


def entry(record: str, on: datetime, *keys: str, zone: str = HERE, **other: object) -> Entry:
    made = Entry(record, "leads", local_day(on, zone), keys=keys, at=on)
    return replace(made, **other)  # type: ignore[arg-type]  # fields of an entry


def ledger(name: str, *entries: Entry, zone: str = HERE, **other: object) -> Ledger:
    daily: dict[date, Decimal] = {}
    for one in entries:
        if one.standing is Standing.counts and MONTH.start <= one.day < MONTH.end:
            daily[one.day] = daily.get(one.day, Decimal(0)) + one.amount
    made = Ledger(name, f"{name}_source", zone, daily, entries, has_records=True)
    return replace(made, **other)  # type: ignore[arg-type]  # fields of a ledger


def reasons(one: Ledger, other: Ledger) -> dict[StepKind, Decimal]:
    found: dict[StepKind, Decimal] = {}
    for line in explain(one, other, MONTH):
        found[line.kind] = found.get(line.kind, Decimal(0)) + line.amount
    return found


def total(daily: Mapping[date, Decimal]) -> Decimal:
    return sum(daily.values(), Decimal(0))


moments = st.integers(-20, 50).flatmap(
    lambda day: st.integers(0, 23).map(
        lambda hour: datetime(2025, 9, 1) + timedelta(days=day, hours=hour)
    )
)
keys = st.lists(st.sampled_from(["id:1", "id:2", "id:3", "person:a"]), max_size=2, unique=True)


@st.composite
def ledgers(draw: st.DrawFn, name: str) -> Ledger:
    zone = draw(st.sampled_from([HERE, THERE, "UTC"]))
    entries = tuple(
        Entry(
            f"{name}{index}",
            "leads",
            local_day(moment, zone) + timedelta(days=draw(st.sampled_from([0, 0, 0, -3, 40]))),
            amount=draw(st.sampled_from([Decimal(1), Decimal("0.5"), Decimal(2)])),
            keys=tuple(draw(keys)),
            at=draw(st.sampled_from([moment, None])),
            standing=draw(st.sampled_from(list(Standing))),
        )
        for index, moment in enumerate(draw(st.lists(moments, max_size=8)))
    )
    noise = draw(
        st.dictionaries(
            st.integers(0, 29).map(lambda day: MONTH.start + timedelta(days=day)),
            st.integers(0, 5).map(Decimal),
            max_size=4,
        )
    )
    made = ledger(name, *entries, zone=zone)
    last = draw(st.sampled_from([None, date(2025, 9, 20), date(2025, 8, 1)]))
    return replace(
        made,
        daily={**made.daily, **noise},
        has_records=draw(st.booleans()),
        is_log=draw(st.booleans()),
        last=last,
    )


@given(ledgers("a"), ledgers("b"))
def test_the_lines_add_up_to_the_difference_exactly(one: Ledger, other: Ledger) -> None:
    added = sum((line.amount for line in explain(one, other, MONTH)), Decimal(0))
    assert added == total(other.daily) - total(one.daily)


@given(ledgers("a"), ledgers("b"))
def test_the_way_back_has_the_same_sum_with_the_other_sign(one: Ledger, other: Ledger) -> None:
    def added(lines: tuple[Line, ...]) -> Decimal:
        return sum((line.amount for line in lines), Decimal(0))

    assert added(explain(one, other, MONTH)) == -added(explain(other, one, MONTH))


@given(ledgers("a"))
def test_a_side_against_itself_needs_no_step(one: Ledger) -> None:
    by_id = [replace(entry, keys=(f"id:{entry.record}",)) for entry in one.entries]
    same = replace(one, entries=tuple(by_id))
    amounts: dict[StepKind, Decimal] = reasons(same, replace(same, name="b"))
    assert not any(amounts.values())


def test_an_event_of_the_other_zones_day_is_put_down_to_the_zone() -> None:
    late = at(1, 3, month=10)
    mine = ledger("ads", entry("c1", late, "id:1", zone=THERE), zone=THERE)
    theirs = ledger("crm", entry("l1", late, "id:1"))
    assert reasons(mine, theirs) == {StepKind.time_zone: Decimal(-1)}


def test_a_copy_on_one_side_is_a_duplicate_even_where_the_other_merged_its_own() -> None:
    first, again = entry("c1", at(5, 9), "id:1"), entry("c2", at(5, 9), "id:1")
    lead = entry("l1", at(5, 9), "id:1")
    assert reasons(ledger("ads", first, again), ledger("crm", lead)) == {
        StepKind.duplicates: Decimal(-1)
    }
    other = entry("c3", at(5, 9), "id:2")
    merged = entry("l2", at(5, 9), "id:2", standing=Standing.repeated)
    assert reasons(ledger("ads", first, other), ledger("crm", lead, merged)) == {
        StepKind.duplicates: Decimal(-1)
    }


def test_what_the_audit_left_out_is_a_filter_and_another_channel_is_a_claim() -> None:
    one, two = entry("c1", at(5, 9), "id:1"), entry("c2", at(6, 9), "id:2")
    test = entry("l1", at(5, 9), "id:1", standing=Standing.left_out)
    organic = entry("l2", at(6, 9), "id:2", standing=Standing.elsewhere)
    assert reasons(ledger("ads", one, two), ledger("crm", test, organic)) == {
        StepKind.filters: Decimal(-1),
        StepKind.claimed: Decimal(-1),
    }


def test_a_click_of_last_month_is_told_by_its_date() -> None:
    clicked = entry("c1", at(5, 9), "id:1", day=date(2025, 8, 30))
    mine = ledger("ads", clicked, by_click=True)
    theirs = ledger("crm", entry("l1", at(5, 9), "id:1"))
    assert reasons(mine, theirs) == {StepKind.attribution_date: Decimal(1)}


def test_a_rejected_one_is_late_and_one_without_consent_says_so() -> None:
    late = entry("c1", at(5, 9), "id:1", standing=Standing.rejected, why="too recent")
    mute = entry("c2", at(6, 9), "id:2", standing=Standing.rejected, why="no consent given")
    leads = entry("l1", at(5, 9), "id:1"), entry("l2", at(6, 9), "id:2")
    assert reasons(ledger("crm", *leads), ledger("ads", late, mute, is_log=True)) == {
        StepKind.late: Decimal(-1),
        StepKind.consent: Decimal(-1),
    }


def test_what_a_log_lacks_never_arrived_and_what_a_crm_lacks_is_unexplained() -> None:
    lead, click = entry("l1", at(5, 9), "id:1"), entry("c9", at(5, 9), "id:9")
    log, crm = ledger("ads", click, is_log=True), ledger("crm", lead)
    assert reasons(crm, log) == {StepKind.late: Decimal(-1), StepKind.unexplained: Decimal(1)}


def test_days_that_one_side_does_not_cover_come_before_every_other_reason() -> None:
    mine = ledger("ads", entry("c1", at(25, 9), "id:1"))
    theirs = ledger("crm", last=date(2025, 9, 20))
    assert reasons(mine, theirs) == {StepKind.window: Decimal(-1)}


def test_without_records_only_days_are_told() -> None:
    mine = replace(ledger("ads"), daily={date(2025, 9, 2): Decimal(7)}, has_records=False)
    mine = replace(mine, first=date(2025, 9, 1))
    theirs = ledger("crm", entry("l1", at(2, 9)), entry("l2", at(25, 9)))
    (one, two) = explain(mine, theirs, MONTH)
    assert (one.kind, one.amount, one.on) == (StepKind.unexplained, Decimal(-6), date(2025, 9, 2))
    assert (two.kind, two.amount) == (StepKind.unexplained, Decimal(1))


def test_shared_credit_is_a_claim_by_the_part_that_is_missing() -> None:
    half = entry("c1", at(5, 9), "id:1", amount=Decimal("0.4"))
    whole = entry("l1", at(5, 9), "id:1")
    assert reasons(ledger("ads", half), ledger("crm", whole)) == {StepKind.claimed: Decimal("0.6")}
