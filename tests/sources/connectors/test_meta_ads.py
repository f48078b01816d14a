"""Meta Ads: figures per day, several accounts, chosen conversions, and everything that fails."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kvitto.errors import BadAnswer, SourceBusy, SourceRefused, SourceUnreachable
from kvitto.model.table import canonical_table
from kvitto.sources.connectors.meta_ads.api import MetaAdsApi
from kvitto.sources.connectors.meta_ads.report import Question
from kvitto.sources.connectors.meta_ads.settings import MetaAdsSettings
from kvitto.sources.connectors.meta_ads.stream import streams_of
from kvitto.sources.stream import Record, Stream, Wanted
from tests.sources.connectors.stand_in.meta_ads import NOW, TOKEN, Server, stand_in
from tests.sources.connectors.vendor import Source, Vendor

VENDOR = Vendor("meta_ads", MetaAdsApi, stand_in)
TODAY = NOW.date()


def read(source: Source, name: str = "campaign_days", days: int = 28, **more: Any) -> list[Record]:
    """The records of a stream, of the last ``days``."""
    api = source.api(**more)
    stream = next(one for one in api.streams() if one.name == name)
    wanted = Wanted(first=TODAY - timedelta(days=days - 1), last=TODAY)
    found = [record for page in api.pages(stream, wanted) for record in page]
    api.close()
    return found


@pytest.mark.parametrize("stream", streams_of(MetaAdsSettings(levels=("ad", "campaign"))))
def test_a_stream_fills_columns_that_there_are_from_fields_that_it_declares(stream: Stream) -> None:
    for table, columns in stream.fill.items():
        assert set(columns) <= {column.name for column in canonical_table(table).declared}
        for told in columns.values():
            used = told if isinstance(told, str) else told.column
            assert used is None or used in stream.fields


def test_only_the_first_level_fills_the_spend() -> None:
    streams = {one.name: one for one in streams_of(MetaAdsSettings(levels=("adset", "campaign")))}
    assert streams["adset_days"].fill["ad_spend"]["ad_group"] == "adset_name"
    assert streams["campaign_days"].fill == {}


def test_the_account_names_all_that_one_sign_in_sees(source: Source) -> None:
    account = source.api().account()
    assert account.label == "Nord (101), Syd (202)"
    assert (account.currency, account.timezone) == (None, "Europe/Stockholm")
    assert source.api(accounts=["act_101"]).account().currency == "SEK"


def test_every_day_of_every_account_is_read_over_pages(server: Server, source: Source) -> None:
    server.business.page_size = 7
    found = read(source)
    assert len(found) == 3 * 28
    assert {record["account_id"] for record in found} == {"101", "202"}
    assert {record["account_currency"] for record in found} == {"SEK", "EUR"}


def test_the_token_is_never_written_into_an_address(server: Server, source: Source) -> None:
    server.business.page_size = 7
    read(source)
    assert not [said for _, _, said in server.business.asked if "access_token" in said]


def test_spend_is_exact_text(source: Source) -> None:
    assert read(source)[0]["spend"] == "12.34"


def test_conversions_are_of_the_chosen_type_and_never_a_sum(source: Source) -> None:
    record = read(source)[0]
    assert (record["conversions"], record["conversion_value"]) == ("2", "199.90")
    kinds = [one["action_type"] for one in record["actions"]]  # type: ignore[attr-defined]  # json
    assert kinds == ["omni_purchase", "offsite_conversion.fb_pixel_purchase", "lead"]
    assert read(source, conversion="lead")[0]["conversions"] == "1"


def test_a_type_that_a_day_does_not_have_is_missing_and_not_zero(
    server: Server, source: Source
) -> None:
    server.business.put("101", "11", TODAY, actions=[{"action_type": "lead", "value": "4"}])
    today = [r for r in read(source, days=1) if r["campaign_id"] == "11"]
    assert today[0]["conversions"] is None


def test_a_type_that_no_day_has_is_told_with_those_that_there_are(source: Source) -> None:
    read(source, conversion="offsite_conversion.fb_pixel_lead")
    assert {notice.code for notice in source.notices} == {"conversion_unmet"}
    assert "omni_purchase" in source.notices[0].message


def test_windows_of_clicks_and_of_views_are_asked_for_and_added(
    server: Server, source: Source
) -> None:
    found = read(source, attribution=["7d_click", "1d_view"])
    assert found[0]["conversions"] == Decimal(2)
    assert read(source, attribution=["28d_click"])[0]["conversions"] == Decimal(3)
    asked = [said for _, path, said in server.business.asked if path.endswith("/insights")]
    assert asked[-1]["action_attribution_windows"] == '["28d_click"]'


@pytest.mark.parametrize(
    "wrong",
    [{"attribution": ["1d_click", "7d_click"]}, {"levels": ["ad", "ad"]}, {"accounts": ["x1"]}],
)
def test_settings_that_would_count_twice_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MetaAdsSettings.model_validate(wrong)


def test_archived_campaigns_are_listed_with_the_day_of_their_own_clock(source: Source) -> None:
    found = {record["id"]: record for record in read(source, "campaigns")}
    assert found["12"]["effective_status"] == "ARCHIVED"
    assert found["11"]["start_day"] == "2026-01-01"


def test_a_long_range_comes_as_a_report(server: Server, source: Source) -> None:
    server.business.polls, server.business.page_size = 2, 9
    assert len(read(source, days=40, accounts=["101"])) == 80
    assert [method for method, path, _ in server.business.asked if path == "act_101/insights"] == [
        "POST"
    ]


def test_what_is_too_much_at_once_is_asked_for_in_halves(server: Server, source: Source) -> None:
    server.business.most_days = 5
    found = read(source, days=28, accounts=["101"])
    days = {(record["campaign_id"], record["date_start"]) for record in found}
    assert len(found) == len(days) == 56


def test_a_report_that_fails_is_asked_for_in_halves(server: Server, source: Source) -> None:
    server.business.report_most_days = 25
    assert len(read(source, days=40, accounts=["101"])) == 80


def test_one_day_that_is_too_much_in_every_way_is_told(server: Server, source: Source) -> None:
    server.business.most_days = server.business.report_most_days = 0
    with pytest.raises(BadAnswer, match="too much"):
        read(source, days=1)


def test_a_report_that_is_never_ready_is_busy(server: Server, source: Source) -> None:
    server.business.never_ready = True
    with pytest.raises(SourceBusy, match="40 % ready"):
        read(source, days=40, limits={"wait_seconds": 1})


def test_days_that_are_no_longer_kept_are_not_asked_for(server: Server, source: Source) -> None:
    read(source, days=1300, accounts=["101"])
    posted = [said for method, _, said in server.business.asked if method == "POST"]
    assert '"since":"2023-10-05"' in posted[0]["time_range"]
    assert source.notices[0].code == "days_gone"


def test_an_account_that_refuses_leaves_the_others_to_be_read(
    server: Server, source: Source
) -> None:
    server.business.refused.add("202")
    found = read(source)
    assert {record["account_id"] for record in found} == {"101"}
    assert dict(source.notices[0].unread) == {"account_id": "202"}
    assert "ads_read" in source.notices[0].message


def test_an_account_that_is_named_and_unknown_is_told(source: Source) -> None:
    account = source.api(accounts=["101", "999"]).account()
    assert "does not exist" in account.refused["account 999"]


def test_when_all_accounts_refuse_the_source_is_refused(server: Server, source: Source) -> None:
    server.business.refused.update(("101", "202"))
    with pytest.raises(SourceRefused, match="ads_read"):
        read(source)
    with pytest.raises(SourceRefused, match="does not exist"):
        source.api(accounts=["999"]).account()


def test_an_expired_token_is_refused_and_not_shown(server: Server, source: Source) -> None:
    server.expire()
    with pytest.raises(SourceRefused, match="Session has expired") as refusal:
        read(source)
    assert TOKEN not in str(refusal.value)


def test_the_end_of_a_token_is_told_before_it_comes(server: Server, source: Source) -> None:
    assert source.api().account().expires_at is None
    ends = NOW + timedelta(days=3)
    server.business.expires_at = int(ends.timestamp())
    assert source.api().account().expires_at == ends
    read(source, "accounts")
    assert [notice.code for notice in source.notices] == ["token_ends"]


def test_the_app_proves_its_secret_and_asks_about_the_token_as_itself(
    server: Server, source: Source
) -> None:
    source.secrets.update(app_id="app", app_secret="secret")
    source.api().account()
    said = {path: said for _, path, said in server.business.asked}
    assert len(said["me/adaccounts"]["appsecret_proof"]) == 64
    assert said["debug_token"]["access_token"] == "app|secret"


@pytest.mark.parametrize("trouble", ["turned_away", "passing"])
def test_a_throttle_or_a_passing_failure_is_waited_for(
    server: Server, source: Source, trouble: str
) -> None:
    setattr(server.business, trouble, 1)
    assert len(read(source, days=2)) == 6


def test_a_throttle_that_lasts_is_busy(server: Server, source: Source) -> None:
    server.throttle(50)
    with pytest.raises(SourceBusy, match="User request limit reached"):
        read(source, limits={"wait_seconds": 2})


def test_it_slows_down_when_nearly_all_is_used(server: Server, source: Source) -> None:
    server.business.used, server.business.regain = 95.0, 600
    with pytest.raises(SourceBusy, match="95 % of what it allows"):
        read(source)


def test_a_web_page_instead_of_figures_is_a_bad_answer(server: Server, source: Source) -> None:
    server.business.html = True
    with pytest.raises(BadAnswer, match="something went wrong"):
        read(source)


def test_pages_that_lead_back_to_the_first_end(server: Server, source: Source) -> None:
    server.business.page_size, server.business.endless = 10, True
    with pytest.raises(BadAnswer, match="earlier page"):
        read(source)


def test_a_version_that_is_gone_is_told_in_the_servers_words(source: Source) -> None:
    with pytest.raises(BadAnswer, match="deprecated version"):
        read(source, version="v3.0")


def test_nobody_at_the_address_is_unreachable(source: Source) -> None:
    with pytest.raises(SourceUnreachable):
        read(source, address="http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("today", "kept"), [("2026-03-31", "2023-03-01"), ("2026-01-15", "2022-12-15")]
)
def test_the_first_day_that_is_kept_is_one_that_there_is(
    source: Source, server: Server, today: str, kept: str
) -> None:
    source.now = datetime.fromisoformat(f"{today}T00:00:00+00:00")
    api = source.api(accounts=["101"])
    stream = next(one for one in api.streams() if one.name == "campaign_days")
    wanted = Wanted(first=date(2020, 1, 1), last=date.fromisoformat(kept))
    assert list(api.pages(stream, wanted))
    asked = [said["time_range"] for _, path, said in server.business.asked if "insights" in path]
    assert asked == [f'{{"since":"{kept}","until":"{kept}"}}']


@given(first=st.dates(date(2000, 1, 1), date(2050, 1, 1)), days=st.integers(2, 1200))
def test_halves_hold_every_day_once(first: date, days: int) -> None:
    whole = Question("1", "ad", (), first, first + timedelta(days=days - 1))
    one, other = whole.halves()
    assert (one.first, other.last) == (whole.first, whole.last)
    assert other.first - one.last == timedelta(days=1)
    assert one.days + other.days == days
    assert min(one.days, other.days) >= 1
