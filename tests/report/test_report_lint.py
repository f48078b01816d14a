"""Lint: what keeps an edition from leaving, and what is only advice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kvitto.errors import Unresolved, WrongUse
from kvitto.model.block import ShownFigure, TilesBlock
from kvitto.model.edition import Edition
from kvitto.report.approval import approve
from kvitto.report.lint import LintProblem, lint
from kvitto.workspace.definition import ClientDefinition
from tests.report import made

DAY = "2018-01-09"


def problems(edition: Edition, previous: Edition | None = None) -> dict[str, LintProblem]:
    return {problem.code: problem for problem in lint(edition, previous)}


def with_kpis(kpis: list[str], reason: str = "") -> ClientDefinition:
    return made.client(reports=[{"template": "R13", "kpis": kpis, "kpi_change": reason}])


def change_tile(edition: Edition, change: Callable[[TilesBlock], TilesBlock]) -> Edition:
    first = edition.sections[0]
    tiles = first.blocks[0]
    assert isinstance(tiles, TilesBlock)
    section = first.model_copy(update={"blocks": (change(tiles), *first.blocks[1:])})
    return edition.model_copy(update={"sections": (section, *edition.sections[1:])})


def with_figure(edition: Edition, **update: object) -> Edition:
    def changed(block: TilesBlock) -> TilesBlock:
        tile = block.tiles[0]
        figure: ShownFigure = tile.figure.model_copy(update=update)
        tiles = (tile.model_copy(update={"figure": figure}), *block.tiles[1:])
        return block.model_copy(update={"tiles": tiles})

    return change_tile(edition, changed)


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        ({"done": [{"title": "Things", "done": "2017-12-05"}]}, "work"),
        ({"plan": [{"title": "Call script", "due": "2018-01-24"}]}, "plan"),
        ({"plan": [{"title": "Call script", "who": "Jonas"}]}, "plan"),
        ({"actions": [{"title": "Send", "who": "", "side": "us", "due": "2018-01-10"}]}, "actions"),
        ({"actions": [{"title": "Send", "who": "Elin", "side": "us"}]}, "actions"),
        ({"actions": [{"title": "A", "who": "D", "side": "client", "due": DAY}]}, "actions"),
        ({"meeting": None}, "meeting"),
        ({"meeting": {"at": "2017-12-10T10:00:00+00:00", "agenda": ["x"]}}, "meeting"),
        ({"objective": "", "goals": []}, "objective"),
    ],
)  # fmt: skip
def test_a_promise_that_is_not_kept_blocks(kept: dict[str, object], code: str) -> None:
    edition = made.draft("R13", who=made.client(**kept))
    assert problems(edition)[code].blocks
    with pytest.raises(Unresolved):
        approve(edition, "Elin", made.NOW)


def test_all_that_blocks_comes_together() -> None:
    edition = made.draft("R13", who=made.client(meeting=None, plan=[], actions=[]))
    with pytest.raises(Unresolved) as caught:
        approve(edition, "Elin", made.NOW)
    assert {"the call", "next steps"} <= {problem.asked for problem in caught.value.problems}


def test_nobody_approves_without_a_name() -> None:
    with pytest.raises(WrongUse, match="nobody is named"):
        approve(made.standard("R13"), "  ", made.NOW)


def test_the_agreed_set_changes_only_with_a_reason() -> None:
    before = made.standard("R13")
    kpis = ["bookings_amount", "deals_won"]
    silent = made.draft("R13", who=with_kpis(kpis))
    assert "dropped average_deal_size" in problems(silent, before)["kpi_change"].message
    told = made.draft("R13", who=with_kpis(kpis, "Agreed with Dana on 2 January"))
    assert "kpi_change" not in problems(told, before)
    assert "kpi_change" not in problems(before, before)


def test_many_kpis_are_advised_against() -> None:
    many = [*made.METRICS][:9]
    problem = problems(made.draft("R13", who=with_kpis(many)))["too_many"]
    assert not problem.blocks


def test_a_figure_added_because_it_is_up_blocks() -> None:
    before = made.standard("R13")
    edition = made.draft("R13", who=with_kpis([*before.agreed, "page_views"]))
    assert not problems(edition)["vanity"].blocks
    risen = change_tile(
        edition,
        lambda block: block.model_copy(
            update={
                "tiles": tuple(
                    tile.model_copy(update={"changes": edition_changes(edition)})
                    if tile.role == "vanity_prone"
                    else tile
                    for tile in block.tiles
                )
            }
        ),
    )
    assert problems(risen, before)["vanity"].blocks


def edition_changes(edition: Edition) -> tuple[object, ...]:
    block = edition.sections[0].blocks[0]
    assert isinstance(block, TilesBlock)
    return tuple(change.model_copy(update={"arrow": None}) for change in block.tiles[0].changes)


def test_a_kpi_that_is_left_out_blocks() -> None:
    edition = made.standard("R13")
    shorter = change_tile(edition, lambda b: b.model_copy(update={"tiles": b.tiles[1:]}))
    assert problems(shorter)["agreed"].where == "bookings_amount"


def test_an_arrow_that_nothing_backs_blocks() -> None:
    edition = made.draft("R13", amounts=None)

    def arrowed(block: TilesBlock) -> TilesBlock:
        tile = block.tiles[0]
        change = tile.changes[0].model_copy(update={"arrow": "up"})
        tiles = (tile.model_copy(update={"changes": (change,)}), *block.tiles[1:])
        return block.model_copy(update={"tiles": tiles})

    assert "arrow" not in problems(edition)
    assert problems(change_tile(edition, arrowed))["arrow"].blocks


@pytest.mark.parametrize("shown", ["", "0", "–"])
def test_a_missing_figure_without_words_blocks(shown: str) -> None:
    edition = made.standard("R13")
    bad = with_figure(edition, missing="no_data", number=None, display=shown)
    assert problems(bad)["missing"].blocks


def test_a_missing_figure_shown_as_zero_blocks() -> None:
    bad = with_figure(made.standard("R13"), missing="no_data", number=0.0, display="no data")
    assert problems(bad)["missing"].blocks


def test_a_figure_without_a_receipt_blocks() -> None:
    edition = made.standard("R13")
    assert problems(with_figure(edition, receipt=None))["receipt"].blocks
    assert problems(with_figure(edition, receipt="ZZZZ-ZZZZ"))["receipt"].blocks


def test_the_three_questions_are_answered_in_their_order() -> None:
    edition = made.standard("R13")
    turned = edition.model_copy(update={"sections": tuple(reversed(edition.sections))})
    assert "not answered in their order" in problems(turned)["questions"].message
    bare = edition.model_copy(
        update={"sections": tuple(s for s in edition.sections if s.answers != "goals")}
    )
    assert "goals" in problems(bare)["questions"].where


def test_data_that_has_not_the_period_blocks_and_data_that_ends_early_is_told() -> None:
    before = made.draft("R13", asker=made.HandAsker(complete_to="2017-11-30"))
    assert problems(before)["fresh"].blocks
    early = made.draft("R13", asker=made.HandAsker(complete_to="2017-12-20"))
    assert not problems(early)["fresh"].blocks
    assert "fresh" not in problems(made.standard("R13"))


def test_a_report_that_does_not_promise_a_call_needs_none() -> None:
    edition = made.draft("R01", who=made.client(meeting=None))
    assert "meeting" not in problems(edition)
