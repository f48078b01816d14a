"""What is due, what is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.app.health import Trouble, read_health, write_health
from kvitto.app.house import local_person, open_house
from kvitto.app.overview import GRACE, clients, due_period
from kvitto.app.source import sources
from kvitto.errors import NotAllowed
from kvitto.model.period import Grain, following
from kvitto.web import create_app
from kvitto.workspace.definition import ClientDefinition
from tests.web.browsing import DRAFT, MANAGER, OTHER, TODAY, Enter, signed_in


@given(
    st.sampled_from([Grain.day, Grain.week, Grain.month, Grain.quarter, Grain.year]),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.integers(1, 7),
    st.integers(1, 12),
)
def test_the_due_period_is_over_and_the_next_one_is_running(
    grain: Grain, today: date, week_start: int, fiscal_start: int
) -> None:
    client = ClientDefinition(name="A", week_start=week_start, fiscal_year_start_month=fiscal_start)
    period = due_period(grain, client, today)
    assert period.end <= today
    assert today in following(period, client.calendar())


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, True)])
def test_a_report_is_late_the_day_after_its_grace(made: Path, days: int, late: bool) -> None:
    today = date(2017, 12, 31) + timedelta(days=GRACE[Grain.month] + days)
    house = open_house(made, today)
    rows = {row.client: row for row in clients(house, local_person(house))}
    series = {one.report: one for one in rows["northgate"].series}
    assert series["R13"].late is late
    assert series["R13"].state == "draft"
    assert series["brief"].edition == DRAFT.removeprefix("/editions/")
    assert series["R01"].edition is None
    house.store.close()


def test_a_client_that_is_paused_owes_nothing(root: Path) -> None:
    file = root / "clients/northgate.yml"
    file.write_text(file.read_text().replace("status: active", "status: paused"))
    house = open_house(root, date(2018, 2, 28))
    rows = {row.client: row for row in clients(house, local_person(house))}
    assert rows["northgate"].series == ()


def test_the_counts_are_those_of_the_audit(made: Path) -> None:
    house = open_house(made, date(2018, 1, 5))
    who = local_person(house)
    row = next(row for row in clients(house, who) if row.client == "northgate")
    assert row.last_sync is not None
    assert [source.name for source in sources(house, who)] == ["crm"]
    house.store.close()


def test_a_clients_sign_in_sees_no_overview(made: Path) -> None:
    from kvitto.app.house import Role, Who
    from kvitto.model.scope import Scope

    house = open_house(made, date(2018, 1, 5))
    dana = Who("Dana", Role.client, Scope.of("Dana", "northgate"))
    with pytest.raises(NotAllowed):
        clients(house, dana)
    house.store.close()


def test_the_page_of_sources_puts_trouble_first_and_says_what_to_do(root: Path) -> None:
    crm = (root / "sources/crm.yml").read_text()
    (root / "sources/a_new_one.yml").write_text(crm)
    house = open_house(root, TODAY)
    trouble = Trouble("source_refused", "read crm: the password was refused", "Give it again.")
    write_health(house, "crm", replace(read_health(house, "crm"), trouble=(trouble,)))
    page = signed_in(create_app(house), MANAGER).get("/sources").text
    house.store.close()
    assert "2 sources · <strong" in page
    assert "1 in trouble" in page
    assert "Read crm: the password was refused." in page
    assert "Give it again." in page
    assert page.index("/sources/crm") < page.index("/sources/a_new_one")
    assert "Not read yet" in page


def test_the_page_of_sources_is_not_empty_where_there_are_none(enter: Enter) -> None:
    assert "No source yet" in enter(OTHER).get("/sources").text


def test_the_page_of_sources_names_the_clients_as_people_do(enter: Enter) -> None:
    page = enter(MANAGER).get("/sources").text
    assert ">Northgate Hardware</a>" in page
    assert "1 source · all could be read" in page
