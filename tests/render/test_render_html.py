"""The page: self-contained, inert, readable by everyone."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from kvitto.model.block import Mark, NoticeBlock, Sentence, TextBlock, WorkBlock, WorkItem
from kvitto.model.edition import Edition, Section
from kvitto.render import render
from tests.render.sample import BRAND, make_edition


class Reader(HTMLParser):
    """Collects tags, ids and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def _read(data: bytes) -> Reader:
    reader = Reader()
    reader.feed(data.decode())
    return reader


@pytest.fixture(scope="module")
def page(made: dict[str, bytes]) -> Reader:
    return _read(made["html"])


def _with_text(*sentences: Sentence) -> Edition:
    block = TextBlock(id="t", sentences=sentences)
    return make_edition("en").model_copy(
        update={"sections": (Section(id="s", title="S", blocks=(block,)),)}
    )


def test_the_page_asks_for_nothing_and_runs_nothing(page: Reader) -> None:
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("iframe")
    sources = [attrs.get("src") or "" for _, attrs in page.tags if "src" in attrs]
    assert all(source.startswith("data:") for source in sources)
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    policy = [a for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policy) == 1
    assert (policy[0]["content"] or "").startswith("default-src 'none'")


def test_the_style_sheet_loads_nothing_from_anywhere(made: dict[str, bytes]) -> None:
    addresses = re.findall(r"url\(([^)]{0,12})", made["html"].decode())
    assert addresses
    assert all(address.startswith("data:font/wo") for address in addresses)


def test_every_figure_leads_to_a_receipt_that_is_there(page: Reader) -> None:
    ids = {attrs.get("id") for _, attrs in page.tags}
    leads = [a["href"] or "" for a in page.all("a") if (a.get("class") or "").startswith("fig")]
    assert len(leads) > 300
    assert not [lead for lead in leads if lead.removeprefix("#") not in ids]


def test_every_chart_has_a_name_a_description_and_a_table(edition: Edition, page: Reader) -> None:
    drawn = [a for a in page.all("svg") if a.get("role") == "img" and "aria-labelledby" in a]
    assert len(drawn) == 7 * 2
    assert len(page.all("details")) == 8


def test_ids_are_unique(page: Reader) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))


def test_headings_skip_no_level(page: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_hostile_names_are_words(made: dict[str, bytes]) -> None:
    text = made["html"].decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_missing_figures_are_words(made: dict[str, bytes], made_swedish: dict[str, bytes]) -> None:
    assert "no data yet" in made["html"].decode()
    assert "inga data ännu" in made_swedish["html"].decode()


def test_a_link_that_would_run_something_is_only_text() -> None:
    item = WorkItem(title="Look", link="javascript:alert(1)")
    block = WorkBlock(id="w", title="Done", items=(item,))
    edition = make_edition("en").model_copy(
        update={"sections": (Section(id="s", title="S", blocks=(block,)),)}
    )
    page = _read(render(edition, BRAND, "html"))
    assert not [a for a in page.all("a") if "javascript" in (a.get("href") or "")]
    assert "javascript:alert(1)" in page.words


def test_what_does_not_resolve_is_marked_and_what_is_vouched_names_its_voucher() -> None:
    wrong = Mark(start=0, end=2, what="number", state="unresolved", why="no figure is 99")
    stood = Mark(start=3, end=5, what="number", state="vouched", by="Elin")
    edition = _with_text(Sentence(text="99 40 calls", marks=(wrong, stood)))
    text = render(edition, BRAND, "html").decode()
    assert '<mark class="open" title="no figure is 99">99</mark>' in text
    assert "Elin" in text


def test_marks_that_overlap_or_lie_outside_do_not_lose_text() -> None:
    marks = (
        Mark(start=0, end=4, what="number", state="plain"),
        Mark(start=2, end=6, what="number", state="plain"),
        Mark(start=5, end=99, what="number", state="plain"),
    )
    text = render(_with_text(Sentence(text="abcdefghij", marks=marks)), BRAND, "html").decode()
    assert "abcdefghij" in text


def test_control_characters_are_left_out() -> None:
    block = NoticeBlock(id="n", lines=("a\x00b\x1bc\ud800d",))
    edition = make_edition("en").model_copy(
        update={"sections": (Section(id="s", title="S", blocks=(block,)),)}
    )
    assert "abcd" in render(edition, BRAND, "html").decode()


def test_the_language_is_declared(made_swedish: dict[str, bytes]) -> None:
    assert _read(made_swedish["html"]).all("html")[0]["lang"] == "sv"
