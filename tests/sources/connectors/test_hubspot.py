"""HubSpot, against a stateful stand-in that HubSpot's own client reads too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import BadAnswer, SourceBusy, SourceRefused
from kvitto.model.table import canonical_table
from kvitto.sources.connectors.hubspot import CONNECTOR, _open
from kvitto.sources.stream import Api, Notice, Wanted
from tests.sources.connectors.stand_in.hubspot import Account, stand_in
from tests.sources.connectors.vendor import Source, rows

CORE = ("deals", "companies", "contacts")


@pytest.fixture
def account() -> Iterator[Account]:
    with stand_in() as server:
        yield server


@pytest.fixture
def source(account: Account, tmp_path: Path) -> Source:
    return Source("hubspot", _open, tmp_path, account.settings, account.secrets)


def read(api: Api, name: str, **wanted: Any) -> list[dict[str, Any]]:
    stream = next(one for one in api.streams() if one.name == name)
    found = [dict(row) for page in api.pages(stream, Wanted(**wanted)) for row in page]
    api.close()
    return found


def only(*names: str) -> dict[str, Any]:
    """A definition that reads these streams."""
    others = [one.name for one in CONNECTOR.streams if one.name not in names]
    return {"tables": [{"file": name, "skip": True} for name in others]}


def test_deals_come_with_their_primary_company_and_a_contact(source: Source) -> None:
    deals = {row["id"]: row for row in read(source.api(), "deals")}
    assert len(deals) == 40
    assert {row["company_id"] for row in deals.values()} == {"502"}
    assert deals["3"]["contact_id"] == "904"
    assert deals["3"]["amount"] == "300.50"


def test_an_open_deal_has_an_expected_day_and_a_closed_one_the_instant_it_closed(
    account: Account, source: Source
) -> None:
    account.put("deals", 8, closedate="2026-12-24T00:00:00Z")
    entered = {"hs_v2_date_entered_closedwon": "2026-11-01T09:00:00.000Z"}
    account.put("deals", 7, closedate="2026-10-01T00:00:00Z", **entered)
    deals = {row["id"]: row for row in read(source.api(), "deals")}
    assert (deals["8"]["outcome"], deals["8"]["closes_at"]) == ("open", "2026-12-24T00:00:00Z")
    assert deals["8"]["closed_at"] is None
    assert (deals["7"]["outcome"], deals["7"]["closes_at"]) == ("won", None)
    assert deals["7"]["closed_at"] == "2026-11-01T09:00:00.000Z"
    assert deals["7"]["amount"] == Decimal("12000000")
    assert "hs_v2_date_entered_closedwon" not in deals["7"]


def test_stages_stand_in_their_order_with_what_they_mean(source: Source) -> None:
    stages = read(source.api(), "stages")
    assert [(row["position"], row["outcome"]) for row in stages] == [
        (1, "open"),
        (2, "open"),
        (3, "won"),
        (4, "lost"),
    ]
    assert stages[0]["pipeline_id"] == "default"


def test_owners_that_have_left_are_read_as_inactive(source: Source) -> None:
    owners = read(source.api(), "owners")
    assert [(row["name"], row["archived"]) for row in owners] == [
        ("Elin Ek", False),
        ("Olli Oja", True),
    ]
    assert read(source.api(), "teams") == [{"id": "3", "name": "Sales"}]


def test_a_deals_history_of_stages_is_read_whole(account: Account, source: Source) -> None:
    account.put("deals", 9, dealstage="contractsent")
    account.put("deals", 9, dealstage="appointmentscheduled")
    found = [row for row in read(source.api(), "deal_stages") if row["deal_id"] == "9"]
    assert [row["value"] for row in found] == [
        "appointmentscheduled",
        "contractsent",
        "appointmentscheduled",
    ]
    assert sorted(row["timestamp"] for row in found) == [row["timestamp"] for row in found]


def test_a_change_of_a_field_knows_what_was_before(account: Account, source: Source) -> None:
    account.put("deals", 9, amount="950.00")
    found = [
        (row["old_value"], row["value"])
        for row in read(source.api(), "deal_changes")
        if (row["deal_id"], row["property"]) == ("9", "amount")
    ]
    assert found == [(None, "900.50"), ("900.50", "950.00")]


def test_histories_are_asked_for_fifty_deals_at_a_time(account: Account, source: Source) -> None:
    for number in range(41, 131):
        account.put("deals", number, dealstage="contractsent")
    read(source.api(), "deal_stages")
    sizes = [len(body["inputs"]) for path, body in account.asked if "batch/read" in path]
    assert sizes == [50, 50, 30]


def test_contacts_that_became_leads_are_leads(source: Source) -> None:
    leads = read(source.api(), "leads")
    assert [row["id"] for row in leads] == ["901", "902"]
    assert len(read(source.api(), "contacts")) == 4


def test_activities_know_whom_they_concern(account: Account, source: Source) -> None:
    account.engage()
    call = read(source.api(), "calls")[0]
    assert (call["deal_id"], call["hs_call_duration"]) == ("7", "65000")
    assert call["done_at"] == call["hs_timestamp"]
    assert read(source.api(), "tickets")[0]["status"] == "closed"


def test_a_meeting_that_is_planned_or_was_missed_is_not_done(
    account: Account, source: Source
) -> None:
    for place, outcome in enumerate(("COMPLETED", "NO_SHOW", "SCHEDULED"), start=200):
        account.put(
            "meetings", place, hs_timestamp="2026-11-01T10:00:00Z", hs_meeting_outcome=outcome
        )
    done = [row["done_at"] for row in read(source.api(), "meetings") if len(row["id"]) == 3]
    assert done == ["2026-11-01T10:00:00Z", None, None]


def test_more_records_than_a_search_counts_are_all_read_in_order(
    account: Account, source: Source
) -> None:
    """The cap is that of the real search, made small: no page after the first is asked for."""
    account.cap = 200
    for number in range(1000, 1450):
        account.step = timedelta(minutes=0 if number % 3 else 1)
        account.put("companies", number)
    found = read(source.api(), "companies")
    assert {row["id"] for row in found} == {
        *map(str, range(1000, 1450)),
        *map(str, range(501, 505)),
    }
    changes = [row["hs_lastmodifieddate"] for row in found]
    assert changes == sorted(changes)
    assert not any("after" in (body or {}) for _, body in account.asked)


def test_a_bulk_change_within_one_instant_is_read_by_ids(account: Account, source: Source) -> None:
    account.cap = 200
    account.step = timedelta(0)
    for number in range(1000, 1650):
        account.put("companies", number)
    account.step = timedelta(minutes=1)
    account.put("companies", 2000)
    ids = [row["id"] for row in read(source.api(), "companies")]
    assert set(map(str, range(1000, 1650))) <= set(ids)
    assert ids[-1] == "2000"
    assert len([path for path, _ in account.asked if path.endswith("search")]) < 12


def test_answers_in_another_order_are_not_trusted(account: Account, source: Source) -> None:
    account.disordered = True
    with pytest.raises(BadAnswer, match="in the order of hs_lastmodifieddate"):
        read(source.api(), "deals")


def test_the_second_run_gets_exactly_what_changed(account: Account, source: Source) -> None:
    definition = only("deals", "deal_stages")
    source.sync(definition)
    account.clock = datetime(2026, 11, 4, 8, tzinfo=UTC)
    account.change(3, amount="999.00")
    account.put("deals", 4, dealstage="contractsent")
    account.put("deals", 41, dealname="New one", dealstage="contractsent")
    account.delete(5)
    source.now = source.now + timedelta(hours=1)
    staged = source.sync(definition)
    assert source.pulled["deals"].added == 1
    assert source.pulled["deals"].received < 20
    assert source.pulled["deal_stages"].added == 2
    held = {row["id"]: row for row in rows(staged, "deals")}
    assert (held["3"]["amount"], len(held)) == ("999.00", 41)
    assert [one for one in held if held[one]["_deleted"]] == ["5"]
    source.sync(definition)
    assert (source.pulled["deals"].added, source.pulled["deals"].changed) == (0, 0)


def test_a_run_that_is_turned_away_goes_on(account: Account, source: Source) -> None:
    account.throttle(3)
    assert len(read(source.api(), "deals")) == 40


def test_a_day_whose_quota_is_spent_is_busy_with_hubspots_words(
    account: Account, source: Source
) -> None:
    account.throttle(10_000)
    with pytest.raises(SourceBusy, match="ten_secondly_rolling"):
        read(source.api(), "deals")
    assert len(account.asked) < 100


def test_an_expired_token_is_refused_without_being_shown(account: Account, source: Source) -> None:
    account.expire()
    with pytest.raises(SourceRefused, match="not found or expired") as raised:
        source.api().account()
    assert account.secrets["token"] not in str(raised.value)


def test_an_oauth_sign_in_fetches_and_renews_its_token(account: Account, source: Source) -> None:
    source.secrets = {"client_id": "a", "client_secret": "b", "refresh_token": "refresh-1"}
    api = source.api(sign_in="oauth")
    assert api.account().label == "app-eu1.hubspot.com (portal 4711)"
    account.expire()
    assert len(read(api, "deals")) == 40
    assert account.issued == 2


def test_the_account_says_what_may_be_read(account: Account, source: Source) -> None:
    account.refused.add("tickets")
    found = source.api().account()
    assert (found.currency, found.timezone) == ("SEK", "Europe/Stockholm")
    assert set(found.refused) == {"tickets"}
    assert set(CORE) <= set(found.reads)


def test_a_scope_that_was_not_given_leaves_its_stream_out_and_says_so(
    account: Account, source: Source
) -> None:
    account.refused.add("companies")
    staged = source.sync(only("deals", "companies"))
    assert [table.name for table in staged.tables] == ["deals"]
    codes = {finding.code for finding in staged.findings}
    assert {"stream_absent", "relation_refused"} <= codes


def test_own_properties_are_read_as_what_they_are(account: Account, source: Source) -> None:
    account.put("deals", 3, margin="0.25", renewal="2027-01-31")
    api = source.api(properties={"deals": ["margin", "renewal"]})
    deals = next(stream for stream in api.streams() if stream.name == "deals")
    assert (deals.fields["margin"], deals.fields["renewal"]) == ("number", "day")
    found = [row for page in api.pages(deals, Wanted()) for row in page if row["id"] == "3"]
    assert found[0]["margin"] == "0.25"


def test_a_property_that_does_not_exist_is_told(source: Source) -> None:
    from dataclasses import replace

    told: list[Notice] = []
    api = _open(replace(source.opening(), notice=told.append))
    assert read(api, "deals", fields=("marign",))
    assert [(notice.code, notice.severity) for notice in told] == [("property_unknown", "error")]
    assert "marign" in told[0].message


@pytest.mark.parametrize(
    ("version", "objects", "associations"),
    [
        ("v3", "/crm/v3/objects/deals", "/crm/v4/associations/deals/companies/batch/read"),
        (
            "2026-09",
            "/crm/objects/2026-09/deals",
            "/crm/associations/2026-09/deals/companies/batch/read",
        ),
    ],
)
def test_the_version_is_one_setting(
    account: Account, source: Source, version: str, objects: str, associations: str
) -> None:
    read(source.api(version=version), "deals")
    paths = {path.split(" ")[1] for path, _ in account.asked}
    assert f"{objects}/search" in paths
    assert associations in paths


def test_hubspots_own_client_reads_the_same(account: Account, source: Source) -> None:
    """Its models refuse answers that are not of the shape that HubSpot documents."""
    import hubspot

    client = hubspot.Client.create(access_token=account.secrets["token"], host=account.url)
    theirs = client.crm.objects.get_all("deals", properties=["amount", "dealstage"])
    ours = {row["id"]: row for row in read(source.api(version="v3"), "deals")}
    assert {one.id for one in theirs} == set(ours)
    assert all(one.properties["dealstage"] == ours[one.id]["dealstage"] for one in theirs)
    stages = client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages
    assert {one.id for one in stages} == {row["id"] for row in read(source.api(), "stages")}
    owners = client.crm.owners.owners_api.get_page().results
    assert [one.email for one in owners] == ["elin@example.com"]


def test_hubspots_own_client_searches_and_relates_the_same(
    account: Account, source: Source
) -> None:
    import hubspot
    from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
    from hubspot.crm.deals import PublicObjectSearchRequest

    client = hubspot.Client.create(access_token=account.secrets["token"], host=account.url)
    since = datetime(2026, 11, 1, 8, 40, tzinfo=UTC)
    compared = {"propertyName": "hs_lastmodifieddate", "operator": "GTE"}
    asked = {**compared, "value": str(int(since.timestamp() * 1000))}
    request = PublicObjectSearchRequest(
        limit=200, filter_groups=[{"filters": [asked]}], sorts=[], properties=["amount"], after="0"
    )
    theirs = client.crm.deals.search_api.do_search(request).results
    ours = read(source.api(version="v3"), "deals", since=since)
    assert {one.id for one in theirs} == {row["id"] for row in ours}
    inputs = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": "7"}])
    tied = client.crm.associations.v4.batch_api.get_page("deals", "companies", inputs)
    assert "502" in {str(one.to_object_id) for one in tied.results[0].to}


def test_what_the_streams_fill_exists() -> None:
    for stream in CONNECTOR.streams:
        for table, columns in stream.fill.items():
            known = {column.name for column in canonical_table(table).declared}
            assert set(columns) <= known, (stream.name, table)
            sources = [value for value in columns.values() if isinstance(value, str)]
            assert set(sources) <= set(stream.fields), (stream.name, table)
