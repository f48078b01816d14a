"""Turning a rule on changes exactly the figures whose receipts name it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from kvitto.app.ask import ask
from kvitto.app.house import House, open_house
from kvitto.app.sync import sync
from kvitto.app.who import Role, Who
from kvitto.model.scope import Scope
from kvitto.model.value import Value

ACCOUNTS = """id,name,web,country,type
1,Nordlys Elektro AB,,SE,customer
2,Nordlys Elektro Aktiebolag,nordlys.example,SE,customer
3,Bageri Vete,vete.example,NO,customer
4,Acme Test,example.com,NO,customer
"""
CONTACTS = """id,company,name,mail
p1,1,Ida Berg,ida@nordlys.example
p2,2,Ida Berg,ida.berg@nordlys.example
p3,3,Ola Hav,ola@vete.example
p4,4,Test Testsson,qa+1@acme.example
"""
LEADS = """id,person,source,at
l1,p1,web,2025-01-02 10:00:00
l2,p1,web,2025-01-02 10:03:00
l3,p3,Webb,2025-01-05 09:00:00
l4,p4,web,2025-01-06 09:00:00
"""
DEALS = """id,company,owner,amount,status,created,closed
d1,1,Elin,100,won,2025-01-02,2025-02-03
d2,2,Elin,200,won,2025-01-05,2025-02-10
d3,3,,400,won,2025-01-05,2025-02-10
d4,3,Bo,,won,2025-01-05,2025-02-11
d5,1,Bo,,open,2025-01-05,
d6,3,Bo,50,lost,2025-01-05,2025-02-12
"""
SOURCE = """kind: file
client: nord
path: data/*.csv
as_of: 2025-03-01
tables:
  - file: accounts.csv
    fill: {accounts: {account_id: id, name: name, domain: web, region: country,
      lifecycle_stage: type}}
  - file: contacts.csv
    fill: {contacts: {contact_id: id, account_id: company, full_name: name, email: mail}}
  - file: leads.csv
    fill: {leads: {lead_id: id, contact_id: person, source: source, created_at: at}}
  - file: deals.csv
    fill: {deals: {deal_id: id, account_id: company, owner_id: owner, amount: amount,
      stage_id: status, created_at: created, closed_at: closed}}
"""
DEFAULT = "fields: [{table: deals, column: amount, missing: default, default: '10'}]\n"
NO_OWNER = "fields: [{table: deals, column: owner_id, missing: exclude}]\n"
LOOK = "fields: [{table: deals, column: amount, missing: review, where: \"outcome = 'won'\"}]\n"
TESTS = "tests: {do: exclude, emails: ['qa+*@*'], names: ['Acme Test*']}\n"
ONE = """merges:
  - {table: accounts, keep: 'crm:account:1', merge: ['crm:account:2'], by: Elin, on: 2025-03-01}
"""
RULES = {
    "a default amount": ("rules/a.yml", DEFAULT),
    "no owner is out": ("rules/a.yml", NO_OWNER),
    "won without amount is looked at": ("rules/a.yml", LOOK),
    "copies of forms are one": ("rules/a.yml", "forms: {do: merge, within_minutes: 10}\n"),
    "tests are out": ("rules/a.yml", TESTS),
    "two accounts are one": ("decisions/nord.yml", ONE),
}
SPLITS = ((), ("account",), ("owner",), ("source",), ("region",))

MOVED = ("new_customers",)
"""Metrics whose rows may move within the period: another won deal is the first one then."""

Cells = dict[tuple[Any, ...], tuple[Any, frozenset[str]]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    root = tmp_path_factory.mktemp("rules")
    for folder in ("clients", "sources", "data", "rules", "decisions"):
        (root / folder).mkdir()
    (root / "kvitto.yml").write_text("agency: Rules\n")
    (root / "clients" / "nord.yml").write_text("name: Nord\ncurrency: SEK\n")
    (root / "sources" / "crm.yml").write_text(SOURCE)
    files = {"accounts": ACCOUNTS, "contacts": CONTACTS, "leads": LEADS, "deals": DEALS}
    for name, text in files.items():
        (root / "data" / f"{name}.csv").write_text(text)
    return open_house(root, date(2025, 3, 1))


@pytest.fixture(scope="module")
def without(house: House) -> Cells:
    sync(house, person())
    return cells(house)


def person() -> Who:
    return Who("Elin", Role.owner, Scope.of("Elin", "nord"))


def cells(house: House) -> Cells:
    """Every figure that the data gives: what it is, and the rules that its receipt names."""
    return dict(pair for by in SPLITS for pair in _cells(house, by))


def _cells(house: House, by: tuple[str, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    names = [
        metric
        for metric in sorted(house.catalogue.ids())
        if house.catalogue.get(metric).bucket != "user_adoption"
        and all(name in house.catalogue.get(metric).dimensions for name in by)
    ]
    measured = ask(house, person(), "nord", names, "2025-Q1", by=list(by))
    for cell in measured.answer.cells:
        rules = frozenset(one.rule for one in measured.receipts[cell.receipt].applied)
        own = rules - {"empty_measure", "negative_duration"}
        yield (cell.metric, *cell.dimensions), (_said(cell.figure), own)


def _said(figure: Any) -> tuple[Any, ...]:
    if isinstance(figure, Value):
        return figure.number, figure.n, figure.numerator, figure.denominator
    return (figure.kind.value,)


def _is_number(cell: tuple[Any, frozenset[str]]) -> bool:
    """A figure that is missing for another reason cannot change, nor a product with nothing."""
    return len(cell[0]) > 1 and cell[0][0] != 0


@pytest.mark.parametrize("name", RULES)
def test_a_rule_changes_exactly_the_figures_that_name_it(
    name: str, house: House, without: Cells
) -> None:
    path, text = RULES[name]
    (house.root / path).write_text(text)
    try:
        now = house.reopened()
        sync(now, person())
        found = cells(now)
    finally:
        (house.root / path).unlink()
    named = {key for key, (_, rules) in found.items() if rules - without.get(key, (0, set()))[1]}
    changed = {
        key
        for key in {*found, *without}
        if found.get(key, (None,))[0] != without.get(key, (None,))[0]
    }
    assert named, "the rule touches nothing"
    unsaid = {key for key in changed if key in found} - named
    assert not unsaid, "figures changed without saying why"
    if "looked at" in name:
        assert not changed
    else:
        idle = {key for key in named - changed if key[0] not in MOVED and _is_number(found[key])}
        assert not idle, "receipts name a rule that changed nothing"
