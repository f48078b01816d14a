"""Odoo: what is asked of it, how its records are shaped, how changes are paged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import BadAnswer
from kvitto.model.table import canonical_table
from kvitto.sources.connectors.odoo.entity import plain, spoken
from kvitto.sources.connectors.odoo.stream import ENTITIES
from kvitto.sources.stream import Stream, Wanted
from tests.sources.connectors.odoo_source import ODOO
from tests.sources.connectors.stand_in.odoo import Odoo
from tests.sources.connectors.vendor import Source

VENDOR = ODOO


@pytest.fixture
def odoo(server: Odoo) -> Odoo:
    return server


def read(
    source: Source, name: str, since: datetime | None = None, *fields: str, **more: Any
) -> list[dict[str, Any]]:
    """All records of a stream."""
    api = source.api(**more)
    wanted = Wanted(since=since, fields=fields)
    found = [dict(one) for page in api.pages(ENTITIES[name].stream, wanted) for one in page]
    api.close()
    return found


def one(rows: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """The record of that number."""
    return next(row for row in rows if row["id"] == number)


def ids(source: Source, name: str) -> set[str]:
    """The numbers that exist."""
    return {key[0] for page in source.api().ids(ENTITIES[name].stream) for key in page}


@pytest.mark.parametrize("name", list(ENTITIES))
def test_a_stream_fills_columns_that_exist_from_fields_it_declares(name: str) -> None:
    stream = ENTITIES[name].stream
    for table, columns in stream.fill.items():
        assert set(columns) <= {column.name for column in canonical_table(table).declared}
        assert any(key in columns for key in canonical_table(table).key)
        for value in columns.values():
            source = value if isinstance(value, str) else value.column
            assert source is None or source in stream.fields


@pytest.mark.parametrize("name", list(ENTITIES))
def test_every_record_has_the_declared_fields_and_no_others(source: Source, name: str) -> None:
    declared = set(ENTITIES[name].stream.fields)
    for row in read(source, name):
        assert set(row) == declared


@pytest.mark.parametrize("name", ["leads", "deals", "accounts", "time_logs"])
def test_no_value_is_a_binary_fraction_or_a_false(source: Source, name: str) -> None:
    kinds = ENTITIES[name].stream.fields
    for row in read(source, name):
        for field, value in row.items():
            assert not isinstance(value, float)
            assert value is not False or kinds[field] == "flag"


def test_leads_and_deals_are_told_apart(source: Source) -> None:
    assert {row["id"] for row in read(source, "leads")} == set(range(1, 11))
    assert {row["id"] for row in read(source, "deals")} == set(range(11, 31))


def test_a_lead_that_became_a_deal_is_both(source: Source, odoo: Odoo) -> None:
    odoo.tick(60)
    odoo.write("crm.lead", 5, type="opportunity", date_conversion=spoken(odoo.now))
    lead, deal = one(read(source, "leads"), 5), one(read(source, "deals"), 5)
    assert (lead["standing"], lead["converted_deal_id"]) == ("converted", 5)
    assert (deal["was_lead_id"], deal["opened_at"]) == (5, "2026-11-02T09:01:00Z")


def test_lost_deals_are_archived_in_odoo_and_read_all_the_same(source: Source, odoo: Odoo) -> None:
    odoo.write("crm.lead", 12, active=False, won_status="lost", probability=0.0, lost_reason_id=1)
    odoo.write("crm.lead", 13, won_status="won", stage_id=4, probability=100.0)
    odoo.write("crm.lead", 14, active=False)
    deals = read(source, "deals")
    outcomes = {number: one(deals, number)["outcome"] for number in (11, 12, 13, 14)}
    assert outcomes == {11: "open", 12: "lost", 13: "won", 14: "disqualified"}
    assert one(deals, 12)["lost_reason_id"] == 1


def test_a_lead_is_new_until_somebody_is_set_on_it(source: Source, odoo: Odoo) -> None:
    odoo.write("crm.lead", 6, active=False, won_status="lost", date_closed="2026-11-02 08:30:00")
    leads = read(source, "leads")
    assert [one(leads, number)["standing"] for number in (4, 5, 6)] == [
        "new",
        "working",
        "disqualified",
    ]
    assert one(leads, 6)["disqualified_at"] == "2026-11-02T08:30:00Z"


def test_an_amount_of_zero_is_unknown_unless_the_settings_say_otherwise(source: Source) -> None:
    assert one(read(source, "deals"), 15)["expected_revenue"] is None
    assert one(read(source, "deals"), 11)["expected_revenue"] == Decimal("1102.75")
    assert one(read(source, "deals", zero_is_unknown=False), 15)["expected_revenue"] == 0


def test_partners_are_companies_or_persons_or_persons_of_companies(source: Source) -> None:
    deals = read(source, "deals")
    pairs = {
        deal["partner_id"]: (deal["partner_id.account_id"], deal["partner_id.contact_id"])
        for deal in deals
    }
    assert pairs == {1: (1, None), 3: (1, 3), 5: (None, 5), None: (None, None)}
    assert {row["id"] for row in read(source, "accounts")} == {1, 2}
    assert {row["id"] for row in read(source, "contacts")} == {3, 4, 5}


def test_times_say_that_they_are_in_utc_and_days_stay_days(source: Source) -> None:
    order, line = read(source, "orders")[0], read(source, "time_logs")[0]
    assert order["date_order"] == "2026-11-01T22:30:00Z"
    assert line["date"] == "2026-11-01"


def test_amounts_in_another_currency_are_left_out_and_named(source: Source) -> None:
    orders = read(source, "orders")
    assert [row["home_amount"] for row in orders] == [Decimal("900.5"), None]
    assert [row["amount_untaxed"] for row in orders] == [Decimal("900.5"), Decimal("700.0")]
    assert "foreign_currency" in {notice.code for notice in source.notices}


def test_the_stage_history_begins_with_the_deal_and_has_every_move(
    source: Source, odoo: Odoo
) -> None:
    for stage in (2, 3, 2):
        odoo.tick(3600)
        odoo.write("crm.lead", 20, stage_id=stage)
    entries = [row for row in read(source, "stage_history") if row["deal_id"] == 20]
    assert [(row["stage_id"], row["entered_at"][11:16], row["seq"]) for row in entries] == [
        (1, "08:00", 1),
        (2, "10:00", 2),
        (3, "11:00", 3),
        (2, "12:00", 4),
    ]
    assert [row["changed_by_id"] for row in entries] == [None, 2, 2, 2]


def test_what_a_lead_went_through_is_no_part_of_the_deals_history(
    source: Source, odoo: Odoo
) -> None:
    odoo.tick(3600)
    odoo.write("crm.lead", 5, stage_id=2)
    odoo.tick(3600)
    odoo.write("crm.lead", 5, type="opportunity", date_conversion=spoken(odoo.now))
    odoo.tick(3600)
    odoo.write("crm.lead", 5, stage_id=3)
    entries = [row for row in read(source, "stage_history") if row["deal_id"] == 5]
    assert [(row["stage_id"], row["entered_at"][11:16]) for row in entries] == [
        (2, "11:00"),
        (3, "12:00"),
    ]


def test_a_move_that_was_not_tracked_is_dated_by_the_deal(source: Source, odoo: Odoo) -> None:
    odoo.tables["crm.lead"][20].update(stage_id=3, date_last_stage_update="2026-11-02 08:40:00")
    entries = [row for row in read(source, "stage_history") if row["deal_id"] == 20]
    assert [row["stage_id"] for row in entries] == [3]
    odoo.write("crm.lead", 20, stage_id=2)
    odoo.tables["crm.lead"][20].update(stage_id=4, date_last_stage_update="2026-11-02 09:40:00")
    entries = [row for row in read(source, "stage_history") if row["deal_id"] == 20]
    assert [(row["stage_id"], row["entered_at"][11:16]) for row in entries] == [
        (3, "08:00"),
        (2, "09:00"),
        (4, "09:40"),
    ]


def test_changes_of_other_fields_are_told_by_the_type_of_the_field(
    source: Source, odoo: Odoo
) -> None:
    odoo.write("crm.lead", 20, expected_revenue=12.5, user_id=3)
    odoo.write("crm.lead", 1, user_id=2)
    rows = read(source, "field_history")
    told = {row["field"]: (row["old_value"], row["new_value"]) for row in rows}
    assert told == {"expected_revenue": (0, Decimal("12.5")), "user_id": ("Anna", "Bo")}
    assert {row["deal_id"] for row in rows} == {20}


def test_activities_and_mails_know_whether_they_are_about_a_lead_or_a_deal(
    source: Source,
) -> None:
    (call,), (mail,) = read(source, "activities"), read(source, "messages")
    assert (call["activity"], call["form"], call["deal_id"]) == ("activity-1", "call", 12)
    assert call["lead_id"] is None
    assert (mail["form"], mail["direction"], mail["lead_id"]) == ("email", "in", 3)
    assert (mail["deal_id"], mail["sender_id"]) == (None, None)


@pytest.mark.parametrize("size", [1, 7, 19, 20, 21, 1000])
def test_records_that_share_one_second_are_all_read_once(source: Source, size: int) -> None:
    found = [row["id"] for row in read(source, "deals", page_size=size)]
    assert sorted(found) == list(range(11, 31))


@pytest.mark.parametrize("size", [3, 1000])
def test_pages_of_changes_come_in_the_order_of_their_time(
    source: Source, odoo: Odoo, size: int
) -> None:
    for number in (25, 12, 19, 11):
        odoo.tick(5)
        odoo.write("crm.lead", number, expected_revenue=1.0)
    times = [row["write_date"] for row in read(source, "deals", page_size=size)]
    assert times == sorted(times)


def test_a_record_that_changes_while_pages_are_read_is_neither_lost_nor_old(
    source: Source, odoo: Odoo
) -> None:
    api = source.api(page_size=4)
    newest: dict[int, Any] = {}
    for place, page in enumerate(api.pages(ENTITIES["deals"].stream, Wanted())):
        newest.update({int(str(row["id"])): row["expected_revenue"] for row in page})
        if place < 3:
            odoo.tick(60)
            odoo.write("crm.lead", 30 - place, expected_revenue=5.0)
            odoo.write("crm.lead", 11 + place, expected_revenue=6.0)
    assert len(newest) == 20
    assert [newest[number] for number in (11, 12, 13, 28, 29, 30)] == [6, 6, 6, 5, 5, 5]


def test_only_what_changed_since_is_asked_for(source: Source, odoo: Odoo) -> None:
    odoo.tick(86400)
    since = odoo.now
    odoo.write("crm.lead", 14, expected_revenue=7.0)
    created = odoo.create("crm.lead", name="New", type="opportunity", stage_id=1)
    assert {row["id"] for row in read(source, "deals", since)} == {14, created}
    assert read(source, "deals", since + timedelta(seconds=1)) == []
    assert {row["deal_id"] for row in read(source, "stage_history", since)} == {14, created}


def test_a_backfill_ends_where_it_is_told(source: Source, odoo: Odoo) -> None:
    odoo.tick(86400)
    odoo.write("crm.lead", 14, expected_revenue=7.0)
    until = datetime(2026, 11, 3, tzinfo=UTC)
    pages = source.api().pages(ENTITIES["deals"].stream, Wanted(until=until))
    assert {row["id"] for page in pages for row in page} == set(range(11, 31)) - {14}


def test_the_ids_are_those_that_exist_archived_ones_too(source: Source, odoo: Odoo) -> None:
    odoo.write("crm.lead", 12, active=False)
    odoo.remove("crm.lead", 13)
    assert ids(source, "deals") == {str(number) for number in range(11, 31)} - {"13"}


def test_a_listing_that_never_goes_on_is_refused(source: Source, odoo: Odoo) -> None:
    odoo.stuck = True
    with pytest.raises(BadAnswer, match="the same ones came again"):
        read(source, "stages", page_size=2)


def test_a_field_of_the_clients_own_is_read_where_it_is_named(source: Source) -> None:
    rows = read(source, "accounts", None, "partner_share")
    assert all(row["partner_share"] is True for row in rows)
    with pytest.raises(BadAnswer, match=r"no such field.*Did you mean 'website'"):
        read(source, "accounts", None, "websit")


def test_a_field_that_this_server_lacks_stays_empty(source: Source, odoo: Odoo) -> None:
    odoo.hidden.add(("crm.lead", "recurring_revenue_monthly"))
    assert {row["recurring_revenue_monthly"] for row in read(source, "deals")} == {None}


def test_reading_the_streams_signs_in_once(source: Source, odoo: Odoo) -> None:
    streams = source.api().streams()
    assert [stream.name for stream in streams] == list(ENTITIES)
    assert odoo.requests == [("res.users", "context_get")]


def test_a_stream_with_nothing_new_takes_two_requests(source: Source, odoo: Odoo) -> None:
    assert read(source, "deals", datetime(2030, 1, 1, tzinfo=UTC)) == []
    assert [method for _, method in odoo.requests] == ["fields_get", "search_read"]


kinds = st.sampled_from(["text", "number", "money", "instant", "day", "flag", "json"])


@given(kinds)
def test_false_stands_for_nothing_except_in_yes_or_no(kind: Any) -> None:
    assert plain({"a": False}, "a", kind) is (False if kind == "flag" else None)


@given(st.integers(1), st.text(min_size=1))
def test_a_reference_is_its_number_and_its_label(number: int, label: str) -> None:
    record = {"user_id": [number, label]}
    assert plain(record, "user_id", "text") == number
    assert plain(record, "user_id.name", "text") == label


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)))
def test_a_time_survives_the_way_to_odoo_and_back(moment: datetime) -> None:
    told = plain({"at": spoken(moment)}, "at", "instant")
    assert datetime.fromisoformat(str(told)) == moment.replace(microsecond=0, tzinfo=UTC)


def test_the_key_of_a_stream_is_among_its_fields() -> None:
    streams: list[Stream] = [entity.stream for entity in ENTITIES.values()]
    for stream in streams:
        assert set(stream.key) <= set(stream.fields)
        assert stream.cursor is None or stream.cursor in stream.fields
