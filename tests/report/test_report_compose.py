"""Composing: what an edition holds, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TypeVar

import pytest

from kvitto.model.block import (
    ActionsBlock,
    ChartBlock,
    DefinitionsBlock,
    MeetingBlock,
    NoticeBlock,
    TableBlock,
    TilesBlock,
    WorkBlock,
)
from kvitto.model.edition import Edition
from kvitto.model.period import Calendar, parse_period
from kvitto.model.value import MissingKind
from kvitto.report.display import codes_of, figures_of
from kvitto.report.lint import lint
from kvitto.report.words import words_of
from tests.report import made

Kind = TypeVar("Kind")


def block(edition: Edition, kind: type[Kind], place: str = "") -> Kind:
    return next(b for b in edition.blocks() if isinstance(b, kind) and (not place or b.id == place))


@pytest.fixture(scope="module")
def monthly() -> Edition:
    return made.standard("R13")


@pytest.mark.parametrize("name", ["R01", "R06", "R13"])
@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_report_of_a_complete_client_has_nothing_that_blocks(name: str, language: str) -> None:
    edition = made.standard(name, language)
    assert [problem for problem in lint(edition) if problem.blocks] == []


@pytest.mark.parametrize("name", ["R01", "R06", "R13"])
def test_every_figure_leads_to_receipts_that_the_edition_holds(name: str) -> None:
    edition = made.standard(name)
    assert codes_of(edition) == set(edition.receipts)
    goals = {"Goal: "}
    for figure in figures_of(edition):
        goal = any(figure.label.startswith(text) for text in goals)
        assert goal or figure.receipt or figure.derived, figure


def test_a_measured_figure_is_the_number_on_its_receipt(monthly: Edition) -> None:
    for figure in figures_of(monthly):
        if figure.receipt and figure.number is not None:
            value = monthly.receipts[figure.receipt].value
            assert value is not None
            assert figure.number == pytest.approx(float(value), abs=1e-12)


def test_a_report_asks_few_questions() -> None:
    asker = made.HandAsker()
    made.draft("R13", asker=asker)
    assert len(asker.asked) <= 8
    assert len(set(asker.asked)) == len(asker.asked)


def test_the_same_data_gives_the_same_edition() -> None:
    assert made.draft("R06").content_hash() == made.standard("R06").content_hash()


def test_tiles_show_the_agreed_kpis_in_their_order(monthly: Edition) -> None:
    tiles = block(monthly, TilesBlock).tiles
    assert tuple(tile.figure.metric for tile in tiles) == monthly.agreed
    assert tiles[0].goal is not None
    assert tiles[0].goal.standing == "ahead"
    assert tiles[2].goal is not None
    assert tiles[2].goal.standing == "behind"


def test_a_comparison_that_cannot_be_made_is_told_in_words() -> None:
    edition = made.draft("R13", asker=made.HandAsker(before=MissingKind.sync_failed))
    change = block(edition, TilesBlock).tiles[0].changes[1]
    assert change.number is None
    assert change.display == "no comparison with December 2016 (the latest fetch failed)"


def test_nothing_is_compared_with_a_time_before_the_first_record(monthly: Edition) -> None:
    for tile in block(monthly, TilesBlock).tiles:
        assert [change.against for change in tile.changes] == ["previous"]
    table = block(monthly, TableBlock, "results")
    assert table.note == "There are no figures for December 2016 to compare with."
    assert not [item for item in monthly.statements if item.comparison == "last_year"]


def test_an_arrow_is_only_where_a_statement_has_it(monthly: Edition) -> None:
    arrows = {
        statement.subject: statement.arrow
        for statement in monthly.statements
        if statement.kind == "change" and statement.comparison == "previous"
    }
    for tile in block(monthly, TilesBlock).tiles:
        assert tile.changes[0].arrow == arrows[tile.figure.metric]
    assert set(arrows.values()) > {None}


def test_without_the_rows_a_sum_gets_no_arrow() -> None:
    edition = made.draft("R13", amounts=None)
    assert block(edition, TilesBlock).tiles[0].changes[0].arrow is None


@pytest.mark.parametrize("language", ["en", "sv"])
def test_missing_figures_are_said_in_words_and_never_zero(language: str) -> None:
    edition = made.standard("R01", language)
    table = block(edition, TableBlock, "still_by_manager")
    keys = [column.key for column in table.columns]
    assert "next_activity_coverage" not in keys
    assert {"en": "With a next step: not connected.", "sv": "Med nästa steg: inte ansluten."}[
        language
    ] in table.note


def test_a_chart_without_any_figure_becomes_a_remark() -> None:
    edition = made.standard("R01")
    notice = block(edition, NoticeBlock, "amount_by_stage")
    assert notice.lines == ("Pipeline value cannot be shown: no data yet.",)


def test_the_waterfall_adds_up(monthly: Edition) -> None:
    chart = block(made.standard("R01"), ChartBlock, "bridge")
    numbers = [figure.number or 0.0 for figure in chart.series[0].values]
    assert numbers[-1] == sum(numbers[:-1])
    assert chart.roles == ("total", "change", "change", "change", "total")


def test_contribution_bars_add_up_to_the_change() -> None:
    edition = made.standard("R13")
    chart = block(edition, ChartBlock, "bookings_region")
    change = block(edition, TilesBlock).tiles[0].changes[0].number
    total = sum(figure.number or 0 for series in chart.series for figure in series.values)
    assert total == pytest.approx(change)
    assert all(figure.derived and not figure.receipt for figure in chart.series[0].values)


def test_a_trend_has_thirteen_periods_at_most_and_starts_where_the_data_starts() -> None:
    tile = block(made.standard("R13"), TilesBlock).tiles[0]
    assert [point.start for point in tile.trend][:2] == ["2017-01-01", "2017-02-01"]
    assert len(tile.trend) == 12
    later = parse_period("2018-03", Calendar(), date(2018, 4, 2))
    now = datetime(2018, 4, 2, tzinfo=UTC)
    edition = made.draft("R13", period=later, now=now)
    assert len(block(edition, TilesBlock).tiles[0].trend) == 13


def test_periods_without_a_figure_are_gaps_in_a_chart() -> None:
    chart = block(made.standard("R06"), ChartBlock, "cohort")
    last = chart.series[0].values[-1]
    assert (last.number, last.missing) == (None, MissingKind.immature.value)
    assert last.display == "too early to say"


def test_provisional_figures_are_marked() -> None:
    edition = made.draft("R13", asker=made.HandAsker(provisional=True))
    assert block(edition, TilesBlock).tiles[0].figure.status == "provisional"
    assert any("may still change" in line for line in block(edition, NoticeBlock, "caveats").lines)


def test_data_that_ends_too_early_is_said_first() -> None:
    edition = made.draft("R13", asker=made.HandAsker(complete_to="2017-12-20"))
    assert edition.data_as_of == "2017-12-20"
    assert "ends on 20 December 2017" in block(edition, NoticeBlock, "caveats").lines[0]


def test_no_person_stands_in_an_edition_for_a_client(monthly: Edition) -> None:
    text = monthly.model_dump_json()
    for name in ("Dustin Brinkmann", "Cara Losch", "Celia Rouche"):
        assert name not in text
    assert "Cara Losch" in made.standard("R06").model_dump_json()


def test_work_of_other_months_is_left_out(monthly: Edition) -> None:
    titles = [item.title for item in block(monthly, WorkBlock, "done").items]
    assert titles == ["Interviews with twelve buyers", "Plan for old deals"]


def test_milestones_say_ahead_or_behind(monthly: Edition) -> None:
    said = [item.status for item in block(monthly, WorkBlock, "milestones").items]
    assert said == ["Reached on its date", "Reached 8 days after its date", "To come"]


def test_next_steps_name_both_sides(monthly: Edition) -> None:
    actions = block(monthly, ActionsBlock)
    assert [(item.side, item.who, item.due) for item in actions.items] == [
        ("client", "Dana", "12 Jan 2018"),
        ("us", "Elin", "10 Jan 2018"),
    ]


def test_the_call_is_in_the_clients_time(monthly: Edition) -> None:
    meeting = block(monthly, MeetingBlock)
    assert meeting.when == "Tuesday 16 January 2018 at 15:00 (Chicago time)"
    assert meeting.day == "2018-01-16"


def test_definitions_cover_every_metric_that_is_shown(monthly: Edition) -> None:
    defined = {item.metric for item in block(monthly, DefinitionsBlock).items}
    assert {figure.metric for figure in figures_of(monthly)} <= defined


def test_findings_are_said_in_the_language_of_the_report() -> None:
    asker = made.HandAsker(wrong=(made.finding(),))
    for language, said in (("en", "have no value"), ("sv", "saknar")):
        table = block(made.draft("R01", language, asker), TableBlock, "findings")
        assert said in table.rows[0][0].text
        assert "2" in table.rows[0][1].text


def test_a_client_without_goals_work_or_plan_still_gets_a_draft() -> None:
    bare = made.client(
        goals=[], done=[], plan=[], milestones=[], actions=[], meeting=None, objective=""
    )
    edition = made.draft("R13", who=bare)
    codes = {problem.code for problem in lint(edition) if problem.blocks}
    assert {"work", "plan", "actions", "meeting", "objective"} <= codes


def test_an_empty_period_gives_words_and_no_crash() -> None:
    early = parse_period("2016-05", Calendar(), date(2018, 1, 4))
    for name in ("R01", "R06", "R13"):
        edition = made.draft(name, period=early)
        tile = block(edition, TilesBlock).tiles[0]
        assert tile.figure.number is None
        assert tile.trend == ()
        assert tile.figure.display == "no data yet"
    assert "There are no figures yet for" in edition.texts()[0].source


def test_both_languages_have_the_same_words() -> None:
    assert set(words_of("en").texts) == set(words_of("sv").texts)


def test_generated_texts_say_nothing_twice() -> None:
    for name in ("R01", "R06", "R13"):
        edition = made.standard(name)
        said = [sentence.text for text in edition.texts() for sentence in text.sentences]
        assert len(said) == len(set(said))
