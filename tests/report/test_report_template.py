"""Templates: what is declared, and what is told about a wrong declaration."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvitto.errors import BadDefinition, UnknownName
from kvitto.report.block import kinds
from kvitto.report.outline import PERSON_DIMENSIONS
from kvitto.report.template import choose_template, load_templates

GOOD = """\
id: X01
title: {en: Mine, sv: Min}
kpis: [deals_won]
sections:
  - id: one
    title: {en: One, sv: Ett}
    answers: achieved
    blocks:
      - {kind: tiles, id: kpis}
"""


def write(folder: Path, text: str, name: str = "mine.yml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


def test_the_three_reports_are_there_in_both_languages() -> None:
    templates = load_templates()
    assert {"R01", "R06", "R13"} <= set(templates)
    for template in templates.values():
        for section in template.sections:
            assert section.title["en"] != section.title["sv"]


def test_the_monthly_report_has_its_nine_parts_in_order() -> None:
    parts = [s.id for s in load_templates()["R13"].sections if s.title["en"][:1].isdigit()]
    assert parts == [
        "goals", "done", "results", "business", "why", "plan", "steps", "call", "we",
    ]  # fmt: skip


def test_every_report_opens_with_tiles_and_ends_with_definitions() -> None:
    for template in load_templates().values():
        blocks = list(template.blocks())
        assert blocks[0].kind == "tiles"
        assert [block.kind for block in blocks[-4:]] == [
            "restatements", "sources", "findings", "definitions",
        ]  # fmt: skip


def test_a_workspace_adds_a_report(tmp_path: Path) -> None:
    templates = load_templates(write(tmp_path / "templates", GOOD))
    assert templates["X01"].metrics() == ("deals_won",)
    assert "R13" in templates


def test_a_workspace_replaces_a_report(tmp_path: Path) -> None:
    templates = load_templates(write(tmp_path / "templates", GOOD.replace("X01", "R13")))
    assert templates["R13"].title["en"] == "Mine"


def test_a_folder_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    assert set(load_templates(tmp_path / "none")) == set(load_templates())


def test_all_problems_come_together_each_with_its_line(tmp_path: Path) -> None:
    text = GOOD.replace("kind: tiles", "kind: tile").replace(
        "title: {en: One, sv: Ett}", "title: {en: One}"
    )
    text += "      - {kind: bars, id: b, metrics: x, dimension: region}\nrules: [voise]\n"
    with pytest.raises(BadDefinition) as caught:
        load_templates(write(tmp_path / "templates", text))
    told = {(p.line, p.todo) for p in caught.value.problems}
    assert (9, "Did you mean 'tiles'?") in told
    assert (10, "Did you mean 'metric'?") in told
    assert (11, "Did you mean 'voice'?") in told
    assert any(p.line == 6 and "sv" in p.found for p in caught.value.problems)
    assert all(p.file == "templates/mine.yml" for p in caught.value.problems)


@pytest.mark.parametrize("dimension", sorted(PERSON_DIMENSIONS))
def test_a_report_for_a_client_may_not_split_by_people(tmp_path: Path, dimension: str) -> None:
    block = f"      - {{kind: table, id: t, metrics: [deals_won], dimension: {dimension}}}\n"
    folder = write(tmp_path / "templates", GOOD + block)
    with pytest.raises(BadDefinition, match="report for a client"):
        load_templates(folder)
    write(folder, GOOD.replace("id: X01", "id: X01\naudience: manager") + block)
    assert load_templates(folder)["X01"].audience == "manager"


def test_two_blocks_may_not_share_an_id(tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match="same id"):
        load_templates(write(tmp_path / "templates", GOOD + "      - {kind: meeting, id: kpis}\n"))


def test_two_files_may_not_share_an_id(tmp_path: Path) -> None:
    folder = write(tmp_path / "templates", GOOD)
    write(folder, GOOD, "other.yml")
    with pytest.raises(BadDefinition, match="same id"):
        load_templates(folder)


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match=r"mine\.yml:\d+"):
        load_templates(write(tmp_path / "templates", "id: [\n"))


def test_a_title_may_only_name_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match="names something"):
        load_templates(
            write(tmp_path / "templates", GOOD.replace("en: Mine", "en: '{who} {period}'"))
        )


def test_an_unknown_topic_is_told_with_the_nearest(tmp_path: Path) -> None:
    block = "      - {kind: text, id: t, about: [sumary]}\n"
    with pytest.raises(BadDefinition, match="summary"):
        load_templates(write(tmp_path / "templates", GOOD + block))


def test_an_unknown_report_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="R13"):
        choose_template(load_templates(), "R31")


def test_every_kind_of_block_loads() -> None:
    for name, kind in kinds():
        assert kind.spec.model_fields["kind"], name
