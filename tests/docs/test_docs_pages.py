"""The pages of the documentation do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.console import Step, matches, run, steps_of

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if steps_of(page)], ids=lambda page: str(page.name)
)
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path) -> None:
    for step in steps_of(page):
        trouble = run(step, tmp_path)
        assert not trouble, f"{page.relative_to(ROOT)}, {trouble}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    targets = [match[1] for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_dots_stand_for_anything_but_words_for_themselves() -> None:
    assert matches(("a ... c", "...", "end"), "a b b c\nx\ny\nend\n")
    assert not matches(("a ... c", "end"), "a b b d\nend\n")
    assert not matches(("12 deals",), "13 deals\n")


def test_a_wrong_page_is_noticed(tmp_path: Path) -> None:
    assert run(Step(1, "echo two", ("one",), 0), tmp_path)
    assert run(Step(1, "exit 3", (), 0), tmp_path)
    assert not run(Step(1, "echo one", ("one",), 0), tmp_path)
