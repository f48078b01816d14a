"""Salesforce: what is read, how it is paged, what an organisation shows and hides."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import BadDefinition, SourceRefused
from kvitto.model.table import canonical_table
from kvitto.sources.connectors.salesforce.api import SalesforceApi
from kvitto.sources.connectors.salesforce.soql import select
from kvitto.sources.connectors.salesforce.stream import ENTITIES, STREAMS
from kvitto.sources.connectors.salesforce.value import value_of
from kvitto.sources.stream import Record, Stream, Wanted
from tests.sources.connectors.stand_in.salesforce import Server, stand_in
from tests.sources.connectors.stand_in.salesforce_data import add_currencies
from tests.sources.connectors.vendor import Source, Vendor

VENDOR = Vendor("salesforce", SalesforceApi, stand_in)
LATER = datetime(2026, 11, 2, 9, 40, tzinfo=UTC)


def read(
    source: Source, name: str, since: datetime | None = None, *fields: str, **more: Any
) -> list[Record]:
    """All records of a stream."""
    whole = more.pop("whole", False)
    api = source.api(**more)
    streams = api.streams() if whole else STREAMS
    stream = next(one for one in streams if one.name == name)
    wanted = Wanted(since=since, fields=fields)
    found = [record for page in api.pages(stream, wanted) for record in page]
    api.close()
    return found


def shown(source: Source, name: str, **more: Any) -> Stream:
    """A stream as the organisation shows it."""
    return next(one for one in source.api(**more).streams() if one.name == name)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda one: one.name)
def test_a_stream_fills_columns_that_there_are_from_fields_that_it_declares(stream: Stream) -> None:
    for table, columns in stream.fill.items():
        assert set(columns) <= {column.name for column in canonical_table(table).declared}
        assert any(name in columns for name in canonical_table(table).key)
        for told in columns.values():
            used = told if isinstance(told, str) else told.column
            assert used is None or used in stream.fields
    assert stream.name in ENTITIES


def test_the_account_says_whose_organisation_it_is_and_in_which_zone(source: Source) -> None:
    account = source.api().account()
    assert account.label == "Lindqvist Maskin AB (Enterprise Edition, 00D000000000001)"
    assert account.timezone == "Europe/Stockholm"
    assert "opportunities" in account.reads


def test_every_page_is_read_in_the_order_of_the_cursor(server: Server, source: Source) -> None:
    server.org.page_size = 7
    found = read(source, "opportunities")
    stamps = [str(record["SystemModstamp"]) for record in found]
    assert len(found) == 30
    assert stamps == sorted(stamps)


def test_only_what_changed_since_is_asked_for(server: Server, source: Source) -> None:
    server.change()
    found = read(source, "opportunities", since=LATER)
    assert {str(record["Id"])[-2:] for record in found} == {"01", "02"}
    assert "SystemModstamp >= 2026-11-02T09:40:00Z" in server.org.asked[-1]


def test_a_deleted_deal_comes_back_marked(server: Server, source: Source) -> None:
    server.delete()
    (gone,) = read(source, "opportunities", since=LATER)
    assert gone["IsDeleted"] is True


def test_a_field_that_the_user_may_not_see_is_told_and_the_rest_is_read(
    server: Server, source: Source
) -> None:
    server.org.hidden.add(("Opportunity", "Amount"))
    found = read(source, "opportunities")
    assert len(found) == 30
    assert "Amount" not in found[0]
    assert source.notices[0].code == "field_hidden"
    assert "Amount" in source.notices[0].message
    assert "opportunities.Amount" in source.api().account().refused


def test_a_stream_without_its_cursor_is_refused(server: Server, source: Source) -> None:
    server.org.hidden.add(("Opportunity", "SystemModstamp"))
    with pytest.raises(SourceRefused, match="SystemModstamp"):
        read(source, "opportunities")


def test_an_object_that_the_user_does_not_see_is_named(server: Server, source: Source) -> None:
    del server.org.objects["Case"]
    assert "Case" in source.api().account().refused["cases"]
    with pytest.raises(SourceRefused, match="Case"):
        read(source, "cases")


def test_an_organisation_without_currencies_is_not_asked_for_them(source: Source) -> None:
    names = {stream.name for stream in source.api().streams()}
    assert not names & {"currencies", "dated_rates", "account_field_history"}


def test_several_currencies_are_told_by_describe(server: Server, source: Source) -> None:
    add_currencies(server.org)
    assert source.api().account().currency == "SEK"
    assert shown(source, "opportunities").fill["deals"]["currency_code"] == "CurrencyIsoCode"
    lines = shown(source, "opportunity_lines")
    assert "total_amount_base" not in lines.fill["deal_line_items"]
    assert read(source, "opportunities", whole=True)[-1]["CurrencyIsoCode"] == "EUR"


def test_rates_are_used_only_where_they_lead_to_the_clients_currency(
    server: Server, source: Source
) -> None:
    add_currencies(server.org)
    assert shown(source, "dated_rates", base_currency="EUR").fill == {}
    assert "fx_rates" in shown(source, "dated_rates", base_currency="SEK").fill
    assert shown(source, "currencies", base_currency="SEK").fill == {}
    (rate,) = read(source, "dated_rates")
    assert rate["RateToBase"] == Decimal("12.5")


def test_fields_of_the_organisations_own_are_read_with_their_kind(
    server: Server, source: Source
) -> None:
    server.org.objects["Opportunity"]["Margin__c"] = "currency"
    server.org.tick()
    server.org.put("Opportunity", Id=f"006{5:015d}", Margin__c=12.5, Region__c="Norr")
    own = {"opportunities": ["Margin__c", "Gone__c"]}
    assert shown(source, "opportunities", fields=own).fields["Margin__c"] == "money"
    found = read(source, "opportunities", LATER, "Region__c", fields=own, whole=True)
    assert (found[-1]["Margin__c"], found[-1]["Region__c"]) == (Decimal("12.5"), "Norr")
    assert "Gone__c" in source.notices[0].message


def test_a_field_that_is_no_name_never_reaches_the_server(server: Server, source: Source) -> None:
    assert len(read(source, "opportunities", None, "Id FROM User")) == 30
    assert not [asked for asked in server.org.asked if "FROM User" in asked]
    with pytest.raises(BadDefinition, match="not the API name"):
        select("Opportunity", ("Id FROM User",))


def test_a_task_is_of_a_deal_or_of_an_account_never_both(source: Source) -> None:
    one, other = read(source, "tasks")
    assert (one["WhatOpportunityId"], one["WhoContactId"]) == (f"006{2:015d}", one["WhoId"])
    assert (other["WhatOpportunityId"], other["WhoLeadId"]) == (None, other["WhoId"])


def test_a_lead_of_a_queue_has_no_user_as_owner(source: Source) -> None:
    queued, owned = read(source, "leads")
    assert (queued["OwnerUserId"], queued["OwnerQueueId"]) == (None, "00G1")
    assert owned["OwnerUserId"] == "005A"


def test_a_converted_lead_says_so_whatever_its_status_is_called(source: Source) -> None:
    assert [lead["Standing"] for lead in read(source, "leads")] == [
        "Open - Not Contacted",
        "Converted",
    ]


def test_a_meeting_takes_place_when_it_is_over_without_anybodys_change(source: Source) -> None:
    assert [meeting["HeldAt"] is not None for meeting in read(source, "events")] == [True, False]
    source.now = datetime(2026, 12, 2, tzinfo=UTC)
    (over,) = read(source, "events", since=datetime(2026, 11, 30, tzinfo=UTC))
    assert (over["Id"], over["HeldAt"]) == ("00U2", "2026-12-01T09:00:00.000Z")


def test_a_deal_closes_when_its_stage_changed_or_on_its_close_date_as_told(source: Source) -> None:
    (won,) = [r for r in read(source, "opportunities") if r["Outcome"] == "won"]
    assert won["ClosedAt"] == won["LastStageChangeDate"]
    assert won["ClosedOn"] == "2026-12-01"
    told = shown(source, "opportunities", closing="close_date").fill["deals"]["closed_at"]
    assert told == "ClosedOn"


def test_an_open_deal_has_no_closing_and_a_missing_amount_stays_missing(source: Source) -> None:
    seventh = next(r for r in read(source, "opportunities") if str(r["Id"]).endswith("07"))
    assert (seventh["Outcome"], seventh["ClosedAt"], seventh["Amount"]) == ("open", None, None)


def test_stages_say_which_are_won_and_which_are_lost(source: Source) -> None:
    assert [stage["Outcome"] for stage in read(source, "opportunity_stages")][-3:] == [
        "open",
        "won",
        "lost",
    ]


def test_a_stage_without_a_name_in_the_interface_goes_by_its_label(
    server: Server, source: Source
) -> None:
    server.org.hidden.add(("OpportunityStage", "ApiName"))
    assert read(source, "opportunity_stages")[0]["StageKey"] == "Prospecting"


def test_only_changes_of_status_are_read_of_a_case(source: Source) -> None:
    (line,) = read(source, "case_status_history")
    assert line["NewValue"] == "Working"


def test_money_is_exact_and_never_a_float(source: Source) -> None:
    accounts = read(source, "accounts")
    assert not [v for record in accounts for v in record.values() if isinstance(v, float)]
    assert accounts[0]["AnnualRevenue"] == Decimal("10000000000000000")
    assert accounts[1]["AnnualRevenue"] == Decimal("1500000.5")


def test_the_ids_that_exist_are_listed_without_the_deleted(server: Server, source: Source) -> None:
    server.delete()
    api = source.api()
    stream = next(one for one in STREAMS if one.name == "opportunities")
    assert len([key for page in api.ids(stream) for key in page]) == 29


def test_a_range_is_asked_for_at_both_ends(server: Server, source: Source) -> None:
    first, last = datetime(2026, 11, 2, 8, 30, tzinfo=UTC), datetime(2026, 11, 2, 8, 40, tzinfo=UTC)
    deals = next(one for one in STREAMS if one.name == "opportunities")
    pages = source.api().pages(deals, Wanted(since=first, until=last))
    stamps = [str(record["SystemModstamp"]) for page in pages for record in page]
    assert stamps
    assert min(stamps) >= "2026-11-02T08:30:00"
    assert max(stamps) <= "2026-11-02T08:40:00.000Z"


def test_an_address_is_one_field_and_keeps_a_stream_from_bulk_jobs(
    server: Server, source: Source
) -> None:
    server.org.put("Account", Id=f"001{1:015d}", BillingAddress={"city": "Luleå", "lat": 65.58})
    own = {"accounts": ["BillingAddress"]}
    found = read(source, "accounts", fields=own, bulk_above=1, whole=True)
    assert found[-1]["BillingAddress"] == {"city": "Luleå", "lat": Decimal("65.58")}
    assert not any("jobs" in path for _, path in server.org.requests)


@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_number_is_the_same_out_of_a_page_and_out_of_a_bulk_result(number: Decimal) -> None:
    in_page = json.loads(f"[{number:f}]", parse_float=Decimal)[0]
    assert value_of(str(number), "money") == value_of(in_page, "money")


@given(instant=st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_the_same_out_of_a_page_and_out_of_a_bulk_result(instant: datetime) -> None:
    written = instant.replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%S.000")
    assert value_of(f"{written}+0000", "instant") == value_of(f"{written}Z", "instant")
