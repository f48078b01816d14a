"""Odoo: what goes wrong between us and the server, and what a person reads then."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from kvitto.errors import BadAnswer, SourceRefused, SourceUnreachable
from kvitto.sources.connectors.odoo.settings import OdooSettings
from kvitto.sources.connectors.odoo.stream import ENTITIES
from kvitto.sources.stream import Account, Wanted
from tests.sources.connectors.odoo_source import ODOO
from tests.sources.connectors.stand_in.odoo import KEY, Odoo
from tests.sources.connectors.vendor import Source

VENDOR = ODOO


@pytest.fixture
def odoo(server: Odoo) -> Odoo:
    return server


def account(source: Source, **more: Any) -> Account:
    """Whom we are to the server."""
    return source.api(**more).account()


def read(source: Source, name: str) -> int:
    """How many records a stream gives."""
    return sum(len(page) for page in source.api().pages(ENTITIES[name].stream, Wanted()))


def test_the_account_says_who_we_are_and_what_may_be_read(source: Source, odoo: Odoo) -> None:
    odoo.refused.add("mail.tracking.value")
    odoo.absent.add("account.move")
    told = account(source)
    assert told.label == "Anna (anna) at Acme Reseller, Odoo 19.0"
    assert (told.timezone, told.currency) == ("Europe/Stockholm", "EUR")
    assert set(told.refused) == {"stage_history", "field_history", "invoices"}
    assert told.refused["invoices"] == "the model 'account.move' does not exist"
    assert set(told.reads) | set(told.refused) == set(ENTITIES)


def test_the_end_of_the_only_key_is_known(source: Source, odoo: Odoo) -> None:
    odoo.create("res.users.apikeys", name="ours", user_id=2, expiration_date="2026-12-24 00:00:00")
    assert account(source).expires_at == datetime(2026, 12, 24, tzinfo=UTC)
    odoo.create("res.users.apikeys", name="other", user_id=2)
    assert account(source).expires_at is None


@pytest.mark.parametrize("ask", [account, lambda source: source.api().streams()])
def test_a_wrong_key_is_said_and_never_shown(odoo: Odoo, tmp_path: Path, ask: Any) -> None:
    wrong = Source("odoo", ODOO.open, tmp_path, odoo.settings, {"api_key": "a-wrong-key"})
    with pytest.raises(SourceRefused, match="Invalid apikey") as caught:
        ask(wrong)
    assert "renew it" in str(caught.value)
    assert "a-wrong-key" not in str(caught.value)


def test_a_key_that_is_revoked_while_pages_are_read_stops_the_reading(
    source: Source, odoo: Odoo
) -> None:
    api = source.api(page_size=5)
    pages = api.pages(ENTITIES["deals"].stream, Wanted())
    next(pages)
    odoo.revoke_after = 1
    with pytest.raises(SourceRefused, match="Invalid apikey"):
        list(pages)


def test_an_app_that_is_not_installed_is_named(source: Source, odoo: Odoo) -> None:
    odoo.absent.add("project.task")
    with pytest.raises(BadAnswer, match=r"'project\.task' does not exist.*Install the app"):
        read(source, "tasks")


def test_a_right_that_is_missing_is_named_in_odoos_first_sentence(
    source: Source, odoo: Odoo
) -> None:
    odoo.refused.add("account.move")
    with pytest.raises(SourceRefused, match=r"not allowed to access 'account\.move'") as caught:
        read(source, "invoices")
    assert "Contact somebody" not in str(caught.value)


def test_a_database_that_is_not_named_or_unknown_is_asked_for(source: Source, odoo: Odoo) -> None:
    with pytest.raises(BadAnswer, match=r"does not know which database.*settings: database"):
        account(source, database=None)
    with pytest.raises(BadAnswer, match=r"'other' at http.*serves no database of the name"):
        account(source, database="other")


def test_an_odoo_before_19_is_told_politely(source: Source, odoo: Odoo) -> None:
    odoo.version = None
    with pytest.raises(BadAnswer, match=r"this server is Odoo 17\.0, and the interface came with"):
        account(source)


def test_a_page_of_html_is_no_answer(source: Source, odoo: Odoo) -> None:
    odoo.web_page = True
    with pytest.raises(BadAnswer, match="Sign in to the network first"):
        read(source, "deals")


def test_being_turned_away_is_waited_out(source: Source, odoo: Odoo) -> None:
    odoo.busy = 2
    assert read(source, "deals") == 20


def test_a_server_that_is_down_is_unreachable(tmp_path: Path) -> None:
    with ODOO.stand_in() as odoo:
        settings = dict(odoo.settings)
    source = Source("odoo", ODOO.open, tmp_path, settings, {"api_key": KEY})
    with pytest.raises(SourceUnreachable):
        read(source, "deals")


def test_an_address_may_be_pasted_from_the_browser() -> None:
    for pasted in ("", "/", "/odoo", "/odoo/crm/7", "/web#action=menu", "/web/login"):
        assert OdooSettings(url=f"https://acme.example{pasted}").url == "https://acme.example"
    assert OdooSettings(url="https://acme.example/erp/odoo").url == "https://acme.example/erp"


@pytest.mark.parametrize("url", ["acme.odoo.com", "ftp://acme.example", "https://"])
def test_an_address_without_a_server_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="write the whole address"):
        OdooSettings(url=url)
