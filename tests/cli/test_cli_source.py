"""Adding, testing and connecting sources from the command line."""

from __future__ import annotations

import json
import os
import pty
import select
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Kvitto, Ran
from tests.sources.connectors.stand_in.rest import TOKEN, Crm
from tests.sources.connectors.stand_in.rest import stand_in as rest_server
from tests.sources.oauth.stand_in import APP, Server, in_browser, stand_in

Run = Callable[..., Ran]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with one client and no source."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for variable in ("KVITTO_KEY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "workspace"
    (folder / "clients").mkdir(parents=True)
    (folder / "kvitto.yml").write_text("agency: Norrsken\n")
    (folder / "clients" / "acme.yml").write_text("name: Acme\n")
    return folder


@pytest.fixture
def run(root: Path, kvitto: Kvitto) -> Run:
    return lambda *args, **more: kvitto("-w", str(root), "--as", "Elin", *args, **more)


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Crm]:
    with rest_server(3) as server:
        yield server


@pytest.fixture
def screen(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a screen, whose browser is operated by a person who says yes."""
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", in_browser)


@pytest.fixture
def declared(crm: Crm, tmp_path: Path) -> tuple[str, ...]:
    """The stand-in's declaration as options of the command."""
    (tmp_path / "streams.yml").write_text(yaml.safe_dump(crm.settings["streams"]))
    plain = {key: value for key, value in crm.settings.items() if key != "streams"}
    pairs = [f"{key}={json.dumps(value)}" for key, value in plain.items()]
    pairs.append(f"streams=@{tmp_path / 'streams.yml'}")
    return ("--allow-private", *(part for pair in pairs for part in ("--set", pair)))


def test_without_a_kind_all_are_listed_with_a_line_each(run: Run) -> None:
    found = run("source", "add")
    assert found.code == 0
    assert "hubspot" in found.out
    listed = run("source", "add", "--json").json["kinds"]
    assert {"file", "rest", "salesforce"} <= {one["kind"] for one in listed}
    assert all(one["reads"] for one in listed)


def test_a_source_is_added_without_a_terminal(
    run: Run, root: Path, declared: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_KEY", TOKEN)
    added = run("source", "add", "rest", "--name", "crm", *declared, "--secret", "key=env:CRM_KEY")
    assert (added.code, "Warning" in added.err) == (0, False)
    assert "crm: Acme AB (Europe/Rome, SEK)" in added.out
    assert "Wrote sources/crm.yml" in added.out
    assert "key: env:CRM_KEY" in (root / "sources" / "crm.yml").read_text()
    assert not (root / ".kvitto" / "secrets").exists()
    assert run("check", "--json").code == 0


def test_a_credential_from_standard_input_is_kept_encrypted(
    run: Run, root: Path, declared: tuple[str, ...]
) -> None:
    added = run("source", "add", "rest", *declared, "--secret", "key=-", "--json", stdin=TOKEN)
    assert added.json["tested"]["label"] == "Acme AB"
    assert added.json["secrets"] == {"key": "secret:rest.key"}
    said = [added, run("check", "--json"), run("source", "test", "--json"), run("sources")]
    said.append(run("map", "rest"))
    assert not [one for one in said if TOKEN in one.out + one.err]
    content = "".join(
        path.read_bytes().decode("latin-1") for path in root.rglob("*") if path.is_file()
    )
    assert TOKEN not in content


def test_a_credential_in_plain_view_is_taken_with_a_warning(
    run: Run, declared: tuple[str, ...]
) -> None:
    added = run("source", "add", "rest", *declared, "--secret", f"key={TOKEN}")
    assert added.code == 0
    assert "Warning: the credential key stands on the command line" in added.err
    assert TOKEN not in added.out + added.err


def test_a_source_that_does_not_answer_well_is_not_written(
    run: Run, root: Path, crm: Crm, declared: tuple[str, ...]
) -> None:
    crm.expire()
    failed = run("source", "add", "rest", *declared, "--secret", "key=-", stdin=TOKEN)
    assert failed.code == 3
    assert "KV302" in failed.err
    assert TOKEN not in failed.err
    assert not (root / "sources").exists()


def test_what_is_missing_is_said_at_once_and_nobody_is_asked(run: Run) -> None:
    failed = run("source", "add", "odoo")
    assert failed.code == 2
    assert "url" in failed.err
    assert "--secret api_key=env:NAME" in failed.err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--set", "base"), "has no value"),
        (("--set", "a=1", "--set", "a.b=2"), "given twice"),
        (("--set", "streams=@/no/such/file"), "cannot be read"),
        (("--secret", "key"), "--secret NAME=env:VARIABLE"),
        (("--clients", "acme"), "--clients"),
    ],
)
def test_options_that_cannot_be_understood_say_how_they_are_written(
    run: Run, option: tuple[str, ...], said: str
) -> None:
    failed = run("source", "add", "rest", *option)
    assert failed.code == 2
    assert said in failed.err


def test_a_test_ends_with_one_where_any_fails(
    run: Run, crm: Crm, declared: tuple[str, ...]
) -> None:
    for name in ("a", "b"):
        run("source", "add", "rest", "--name", name, *declared, "--secret", "key=-", stdin=TOKEN)
    run("source", "secret", "secret:b.key", stdin="another")
    tested = run("source", "test")
    assert tested.code == 1
    assert "a: Acme AB" in tested.out
    assert "b: failed (KV302)" in tested.out
    assert run("source", "test", "a").code == 0
    assert [one["fine"] for one in run("source", "test", "--json").json["sources"]] == [True, False]


def test_the_key_is_told_by_its_place_and_can_be_changed(run: Run, root: Path) -> None:
    assert "no encrypted file yet" in run("source", "key", "where").out
    assert run("source", "secret", "secret:crm.token", stdin="tok-1").code == 0
    before = run("source", "key", "where").out
    assert run("source", "key", "rotate").code == 0
    assert run("source", "key", "where").out != before
    assert run("source", "secret", "env:CRM", stdin="x").code == 2


def oauth_settings(server: Server) -> dict[str, Any]:
    """A REST source that a person signs in to."""
    return {
        "base": server.url,
        "auth": {
            "kind": "refresh_token",
            "token_url": f"{server.url}/token",
            "authorise_url": f"{server.url}/authorise",
        },
        "test": {"path": "me", "label": "label"},
        "streams": {"deals": {"path": "deals", "records": "deals", "fields": {"id": "text"}}},
    }


@pytest.mark.usefixtures("screen")
def test_a_person_signs_in_while_adding_and_is_warned_of_the_end(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand_in() as server:
        server.life = 5 * 86_400 + 3600
        pairs = [f"{key}={json.dumps(value)}" for key, value in oauth_settings(server).items()]
        options = [part for pair in pairs for part in ("--set", pair)]
        monkeypatch.setenv("HUB_ID", APP["client_id"])
        monkeypatch.setenv("HUB_SECRET", APP["client_secret"])
        places = ("--secret", "client_id=env:HUB_ID", "--secret", "client_secret=env:HUB_SECRET")
        more = (
            "--browser",
            "--wait",
            "20",
            "--connection",
            "hub",
            "--allow-private",
            "--name",
            "crm",
        )
        added = run("source", "add", "rest", *more, *options, *places)
        assert added.code == 0
        assert "Wrote connections/hub.yml" in added.out
        assert "Re-connect: kvitto source connect crm" in added.out
        assert server.refresh not in added.out + added.err
        shown = run("sources")
        assert "crm: Its sign-in expires in 5 days. Re-connect: kvitto source connect crm" in (
            shown.out
        )


@pytest.mark.usefixtures("screen")
def test_a_person_connects_with_the_address_that_is_opened(run: Run, root: Path) -> None:
    with stand_in() as server:
        definition = {
            "kind": "rest",
            "client": "acme",
            "settings": oauth_settings(server),
            "secrets": {name: f"secret:{name}" for name in APP},
            "allow_private": True,
        }
        (root / "sources").mkdir()
        (root / "sources" / "crm.yml").write_text(yaml.safe_dump(definition))
        for name, value in APP.items():
            assert run("source", "secret", f"secret:{name}", stdin=value).code == 0
        done = run("source", "connect", "crm", "--wait", "20")
        assert done.code == 0
        assert f"{server.url}/authorise?" in done.err
        assert "the token is kept as secret:crm.refresh_token" in done.out
        assert "crm: Acme AB" in done.out
        assert server.refresh not in done.out + done.err
        failed = run("source", "connect", "crm", "--wait", "0.05", "--no-open")
        assert failed.code == 3
        assert "no answer came" in failed.err


def test_a_person_at_a_terminal_is_asked_and_types_unseen(root: Path) -> None:
    """The dialogue of ``source add odoo``: each prompt gets its answer; nothing secret is shown."""
    answers = [
        ("url:", "https://odoo.example"),
        ("Change other settings", "n"),
        ("api_key:", "typed-unseen-77"),
    ]
    said, code = _dialogue(
        [sys.executable, "-m", "kvitto", "-w", str(root), "source", "add", "odoo", "--untested"],
        answers,
    )
    assert code == 0, said
    assert "typed-unseen-77" not in said
    assert "New API Key" in said
    assert "Wrote sources/odoo.yml" in said
    assert "api_key: secret:odoo.api_key" in (root / "sources" / "odoo.yml").read_text()


def _dialogue(command: list[str], answers: list[tuple[str, str]]) -> tuple[str, int]:
    """Run the command on a terminal of its own and answer its prompts in order."""
    child, handle = pty.fork()
    if child == 0:
        os.execv(command[0], command)
    said, waiting, until = "", list(answers), time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([handle], [], [], 0.2)[0]:
            try:
                more = os.read(handle, 4096).decode("utf-8", "replace")
            except OSError:
                break
            if not more:
                break
            said += more
        if waiting and said.rstrip().endswith((waiting[0][0], "[y/N]:")) and waiting[0][0] in said:
            os.write(handle, waiting.pop(0)[1].encode() + b"\n")
    os.close(handle)
    return said, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
