"""Salesforce: signing in, sessions that end, limits, and answers that are none."""

from __future__ import annotations

from typing import Any

import pytest

from kvitto.errors import (
    BadAnswer,
    SecretMissing,
    SourceBusy,
    SourceRefused,
    SourceUnreachable,
)
from kvitto.sources.connectors.salesforce.api import SalesforceApi
from kvitto.sources.connectors.salesforce.stream import STREAMS
from kvitto.sources.stream import Record, Wanted
from tests.sources.connectors.stand_in.salesforce import Server, stand_in
from tests.sources.connectors.stand_in.salesforce_data import keys
from tests.sources.connectors.vendor import Source, Vendor

VENDOR = Vendor("salesforce", SalesforceApi, stand_in)
DEALS = next(one for one in STREAMS if one.name == "opportunities")


def deals(source: Source, **more: Any) -> list[Record]:
    """All deals."""
    return [record for page in source.api(**more).pages(DEALS, Wanted()) for record in page]


@pytest.mark.parametrize(
    ("way", "secrets"),
    [
        ("client_credentials", ("client_id", "client_secret")),
        ("jwt", ("client_id", "private_key")),
        ("password", ("password", "security_token")),
    ],
)
def test_one_may_sign_in_in_other_ways(
    server: Server, source: Source, way: str, secrets: tuple[str, ...]
) -> None:
    known = {**server.secrets, "private_key": keys()[0], "password": "pässword"}
    known["security_token"] = "TOKEN"
    source.secrets = {name: known[name] for name in secrets}
    account = source.api(sign_in=way, username="elin@example.com").account()
    assert account.label.startswith("Lindqvist")


def test_a_wrong_password_is_tried_once_and_not_repeated(server: Server, source: Source) -> None:
    source.secrets = {"password": "gissning", "security_token": "TOKEN"}
    with pytest.raises(SourceRefused, match="INVALID_LOGIN"):
        source.api(sign_in="password", username="elin@example.com").account()
    assert [path for _, path in server.org.requests] == ["/services/Soap/u/64.0"]


def test_a_key_that_is_none_is_refused_without_being_shown(source: Source) -> None:
    source.secrets["private_key"] = "hemlig text"
    with pytest.raises(SourceRefused, match="private key") as refusal:
        source.api(sign_in="jwt", username="elin@example.com").account()
    assert "hemlig" not in str(refusal.value)


def test_a_revoked_refresh_token_is_refused_in_the_servers_words(source: Source) -> None:
    source.secrets["refresh_token"] = "5Aep-old"
    with pytest.raises(SourceRefused, match="expired access/refresh token") as refusal:
        source.api().account()
    assert "5Aep-old" not in str(refusal.value)


def test_a_refresh_token_that_is_renewed_is_kept(server: Server, source: Source) -> None:
    server.org.rotate = True
    source.api().account()
    assert source.kept == {"refresh_token": server.org.refresh_token}


def test_a_credential_that_is_missing_is_named(source: Source) -> None:
    del source.secrets["client_id"]
    with pytest.raises(SecretMissing, match="client_id"):
        source.api().account()


def test_a_session_that_ends_between_pages_is_renewed_once(server: Server, source: Source) -> None:
    server.org.page_size = 10
    pages = source.api().pages(DEALS, Wanted())
    found = [*next(pages)]
    server.run_out()
    found += [record for page in pages for record in page]
    assert len(found) == 30
    assert server.org.signed_in == 2


def test_a_session_that_does_not_last_at_all_is_refused(server: Server, source: Source) -> None:
    server.org.short_lived = True
    with pytest.raises(SourceRefused, match="Session expired"):
        deals(source)
    assert server.org.signed_in == 2


def test_the_run_stops_before_the_organisations_day_is_eaten(
    server: Server, source: Source
) -> None:
    server.org.page_size, server.org.daily, server.org.used = 10, 100, 76
    pages = source.api().pages(DEALS, Wanted())
    assert len(next(pages)) == 10
    with pytest.raises(SourceBusy, match="of the organisation's 100 requests"):
        list(pages)
    assert server.org.used == 80


def test_a_day_that_is_used_up_is_busy_and_not_refused(server: Server, source: Source) -> None:
    server.org.used = server.org.daily
    with pytest.raises(SourceBusy, match="TotalRequests Limit exceeded"):
        deals(source)


def test_the_servers_word_to_wait_is_followed(server: Server, source: Source) -> None:
    server.throttle(1)
    assert len(deals(source)) == 30


def test_a_wait_that_is_too_long_is_told(server: Server, source: Source) -> None:
    server.throttle(9)
    with pytest.raises(SourceBusy):
        deals(source, limits={"wait_seconds": 0})


def test_a_web_page_instead_of_records_is_a_bad_answer(server: Server, source: Source) -> None:
    server.org.html = True
    with pytest.raises(BadAnswer, match="Down for maintenance"):
        deals(source)


def test_pages_that_lead_back_to_the_first_end(server: Server, source: Source) -> None:
    server.org.page_size, server.org.endless = 10, True
    with pytest.raises(BadAnswer, match="earlier page"):
        deals(source)


def test_a_page_that_lies_elsewhere_is_not_followed(server: Server, source: Source) -> None:
    server.org.page_size, server.org.elsewhere = 10, "https://evil.example/next"
    with pytest.raises(BadAnswer, match=r"evil\.example"):
        deals(source)


def test_nobody_at_the_address_is_unreachable(server: Server, source: Source) -> None:
    with pytest.raises(SourceUnreachable):
        source.api(login_url="http://127.0.0.1:9").account()


def test_many_records_come_by_a_bulk_job_and_look_the_same(server: Server, source: Source) -> None:
    plain = deals(source)
    server.org.polls = 2
    bulk = deals(source, bulk_above=10, bulk_page=8)
    assert [dict(record) for record in bulk] == [dict(record) for record in plain]
    assert not server.org.jobs, "the job is taken away when it was read"
    assert len([p for _, p in server.org.requests if p.endswith("/results")]) == 4


def test_a_bulk_job_keeps_texts_with_commas_quotes_and_lines(
    server: Server, source: Source
) -> None:
    odd = 'Åkeri, "Nord"\nSyd'
    server.org.put("Opportunity", Id=f"006{1:015d}", Name=odd)
    assert odd in [record["Name"] for record in deals(source, bulk_above=1)]


def test_a_bulk_job_that_fails_says_why(server: Server, source: Source) -> None:
    server.org.bulk_fails = "InvalidBatch : out of luck"
    with pytest.raises(BadAnswer, match="out of luck"):
        deals(source, bulk_above=1)


def test_a_bulk_job_that_takes_too_long_is_called_off(server: Server, source: Source) -> None:
    server.org.polls = 1000
    with pytest.raises(SourceBusy, match="still being prepared"):
        deals(source, bulk_above=1, limits={"wait_seconds": 0})


def test_an_endless_bulk_result_ends(server: Server, source: Source) -> None:
    server.org.endless = True
    with pytest.raises(BadAnswer, match="earlier page"):
        deals(source, bulk_above=1, bulk_page=8)


def test_pages_are_read_where_there_are_no_bulk_jobs(server: Server, source: Source) -> None:
    server.org.bulk_allowed = False
    assert len(deals(source, bulk_above=1)) == 30


def test_a_question_that_is_too_slow_becomes_a_bulk_job(server: Server, source: Source) -> None:
    server.org.slow = True
    assert len(deals(source)) == 30
    assert any(path.endswith("/results") for _, path in server.org.requests)
