"""Google Ads: a manager's accounts, days that change for weeks, refusals of one and of all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import BadAnswer, BadDefinition, BadSource, SourceBusy, SourceRefused
from kvitto.sources.connectors.google_ads.api import GoogleAds
from kvitto.sources.connectors.google_ads.query import camel
from tests.sources.connectors.google_source import GoogleSource, codes, table
from tests.sources.connectors.stand_in.google_ads import (
    CAFE,
    MANAGER,
    SHOP,
    Ads,
    failure,
    over_grpc,
    stand_in,
)

DENIED = failure(
    403, "PERMISSION_DENIED", "authorizationError", "USER_PERMISSION_DENIED", "No permission."
)


@pytest.fixture
def ads() -> Iterator[Ads]:
    with stand_in() as server:
        yield server


@pytest.fixture
def source(ads: Ads, tmp_path: Path) -> GoogleSource:
    return GoogleSource("google_ads", tmp_path, ads.settings, ads.secrets, GoogleAds)


def test_all_accounts_of_a_manager_are_read_with_one_sign_in(
    ads: Ads, source: GoogleSource
) -> None:
    asked = source.ask("campaign_days")
    assert {one["customer.id"] for one in asked.records} == {SHOP, CAFE}
    assert {one["reached_through"] for one in asked.records} == {MANAGER}
    assert {sent["login-customer-id"] for sent in ads.headers} == {MANAGER}
    assert len(ads.signed_in) == 1


def test_a_row_holds_what_was_asked_by_its_name_in_the_query_language(
    source: GoogleSource,
) -> None:
    row = next(one for one in source.ask("campaign_days").records if one["campaign.id"] == "22")
    assert row["segments.date"] == "2026-10-20"
    assert row["metrics.cost_micros"] == "12345678"
    assert row["metrics.conversions"] == Decimal("1.5")
    assert row["customer.currency_code"] == "EUR"
    assert "campaign.resourceName" not in row


def test_micros_fill_spend_by_a_factor() -> None:
    from kvitto.sources.connectors.google_ads.stream import CAMPAIGN_DAYS
    from kvitto.workspace.definition import ColumnMap

    spend = CAMPAIGN_DAYS.fill["ad_spend"]["spend"]
    assert isinstance(spend, ColumnMap)
    assert spend.factor is not None
    assert Decimal("12345678") * spend.factor == Decimal("12.345678")


def test_only_one_stream_fills_spend() -> None:
    from kvitto.sources.connectors.google_ads.stream import STREAMS

    assert [one.name for one in STREAMS if "ad_spend" in one.fill] == ["campaign_days"]


def test_a_late_conversion_replaces_its_day_and_no_other(ads: Ads, source: GoogleSource) -> None:
    before = table(source.sync("campaign_days"), "campaign_days")
    ads.change()
    source.now += timedelta(days=1)
    after = table(source.sync("campaign_days"), "campaign_days")
    changed = [one for one in after if one not in before]
    assert [(one["segments.date"], one["metrics.conversions"]) for one in changed] == [
        ("2026-10-21", "0.6666666666666666")
    ]
    assert len(after) == len(before)


def test_a_day_that_lost_its_row_is_empty_within_the_window(ads: Ads, source: GoogleSource) -> None:
    source.sync("campaign_days")
    ads.delete()
    days = {one["segments.date"] for one in table(source.sync("campaign_days"), "campaign_days")}
    assert "2026-10-22" not in days
    assert len(days) == 11


def test_a_second_run_asks_for_the_days_that_may_still_change(
    ads: Ads, source: GoogleSource
) -> None:
    source.settings = {**ads.settings, "conversion_days": 60}
    source.sync("campaign_days", since="2026-06-01")
    ads.bodies.clear()
    staged = source.sync("campaign_days", since="2026-06-01")
    asked = {body["query"].split("BETWEEN ")[1] for body in ads.bodies if "BETWEEN" in str(body)}
    assert asked == {"'2026-09-06' AND '2026-11-05' ORDER BY segments.date, campaign.id"}
    assert staged.settles_days == 60


def test_one_account_that_refuses_keeps_its_rows_and_lets_the_others_be_read(
    ads: Ads, source: GoogleSource
) -> None:
    before = table(source.sync("campaign_days"), "campaign_days")
    ads.refusals[CAFE] = DENIED
    ads.change()
    staged = source.sync("campaign_days")
    after = table(staged, "campaign_days")
    mine = [one for one in after if one["customer.id"] == CAFE]
    assert mine == [one for one in before if one["customer.id"] == CAFE]
    assert after != before
    assert set(codes(staged)) == {"part_refused"}


def test_a_closed_account_keeps_its_rows(ads: Ads, source: GoogleSource) -> None:
    before = table(source.sync("campaign_days"), "campaign_days")
    ads.accounts[CAFE]["status"] = "CANCELED"
    staged = source.sync("campaign_days")
    assert table(staged, "campaign_days") == before
    assert set(codes(staged)) == {"part_closed"}


def test_refused_by_every_account_is_a_refusal(ads: Ads, source: GoogleSource) -> None:
    ads.refusals.update({SHOP: DENIED, CAFE: DENIED})
    with pytest.raises(SourceRefused, match="may not see this account"):
        source.ask("campaign_days")


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("authorizationError", "DEVELOPER_TOKEN_NOT_APPROVED", "only approved for test accounts"),
        ("authorizationError", "DEVELOPER_TOKEN_PROHIBITED", "another Google Cloud project"),
        ("authenticationError", "NOT_ADS_USER", "no Google Ads account"),
        ("authorizationError", "USER_PERMISSION_DENIED", "login_customer_id"),
        ("authorizationError", "CUSTOMER_NOT_ENABLED", "closed or not yet set up"),
    ],
)
def test_refusals_say_what_to_do(
    ads: Ads, source: GoogleSource, kind: str, code: str, words: str
) -> None:
    ads.refusals[MANAGER] = failure(403, "PERMISSION_DENIED", kind, code, "Refused.")
    with pytest.raises(SourceRefused, match=words):
        source.ask("campaigns")


def test_a_refusal_that_holds_for_all_ends_the_run_at_the_first_account(
    ads: Ads, source: GoogleSource
) -> None:
    ads.refusals[SHOP] = failure(
        403, "PERMISSION_DENIED", "authorizationError", "DEVELOPER_TOKEN_NOT_APPROVED", "No."
    )
    with pytest.raises(SourceRefused):
        source.ask("campaign_days")
    assert not any(CAFE in one for one in ads.requests)


def test_a_wrong_developer_token_is_told(ads: Ads, source: GoogleSource) -> None:
    source.secrets = {**ads.secrets, "developer_token": "wrong"}
    with pytest.raises(SourceRefused, match="developer token is not valid"):
        source.check()


def test_pages_are_followed_to_their_end(ads: Ads, source: GoogleSource) -> None:
    ads.page_size = 5
    assert len(source.ask("campaign_days").records) == 24


def test_pages_without_end_are_noticed(ads: Ads, source: GoogleSource) -> None:
    ads.endless = True
    with pytest.raises(BadAnswer, match="come to an end"):
        source.ask("campaign_days")


def test_it_waits_as_long_as_the_quota_says(ads: Ads, source: GoogleSource) -> None:
    details = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "retryDelay": "0.1s"}}
    busy = failure(
        429, "RESOURCE_EXHAUSTED", "quotaError", "RESOURCE_EXHAUSTED", "Slow.", details=details
    )
    ads.throttle(2, busy)
    assert len(source.ask("campaign_days").records) == 24


def test_a_quota_that_is_spent_for_long_ends_the_run(ads: Ads, source: GoogleSource) -> None:
    details = {"quotaErrorDetails": {"rateName": "Operations", "retryDelay": "32400s"}}
    busy = failure(
        429, "RESOURCE_EXHAUSTED", "quotaError", "RESOURCE_EXHAUSTED", "Spent.", details=details
    )
    ads.throttle(9, busy)
    with pytest.raises(SourceBusy, match="9 hours"):
        source.ask("campaign_days")


def test_conversions_by_action_are_read_where_asked_for(ads: Ads, source: GoogleSource) -> None:
    for day in ads.days:
        action = {"name": "Lead", "category": "SUBMIT_LEAD_FORM"}
        day["segments.conversion_action"] = "customers/1/conversionActions/5"
        day.update({f"segments.conversion_action_{name}": text for name, text in action.items()})
    asked = source.ask("conversion_days", conversion_actions=True)
    assert asked.records[0]["segments.conversion_action_name"] == "Lead"
    assert "conversion_days" not in source.check().reads


def test_an_unknown_field_is_named(source: GoogleSource) -> None:
    with pytest.raises(BadSource, match=r"metrics\.clickz"):
        source.ask("campaign_days", "metrics.clickz")


def test_a_further_field_is_asked_for_and_missing_is_not_zero(
    ads: Ads, source: GoogleSource
) -> None:
    ads.days[0]["metrics.video_quartile_p25_rate"] = 0.25
    asked = source.ask("campaign_days", "metrics.video_quartile_p25_rate")
    found = [one["metrics.video_quartile_p25_rate"] for one in asked.records]
    assert found[:2] == [Decimal("0.25"), None]


def test_names_are_written_as_in_json() -> None:
    assert camel("metrics.cost_micros") == "metrics.costMicros"
    assert camel("metrics.video_quartile_p25_rate") == "metrics.videoQuartileP25Rate"


def test_without_customers_all_that_the_sign_in_sees_are_read(
    ads: Ads, source: GoogleSource
) -> None:
    source.settings = {"endpoint": ads.url}
    assert {one["customer.id"] for one in source.ask("campaign_days").records} == {SHOP, CAFE}


def test_ids_may_have_dashes(ads: Ads, source: GoogleSource) -> None:
    asked = source.ask("campaigns", customers=["200-000-0001"], login_customer_id="100-000-0001")
    assert {one["customer.id"] for one in asked.records} == {SHOP}
    assert ads.headers[-1]["login-customer-id"] == MANAGER


@pytest.mark.parametrize("wrong", ["12-34", "abc", "12345678901"])
def test_an_id_of_another_form_is_refused(source: GoogleSource, wrong: str) -> None:
    with pytest.raises(BadDefinition, match="ten digits"):
        source.ask("campaigns", customers=[wrong])


def test_check_names_the_accounts_and_those_that_refuse(ads: Ads, source: GoogleSource) -> None:
    ads.account("3000000001", "Far", None)
    ads.refusals["3000000001"] = DENIED
    account = source.check(settings={**ads.settings, "customers": [MANAGER, "3000000001"]})
    assert account.label == f"Google Ads: Shop ({SHOP}), Café ({CAFE})"
    assert account.timezone is None
    assert "may not see" in account.refused["account 3000000001"]


def test_customers_carry_currency_and_time_zone(source: GoogleSource) -> None:
    found = {one["customer.id"]: one for one in source.ask("customers").records}
    assert found[CAFE]["customer.currency_code"] == "EUR"
    assert found[SHOP]["customer.time_zone"] == "Europe/Stockholm"
    assert found[MANAGER]["customer.manager"] is True


def test_rows_of_two_accounts_go_to_two_clients(ads: Ads, source: GoogleSource) -> None:
    rule = {"column": "customer.id", "map": {SHOP: "acme", CAFE: "nordlys"}}
    staged = source.sync("campaign_days", client=None, clients=rule)
    (days,) = [one for one in staged.tables if one.name == "campaign_days"]
    assert days.column("customer.id") is not None


def test_googles_own_client_reads_the_same_rows(ads: Ads, source: GoogleSource) -> None:
    import grpc
    from google.ads.googleads.v26.services.services.google_ads_service import (
        GoogleAdsServiceClient,
    )
    from google.ads.googleads.v26.services.services.google_ads_service.transports import (
        GoogleAdsServiceGrpcTransport,
    )

    query = "SELECT segments.date, campaign.id, metrics.cost_micros FROM campaign"
    with over_grpc(ads) as address, grpc.insecure_channel(address) as channel:
        client = GoogleAdsServiceClient(transport=GoogleAdsServiceGrpcTransport(channel=channel))
        answers = client.search_stream(request={"customer_id": SHOP, "query": query})
        theirs = [row.metrics.cost_micros for answer in answers for row in answer.results]
    ours: list[Any] = [
        int(str(one["metrics.cost_micros"]))
        for one in source.ask("campaign_days").records
        if one["customer.id"] == SHOP
    ]
    assert theirs == ours
    assert len(theirs) == 12
