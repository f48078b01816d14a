"""The stand-in read by the official SDK: what our connector reads is what others read there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from kvitto.sources.connectors.meta_ads.api import MetaAdsApi
from kvitto.sources.stream import Wanted
from tests.sources.connectors.stand_in.meta_ads import NOW, TOKEN, Server, stand_in
from tests.sources.connectors.vendor import Source

LAST = NOW.date()
FIRST = LAST - timedelta(days=9)
FIELDS = ["account_id", "campaign_id", "spend", "actions", "date_start"]


@pytest.fixture
def server() -> Iterator[Server]:
    with stand_in() as running:
        running.business.page_size = 4
        yield running


@pytest.fixture
def account(server: Server, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(FacebookSession, "GRAPH", server.url)
    session = FacebookSession(access_token=TOKEN)
    return AdAccount("act_101", api=FacebookAdsApi(session, "v26.0"))


def asked() -> dict[str, Any]:
    """The same days as ours."""
    span = {"since": str(FIRST), "until": str(LAST)}
    return {"level": "campaign", "time_increment": 1, "time_range": span, "limit": 4}


def test_it_reads_the_same_days_over_several_pages(
    server: Server, account: Any, tmp_path: Path
) -> None:
    theirs = [dict(row) for row in account.get_insights(fields=FIELDS, params=asked())]
    source = Source("meta_ads", MetaAdsApi, tmp_path, server.settings, server.secrets)
    api = source.api(accounts=["101"])
    stream = next(one for one in api.streams() if one.name == "campaign_days")
    pages = api.pages(stream, Wanted(first=FIRST, last=LAST))
    ours = [record for page in pages for record in page]
    assert len(theirs) == 20
    shown = [{name: row[name] for name in ("campaign_id", "spend", "date_start")} for row in theirs]
    assert shown == [{name: record[name] for name in shown[0]} for record in ours]


def test_it_reads_the_same_days_as_a_report(account: Any) -> None:
    run = account.get_insights(fields=FIELDS, params=asked(), is_async=True)
    state: Any = {}
    for _ in range(5):
        state = run.api_get()
        if state[AdReportRun.Field.async_status] == "Job Completed":
            break
    assert state[AdReportRun.Field.async_percent_completion] == 100
    assert len([*run.get_insights(params={"limit": 4})]) == 20


def test_it_reads_account_and_campaigns(account: Any) -> None:
    assert account.api_get(fields=["currency", "timezone_name"])["currency"] == "SEK"
    assert [row["id"] for row in account.get_campaigns(fields=["name"])] == ["11"]


def test_it_understands_an_expired_token_and_too_much(server: Server, account: Any) -> None:
    server.business.most_days = 5
    with pytest.raises(FacebookRequestError) as much:
        account.get_insights(fields=FIELDS, params=asked())
    assert (much.value.api_error_code(), much.value.api_error_subcode()) == (100, 1487534)
    server.expire()
    with pytest.raises(FacebookRequestError) as ended:
        account.api_get(fields=["currency"])
    assert ended.value.api_error_code() == 190
