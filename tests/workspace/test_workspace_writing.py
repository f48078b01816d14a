"""Writing back: what was asked changes, the rest stays as a person left it."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvitto.errors import BadDefinition, WrongUse
from kvitto.workspace import append_value, load_workspace, remove_value, write_value
from kvitto.workspace.document import read_document

EXAMPLE = Path(__file__).parents[2] / "src" / "kvitto" / "app" / "example"


@pytest.fixture
def client(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("data"))
    return root / "clients" / "northgate.yml"


def changed_lines(before: str, after: str) -> list[tuple[str, str]]:
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    return [(old, new) for old, new in pairs if old != new]


def test_a_scalar_is_exchanged_and_every_other_byte_stays(client: Path) -> None:
    before = client.read_text()
    write_value(client, ("goals", 3, "target"), Decimal("0.7"))
    ((old, new),) = changed_lines(before, client.read_text())
    assert new == old.replace("0.65", "0.7")


def test_an_added_item_takes_the_style_of_its_neighbours(client: Path) -> None:
    before = client.read_text().splitlines()
    item = {"title": "Call Dana, then Marcus", "who": "Elin", "side": "us", "due": date(2018, 2, 1)}
    append_value(client, ("actions",), item)
    after = client.read_text().splitlines()
    added = [line for line in after if line not in before]
    assert len(after) == len(before) + 1
    assert added[0].startswith("  - {title: ")
    assert load_workspace(client.parents[1]).clients["northgate"].actions[-1].due == item["due"]


def test_comments_survive_every_kind_of_change(tmp_path: Path) -> None:
    path = tmp_path / "notes.yml"
    text = "# head\na: 1  # one\n\n# list\nb:\n- x  # first\n- 'y'\n# tail\n"
    path.write_text(text)
    append_value(path, ("b",), "z")
    write_value(path, ("c",), {"d": [1, Decimal("2.50")]})
    remove_value(path, ("b", 0))
    written = path.read_text()
    assert all(word in written for word in ("# head", "# one", "# list", "# tail", "'y'"))
    assert read_document(path)[0].value == {"a": "1", "b": ["y", "z"], "c": {"d": ["1", "2.5"]}}


def test_a_change_that_breaks_the_definition_leaves_the_file_untouched(client: Path) -> None:
    before = client.read_bytes()
    with pytest.raises(BadDefinition, match="week_start"):
        write_value(client, ("week_start",), 9)
    with pytest.raises(BadDefinition, match="no such key"):
        write_value(client, ("langauge",), "sv")
    assert client.read_bytes() == before
    assert [path.name for path in client.parent.iterdir()] == ["northgate.yml"]


def test_a_secret_cannot_be_written(client: Path) -> None:
    main = client.parents[1] / "kvitto.yml"
    with pytest.raises(BadDefinition, match="plain text"):
        write_value(main, ("mail", "password"), "hunter2")
    write_value(main, ("mail", "password"), "env:SMTP_PASSWORD")
    assert load_workspace(main.parent).agency.mail.password == "env:SMTP_PASSWORD"


def test_an_old_problem_does_not_stop_the_mending_of_another(tmp_path: Path) -> None:
    folder = tmp_path / "clients"
    folder.mkdir()
    path = folder / "a.yml"
    path.write_text("nmae: A\nweek_start: 9\n")
    write_value(path, ("week_start",), 1)
    assert path.read_text() == "nmae: A\nweek_start: 1\n"


@pytest.mark.parametrize("keys", [(), ("goals", 99, "target"), ("name", "x"), ("absent", "x")])
def test_a_place_that_does_not_exist_is_refused(client: Path, keys: tuple[str | int, ...]) -> None:
    with pytest.raises(WrongUse):
        write_value(client, keys, 1)


def test_appending_to_what_is_no_list_and_removing_nothing_is_refused(client: Path) -> None:
    with pytest.raises(WrongUse, match="no list"):
        append_value(client, ("name",), "x")
    with pytest.raises(WrongUse, match="nothing"):
        remove_value(client, ("goals", 99))


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
    st.sampled_from(["null", "true", "2017", "- a", "a: b", "#x", "a #b", "{a}", "'", '"', "*a"]),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.sampled_from(["x", "'x'", '"x"', "|\n    x\n    y"]))
def test_what_is_written_is_what_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, value: object, old: str
) -> None:
    path = tmp_path_factory.mktemp("w") / "any.yml"
    path.write_text(f"# a\na:\n  b: {old}\nc: [1, 2]  # two\n", encoding="utf-8")
    write_value(path, ("a", "b"), value)
    document, problems = read_document(path)
    read = document.at(("a", "b"))
    assert problems == ()
    assert document.at(("c",)) == ["1", "2"]
    assert "# two" in path.read_text(encoding="utf-8")
    if isinstance(value, str):
        assert read == value
    elif isinstance(value, bool):
        assert read == str(value).lower()
    elif isinstance(value, Decimal):
        assert Decimal(str(read)) == value
    else:
        assert read == str(value)
