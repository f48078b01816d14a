"""What each monitor tells, and what it keeps quiet about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kvitto.audit.monitor.closed import closed_days
from kvitto.audit.monitor.event import Event
from kvitto.audit.monitor.series import Closed
from kvitto.workspace.definition import AnnotationDefinition, ClientDefinition
from kvitto.workspace.monitor import MonitorRule
from tests.audit.monitor_data import counts, events, records, totals, watching

DAYS = 420
AT = 350


def traffic(**changed: list[float]) -> dict[str, list[float]]:
    """Three channels with a weekly rhythm, some of them changed."""
    usual = {
        name: [size * (0.6 if day % 7 > 4 else 1.0) + (day * step) % 9 for day in range(DAYS)]
        for name, size, step in (("search", 200, 5), ("social", 80, 7), ("direct", 120, 4))
    }
    return {**usual, **changed}


def codes(found: list[Event]) -> list[tuple[str, bool]]:
    return [(event.code, event.business) for event in found]


def test_nothing_is_told_of_a_steady_feed() -> None:
    assert events(watching(totals(traffic()))) == []


def test_one_missing_day_of_a_feed_of_totals_is_a_gap() -> None:
    parts = traffic()
    for values in parts.values():
        values[AT] = -1.0
    profile = totals(parts)
    spoilt = profile.__class__(
        **{
            **vars(profile),
            "sums": {"sessions": tuple(max(v, 0.0) for v in profile.sums["sessions"])},
        }
    )
    (event,) = events(watching(spoilt))
    assert (event.code, event.first, event.last) == ("gap", spoilt.day(AT), spoilt.day(AT))


def test_a_gap_that_lasts_to_the_end_is_a_late_arrival() -> None:
    rows = counts(DAYS, 15)
    rows[-9:] = [0] * 9
    (event,) = events(watching(records(rows)))
    assert (event.code, event.last) == ("late_arrival", records(rows).last)


def test_rows_whose_measure_is_nothing_are_a_sudden_zero() -> None:
    parts = traffic()
    for values in parts.values():
        values[AT : AT + 2] = [0.0, 0.0]
    (event,) = events(watching(totals(parts)))
    assert (event.code, event.column, event.rows) == ("sudden_zero", "sessions", 6)


def test_a_part_that_ends_while_others_go_on_is_business() -> None:
    found = events(watching(totals(traffic(social=traffic()["social"][:AT] + [0.0] * (DAYS - AT)))))
    assert codes(found) == [("business_change", True)]
    assert found[0].label == "social"


def test_an_event_that_is_renamed_is_told_as_such() -> None:
    parts = traffic()
    old = parts["social"]
    new = [0.0] * AT + old[AT:]
    profile = totals({**parts, "social": old[:AT] + [0.0] * (DAYS - AT), "social_v2": new})
    rows = {**profile.label_rows, "social_v2": tuple(float(value > 0) for value in new)}
    known = replace(profile, label_rows=rows)
    (event,) = events(watching(known))
    assert (event.code, event.label, event.other) == ("label_renamed", "social", "social_v2")
    assert event.first == known.day(AT)


@pytest.mark.parametrize(("factor", "code"), [(0.1, "volume_low"), (9.0, "volume_high")])
def test_all_parts_at_once_while_another_source_goes_on_is_the_data(
    factor: float, code: str
) -> None:
    parts = traffic()
    for values in parts.values():
        values[AT : AT + 14] = [value * factor for value in values[AT : AT + 14]]
    other = records(counts(DAYS, 20), source="crm")
    found = events(watching(totals(parts)), watching(other))
    assert codes(found) == [(code, False)]
    assert "crm went on as usual" in found[0].evidence


def test_all_sources_at_once_are_the_business() -> None:
    parts = traffic()
    for values in parts.values():
        values[AT : AT + 14] = [value * 0.1 for value in values[AT : AT + 14]]
    rows = counts(DAYS, 20)
    rows[AT : AT + 14] = [n // 8 for n in rows[AT : AT + 14]]
    found = events(watching(totals(parts)), watching(records(rows, source="crm")))
    assert found
    assert all(event.business for event in found if event.table == "web_traffic")


def test_a_quiet_month_of_each_year_is_no_alarm_in_the_second_year() -> None:
    rows = counts(800, 20)
    for first in (190, 190 + 364):
        rows[first : first + 28] = [n // 8 for n in rows[first : first + 28]]
    assert events(watching(records(rows), days=400)) == []


def test_a_day_that_equals_the_day_before_in_every_figure_is_a_batch_twice() -> None:
    parts = traffic()
    for values in parts.values():
        values[AT] = values[AT - 1]
    profile = totals({**parts, **{f"part {n}": values for n, values in enumerate(parts.values())}})
    prints = list(profile.prints)
    prints[AT] = prints[AT - 1]
    (event,) = events(watching(replace(profile, prints=tuple(prints))))
    assert (event.code, event.first) == ("duplicated_batch", profile.day(AT))


def test_a_closed_week_that_was_announced_is_silent() -> None:
    rows = counts(DAYS, 15)
    rows[AT : AT + 7] = [0] * 7
    profile = records(rows)
    closure = AnnotationDefinition(
        on=profile.day(AT), until=profile.day(AT + 6), kind="holiday", text="Stocktaking"
    )
    client = ClientDefinition(name="North", annotations=(closure,))
    closed = closed_days(client, MonitorRule(), profile.first, profile.last)
    assert events(watching(profile, closed=closed)) == []
    assert [event.code for event in events(watching(profile))] == ["gap"]


def test_public_holidays_of_the_country_and_their_eves_are_quiet() -> None:
    client = ClientDefinition(name="Norr", country="SE")
    closed = closed_days(client, MonitorRule(), date(2025, 1, 1), date(2025, 12, 31))
    assert {date(2025, 12, 25), date(2025, 12, 24), date(2025, 6, 6)} <= closed.quiet
    assert date(2025, 11, 12) not in closed.quiet


def test_a_country_without_a_calendar_has_no_holidays() -> None:
    client = ClientDefinition(name="Nowhere", country="ZZ")
    assert closed_days(client, MonitorRule(), date(2025, 1, 1), date(2025, 2, 1)) == Closed()


def test_days_on_which_a_rule_expects_nothing_are_no_gap() -> None:
    rows = counts(DAYS, 15)
    rows[AT - AT % 7 : AT - AT % 7 + 7] = [0] * 7
    profile = records(rows)
    assert events(watching(profile, closed=Closed(weekdays=frozenset({6})))) == []


def test_a_lower_sensitivity_needs_more() -> None:
    parts = traffic()
    for values in parts.values():
        values[AT : AT + 7] = [value * 0.16 for value in values[AT : AT + 7]]
    profile = totals(parts)
    assert events(watching(profile, rule=MonitorRule(sensitivity="high")))
    assert not events(watching(profile, rule=MonitorRule(sensitivity="low")))


def test_what_is_cut_knows_nothing_of_later_days() -> None:
    rows = counts(DAYS, 15)
    rows[AT : AT + 7] = [0] * 7
    profile = records(rows)
    early = profile.cut(profile.day(AT - 1))
    assert early is not None
    assert events(watching(early)) == []
    assert profile.cut(profile.first - timedelta(days=1)) is None
