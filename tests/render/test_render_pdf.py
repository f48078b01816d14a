"""The PDF: tagged, complete, never clipped, and not stopped by a name."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from kvitto.errors import RenderFailed
from kvitto.model.block import CellShown, Column, NoticeBlock, TableBlock
from kvitto.model.edition import Edition, Section
from kvitto.render import render
from kvitto.render.fact import moment_of
from kvitto.render.formats.pdf import typeset
from kvitto.render.theme.font import showable
from tests.render.sample import BRAND, make_edition

pdfium = pytest.importorskip("pypdfium2")

STRANGE = "株式会社 한국어 中文 العربية שלום ไทย 🚀👩‍👩‍👧 नमस्ते \u200f x\u0301 ﷽ 𝒳"


def _pages(data: bytes) -> list[str]:
    document = pdfium.PdfDocument(data)
    return [page.get_textpage().get_text_range() for page in document]


def _alone(*blocks: BaseModel, language: str = "en") -> Edition:
    section = Section.model_validate(
        {"id": "s", "title": "S", "blocks": [block.model_dump() for block in blocks]}
    )
    return make_edition(language).model_copy(update={"sections": (section,), "receipts": {}})


def test_the_pdf_is_tagged_named_and_in_its_language(
    made: dict[str, bytes], made_swedish: dict[str, bytes]
) -> None:
    assert b"/MarkInfo" in made["pdf"]
    assert b"pdfuaid" in made["pdf"]
    assert b"pdfaid" in made["pdf"]
    assert b"/Lang(en-GB)" in made["pdf"]
    assert b"/Lang(sv-SE)" in made_swedish["pdf"]


def test_it_has_contents_bookmarks_and_numbered_pages(made: dict[str, bytes]) -> None:
    document = pdfium.PdfDocument(made["pdf"])
    titles = [mark.get_title() for mark in document.get_toc()]
    assert [t for t in titles if t in ("In short", "Results", "Receipts")] == [
        "In short",
        "Results",
        "Receipts",
    ]
    pages = _pages(made["pdf"])
    assert "Contents" in pages[0]
    assert f"Page 2 of {len(pages)}" in pages[1]


def test_every_receipt_is_in_the_index(edition: Edition, made: dict[str, bytes]) -> None:
    text = "".join(_pages(made["pdf"]))
    assert not [code for code in edition.receipts if code not in text]


def test_every_row_of_a_long_table_is_printed_and_its_head_repeated(
    made: dict[str, bytes],
) -> None:
    pages = _pages(made["pdf"])
    text = "".join(pages)
    assert not [index for index in range(10, 60) if f" {index}" not in text]
    assert sum("Average deal size" in " ".join(page.split()) for page in pages[1:5]) >= 3


def test_letters_of_the_world_do_not_stop_it() -> None:
    data = render(_alone(NoticeBlock(id="n", title=STRANGE, lines=(STRANGE,))), BRAND, "pdf")
    text = "".join(_pages(data))
    assert "株式会社" in text
    assert "\u25a1" in text
    assert "stand as" in text


def test_a_report_without_strange_letters_has_no_remark_about_them() -> None:
    data = render(_alone(NoticeBlock(id="n", lines=("Åäö – €",))), BRAND, "pdf")
    assert "stand as" not in "".join(_pages(data))


def test_what_looks_like_typst_is_printed_as_it_is() -> None:
    hostile = '#import "@preview/x": * #read("/etc/passwd") $x$ *b* _i_ @ref <label> \\ // /* */'
    data = render(_alone(NoticeBlock(id="n", title=hostile, lines=(hostile,))), BRAND, "pdf")
    assert '#read("/etc/passwd")' in " ".join("".join(_pages(data)).split())


def test_a_name_of_200_letters_without_a_space_stays_on_the_page() -> None:
    long = "W" * 200
    columns = (Column(key="a", label="Name"), Column(key="b", label="Other"))
    table = TableBlock(
        id="t", title=long, columns=columns, rows=((CellShown(text=long), CellShown(text="x")),)
    )
    document = pdfium.PdfDocument(render(_alone(table), BRAND, "pdf"))
    for page in document:
        width = page.get_width()
        text = page.get_textpage()
        boxes = [text.get_charbox(index) for index in range(text.count_chars())]
        assert all(left >= 0 and right <= width for left, _, right, _ in boxes)


def test_a_table_of_sixteen_columns_turns_the_page_and_keeps_every_word() -> None:
    columns = tuple(Column(key=str(i), label=f"Column {i}") for i in range(16))
    row = tuple(CellShown(text=f"word{i:02d} and more") for i in range(16))
    table = TableBlock(id="t", title="Wide", columns=columns, rows=(row,) * 3)
    data = render(_alone(table), BRAND, "pdf")
    document = pdfium.PdfDocument(data)
    assert [page for page in document if page.get_width() > page.get_height()]
    text = "".join(_pages(data))
    assert not [i for i in range(16) if f"word{i:02d}" not in text]


def test_a_typesetter_that_fails_says_what_it_said() -> None:
    with pytest.raises(RenderFailed, match="unknown variable"):
        typeset({"main.typ": b"#nothing-of-that-name"}, 0, "northgate/R13/2017-12/1")


def test_a_runaway_document_is_stopped() -> None:
    source = b"#let eat(n) = { let a = (0,) * n; a }\n#for i in range(60) { eat(90000000) }"
    with pytest.raises(RenderFailed):
        typeset({"main.typ": source}, 0, "x")


def test_the_time_of_the_document_is_that_of_the_data() -> None:
    edition = make_edition("en")
    assert moment_of(edition) == 1514959200
    assert moment_of(edition.model_copy(update={"data_as_of": "?"})) == 1514678400
    assert moment_of(edition.model_copy(update={"data_as_of": "", "last_day": ""})) == 0


def test_showable_counts_what_it_replaces() -> None:
    assert showable("Åäö") == ("Åäö", 0)
    assert showable("नम") == ("\u25a1\u25a1", 2)
    assert showable("👍🏽") == ("👍", 0)
