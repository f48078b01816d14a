"""A new workspace, and the schemas that editors read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kvitto.errors import UnknownName, WrongUse
from kvitto.workspace import (
    Answers,
    create_workspace,
    load_workspace,
    schema_for,
    write_schemas,
    write_value,
)
from kvitto.workspace.creation import identifier_of

EXAMPLE = Path(__file__).parents[2] / "src" / "kvitto" / "app" / "example"


def test_a_copy_of_the_example_loads_and_keeps_runtime_data_out_of_git(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "demo"
    assert create_workspace(target, source=EXAMPLE)
    assert load_workspace(target).clients.keys() == load_workspace(EXAMPLE).clients.keys()
    assert "/.kvitto/" in (target / ".gitignore").read_text()
    first = (target / "clients" / "northgate.yml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../.schemas/client.json"
    assert (target / "data" / "crm" / "accounts.csv").is_file()


def test_the_same_workspace_again_changes_nothing(tmp_path: Path) -> None:
    create_workspace(tmp_path, source=EXAMPLE)
    (tmp_path / ".kvitto").mkdir()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert not create_workspace(tmp_path, source=EXAMPLE)
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    create_workspace(tmp_path, source=EXAMPLE)
    write_value(tmp_path / "clients" / "northgate.yml", ("manager",), "Jonas")
    with pytest.raises(WrongUse, match=r"clients/northgate\.yml differs"):
        create_workspace(tmp_path, source=EXAMPLE)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(WrongUse, match="not empty"):
        create_workspace(tmp_path / "other", source=EXAMPLE)
    assert (tmp_path / "other" / "thesis.txt").read_text() == "mine"


def test_a_file_in_the_way_or_an_absent_example_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WrongUse):
        create_workspace(tmp_path / "file", source=EXAMPLE)
    with pytest.raises(WrongUse, match="no such folder"):
        create_workspace(tmp_path / "new", source=tmp_path / "absent")


@pytest.mark.parametrize("client", [None, "Norrsken & Söner AB", 'He said: "#1"', "null"])
def test_a_few_answers_give_a_workspace_that_holds(tmp_path: Path, client: str | None) -> None:
    answers = Answers("Bright: Lane #2", "sv", "SEK", "Europe/Stockholm", client)
    create_workspace(tmp_path, source=answers)
    loaded = load_workspace(tmp_path)
    assert loaded.agency.agency == "Bright: Lane #2"
    assert [found.name for found in loaded.clients.values()] == ([client] if client else [])


def test_a_name_becomes_an_id() -> None:
    assert identifier_of("Norrsken & Söner AB") == "norrsken-soner-ab"
    assert identifier_of("株式会社") == "client"


@pytest.mark.parametrize("kind", ["kvitto", "client", "source", "metrics", "brand", "rules"])
def test_a_schema_knows_every_key_and_refuses_others(kind: str) -> None:
    schema = schema_for(kind)
    assert schema["additionalProperties"] is False
    assert schema["properties"]
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert json.loads(json.dumps(schema)) == schema


def test_a_bare_year_is_a_period_in_the_schema_too() -> None:
    goal = schema_for("client")["$defs"]["GoalDefinition"]
    assert goal["properties"]["period"]["type"] == ["string", "number"]


def test_an_unknown_kind_of_schema_is_refused() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'client'"):
        schema_for("clinet")


def test_other_rooms_can_add_their_schemas(tmp_path: Path) -> None:
    write_schemas(tmp_path, {"template": {"type": "object"}})
    assert json.loads((tmp_path / ".schemas" / "template.json").read_text()) == {"type": "object"}
