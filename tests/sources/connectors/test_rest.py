"""REST interfaces by declaration, against a made-up CRM that pages in every usual way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kvitto.errors import AddressRefused, BadAnswer, SourceRefused
from kvitto.sources.connectors.rest import _open
from kvitto.sources.connectors.rest.settings import RestSettings
from kvitto.sources.stream import Api, Wanted
from tests.sources.connectors.stand_in.rest import Crm, stand_in
from tests.sources.connectors.vendor import Source, rows

FIELDS = {"id": "text", "title": "text", "value": "money", "update_time": "instant"}
PAGINGS: dict[str, dict[str, Any]] = {
    "cursor": {
        "paging": {"kind": "cursor", "path": "additional_data.next_cursor", "param": "cursor"},
        "records": "data",
    },
    "body": {
        "method": "POST",
        "body": {"limit": 10},
        "paging": {
            "kind": "cursor",
            "path": "page.after",
            "param": "page.after",
            "where": "body",
            "more": "page.more",
        },
        "records": "found",
    },
    "link": {"paging": {"kind": "link", "path": "links.next"}, "records": "deals"},
    "header": {"paging": {"kind": "link_header"}, "records": ""},
    "offset": {
        "paging": {"kind": "offset", "param": "start", "size": 10, "total": "total"},
        "records": "data",
    },
    "page": {"paging": {"kind": "page", "total": "pages"}, "records": "items"},
    "keyset": {
        "paging": {"kind": "keyset", "param": "starting_after", "more": "has_more"},
        "records": "data",
    },
}


@pytest.fixture
def crm() -> Iterator[Crm]:
    with stand_in() as server:
        yield server


@pytest.fixture
def source(crm: Crm, tmp_path: Path) -> Source:
    return Source("rest", _open, tmp_path, crm.settings, crm.secrets)


def declared(crm: Crm, **stream: Any) -> dict[str, Any]:
    """Settings of one stream ``deals``."""
    deals = {"path": "cursor/deals", "records": "data", "fields": FIELDS, **stream}
    return {"base": crm.url, "auth": {"kind": "bearer"}, "streams": {"deals": deals}}


def read(api: Api, name: str = "deals", wanted: Wanted | None = None) -> list[dict[str, Any]]:
    stream = next(one for one in api.streams() if one.name == name)
    found = [dict(row) for page in api.pages(stream, wanted or Wanted()) for row in page]
    api.close()
    return found


@pytest.mark.parametrize("way", PAGINGS)
def test_every_way_of_paging_gives_every_record_once(crm: Crm, source: Source, way: str) -> None:
    settings = declared(crm, path=f"{way}/deals", **PAGINGS[way])
    found = read(replace(source, settings=settings).api())
    assert sorted(int(row["id"]) for row in found) == list(range(1, 26))
    assert {str(row["value"]) for row in found} >= {"10.25", "250.25"}
    assert len([asked for asked in crm.asked if "deals" in asked[0]]) == 3


@pytest.mark.parametrize("way", PAGINGS)
def test_every_way_of_paging_ends_where_there_is_nothing(
    crm: Crm, source: Source, way: str
) -> None:
    crm.deals.clear()
    settings = declared(crm, path=f"{way}/deals", **PAGINGS[way])
    assert read(replace(source, settings=settings).api()) == []
    assert len(crm.asked) == 1


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "bearer"},
        {"kind": "key", "name": "x-api-token"},
        {"kind": "key", "name": "Authorization", "prefix": "Bearer "},
        {"kind": "key", "where": "query", "name": "api_key"},
        {"kind": "basic"},
        {"kind": "basic", "user": "me"},
    ],
)
@pytest.mark.parametrize("way", ["link", "cursor"])
def test_every_way_of_signing_opens_every_page(
    crm: Crm, source: Source, auth: dict[str, str], way: str
) -> None:
    settings = {**declared(crm, path=f"{way}/deals", **PAGINGS[way]), "auth": auth}
    assert len(read(replace(source, settings=settings).api())) == 25


def test_a_program_signs_in_as_itself(crm: Crm, source: Source) -> None:
    secrets = {"client_id": "app", "client_secret": "app-secret-1"}
    auth = {"kind": "client_credentials", "token_url": f"{crm.url}/token"}
    settings = {**declared(crm, **PAGINGS["cursor"]), "auth": auth}
    signed = replace(source, settings=settings, secrets=secrets)
    assert len(read(signed.api())) == 25
    assert crm.issued == 1


def test_a_refresh_token_is_used_and_its_successor_kept(crm: Crm, source: Source) -> None:
    source.secrets = {
        "client_id": "app",
        "client_secret": "app-secret-1",
        "refresh_token": crm.refresh_token,
    }
    auth = {"kind": "refresh_token", "token_url": f"{crm.url}/token"}
    settings = {**declared(crm, **PAGINGS["cursor"]), "auth": auth}
    assert len(read(replace(source, settings=settings).api())) == 25
    assert source.kept == {"refresh_token": crm.refresh_token}


def test_a_wrong_secret_of_the_program_is_refused_without_being_shown(
    crm: Crm, source: Source
) -> None:
    auth = {"kind": "client_credentials", "token_url": f"{crm.url}/token"}
    settings = {**declared(crm), "auth": auth}
    wrong = replace(
        source, settings=settings, secrets={"client_id": "a", "client_secret": "wr0ng-one"}
    )
    with pytest.raises(SourceRefused, match="Sign in again") as raised:
        read(wrong.api())
    assert "wr0ng-one" not in str(raised.value)


def test_an_expired_token_is_a_refusal(crm: Crm, source: Source) -> None:
    crm.expire()
    with pytest.raises(SourceRefused, match="token unknown or expired"):
        source.sync()


def test_the_test_request_names_the_account(source: Source) -> None:
    account = source.api().account()
    assert (account.label, account.currency, account.timezone) == ("Acme AB", "SEK", "Europe/Rome")


def test_without_a_test_request_the_first_page_is_tried(crm: Crm, source: Source) -> None:
    settings = declared(crm, **PAGINGS["cursor"])
    assert replace(source, settings=settings).api().account().label == "127.0.0.1"
    crm.expire()
    with pytest.raises(SourceRefused):
        replace(source, settings=settings).api().account()


def test_pipedrive_by_declaration_comes_out_as_its_records(crm: Crm, source: Source) -> None:
    crm.throttle(2)
    staged = source.sync()
    deals = {row["id"]: row for row in rows(staged, "deals")}
    assert len(deals) == 25
    assert deals["3"]["value"] == "30.25"
    assert deals["3"]["org_name"] == "Acme"
    assert [row["name"] for row in rows(staged, "stages")] == ["New", "Proposal", "Won"]


def test_the_second_run_asks_for_changes_only_and_gets_exactly_those(
    crm: Crm, source: Source
) -> None:
    source.sync()
    crm.clock = datetime(2026, 11, 4, 8, tzinfo=UTC)
    crm.change(3, value=999)
    crm.change(26)
    crm.delete(5)
    crm.asked.clear()
    staged = source.sync()
    brought = source.pulled["deals"]
    assert (brought.added, brought.changed) == (1, 2)
    asked = [query for path, query, _ in crm.asked if path == "GET /api/v2/deals"]
    assert [query["updated_since"] for query in asked] == ["2026-11-01T08:15:00Z"] * len(asked)
    deleted = {row["id"] for row in rows(staged, "deals") if row["_deleted"]}
    assert deleted == {"5"}
    source.sync()
    brought = source.pulled["deals"]
    assert (brought.added, brought.changed, brought.removed) == (0, 0, 0)
    assert brought.received <= 4


def test_deletions_without_a_flag_are_learnt_from_the_ids(crm: Crm, source: Source) -> None:
    changes = {"keeping": "changes", "cursor": "update_time", "deleting": "ids"}
    given = {"params": {"updated_since": "{since}"}, "ids_params": {"fields": "id"}, **changes}
    source.settings = declared(crm, **PAGINGS["cursor"], **given)
    source.sync()
    source.now = datetime(2026, 11, 6, tzinfo=UTC)
    crm.delete(4)
    numbers = {row["id"] for row in rows(source.sync(), "deals")}
    assert numbers == {str(n) for n in range(1, 26)} - {"4"}
    assert any(query.get("fields") == "id" for _, query, _ in crm.asked)


def test_a_child_is_asked_for_each_parent_and_a_lost_parent_has_none(
    crm: Crm, source: Source
) -> None:
    notes = {
        "path": "deals/{parent.id}/notes",
        "records": "data",
        "fields": {"id": "text", "text": "text"},
        "parent": {"stream": "deals", "keep": {"deal_id": "id"}},
    }
    settings = declared(crm, params={"limit": 5, "status": "open,deleted"}, **PAGINGS["cursor"])
    settings["streams"]["notes"] = notes
    crm.deals = crm.deals[:4]
    crm.delete(2)
    found = read(replace(source, settings=settings).api(), "notes")
    assert [(row["deal_id"], row["id"]) for row in found] == [
        (number, f"{number}-{n}") for number in (1, 3, 4) for n in range(2)
    ]


def test_days_are_asked_from_first_to_last(crm: Crm, source: Source) -> None:
    daily = {
        "path": "daily",
        "params": {"from": "{first}", "to": "{last}"},
        "records": "data",
        "key": ["day"],
        "fields": {"day": "day", "visits": "number"},
        "keeping": "days",
        "cursor": "day",
    }
    settings = {**declared(crm), "streams": {"daily": daily}}
    wanted = Wanted(first=date(2026, 3, 1), last=date(2026, 3, 4))
    found = read(replace(source, settings=settings).api(), "daily", wanted)
    assert [row["day"] for row in found] == [f"2026-03-0{n}" for n in range(1, 5)]


@pytest.mark.parametrize(
    ("dates", "written"),
    [
        ("iso", "2026-03-01T10:20:30Z"),
        ("seconds", "1772360430"),
        ("milliseconds", "1772360430000"),
        ("day", "2026-03-01"),
        ("%d/%m/%Y %H:%M", "01/03/2026 10:20"),
    ],
)
def test_the_cursor_is_written_as_the_server_reads_it(
    crm: Crm, source: Source, dates: str, written: str
) -> None:
    settings = declared(crm, dates=dates, params={"changed_after": "{since}"})
    since = Wanted(since=datetime(2026, 3, 1, 10, 20, 30, tzinfo=UTC))
    read(replace(source, settings=settings).api(), wanted=since)
    assert crm.asked[-1][1]["changed_after"] == written


def test_a_parameter_whose_placeholder_has_no_value_is_left_out(crm: Crm, source: Source) -> None:
    settings = declared(crm, params={"changed_after": "{since}", "limit": 50})
    read(replace(source, settings=settings).api())
    assert crm.asked[-1][1] == {"limit": "50"}


def test_fields_nobody_declared_come_along_under_their_own_name(crm: Crm, source: Source) -> None:
    row = read(replace(source, settings=declared(crm)).api())[0]
    assert row["org"] == {"id": 7, "name": "Acme"}


def test_a_field_that_only_the_source_asks_for_is_found_by_its_path(
    crm: Crm, source: Source
) -> None:
    wanted = Wanted(fields=("org.name",))
    row = read(replace(source, settings=declared(crm)).api(), wanted=wanted)[0]
    assert row["org.name"] == "Acme"
    assert "org" not in row


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("endless", "holds the records of an earlier page"),
        ("renamed", "the answer holds deals, success"),
        ("list", r"something else \(list\)"),
    ],
)
def test_a_server_that_changed_its_mind_is_a_bad_answer(
    crm: Crm, source: Source, broken: str, found: str
) -> None:
    crm.broken = broken
    settings = declared(crm, **PAGINGS["cursor"])
    with pytest.raises(BadAnswer, match=found):
        read(replace(source, settings=settings).api())


def test_a_total_that_is_not_there_is_a_bad_answer(crm: Crm, source: Source) -> None:
    paging = {"kind": "offset", "param": "start", "size": 10, "total": "count"}
    settings = declared(crm, path="offset/deals", paging=paging)
    with pytest.raises(BadAnswer, match="not found in the response"):
        read(replace(source, settings=settings).api())


def test_a_next_page_on_another_server_is_refused(crm: Crm, source: Source) -> None:
    settings = declared(crm, path="link/deals", **PAGINGS["link"])
    settings["streams"]["deals"]["records"] = "deals"
    crm.url = "http://127.0.0.2:9"
    with pytest.raises(AddressRefused, match="another server"):
        read(replace(source, settings=settings).api())


def test_a_second_reader_finds_the_same_records(crm: Crm, source: Source, tmp_path: Path) -> None:
    """The loading library's own declared source, with its own session and its own paging."""
    from kvitto.sources.pull.extract import load_dlt

    load_dlt(tmp_path)
    from dlt.sources.rest_api import rest_api_resources

    config: Any = {
        "client": {
            "base_url": crm.url,
            "auth": {"type": "api_key", "name": "x-api-token", "api_key": crm.secrets["key"]},
            "paginator": {"type": "cursor", "cursor_path": "additional_data.next_cursor"},
        },
        "resources": [
            {
                "name": "deals",
                "endpoint": {
                    "path": "api/v2/deals",
                    "params": {"limit": 10, "status": "open,won,lost,deleted"},
                    "data_selector": "data",
                },
            }
        ],
    }
    theirs = {str(row["id"]): row["update_time"] for row in rest_api_resources(config)[0]}
    ours = {str(row["id"]): row["update_time"] for row in read(source.api())}
    assert theirs == ours


def test_the_settings_of_a_source_have_a_schema() -> None:
    schema = RestSettings.model_json_schema()
    assert set(schema["properties"]) >= {"base", "auth", "paging", "streams"}
