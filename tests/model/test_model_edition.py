"""An edition is one document: it survives JSON, and its hash is its content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kvitto.model.block import (
    ActionsBlock,
    ActionShown,
    CellShown,
    ChartBlock,
    Column,
    MeetingBlock,
    NoticeBlock,
    Sentence,
    Series,
    ShownFigure,
    TableBlock,
    TextBlock,
    Tile,
    TilesBlock,
)
from kvitto.model.edition import Edition, Labels, Review, Section
from kvitto.model.finding import Finding, Severity

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FIGURES = st.builds(
    ShownFigure,
    metric=WORDS,
    label=WORDS,
    display=WORDS,
    number=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    unit=st.sampled_from(["count", "money", "share"]),
    n=st.integers(0, 10**9),
    receipt=st.none() | st.just("K7F2-Q9XM"),
)
BLOCKS = st.one_of(
    st.builds(TilesBlock, id=WORDS, tiles=st.lists(st.builds(Tile, figure=FIGURES), max_size=2)),
    st.builds(TextBlock, id=WORDS, source=WORDS, sentences=st.just((Sentence(text="Up."),))),
    st.builds(NoticeBlock, id=WORDS, lines=st.tuples(WORDS)),
    st.builds(MeetingBlock, id=WORDS, title=WORDS, when=WORDS, minutes=st.just(30)),
    st.builds(
        TableBlock,
        id=WORDS,
        title=WORDS,
        columns=st.just((Column(key="k", label="K"),)),
        rows=st.lists(st.tuples(st.builds(CellShown, text=WORDS, figure=FIGURES)), max_size=2),
    ),
    st.builds(
        ChartBlock,
        id=WORDS,
        title=WORDS,
        chart=st.just("line"),
        category_label=WORDS,
        value_label=WORDS,
        categories=st.just(("a",)),
        series=st.lists(st.builds(Series, name=WORDS, values=st.tuples(FIGURES)), max_size=1),
        unit=st.just("count"),
        alt=WORDS,
    ),
    st.builds(
        ActionsBlock,
        id=WORDS,
        title=WORDS,
        items=st.just((ActionShown(title="Call", who="Elin", side="us", due="2018-01-10"),)),
        us_label=WORDS,
        client_label=WORDS,
    ),
)


def edition(*blocks: Any, **changed: Any) -> Edition:
    fixed: dict[str, Any] = {
        "id": "northgate/R13/2017-12/1",
        "client": "northgate",
        "client_name": "Northgate",
        "report": "R13",
        "report_version": 1,
        "title": "Monthly report",
        "period": "2017-12",
        "first_day": "2017-12-01",
        "last_day": "2017-12-31",
        "period_text": "December 2017",
        "language": "en",
        "currency": "USD",
        "timezone": "UTC",
        "brand": "kvitto",
        "agency": "Bright Lane",
        "data_as_of": "2017-12-31",
        "data_as_of_text": "31 December 2017",
        "warehouse": "v0001-abcdef12",
        "labels": Labels(**dict.fromkeys(Labels.model_fields, "word")),
        "sections": (Section(id="s", title="S", blocks=tuple(blocks)),),
    }
    return Edition(**fixed | changed)


@given(st.lists(BLOCKS, max_size=4))
def test_an_edition_survives_json_with_its_hash(blocks: list[Any]) -> None:
    made = edition(*blocks)
    again = Edition.model_validate_json(made.model_dump_json())
    assert again == made
    assert again.content_hash() == made.content_hash()
    assert [type(block) for block in again.blocks()] == [type(block) for block in blocks]


@given(st.lists(BLOCKS, min_size=1, max_size=3))
def test_the_hash_covers_every_part(blocks: list[Any]) -> None:
    made = edition(*blocks)
    hashes = {
        made.content_hash(),
        edition(*blocks, title="Other").content_hash(),
        edition(*blocks, blocks[0]).content_hash(),
        edition(*blocks, reviews=(Review(action="approved", by="Elin", at="now"),)).content_hash(),
        edition(*blocks, findings=(FINDING,)).content_hash(),
    }
    assert len(hashes) == 5


FINDING = Finding(
    code="missing_field",
    severity=Severity.warning,
    client="northgate",
    source="crm",
    table="deals",
    rows=1,
    message="m",
    todo="t",
)


def test_a_review_does_not_change_what_was_reviewed() -> None:
    reviews = (Review(action="approved", by="Elin", at="2018-01-02"),)
    assert edition().reviewed_hash() == edition(reviews=reviews).reviewed_hash()


def test_texts_come_in_reading_order() -> None:
    notice = NoticeBlock(id="n", lines=("x",))
    one, two = TextBlock(id="one"), TextBlock(id="two")
    assert [text.id for text in edition(one, notice, two).texts()] == ["one", "two"]


def test_an_unknown_kind_of_block_or_key_is_refused() -> None:
    document = json.loads(edition(TextBlock(id="t")).model_dump_json())
    document["sections"][0]["blocks"][0]["kind"] = "video"
    with pytest.raises(ValidationError, match="video"):
        Edition.model_validate(document)
    with pytest.raises(ValidationError, match="colour"):
        edition(colour="red")


def test_an_edition_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(edition(), "title", "Other")  # noqa: B010 - mypy knows that it is frozen
