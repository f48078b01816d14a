"""Charts: finished words, gaps for what is missing, nothing evaluated, colours told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import RenderFailed
from kvitto.model.block import ChartBlock, TrendPoint
from kvitto.model.edition import Edition
from kvitto.model.value import Unit, UnitKind
from kvitto.render import render_chart_svg, vega_spec
from kvitto.render.chart.draw import draw_svg
from kvitto.render.chart.frame import below, wrapped
from kvitto.render.chart.scale import scale_of
from kvitto.render.chart.spark import spark_svg
from kvitto.render.theme.token import theme_of
from tests.render.sample import BRAND, make_edition

SHAPES = ("line", "bar", "column", "stacked", "waterfall", "funnel")


def _charts(edition: Edition) -> dict[str, ChartBlock]:
    return {b.id.split("/")[1]: b for b in edition.blocks() if isinstance(b, ChartBlock)}


def _values(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for layer in spec["layer"] if "data" in layer for row in layer["data"]["values"]]


@pytest.fixture(scope="module")
def charts() -> dict[str, ChartBlock]:
    return _charts(make_edition("en"))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("width", [780, 340])
def test_every_shape_is_drawn_with_a_name_and_words(
    charts: dict[str, ChartBlock], shape: str, width: int
) -> None:
    block = charts[shape]
    spec = vega_spec(block, "en", BRAND, width=width)
    svg = draw_svg(spec, name="c", title=block.title, text=block.alt)
    assert svg.startswith("<svg")
    assert 'role="img"' in svg
    assert f'<title id="c-t">{block.title}' in svg
    assert "NaN" not in svg


@pytest.mark.parametrize("shape", SHAPES)
def test_a_specification_is_plain_json_and_asks_for_no_address(
    charts: dict[str, ChartBlock], shape: str
) -> None:
    text = json.dumps(vega_spec(charts[shape], "en", BRAND))
    assert '"url"' not in text
    assert "format" not in json.loads(text)


def test_names_are_words_in_a_drawn_chart(charts: dict[str, ChartBlock]) -> None:
    svg = render_chart_svg(charts["bar"], "en", BRAND)
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


def test_a_name_that_is_an_expression_is_only_looked_up(charts: dict[str, ChartBlock]) -> None:
    evil = "']+datum.x+['\u2028\\"
    block = charts["column"].model_copy(update={"categories": (evil, "b", "c", "d 1")})
    svg = render_chart_svg(block, "en", BRAND)
    assert "datum.x" in svg


def test_a_missing_point_is_a_gap_not_a_zero(charts: dict[str, ChartBlock]) -> None:
    spec = vega_spec(charts["line"], "en", BRAND)
    numbers = [row["v"] for row in _values(spec) if "v" in row]
    assert 0 not in numbers
    assert None not in numbers
    assert len({row["g"] for row in _values(spec) if "g" in row}) == 3


def test_a_missing_bar_has_words(charts: dict[str, ChartBlock]) -> None:
    assert "no data yet" in render_chart_svg(charts["bar"], "en", BRAND)
    assert "inga data" in render_chart_svg(_charts(make_edition("sv"))["stacked"], "sv", BRAND)


def test_a_chart_without_a_number_says_so(charts: dict[str, ChartBlock]) -> None:
    assert "no data yet" in render_chart_svg(charts["bar3"], "en", BRAND)


def test_a_waterfall_ends_where_its_parts_lead(charts: dict[str, ChartBlock]) -> None:
    spans = vega_spec(charts["waterfall"], "en", BRAND)["layer"][0]["data"]["values"]
    assert (spans[0]["a"], spans[-1]["a"]) == (0, 0)
    assert spans[-2]["b"] == pytest.approx(spans[-1]["b"])


def test_columns_with_long_names_lie_down(charts: dict[str, ChartBlock]) -> None:
    names = (
        "Northern archipelago municipalities",
        "Southern lowlands",
        "Old town",
        "Harbour and mills",
    )
    block = charts["column"].model_copy(update={"categories": names})
    narrow = vega_spec(block, "en", BRAND, width=340)
    assert narrow["layer"][0]["encoding"]["y"]["field"] == "i"


@pytest.mark.parametrize(
    ("language", "top"),
    [("en", "US$3M"), ("sv", "3\u00a0mn\u00a0US$"), ("de", "3\u00a0Mio.\u00a0$")],
)
def test_axes_speak_the_language_of_the_edition(language: str, top: str) -> None:
    unit = Unit(UnitKind.money, "USD")
    assert scale_of([1e6, 2.4e6], unit, language).labels[-1] == top


@given(
    st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1, max_size=20),
    st.sampled_from(list(UnitKind)),
)
def test_a_scale_holds_its_numbers_and_has_few_ticks(numbers: list[float], kind: UnitKind) -> None:
    scale = scale_of(numbers, Unit(kind, "SEK"), "sv")
    slack = 1e-6 * (scale.high - scale.low)
    assert scale.low - slack <= min(numbers)
    assert max(numbers) <= scale.high + slack
    assert 2 <= len(scale.ticks) <= 8
    assert len(scale.labels) == len(scale.ticks)
    assert all(scale.labels)


@given(st.text(max_size=300), st.integers(3, 40), st.integers(1, 3))
def test_a_label_has_no_more_lines_than_asked(text: str, letters: int, lines: int) -> None:
    assert 1 <= len(wrapped(text, letters, lines)) <= lines


def test_the_last_period_always_has_its_name() -> None:
    labels, every = below([f"2017-{month:02d}" for month in range(1, 13)], 20)
    assert every > 1
    assert labels[-1] != ""


def test_an_engine_that_refuses_is_a_clear_failure_not_a_blank() -> None:
    spec = {"mark": "bar", "data": {"sequence": {"start": 0, "stop": 30_000_000}}, "config": {}}
    with pytest.raises(RenderFailed, match="draw the chart 'Big'"):
        draw_svg(spec, name="c", title="Big", text="")


def test_a_specification_may_not_read_files_or_addresses() -> None:
    for address in ("file:///etc/passwd", "http://127.0.0.1:9/x.json", "/etc/passwd"):
        spec = {"data": {"url": address}, "mark": "bar", "config": {}}
        with pytest.raises(RenderFailed):
            draw_svg(spec, name="c", title="Thief", text="")


def test_a_sparkline_has_gaps_and_a_hollow_end_where_it_is_provisional() -> None:
    points = [
        TrendPoint(label=str(i), start="", number=None if i == 2 else i, display=str(i),
                   provisional=i == 5)
        for i in range(6)
    ]  # fmt: skip
    theme = theme_of(BRAND)
    svg = spark_svg(points, theme)
    assert svg.count("<polyline") == 2
    assert f'fill="{theme.paper}"' in svg
    assert spark_svg(points[:1], theme) == ""
