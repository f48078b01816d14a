"""The demo agency through the product: synced, and asked for what the truth knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kvitto.app.agency import AgencyTruth, generate
from kvitto.app.agency.clients.roster import CLIENTS
from kvitto.app.ask import ask
from kvitto.app.house import House, local_person, open_house
from kvitto.app.sync import SyncResult, sync

UNTIL = date(2023, 6, 30)
NAMES = [client.profile.id for client in CLIENTS]
ASKED = {
    "deals_created": "deals_created",
    "deals_won": "deals_won",
    "deals_lost": "deals_lost",
    "bookings_amount": "won_amount_base",
    "leads_created": "leads_created",
}
"""The product's metric and the truth's measure of the same thing."""


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AgencyTruth]:
    root = tmp_path_factory.mktemp("agency") / "agency"
    return root, generate(root, size=0.12, until=UNTIL)


@pytest.fixture(scope="module")
def house(truth: tuple[Path, AgencyTruth]) -> Iterator[House]:
    house = open_house(truth[0], date(2023, 7, 3))
    yield house
    house.store.close()


@pytest.fixture(scope="module")
def synced(house: House) -> SyncResult:
    return sync(house, local_person(house, "Elin Sandberg"))


def test_every_source_is_read(synced: SyncResult) -> None:
    assert not synced.failed
    assert synced.is_new


@pytest.mark.parametrize(
    ("table", "files"),
    [
        ("deals", ("All Opp", "exports-deals", "trattative", "deals-9812", "crm/Opportunity.csv")),
        ("leads", ("All Leads", "exports-leads", "richieste", "leads-9812", "crm/Lead.csv")),
        ("tickets", ("Tickets export",)),
        ("invoices", ("fakturor.csv", "fatture.csv", "invoices.jsonl")),
        ("tasks", ("clickup", "jira", "asana")),
    ],
)
def test_every_row_of_the_files_becomes_one(
    table: str,
    files: tuple[str, ...],
    house: House,
    synced: SyncResult,
    truth: tuple[Path, AgencyTruth],
) -> None:
    """Also those that are wrong: they are counted, and found."""
    rows = sum(
        one.rows
        for client in truth[1].clients.values()
        for one in client.files
        if not one.is_older and any(name in one.path for name in files)
    )
    assert synced.is_new
    assert house.warehouse.current().rows[table] == rows


@pytest.mark.parametrize("name", NAMES)
def test_figures_by_month_are_those_of_the_truth(
    name: str, house: House, synced: SyncResult, truth: tuple[Path, AgencyTruth]
) -> None:
    assert synced.fine
    shown = truth[1].clients[name].shown
    who = local_person(house, "Elin Sandberg")
    answer = ask(house, who, name, list(ASKED), "2023-01-01..2023-06-30", ["month"]).answer
    got = {}
    for cell in answer.cells:
        assert not cell.figure.is_missing, cell
        month = dict(cell.dimensions)["month"]
        got[cell.metric, month] = Decimal(str(getattr(cell.figure, "number", None)))
    told = {
        (metric, month): Decimal(of.get(measure, 0))
        for metric, measure in ASKED.items()
        for month, of in shown.items()
    }
    assert got == told


@pytest.mark.parametrize("name", NAMES)
def test_the_open_deals_are_those_of_the_truth(
    name: str, house: House, synced: SyncResult, truth: tuple[Path, AgencyTruth]
) -> None:
    assert synced.fine
    who = local_person(house, "Elin Sandberg")
    cell = ask(house, who, name, ["open_deals"], "2023-06").answer.cells[0]
    assert getattr(cell.figure, "number", None) == truth[1].clients[name].open_at_end["2023-06"]
