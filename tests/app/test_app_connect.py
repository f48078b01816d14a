"""Adding, testing and re-connecting sources, against real servers over loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvitto.app.connect import Added, NewSource, add, check_sources, connect, kind_named, kinds
from kvitto.app.connect.known import ending, read_sign_in
from kvitto.app.health import read_health
from kvitto.app.house import House, local_person, open_house
from kvitto.app.log import read_log
from kvitto.app.source import sources
from kvitto.app.who import Who
from kvitto.errors import (
    BadDefinition,
    KvittoError,
    SecretMissing,
    SourceRefused,
    UnknownName,
    WrongUse,
)
from kvitto.workspace.secret import keep_secret, open_secret
from tests.sources.connectors.stand_in.rest import TOKEN, Crm
from tests.sources.connectors.stand_in.rest import stand_in as rest_server
from tests.sources.oauth.stand_in import APP, Server, in_browser, stand_in

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
CLIENT = "name: {}\ncurrency: SEK\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with one client and no source."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("KVITTO_KEY", raising=False)
    folder = tmp_path / "workspace"
    (folder / "clients").mkdir(parents=True)
    (folder / "kvitto.yml").write_text("agency: Norrsken\n")
    (folder / "clients" / "acme.yml").write_text(CLIENT.format("Acme"))
    return folder


@pytest.fixture
def house(root: Path) -> Iterator[House]:
    found = House(root, date(2026, 11, 5), True, lambda: NOW)
    yield found
    found.store.close()


@pytest.fixture
def crm() -> Iterator[Crm]:
    with rest_server(3) as server:
        yield server


@pytest.fixture
def server() -> Iterator[Server]:
    with stand_in() as found:
        yield found


def elin(house: House) -> Who:
    return local_person(house, "Elin")


def wanted(crm: Crm, **more: Any) -> NewSource:
    said: dict[str, Any] = {"settings": crm.settings, "secrets": {"key": TOKEN}, **more}
    return NewSource("rest", allow_private=True, **said)


def oauth_settings(server: Server) -> dict[str, Any]:
    """A REST source that signs in with the browser."""
    return {
        "base": server.url,
        "auth": {
            "kind": "refresh_token",
            "token_url": f"{server.url}/token",
            "authorise_url": f"{server.url}/authorise",
            "scopes": "read",
        },
        "test": {"path": "me", "label": "label"},
        "streams": {"deals": {"path": "deals", "records": "deals", "fields": {"id": "text"}}},
    }


def shared(house: House, server: Server, *names: str) -> None:
    """Sources that share the connection ``hub``, which a person signs in to."""
    said = oauth_settings(server)
    for name in names:
        first = name == names[0]
        new = NewSource(
            "rest",
            name=name,
            connection="hub",
            settings=said if first else {key: said[key] for key in ("base", "test", "streams")},
            secrets=APP if first else {},
            allow_private=True,
        )
        now = house.reopened()
        add(now, elin(now), new, show=in_browser if first else None, untested=not first)


def everything(root: Path) -> str:
    """All that is written in the workspace, as one text."""
    return "\n".join(
        path.read_bytes().decode("utf-8", "replace")
        for path in sorted(root.rglob("*"))
        if path.is_file()
    )


def test_a_source_is_tested_and_then_written(house: House, crm: Crm) -> None:
    added = add(house, elin(house), wanted(crm, name="crm"))
    assert added.tested is not None
    assert added.tested.label == "Acme AB"
    assert added.tested.currency == "SEK"
    text = (house.root / "sources" / "crm.yml").read_text()
    assert text.startswith("# yaml-language-server: $schema=../.schemas/source.json\n")
    assert "key: secret:crm.key" in text
    assert open_secret("secret:crm.key", house.root) == TOKEN
    after = house.reopened()
    assert after.workspace.sources["crm"].client == "acme"
    assert [one.fine for one in check_sources(after, elin(after))] == [True]


def test_nothing_written_holds_the_credential(house: House, crm: Crm) -> None:
    added = add(house, elin(house), wanted(crm))
    assert TOKEN not in everything(house.root)
    assert TOKEN not in json.dumps(added.document())
    (line,) = read_log(house, elin(house))
    assert line.action == "source.add"
    assert TOKEN not in repr(line)


def test_a_failing_test_writes_nothing_at_all(house: House, crm: Crm) -> None:
    crm.expire()
    before = everything(house.root)
    with pytest.raises(SourceRefused) as caught:
        add(house, elin(house), wanted(crm))
    assert TOKEN not in str(caught.value)
    assert everything(house.root) == before


def test_a_failing_test_does_not_matter_where_none_is_wanted(house: House, crm: Crm) -> None:
    crm.expire()
    added = add(house, elin(house), wanted(crm), untested=True)
    assert added.tested is None
    assert crm.asked == []
    assert open_secret("secret:rest.key", house.root) == TOKEN


def test_a_file_that_is_there_is_not_overwritten(house: House, crm: Crm) -> None:
    add(house, elin(house), wanted(crm, name="crm"))
    path = house.root / "sources" / "crm.yml"
    path.write_text(path.read_text() + "# Ask Maria before changing.\nsince: 2026-01-01\n")
    after = house.reopened()
    with pytest.raises(WrongUse, match="there is such a file already"):
        add(after, elin(after), wanted(crm, name="crm"))
    new = wanted(crm, name="crm", change=True, since="2026-02-01")
    add(after, elin(after), new)
    text = path.read_text()
    assert "# Ask Maria before changing." in text
    assert "2026-02-01" in text
    assert "2026-01-01" not in text


def test_a_file_that_would_break_the_workspace_is_taken_back(house: House, crm: Crm) -> None:
    assert house.workspace.clients
    (house.root / "clients" / "acme.yml").write_text("nam: Acme\n")
    with pytest.raises(BadDefinition):
        add(house, elin(house), wanted(crm, name="crm"))
    assert list((house.root / "sources").glob("*")) == []
    with pytest.raises(SecretMissing):
        open_secret("secret:crm.key", house.root)


def test_all_that_is_missing_is_said_at_once(house: House) -> None:
    with pytest.raises(BadDefinition) as caught:
        add(house, elin(house), NewSource("odoo", settings={"page_size": "many", "colour": "red"}))
    said = str(caught.value)
    for word in ("url", "page_size", "colour", "--secret api_key=env:NAME"):
        assert word in said


def test_a_credential_that_the_kind_does_not_know_is_asked_back(house: House, crm: Crm) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'token'"):
        add(house, elin(house), wanted(crm, secrets={"tokn": "x"}))


def test_of_several_clients_one_is_named(house: House, crm: Crm) -> None:
    (house.root / "clients" / "borg.yml").write_text(CLIENT.format("Borg"))
    with pytest.raises(WrongUse, match="--clients") as caught:
        add(house, elin(house), wanted(crm))
    assert "--client acme" in str(caught.value)
    assert add(house, elin(house), wanted(crm, client="borg")).clients == ("borg",)
    rule = {"column": "org_id", "map": {"7": "acme", "8": "borg"}}
    after = house.reopened()
    assert add(after, elin(after), wanted(crm, clients=rule)).clients == ("acme", "borg")


def test_names_are_found_that_nobody_has_yet(house: House, crm: Crm) -> None:
    def one() -> Added:
        now = house.reopened()
        return add(now, elin(now), wanted(crm), untested=True)

    assert [one().name for _ in range(3)] == ["rest", "rest-2", "rest-3"]


def test_files_need_no_credential(house: House) -> None:
    (house.root / "data").mkdir()
    (house.root / "data" / "deals.csv").write_text("Deal,Amount\nA,10\n")
    added = add(house, elin(house), NewSource("file", name="crm", path="data"))
    assert added.tested is not None
    assert added.tested.reads == ("deals.csv",)
    with pytest.raises(BadDefinition, match="--path"):
        add(house.reopened(), elin(house), NewSource("file", name="more"))


def test_one_source_that_fails_does_not_stop_the_tests_of_others(house: House, crm: Crm) -> None:
    add(house, elin(house), wanted(crm, name="a"))
    after = house.reopened()
    wrong = wanted(crm, name="b", secrets={}, references={"key": "env:NOT_SET_ANYWHERE"})
    add(after, elin(after), wrong, untested=True)
    after = house.reopened()
    first, second = check_sources(after, elin(after))
    assert (first.fine, second.fine) == (True, False)
    assert second.code == "KV307"
    assert read_health(after, "b").trouble[0].code == "KV307"
    with pytest.raises(UnknownName, match="the source 'c'"):
        check_sources(after, elin(after), ["c"])


def test_trouble_with_a_sign_in_is_over_when_it_works_again(house: House, crm: Crm) -> None:
    add(house, elin(house), wanted(crm, name="crm"))
    after = house.reopened()
    crm.expire()
    assert not check_sources(after, elin(after))[0].fine
    assert read_health(after, "crm").trouble
    crm.token = TOKEN
    assert check_sources(after, elin(after))[0].fine
    assert read_health(after, "crm").trouble == ()


@pytest.mark.parametrize(
    ("days", "said"),
    [(30, ""), (15, ""), (5, "expires in 5 days"), (1, "in 1 day"), (0, "today"), (-3, "ended on")],
)
def test_the_end_of_a_credential_is_told_before_it_comes(days: int, said: str) -> None:
    end = (NOW + timedelta(days=days, hours=1)).isoformat()
    assert said in ending(end, NOW)
    assert bool(said) == bool(ending(end, NOW))


def test_sources_warn_of_a_sign_in_that_ends_soon(house: House, server: Server) -> None:
    server.life = 5 * 86_400 + 60
    shared(house, server, "crm")
    after = house.reopened()
    (row,) = sources(after, elin(after))
    assert row.ending == ("Its sign-in expires in 5 days. Re-connect: kvitto source connect crm")
    assert row.todo == row.ending
    assert row.document()["expires_at"] == "2026-11-10T12:01:00+00:00"


def test_a_person_signs_in_while_the_source_is_added(house: House, server: Server) -> None:
    shared(house, server, "crm")
    kept = (house.root / "connections" / "hub.yml").read_text()
    assert "refresh_token: secret:connections/hub.refresh_token" in kept
    assert "authorise_url" in kept
    held = open_secret("secret:connections/hub.refresh_token", house.root)
    # Testing the connection renewed the token once already.
    assert held == server.refresh
    assert held not in everything(house.root)


def test_a_token_that_the_server_renews_is_kept_for_the_next_time(
    house: House, server: Server
) -> None:
    shared(house, server, "crm")
    after = house.reopened()
    for _ in range(3):
        (tested,) = check_sources(after, elin(after))
        assert tested.fine
        assert open_secret("secret:connections/hub.refresh_token", house.root) == server.refresh


def test_one_re_connect_repairs_all_that_share_the_sign_in(house: House, server: Server) -> None:
    shared(house, server, "crm", "ads")
    server.refresh = "revoked"
    after = house.reopened()
    assert [one.fine for one in check_sources(after, elin(after))] == [False, False]
    assert all("kvitto source connect" in row.todo for row in sources(after, elin(after)))
    done = connect(after, elin(after), "ads", in_browser, seconds=10)
    assert done.connection == "hub"
    assert [(one.name, one.fine) for one in done.sources] == [("ads", True), ("crm", True)]
    assert next(line.action for line in read_log(after, elin(after))) == "source.connect"
    assert connect(after, elin(after), "hub", in_browser, seconds=10).fine


def test_another_account_than_before_is_noticed(house: House, server: Server) -> None:
    shared(house, server, "crm")
    server.label = "Borg Oy"
    after = house.reopened()
    done = connect(after, elin(after), "crm", in_browser, seconds=10)
    assert "It was 'Acme AB' before and is 'Borg Oy' now" in done.sources[0].warnings[0]
    found = read_sign_in(after, "crm")
    assert found is not None
    assert found.label == "Borg Oy"


def test_a_token_of_the_environment_gets_a_place_that_can_be_written(
    house: House, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_REFRESH", "ended long ago")
    new = NewSource(
        "rest",
        name="crm",
        settings=oauth_settings(server),
        secrets=APP,
        references={"refresh_token": "env:HUB_REFRESH"},
        allow_private=True,
    )
    add(house, elin(house), new, untested=True)
    after = house.reopened()
    done = connect(after, elin(after), "crm", in_browser, seconds=10)
    assert done.fine
    assert done.connection is None
    assert (
        "refresh_token: secret:crm.refresh_token"
        in (house.root / "sources" / "crm.yml").read_text()
    )


def test_a_person_who_says_no_changes_nothing(house: House, server: Server) -> None:
    shared(house, server, "crm")
    held = open_secret("secret:connections/hub.refresh_token", house.root)
    server.deny = "access_denied"
    after = house.reopened()
    with pytest.raises(SourceRefused):
        connect(after, elin(after), "crm", in_browser, seconds=10)
    assert open_secret("secret:connections/hub.refresh_token", house.root) == held
    assert check_sources(after, elin(after))[0].fine


def test_what_cannot_be_signed_in_to_says_so(house: House, crm: Crm) -> None:
    add(house, elin(house), wanted(crm, name="crm"))
    after = house.reopened()
    with pytest.raises(WrongUse, match=r"auth\.kind"):
        connect(after, elin(after), "crm", in_browser)
    with pytest.raises(UnknownName):
        connect(after, elin(after), "crn", in_browser)


def test_every_kind_says_what_it_asks_for() -> None:
    found = kinds()
    assert {"file", "hubspot", "rest", "salesforce", "ga4"} <= {kind.kind for kind in found}
    silent = [
        f"{kind.kind}.{one.name}"
        for kind in found
        for one in (*kind.settings, *kind.secrets)
        if not one.about.strip(". ")
    ]
    assert silent == []
    assert all(one.hidden for kind in found for one in kind.secrets)
    assert kind_named("hubspot").deciding == {"sign_in"}


def test_a_credential_of_the_mail_server_may_be_kept_too(root: Path) -> None:
    from kvitto.app.house import secret

    keep_secret("secret:mail", "mail-password", root)
    assert secret("secret:mail", root) == "mail-password"
    assert secret("postgresql://localhost/kvitto", root) == "postgresql://localhost/kvitto"


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8))
def test_no_failure_shows_the_credential(root: Path, crm: Crm, secret: str) -> None:
    house = open_house(root, date(2026, 11, 5))
    with pytest.raises(KvittoError) as caught:
        add(house, elin(house), wanted(crm, name="crm", secrets={"key": secret}))
    assert secret not in str(caught.value)
    assert secret not in everything(root)
