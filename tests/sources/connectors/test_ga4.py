"""Google Analytics 4: reports by day, quotas, and what Google says of its figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import BadAnswer, BadDefinition, BadSource, SourceBusy, SourceRefused
from kvitto.sources import Staged
from kvitto.sources.connectors.ga4.api import Ga4
from tests.sources.connectors.google_source import GoogleSource, codes, table
from tests.sources.connectors.stand_in.ga4 import SCOPE, Analytics, Property, stand_in
from tests.sources.connectors.stand_in.google import Refusal, reason


@pytest.fixture
def site() -> Iterator[Analytics]:
    with stand_in() as server:
        yield server


@pytest.fixture
def source(site: Analytics, tmp_path: Path) -> GoogleSource:
    return GoogleSource("ga4", tmp_path, site.settings, site.secrets, Ga4)


def total(staged: Staged, stream: str, metric: str) -> int:
    return sum(int(row[metric]) for row in table(staged, stream))


def test_sessions_come_by_day_channel_source_medium_and_campaign(source: GoogleSource) -> None:
    staged = source.sync("sessions")
    rows = [row for row in table(staged, "sessions") if row["date"] == "2026-10-20"]
    assert [row["sessionDefaultChannelGroup"] for row in rows] == [
        "Direct",
        "Organic Search",
        "Paid Search",
    ]
    assert rows[1]["sessions"] == "1"
    assert rows[1]["userEngagementDuration"] == "30"
    assert rows[1]["currencyCode"] == "EUR"
    assert rows[1]["property"] == "1001"


def test_key_events_without_any_are_not_asked_for(source: GoogleSource) -> None:
    rows = source.ask("key_events").records
    assert [(row["date"], row["eventName"], row["eventValue"]) for row in rows] == [
        ("2026-10-20", "generate_lead", "12.5"),
        ("2026-10-25", "generate_lead", "12.5"),
        ("2026-10-30", "generate_lead", "12.5"),
    ]


def test_visitors_of_a_month_are_not_the_sum_of_its_days(source: GoogleSource) -> None:
    october = source.ask("visitors_by_month").records[0]
    assert (october["yearMonth"], october["totalUsers"]) == ("202610", "3")
    assert source.ask("sessions").total("totalUsers") > 3


def test_pages_end_where_the_rows_do(site: Analytics, source: GoogleSource) -> None:
    assert source.ask("sessions", page_rows=7).total("sessions") == 41
    assert [body["offset"] for body in site.bodies] == ["0", "7", "14", "21", "28", "35"]


def test_the_same_page_again_and_again_ends_the_run(site: Analytics, source: GoogleSource) -> None:
    site.endless = True
    with pytest.raises(BadAnswer, match="none comes after 14"):
        source.ask("sessions", page_rows=7)


def test_a_second_run_asks_the_last_days_and_takes_what_changed(
    site: Analytics, source: GoogleSource
) -> None:
    before = source.sync("sessions")
    site.change()
    site.bodies.clear()
    source.now += timedelta(days=1)
    after = source.sync("sessions")
    ranges = {str(body["dateRanges"]) for body in site.bodies if len(body["dimensions"]) == 5}
    assert ranges == {"[{'startDate': '2026-11-02', 'endDate': '2026-11-06'}]"}
    assert total(after, "sessions", "sessions") == total(before, "sessions", "sessions") + 1


def test_a_day_that_changes_is_replaced_whole(site: Analytics, source: GoogleSource) -> None:
    source.sync("sessions")
    late = site.properties["1001"].visits[-3]
    late.update(channel="Direct", source="(direct)", medium="(none)")
    rows = [
        row for row in table(source.sync("sessions"), "sessions") if row["date"] == "2026-11-03"
    ]
    assert [row["sessionDefaultChannelGroup"] for row in rows] == ["Direct"]


def test_what_was_settled_stays_as_it_was_read(site: Analytics, source: GoogleSource) -> None:
    before = source.sync("sessions")
    site.delete()
    assert total(source.sync("sessions"), "sessions", "sessions") == total(
        before, "sessions", "sessions"
    )


def test_several_properties_are_told_apart(site: Analytics, source: GoogleSource) -> None:
    site.visit("2026-11-04", site="1002")
    source.settings = site.settings
    assert {row["property"] for row in source.ask("sessions").records} == {"1001", "1002"}


def test_a_property_that_refuses_keeps_its_rows_and_lets_the_others_be_read(
    site: Analytics, source: GoogleSource
) -> None:
    site.visit("2026-11-04", site="1002")
    source.settings = site.settings
    source.sync("sessions")
    site.properties["1002"].shared = False
    site.visit("2026-11-05")
    staged = source.sync("sessions")
    assert total(staged, "sessions", "sessions") == 41 + 1 + 1
    refused = [found for found in staged.findings if found.code == "part_refused"]
    assert len(refused) == 1
    assert "property 1002 could not be read" in refused[0].message


def test_refused_by_all_names_the_address_to_let_in(site: Analytics, source: GoogleSource) -> None:
    site.properties["1001"].shared = False
    with pytest.raises(SourceRefused, match=r"reports@agency.*\n?.*role Viewer"):
        source.ask("sessions")


def test_check_gives_time_zone_currency_and_what_is_refused(
    site: Analytics, source: GoogleSource
) -> None:
    site.properties["1002"] = Property(shared=False)
    account = source.check(settings=site.settings)
    assert (account.timezone, account.currency) == ("Europe/Helsinki", "EUR")
    assert account.reads == ("sessions", "key_events", "visitors_by_month")
    assert "sufficient permissions" in account.refused["property 1002"]
    assert len(site.requests) == 2


def test_sampled_days_are_asked_in_shorter_ranges(site: Analytics, source: GoogleSource) -> None:
    site.properties["1001"].sampled_from = 5
    asked = source.ask("sessions")
    assert asked.total("sessions") == 41
    assert not asked.notices
    assert len(site.bodies) > 4


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"sampled_from": 1}, "sampled"),
        ({"other_row": True}, "other_row"),
        ({"thresholded": True}, "withheld"),
    ],
)
def test_what_google_did_to_the_figures_is_said_once(
    site: Analytics, source: GoogleSource, said: dict[str, Any], code: str
) -> None:
    for name, value in said.items():
        setattr(site.properties["1001"], name, value)
    notices = source.ask("sessions", days_per_request=5).notices
    assert [(one.stream, one.code) for one in notices] == [("sessions", code)]


def test_what_google_did_to_the_figures_is_found(site: Analytics, source: GoogleSource) -> None:
    site.properties["1001"].other_row = True
    assert codes(source.sync("sessions")) == ["other_row"]


def test_a_figure_that_may_not_be_seen_is_missing_and_not_zero(
    site: Analytics, source: GoogleSource
) -> None:
    site.properties["1001"].restricted = "eventValue"
    asked = source.ask("key_events")
    assert [one.code for one in asked.notices] == ["restricted"]
    assert {one["eventValue"] for one in asked.records} == {None}


def test_a_row_without_a_day_is_counted_and_left_out(site: Analytics, source: GoogleSource) -> None:
    site.visit("2026-11-04")["date"] = "20261104x"
    asked = source.ask("sessions")
    assert [(one.code, one.rows) for one in asked.notices] == [("no_day", 1)]
    assert asked.total("sessions") == 41


def test_a_run_stops_before_the_days_tokens_end(site: Analytics, source: GoogleSource) -> None:
    site.properties["1001"].tokens_left = 25
    with pytest.raises(SourceBusy, match="5 are left, and a question costs up to 10"):
        source.sync()
    assert len(site.requests) == 2


def test_a_run_waits_for_the_hour_only_as_long_as_it_may(
    site: Analytics, source: GoogleSource
) -> None:
    site.properties["1001"].hour_left = 15
    source.ask("sessions", days_per_request=31)
    with pytest.raises(SourceBusy, match="60 minutes"):
        source.ask("sessions", days_per_request=5)


def test_what_was_read_before_the_quota_ended_is_kept(
    site: Analytics, source: GoogleSource
) -> None:
    site.properties["1001"].tokens_left = 15
    with pytest.raises(SourceBusy):
        source.sync()
    site.properties["1001"].tokens_left = 200_000
    site.bodies.clear()
    assert total(source.sync(), "sessions", "sessions") == 41
    first = next(body for body in site.bodies if len(body["dimensions"]) == 5)
    assert first["dateRanges"][0]["startDate"] == "2026-11-02"


def test_turned_away_it_waits_as_told(site: Analytics, source: GoogleSource) -> None:
    wait = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.1s"}
    site.throttle(2, Refusal(429, "RESOURCE_EXHAUSTED", "Too many concurrent requests.", wait))
    assert source.ask("sessions").total("sessions") == 41
    assert len(site.requests) == 3


@pytest.mark.parametrize(
    ("message", "details"),
    [
        ("Exhausted property tokens per day. They return in under 24 hours.", ()),
        ("Too many.", ({"retryDelay": "3600s"},)),
    ],
)
def test_a_wait_that_is_too_long_ends_the_run(
    site: Analytics, source: GoogleSource, message: str, details: tuple[dict[str, str], ...]
) -> None:
    site.throttle(9, Refusal(429, "RESOURCE_EXHAUSTED", message, *details))
    with pytest.raises(SourceBusy):
        source.ask("sessions")
    assert len(site.requests) == 1


def test_a_report_of_ones_own_is_a_stream(site: Analytics, source: GoogleSource) -> None:
    report = {"name": "devices", "dimensions": ["deviceCategory"], "metrics": ["sessions"]}
    row = source.ask("devices", reports=[report]).records[0]
    assert (row["date"], row["deviceCategory"], row["sessions"]) == ("2026-10-20", "mobile", "3")


def test_landing_pages_are_read_where_asked_for(source: GoogleSource) -> None:
    assert source.ask("landing_pages", landing_pages=True).total("sessions") == 41
    assert "landing_pages" not in source.check().reads


def test_a_metric_that_a_fill_names_is_asked_for(site: Analytics, source: GoogleSource) -> None:
    fill = {"file": "sessions", "fill": {"web_sessions": {"page_views": "keyEvents"}}}
    staged = source.sync(tables=[fill])
    assert total(staged, "sessions", "keyEvents") == 3


def test_an_unknown_metric_is_named(site: Analytics, source: GoogleSource) -> None:
    report = {"name": "mine", "dimensions": [], "metrics": ["sesions"]}
    with pytest.raises(BadSource, match="Field sesions is not a valid metric"):
        source.ask("mine", reports=[report])


@pytest.mark.parametrize(
    "wrong",
    [
        {"properties": ["G-ABC123"]},
        {"properties": []},
        {"page_rows": 250_001},
        {"reports": [{"name": "sessions", "dimensions": [], "metrics": ["sessions"]}]},
        {"reports": [{"name": "a", "dimensions": ["d"] * 1, "metrics": ["m"] * 11}]},
    ],
)
def test_settings_that_cannot_hold_are_refused(
    site: Analytics, source: GoogleSource, wrong: dict[str, Any]
) -> None:
    with pytest.raises(BadDefinition):
        source.ask("sessions", **wrong)


def test_a_scope_that_is_lacking_is_named(site: Analytics, source: GoogleSource) -> None:
    site.granted = "https://www.googleapis.com/auth/drive"
    with pytest.raises(SourceRefused, match=SCOPE):
        source.ask("sessions")


def test_an_api_that_is_switched_off_says_where_to_switch_it_on(
    site: Analytics, source: GoogleSource
) -> None:
    link = "https://console.developers.google.com/apis/api/analyticsdata"
    site.refusing = Refusal(
        403, "PERMISSION_DENIED", "API off.", reason("SERVICE_DISABLED", activationUrl=link)
    )
    with pytest.raises(SourceRefused, match=f"Switch it on at {link}"):
        source.ask("sessions")


def test_a_sign_in_page_instead_of_an_answer_is_told(site: Analytics, source: GoogleSource) -> None:
    site.html = True
    with pytest.raises(BadAnswer, match="hotel"):
        source.ask("sessions")


def test_googles_own_client_reads_the_stand_in_alike(site: Analytics, source: GoogleSource) -> None:
    from google.analytics.data_v1beta import BetaAnalyticsDataClient, types
    from google.analytics.data_v1beta.services.beta_analytics_data import transports
    from google.auth.credentials import AnonymousCredentials

    transport = transports.BetaAnalyticsDataRestTransport(
        host=site.url.removeprefix("http://"),
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]  # it has no types
        url_scheme="http",
    )
    answer = BetaAnalyticsDataClient(transport=transport).run_report(
        types.RunReportRequest(
            property="properties/1001",
            date_ranges=[{"start_date": "2026-10-20", "end_date": "2026-11-05"}],
            dimensions=[{"name": "date"}],
            metrics=[{"name": "sessions"}],
            return_property_quota=True,
        ),
        metadata=[("authorization", f"Bearer {site.token()}")],
    )
    theirs = sum(int(row.metric_values[0].value) for row in answer.rows)
    assert theirs == source.ask("sessions").total("sessions")
    assert answer.property_quota.tokens_per_day.remaining > 0
