"""A question reaches only what its scope holds, and asking teaches nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import NotInScope
from kvitto.model.period import Calendar, Grain, period_of
from kvitto.model.question import Answer, Cell, Question
from kvitto.model.scope import Scope
from kvitto.model.value import Unit, UnitKind, Value

NAMES = st.text(st.characters(categories=("Ll", "Nd")), min_size=1, max_size=6)
MAY = period_of(date(2018, 5, 1), Grain.month, Calendar())


@given(st.sets(NAMES), NAMES)
def test_a_scope_gives_what_it_holds_and_nothing_else(clients: set[str], asked: str) -> None:
    scope = Scope.of("elin", *clients)
    assert (asked in scope) == (asked in clients)
    if asked in clients:
        assert scope.require(asked) == asked
    else:
        with pytest.raises(NotInScope):
            scope.require(asked)


@given(st.sets(NAMES, min_size=1), st.data())
def test_a_scope_only_ever_narrows(clients: set[str], data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(sorted(clients))))
    narrow = Scope.of("elin", *clients).narrow(*chosen)
    assert narrow.clients == chosen
    assert narrow.granted_to == "elin"
    with pytest.raises(NotInScope):
        narrow.narrow("?")


def test_a_hidden_client_and_an_absent_one_sound_alike() -> None:
    scope = Scope.of("dana", "northgate")
    with pytest.raises(NotInScope) as hidden:
        scope.require("other")
    with pytest.raises(NotInScope) as absent:
        scope.require("nobody")
    assert str(hidden.value).replace("other", "x") == str(absent.value).replace("nobody", "x")


def test_a_scope_has_a_holder() -> None:
    with pytest.raises(NotInScope, match="nobody"):
        Scope(frozenset(["northgate"]), "")


def test_a_question_cannot_be_built_outside_its_scope() -> None:
    scope = Scope.of("dana", "northgate")
    assert Question(scope, "northgate", ("deals_won",), MAY).client == "northgate"
    with pytest.raises(NotInScope):
        Question(scope, "southgate", ("deals_won",), MAY)


def test_an_answer_finds_one_cell_by_metric_and_place() -> None:
    question = Question(Scope.of("dana", "n"), "n", ("deals_won",), MAY, by=("region",))
    value = Value(3, Unit(UnitKind.count), 3)
    cells = tuple(
        Cell("deals_won", (("region", region),), value, f"R-{region}") for region in ("East", None)
    )
    answer = Answer(question, cells, "v1")
    assert answer.one("deals_won", region="East").receipt == "R-East"
    assert answer.one("deals_won", region=None).receipt == "R-None"
    with pytest.raises(KeyError):
        answer.one("deals_won", region="West")
