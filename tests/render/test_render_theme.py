"""Whatever the brand's colours are, the words can be read and the series told apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kvitto.model.brand import Brand
from kvitto.render.ledger import marks_of
from kvitto.render.material import balanced
from kvitto.render.theme.colour import _apart, contrast, mix, readable
from kvitto.render.theme.token import theme_of

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colours, colours, colours, colours)
def test_words_hold_aa_on_every_ground(accent: str, second: str, ink: str, paper: str) -> None:
    theme = theme_of(Brand(accent=accent, accent_2=second, ink=ink, paper=paper))
    best = max(contrast("#000000", theme.paper), contrast("#ffffff", theme.paper))
    grounds = (theme.paper, theme.surface, theme.accent_soft, theme.caution_soft)
    for name in ("ink", "muted", "accent", "good", "bad", "caution"):
        for ground in grounds:
            reached = contrast(getattr(theme, name), ground)
            assert reached >= 4.45 or (best < 7 and reached >= 3.0), (name, ground, reached)
    assert contrast(theme.on_fill, theme.fill) >= 4.5


@given(colours, colours)
def test_parts_of_a_chart_hold_three_to_one_on_white(accent: str, second: str) -> None:
    theme = theme_of(Brand(accent=accent, accent_2=second))
    assert all(contrast(colour, "#ffffff") >= 2.95 for colour in (*theme.series, theme.fill))


@given(colours, colours)
def test_the_first_four_series_are_told_apart_by_colour_blind_eyes(
    accent: str, second: str
) -> None:
    first = theme_of(Brand(accent=accent, accent_2=second)).series[:4]
    pairs = [(a, b) for i, a in enumerate(first) for b in first[i + 1 :]]
    assert min(_apart(a, b) for a, b in pairs) > 8


def test_a_colour_that_is_readable_already_is_not_touched() -> None:
    assert readable("#0b5cad", ["#ffffff"]) == "#0b5cad"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


@given(st.integers(0, 40), st.integers(2, 5))
def test_rows_of_tiles_are_full_and_leave_no_orphan(count: int, most: int) -> None:
    rows = balanced(count, most)
    assert sum(rows) == count
    assert all(0 < row <= most for row in rows)
    assert not rows or max(rows) - min(rows) <= 1


codes = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8)


@given(st.lists(codes.map(lambda text: f"{text[:4]}-{text[4:]}"), unique=True, max_size=60))
def test_marks_name_one_receipt_each_and_never_look_like_an_exponent(known: list[str]) -> None:
    marks = marks_of(known)
    assert set(marks) == set(known)
    assert len(set(marks.values())) == len(known)
    for code, mark in marks.items():
        plain = code.replace("-", "")
        assert plain.startswith(mark)
        assert not mark.isdigit() or mark == plain
        others = [other.replace("-", "") for other in known if other != code]
        assert not [other for other in others if other.startswith(mark)]
