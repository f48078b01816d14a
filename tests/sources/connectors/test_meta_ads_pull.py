"""Meta Ads synced again and again: late conversions replace their days whole."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from kvitto.sources.connectors.meta_ads.api import MetaAdsApi
from tests.sources.connectors.stand_in.meta_ads import NOW, Server, action, stand_in
from tests.sources.connectors.vendor import Source, Vendor, check, conformed, rows

VENDOR = Vendor("meta_ads", MetaAdsApi, stand_in)
SINCE = {"since": NOW.date() - timedelta(days=39)}
DAYS = {
    **SINCE,
    "tables": [{"file": name, "skip": True} for name in ("accounts", "campaigns", "adsets")],
}


def _by_key(found: list[dict[str, str]]) -> dict[tuple[str, date], dict[str, str]]:
    return {(row["campaign_id"], date.fromisoformat(row["date_start"])): row for row in found}


def test_a_day_that_grew_after_it_was_read_is_replaced_whole(
    server: Server, source: Source
) -> None:
    source.sync(DAYS)
    assert source.pulled["campaign_days"].received == 120
    server.change()
    server.delete()
    old = NOW.date() - timedelta(days=35)
    late = [action("offsite_conversion.fb_pixel_purchase", "99")]
    server.business.put("101", "11", old, actions=late)
    found = _by_key(rows(source.sync(DAYS), "campaign_days"))
    assert source.pulled["campaign_days"].received < 120, "settled days are not asked for again"
    assert found["11", NOW.date() - timedelta(days=1)]["conversions"] == "5"
    assert found["11", NOW.date() - timedelta(days=2)]["spend"] == "20.00"
    assert ("12", NOW.date() - timedelta(days=3)) not in found
    assert found["11", old]["conversions"] == "2", "that day was settled"
    assert len(found) == 119


def test_the_days_of_an_account_that_refuses_now_stay(server: Server, source: Source) -> None:
    source.sync(DAYS)
    server.business.refused.add("202")
    staged = source.sync(DAYS)
    assert len([r for r in rows(staged, "campaign_days") if r["account_id"] == "202"]) == 40
    assert "account_unread" in {finding.code for finding in staged.findings}


def test_spend_becomes_canonical_with_its_currency_and_platform(
    source: Source, tmp_path: Path
) -> None:
    staged = source.sync(SINCE, accounts=["101"])
    spend, campaigns = conformed(
        staged,
        tmp_path,
        "SELECT platform, currency_code, count(*), sum(spend), sum(spend_base), sum(conversions),"
        " sum(clicks) FROM ad_spend GROUP BY 1, 2",
        "SELECT name, status, started_on FROM campaigns ORDER BY campaign_id",
    )
    (row,) = spend
    assert row[:3] == ("meta_ads", "SEK", 80)
    assert [float(value) for value in row[3:]] == pytest.approx([987.2, 987.2, 160, 2400])
    assert campaigns == [
        ("Kampanj 11", "active", date(2026, 1, 1)),
        ("Kampanj 12", "done", date(2026, 1, 1)),
    ]


def test_the_source_of_a_workspace_is_checked_with_its_credentials_from_the_environment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("META_TOKEN", server.secrets["access_token"])
    said = {"settings": server.settings, "secrets": {"access_token": "env:META_TOKEN"}}
    assert check("meta_ads", tmp_path, said).label == "Nord (101), Syd (202)"
