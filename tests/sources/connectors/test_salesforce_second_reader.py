"""The stand-in read by simple-salesforce: what our connector reads is what others read there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest

from kvitto.sources.connectors.salesforce.api import SalesforceApi
from kvitto.sources.connectors.salesforce.stream import STREAMS
from kvitto.sources.stream import Wanted
from tests.sources.connectors.stand_in.salesforce import Server, stand_in
from tests.sources.connectors.vendor import Source


class Plain(requests.Session):
    """The library writes https into its addresses; the stand-in speaks http."""

    def request(self, method: Any, url: Any, *more: Any, **options: Any) -> requests.Response:
        return super().request(method, str(url).replace("https://", "http://"), *more, **options)


@pytest.fixture
def server() -> Iterator[Server]:
    with stand_in() as running:
        yield running


@pytest.fixture
def library(server: Server) -> Iterator[Salesforce]:
    server.org.tokens.add("00D!library")
    with Plain() as session:
        yield Salesforce(
            session_id="00D!library", instance_url=server.url, version="64.0", session=session
        )


def test_it_reads_the_same_deals_over_several_pages(
    server: Server, library: Salesforce, tmp_path: Path
) -> None:
    server.org.page_size = 7
    server.delete()
    question = (
        "SELECT Id, Amount, StageName, IsDeleted FROM Opportunity ORDER BY SystemModstamp, Id"
    )
    theirs = [dict(r) for r in library.query_all(question, include_deleted=True)["records"]]
    source = Source("salesforce", SalesforceApi, tmp_path, server.settings, server.secrets)
    deals = next(one for one in STREAMS if one.name == "opportunities")
    ours = [record for page in source.api().pages(deals, Wanted()) for record in page]
    assert len(theirs) == 30
    for one, other in zip(ours, theirs, strict=True):
        assert {name: one[name] for name in ("Id", "Amount", "StageName", "IsDeleted")} == {
            name: value for name, value in other.items() if name != "attributes"
        }


def test_it_sees_deleted_deals_only_where_it_asks_for_them(
    server: Server, library: Salesforce
) -> None:
    server.delete()
    assert library.query("SELECT Id FROM Opportunity")["totalSize"] == 29
    assert library.query("SELECT Id FROM Opportunity", include_deleted=True)["totalSize"] == 30


def test_it_describes_objects_and_their_fields(library: Any) -> None:
    listed = library.describe() or {}
    assert "Opportunity" in {one["name"] for one in listed["sobjects"]}
    fields = {one["name"]: one["type"] for one in library.Opportunity.describe()["fields"]}
    assert (fields["Amount"], fields["SystemModstamp"]) == ("currency", "datetime")


def test_it_understands_usage_refusals_and_ended_sessions(
    server: Server, library: Salesforce
) -> None:
    library.query("SELECT Id FROM User")
    assert library.api_usage["api-usage"].total == server.org.daily
    with pytest.raises(SalesforceMalformedRequest):
        library.query("SELECT Nothing FROM User")
    server.run_out()
    with pytest.raises(SalesforceExpiredSession):
        library.query("SELECT Id FROM User")


def test_it_runs_a_bulk_job_to_its_end(library: Any) -> None:
    deals = library.bulk2.Opportunity._client
    question = "SELECT Id, Amount FROM Opportunity"
    job = deals.create_job("queryAll", question)["id"]
    deals.wait_for_job(job, True, wait=0.01)
    part = deals.get_query_results(job, max_records=8)
    lines = [*csv.DictReader(io.StringIO(part["records"]))]
    while part["locator"]:
        part = deals.get_query_results(job, part["locator"], max_records=8)
        lines += csv.DictReader(io.StringIO(part["records"]))
    assert len(lines) == 30
    assert lines[1]["Amount"] == "2000.0"
