"""Asking: few questions that meet every need."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import UnknownName, WriteFailed
from kvitto.model.question import ComparisonKind
from kvitto.report.asking import Ask, merge
from kvitto.report.disk import write_file
from kvitto.report.words import words_of
from tests.report import made

needs = st.lists(
    st.builds(
        Ask,
        metrics=st.lists(st.sampled_from(list(made.METRICS)), min_size=1, max_size=4).map(tuple),
        period=st.sampled_from([made.DECEMBER, made.JANUARY]),
        by=st.sampled_from([(), ("region",), ("month",)]),
        compare=st.sampled_from([None, ComparisonKind.previous, ComparisonKind.last_year]),
    ),
    max_size=12,
)


@given(needs)
def test_every_need_is_met_and_no_question_is_put_twice(wanted: list[Ask]) -> None:
    merged = merge(wanted)
    for need in wanted:
        for metric in need.metrics:
            assert any(
                ask.place == need.place
                and metric in ask.metrics
                and need.compare in (None, ask.compare)
                for ask in merged
            )
    put = [(ask.place, ask.compare) for ask in merged]
    assert len(put) == len(set(put))
    assert len(merged) <= len(wanted)


def test_a_need_without_comparison_is_met_by_one_with_it() -> None:
    plain = Ask(("deals_won",), made.DECEMBER)
    compared = Ask(("deals_won",), made.DECEMBER, compare=ComparisonKind.previous)
    assert merge([plain, compared]) == (compared,)


def test_unknown_words_and_languages_are_told() -> None:
    with pytest.raises(UnknownName, match="goal"):
        words_of("en")("goal.reachd")
    with pytest.raises(UnknownName, match="report language"):
        words_of("xx")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteFailed, match="what was there before is intact"):
        write_file(tmp_path / "file" / "draft.json", b"{}")
    assert (tmp_path / "file").read_text() == "x"
