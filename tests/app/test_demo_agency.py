"""The demo agency's generator: the same bytes, any size, definitions that hold, faults as told."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.app.agency import generate
from kvitto.app.agency.chance import poisson, spread_out, stream
from kvitto.app.agency.clients.roster import CLIENTS
from kvitto.app.agency.layouts import salesforce
from kvitto.app.agency.person import company, slug
from kvitto.app.agency.season import busy, easter, midsummer
from kvitto.errors import WrongUse
from kvitto.workspace.folder import load_workspace
from tests.app.agency_made import agency

HALF_YEAR = date(2023, 6, 30)


def digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_and_size_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(tmp_path / name, size=0.05, until=HALF_YEAR)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_gives_other_data(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / str(seed), size=0.05, seed=seed, until=date(2023, 2, 28))
    one, two = digests(tmp_path / "1"), digests(tmp_path / "2")
    assert one["data/saobras/crm/leads-9812.csv"] != two["data/saobras/crm/leads-9812.csv"]
    assert one["clients/saobras.yml"] == two["clients/saobras.yml"]


def test_a_bigger_size_gives_more_of_everything_that_happens(tmp_path: Path) -> None:
    small = generate(tmp_path / "small", size=0.1, until=date(2023, 2, 15))
    large = generate(tmp_path / "large", size=3, until=date(2023, 2, 15))
    for name, client in small.clients.items():
        few = sum(month["leads_created"] for month in client.months.values())
        many = sum(month["leads_created"] for month in large.clients[name].months.values())
        assert many > 8 * few


def test_every_definition_holds() -> None:
    root, truth = agency()
    workspace = load_workspace(root)
    assert set(workspace.clients) == set(truth.clients)
    assert {client.language for client in workspace.clients.values()} == {"sv", "en"}


def test_each_client_has_three_to_six_sources_and_the_files_of_each_are_told() -> None:
    root, truth = agency()
    workspace = load_workspace(root)
    for name, client in truth.clients.items():
        sources = {key for key, one in workspace.sources.items() if one.client == name}
        assert 3 <= len(sources) <= 6
        assert {one.source for one in client.files} == sources
    told = {one.path for client in truth.clients.values() for one in client.files}
    assert told == {
        path.relative_to(root).as_posix() for path in (root / "data").rglob("*") if path.is_file()
    }


def test_all_encodings_and_forms_appear() -> None:
    _, truth = agency()
    files = [one for client in truth.clients.values() for one in client.files]
    assert {one.encoding for one in files} >= {"utf-8-sig", "cp1252", "utf-16", "xlsx"}
    assert {Path(one.path).suffix for one in files} == {".csv", ".xlsx", ".jsonl"}


@pytest.mark.parametrize(
    ("kind", "client"),
    [
        ("broken_feed", "jarvilinna"),
        ("churned_account", "oharafinch"),
        ("clock_change", "akerstroms"),
        ("conversion_gap", "akerstroms"),
        ("currency_mix", "jarvilinna"),
        ("double_submitted", "saobras"),
        ("duplicate", "dellorto"),
        ("impossible_date", "akerstroms"),
        ("label_variants", "dellorto"),
        ("late_conversions", "dellorto"),
        ("missing_amount", "oharafinch"),
        ("negative_duration", "saobras"),
        ("orphan", "jarvilinna"),
        ("overdue_task", "jarvilinna"),
        ("restated_deal", "oharafinch"),
        ("seasonal_dip", "dellorto"),
        ("test_record", "oharafinch"),
        ("tracking_change", "oharafinch"),
        ("true_cause", "saobras"),
    ],
)
def test_a_fault_of_every_kind_is_planted(kind: str, client: str) -> None:
    _, truth = agency()
    fault = truth.clients[client].fault(kind)
    assert fault.items
    assert fault.what
    assert fault.expect


def test_an_early_last_day_plants_no_later_fault(tmp_path: Path) -> None:
    truth = generate(tmp_path / "early", size=0.05, until=HALF_YEAR)
    kinds = {fault.kind for client in truth.clients.values() for fault in client.faults}
    assert not kinds & {"true_cause", "broken_feed", "tracking_change", "conversion_gap"}
    assert max(truth.clients["saobras"].months) == "2023-06"


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(WrongUse, match="not an empty folder"):
        generate(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("size", [0, -1, float("nan"), float("inf")])
def test_a_size_that_is_no_size_is_refused(tmp_path: Path, size: float) -> None:
    with pytest.raises(WrongUse, match="positive number"):
        generate(tmp_path / "new", size=size)


@given(st.integers(0, 400), st.lists(st.floats(0.01, 9), min_size=1, max_size=40))
def test_what_is_dealt_out_adds_up(total: int, weights: list[float]) -> None:
    counts = spread_out(stream(1, "test"), total, weights)
    assert sum(counts) == total
    assert len(counts) == len(weights)


@given(st.floats(0.05, 300))
def test_counts_lie_around_their_mean(mean: float) -> None:
    rng = stream(7, "test")
    drawn = [poisson(rng, mean) for _ in range(400)]
    assert abs(sum(drawn) / 400 - mean) < 6 * (mean / 400) ** 0.5 + 0.6


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: str(client.profile.id))
def test_no_two_companies_are_called_alike(client: object) -> None:
    names = next(one for one in CLIENTS if one is client).profile.names
    made = [company(names, number)[0] for number in range(1, 20_000)]
    assert len(set(made)) == len(made)


def test_names_become_plain_addresses() -> None:
    assert slug("Ó Súilleabháin & D'Arcy") == "o-suilleabhain-darcy"
    assert slug("Móveis São Brás") == "moveis-sao-bras"


@pytest.mark.parametrize(
    ("year", "day"),
    [(2023, date(2023, 4, 9)), (2024, date(2024, 3, 31)), (2025, date(2025, 4, 20))],
)
def test_easter_falls_where_the_calendar_has_it(year: int, day: date) -> None:
    assert easter(year) == day


def test_midsummer_eve_is_a_friday_and_quiet() -> None:
    eve = midsummer(2025)
    assert (eve, eve.weekday()) == (date(2025, 6, 20), 4)
    rhythm = next(one for one in CLIENTS if one.profile.country == "FI").profile.rhythm
    assert busy(rhythm, eve, date(2023, 1, 1)) < 0.2 * busy(
        rhythm, date(2025, 6, 13), date(2023, 1, 1)
    )


def test_an_id_of_18_signs_carries_its_own_check() -> None:
    """The last three signs say which of the first fifteen are capitals."""
    found = salesforce.ident("deal", 123)
    assert len(found) == 18
    assert found.startswith("006")
    caps = [sum(1 << n for n in range(5) if found[s + n].isupper()) for s in (0, 5, 10)]
    assert found[15:] == "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits] for bits in caps)
