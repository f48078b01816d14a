"""What a sync with nothing new asks of a server, and that it misses nothing by asking little."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvitto.sources.connectors.hubspot import _open as open_hubspot
from kvitto.sources.connectors.odoo.api import AT_ONCE, OdooApi
from kvitto.sources.connectors.salesforce.api import SalesforceApi
from tests.sources.connectors.odoo_source import ODOO
from tests.sources.connectors.stand_in import hubspot, odoo, salesforce
from tests.sources.connectors.vendor import Source, rows


@pytest.fixture
def account() -> Iterator[hubspot.Account]:
    with hubspot.stand_in() as running:
        yield running


@pytest.fixture
def server() -> Iterator[salesforce.Server]:
    with salesforce.stand_in() as running:
        yield running


@pytest.fixture
def company() -> Iterator[odoo.Odoo]:
    with odoo.stand_in() as running:
        yield running


@pytest.fixture
def portal(account: hubspot.Account, tmp_path: Path) -> Source:
    return Source("hubspot", open_hubspot, tmp_path, account.settings, account.secrets)


@pytest.fixture
def organisation(server: salesforce.Server, tmp_path: Path) -> Source:
    return Source("salesforce", SalesforceApi, tmp_path, server.settings, server.secrets)


@pytest.fixture
def trader(company: odoo.Odoo, tmp_path: Path) -> Source:
    return Source("odoo", ODOO.open, tmp_path, company.settings, company.secrets)


def test_hubspot_is_asked_for_each_thing_once(account: hubspot.Account, portal: Source) -> None:
    first = portal.sync().revision
    account.asked.clear()
    assert portal.sync().revision == first
    asked = Counter(path for path, _ in account.asked)
    assert sum(asked.values()) == 29
    assert sum(count for path, count in asked.items() if path.endswith("/search")) == 10
    assert asked["GET /crm/owners/2026-03"] == 2  # the present ones, the former ones
    assert asked["GET /crm/pipelines/2026-03/deals"] == 1
    assert asked["POST /crm/objects/2026-03/deals/batch/read"] == 1


def test_hubspots_two_histories_are_those_of_two_questions(
    account: hubspot.Account, portal: Source
) -> None:
    portal.sync()
    account.put("deals", 3, dealstage="closedwon", amount="7.00")
    account.tie("deals", 3, "companies", 501)
    staged = portal.sync()
    ours = [row for row in rows(staged, "deal_stages") if row["deal_id"] == "3"]
    assert {row["property"] for row in ours} == {"dealstage"}
    theirs = [row for row in rows(staged, "deal_changes") if row["deal_id"] == "3"]
    assert [row["value"] for row in theirs if row["property"] == "amount"][-1] == "7.00"


def test_a_renamed_property_of_hubspot_is_found_by_an_idle_run(
    account: hubspot.Account, portal: Source
) -> None:
    told = {"properties": {"deals": ["margin"]}}
    portal.sync(**told)
    account.own = {"profit": "number"}
    found = {finding.code for finding in portal.sync(**told).findings}
    assert "property_unknown" in found


def test_salesforce_is_asked_to_describe_in_one_request(
    server: salesforce.Server, organisation: Source
) -> None:
    first = organisation.sync().revision
    server.org.requests.clear()
    assert organisation.sync().revision == first
    paths = [path for _, path in server.org.requests]
    assert len(paths) == 23
    assert not any(path.endswith("/describe") for path in paths)
    assert sum(path.endswith("/composite/batch") for path in paths) == 1


def test_each_description_of_a_batch_counts_against_salesforces_daily_limit(
    server: salesforce.Server, organisation: Source
) -> None:
    before = server.org.used
    organisation.api().streams()
    assert server.org.used - before > 20


def test_an_edition_of_salesforce_without_batches_is_asked_one_by_one(
    server: salesforce.Server, organisation: Source
) -> None:
    whole = organisation.sync().revision
    server.org.batches = False
    server.org.requests.clear()
    assert organisation.sync().revision == whole
    assert sum(path.endswith("/describe") for _, path in server.org.requests) == 20


def test_a_field_hidden_in_salesforce_is_found_by_an_idle_run(
    server: salesforce.Server, organisation: Source
) -> None:
    organisation.sync()
    server.org.hidden.add(("Opportunity", "Amount"))
    found = [one for one in organisation.sync().findings if one.code == "field_hidden"]
    assert any("Amount" in finding.message for finding in found)


def test_a_session_of_salesforce_that_ends_is_renewed_once_for_all_threads(
    server: salesforce.Server, organisation: Source
) -> None:
    first = organisation.sync().revision
    api = organisation.api()
    streams = api.streams()
    before = server.org.signed_in
    server.run_out()
    threads = [threading.Thread(target=lambda one=one: list(api.ids(one))) for one in streams[:4]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert server.org.signed_in - before == 1
    assert organisation.sync().revision == first


def test_odoo_is_asked_what_it_holds_and_how_it_is_made_once_each(
    company: odoo.Odoo, trader: Source
) -> None:
    first = trader.sync().revision
    company.requests.clear()
    assert trader.sync().revision == first
    asked = Counter(company.requests)
    assert len(company.requests) <= 77
    once = {(m, way): n for (m, way), n in asked.items() if way in ("fields_get", "has_access")}
    assert set(once.values()) == {1}


def test_a_field_that_odoo_has_no_more_is_found_by_an_idle_run(
    company: odoo.Odoo, trader: Source
) -> None:
    for number in range(30):
        company.create(
            "crm.lead", name=f"L{number}", type="opportunity", stage_id=1, probability=40.0
        )
    trader.sync()
    before = {one.column for one in trader.sync().findings if one.code == "field_empty"}
    company.hidden.add(("crm.lead", "probability"))
    after = {one.column for one in trader.sync().findings if one.code == "field_empty"}
    assert after - before == {"probability"}


@pytest.mark.parametrize(
    ("url", "limits", "at_once"),
    [
        ("http://10.0.0.7:8069", {}, AT_ONCE),
        ("http://10.0.0.7:8069", {"per_second": 1}, 1),
        ("https://acme.odoo.com", {}, 1),
    ],
)
def test_odoos_own_hosting_is_asked_one_thing_at_a_time(
    trader: Source, url: str, limits: dict[str, float], at_once: int
) -> None:
    trader.settings = {"url": url}
    api = trader.api(limits=limits)
    assert isinstance(api, OdooApi)
    assert api.at_once == at_once
    api.close()
