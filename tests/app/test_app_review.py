"""Deciding which records are one, from the queue to the figure and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kvitto.app.ask import ask
from kvitto.app.house import House, open_house
from kvitto.app.review import candidates, keep_apart, merge, take_back
from kvitto.app.sync import sync
from kvitto.app.who import Role, Who
from kvitto.errors import BadDefinition, KvittoError, NotAllowed, NotInScope, UnknownName, WrongUse
from kvitto.model.scope import Scope

ACCOUNTS = """id,name,web
1,Nordlys Elektro AB,
2,Nordlys Elektro Aktiebolag,nordlys.example
3,Bageri Vete,vete.example
"""
DEALS = """id,company,amount,status,created,closed
d1,1,100,won,2025-01-02,2025-02-03
d2,2,200,won,2025-01-05,2025-02-10
d3,3,400,won,2025-01-05,2025-02-10
"""
ONE, TWO = "nord:account:1", "nord:account:2"
SOURCE = """kind: file
client: {client}
path: data/{client}/*.csv
as_of: 2025-03-01
tables:
  - file: accounts.csv
    fill: {{accounts: {{account_id: id, name: name, domain: web}}}}
  - file: deals.csv
    fill: {{deals: {{deal_id: id, account_id: company, amount: amount, stage_id: status,
      created_at: created, closed_at: closed}}}}
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "kvitto.yml").write_text("agency: Shared\n")
    for name, rows in (("lumi", "9,Lumi Oy,lumi.example\n"), ("nord", "")):
        for folder in ("clients", "sources", f"data/{name}"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "clients" / f"{name}.yml").write_text(f"name: {name.title()}\ncurrency: SEK\n")
        (tmp_path / "sources" / f"{name}.yml").write_text(SOURCE.format(client=name))
        (tmp_path / "data" / name / "accounts.csv").write_text(ACCOUNTS + rows)
        (tmp_path / "data" / name / "deals.csv").write_text(DEALS)
    opened = open_house(tmp_path, date(2025, 3, 1))
    sync(opened, person())
    return opened


def person(*clients: str, role: Role = Role.owner, name: str = "Elin") -> Who:
    return Who(name, role, Scope.of(name, *(clients or ("nord", "lumi"))))


def by_account(house: House) -> dict[str | None, object]:
    measured = ask(house, person(), "nord", ["deals_won"], "2025-Q1", by=["account"])
    return {
        dict(cell.dimensions)["account"]: getattr(cell.figure, "number", None)
        for cell in measured.answer.cells
    }


def records_of(house: House) -> list[object]:
    """Accounts and deals with all that is known of them, and what was decided about rows."""
    with house.readers.reading(house.warehouse.current().id) as reader:
        return [
            reader.query(f"SELECT * EXCLUDE (_batch) FROM {table} ORDER BY ALL")
            for table in ("accounts", "deals")
        ] + [reader.query("SELECT * FROM _applied ORDER BY ALL")]


def again(house: House) -> House:
    opened = house.reopened()
    sync(opened, person())
    return opened


def test_a_merge_counts_from_the_next_sync_on_and_stands_on_the_receipt(house: House) -> None:
    before = by_account(house)
    merge(house, person(), "nord", "accounts", ONE, [TWO], "same company number")
    assert by_account(house) == before
    after = again(house)
    assert sorted(str(number) for number in by_account(after).values()) == ["1", "2"]
    measured = ask(after, person(), "nord", ["deals_won"], "2025-Q1", by=["account"])
    rules = {one.rule for receipt in measured.receipts.values() for one in receipt.applied}
    assert rules == {f"decisions/nord.yml: {TWO} is {ONE}"}


def test_a_sync_after_a_decision_reads_no_source_again(house: House) -> None:
    merge(house, person(), "nord", "accounts", ONE, [TWO])
    result = sync(house.reopened(), person())
    assert result.is_new
    assert result.unchanged == ("lumi", "nord")
    assert not sync(house.reopened(), person()).is_new


def test_a_decision_taken_back_leaves_the_figures_as_they_were(house: House) -> None:
    before, records = by_account(house), records_of(house)
    merge(house, person(), "nord", "accounts", ONE, [TWO])
    merged = again(house)
    assert by_account(merged) != before
    assert take_back(merged, person(), "nord", "accounts", TWO) == 1
    back = again(merged)
    assert by_account(back) == before
    assert records_of(back) == records


def test_a_record_of_another_client_is_refused_and_nothing_is_written(house: House) -> None:
    with pytest.raises(UnknownName, match="nord has no such record"):
        merge(house, person(), "nord", "accounts", ONE, ["lumi:account:9"])
    assert not (house.root / "decisions").exists()


def test_a_client_that_the_person_may_not_see_is_refused(house: House) -> None:
    with pytest.raises(NotInScope):
        merge(house, person("lumi"), "nord", "accounts", ONE, [TWO])
    with pytest.raises(NotInScope):
        take_back(house, person("lumi"), "nord", "accounts", ONE)
    with pytest.raises(NotAllowed):
        candidates(house, person("nord", role=Role.client), "nord")


def test_a_decision_needs_a_name(house: House) -> None:
    with pytest.raises(WrongUse, match="nobody is named"):
        merge(house, person(name="command line"), "nord", "accounts", ONE, [TWO])


def test_what_contradicts_an_earlier_decision_is_refused_with_its_line(house: House) -> None:
    keep_apart(house, person(), "nord", "accounts", [ONE, TWO], "two sites")
    text = (house.root / "decisions" / "nord.yml").read_text()
    with pytest.raises(BadDefinition, match=r"decisions/nord.yml:\d+"):
        merge(house.reopened(), person(), "nord", "accounts", ONE, [TWO])
    assert (house.root / "decisions" / "nord.yml").read_text() == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "merges: [{table: deals, keep: a, merge: [b], by: E, on: 2025-01-01}]",
            "cannot be merged",
        ),
        (
            "merges:\n"
            "  - {table: accounts, keep: a, merge: [b], by: E, on: 2025-01-01}\n"
            "  - {table: accounts, keep: b, merge: [a], by: E, on: 2025-01-01}\n",
            "leads back to itself",
        ),
        (
            "merges:\n"
            "  - {table: accounts, keep: a, merge: [b], by: E, on: 2025-01-01}\n"
            "  - {table: accounts, keep: c, merge: [b], by: E, on: 2025-01-01}\n",
            "line 2 merges it into a",
        ),
    ],
)
def test_decisions_that_cannot_hold_are_told_with_their_place(
    house: House, text: str, said: str
) -> None:
    (house.root / "decisions").mkdir()
    (house.root / "decisions" / "nord.yml").write_text(text)
    with pytest.raises(BadDefinition, match=said) as raised:
        house.reopened().workspace  # noqa: B018 - reading it is what is tried
    assert all(problem.line for problem in raised.value.problems)


def test_decisions_of_an_unknown_client_are_told(house: House) -> None:
    (house.root / "decisions").mkdir()
    (house.root / "decisions" / "nrod.yml").write_text("merges: []\n")
    with pytest.raises(KvittoError, match="Did you mean 'nord'"):
        house.reopened().workspace  # noqa: B018 - reading it is what is tried
