"""Pieces of sentences, small trends and charts out of an edition's own figures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kvitto.model.block import Mark, Sentence, ShownFigure, TextBlock, Tile, TrendPoint
from kvitto.web.view.chart import trend_charts
from kvitto.web.view.sentence import cut, troubles_of
from kvitto.web.view.trend import HEIGHT, WIDTH, draw


def mark(start: int, end: int, state: str = "unresolved") -> Mark:
    return Mark.model_validate(
        {"start": start, "end": end, "what": "number", "state": state, "why": "nothing shows it"}
    )


def point(number: float | None, label: str = "Nov 2017") -> TrendPoint:
    return TrendPoint(label=label, start="2017-11-01", number=number, display=f"{number}")


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=6),
)
def test_the_pieces_joined_are_the_sentence(text: str, stretches: list[tuple[int, int]]) -> None:
    marks = tuple(mark(start, end) for start, end in stretches)
    pieces = cut(Sentence(text=text, marks=marks))
    assert "".join(piece.text for piece in pieces) == text


def test_what_does_not_resolve_is_listed_with_its_phrase_and_reason() -> None:
    sentence = Sentence(text="We won 99 deals in May.", marks=(mark(7, 9), mark(19, 22, "plain")))
    found = troubles_of(TextBlock(id="summary/main", sentences=(sentence,)))
    assert [(one.phrase, one.why) for one in found] == [("99", "nothing shows it")]
    assert "/" not in found[0].anchor


@given(st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), max_size=30))
def test_a_trend_stays_inside_its_frame(numbers: list[float | None]) -> None:
    line = draw([point(number) for number in numbers])
    if line is None:
        assert sum(number is not None for number in numbers) < 2
        return
    assert all(0 <= spot.x <= WIDTH and 0 <= spot.y <= HEIGHT for spot in line.spots)


def test_a_missing_period_breaks_the_line_and_is_not_drawn_as_zero() -> None:
    line = draw([point(1.0), point(2.0), point(None), point(3.0), point(4.0)])
    assert line is not None
    assert len(line.runs) == 2
    assert len(line.spots) == 4


def test_a_trend_chart_shows_the_words_and_receipts_of_its_points() -> None:
    shown = ShownFigure(metric="deals_won", label="Deals won", display="4", number=4, unit="count")
    trend = (
        TrendPoint(label="Nov", start="2017-11-01", number=3, display="3 st", receipt="AAAA-0001"),
        TrendPoint(label="Dec", start="2017-12-01", number=None, display="no data"),
        TrendPoint(label="Jan", start="2018-01-01", number=4, display="4 st", provisional=True),
    )
    (chart,) = trend_charts([Tile(figure=shown, trend=trend), Tile(figure=shown)])
    values = chart.series[0].values
    assert [value.display for value in values] == ["3 st", "no data", "4 st"]
    assert values[0].receipt == "AAAA-0001"
    assert values[1].missing == "no_data"
    assert values[2].status == "provisional"
