"""Every kind of missing: one situation each, from a file to the words in a report."""

from __future__ import annotations

import tempfile
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from kvitto.app.ask import ask
from kvitto.app.edition import draft
from kvitto.app.house import House, local_person, open_house
from kvitto.app.sync import sync
from kvitto.model.block import TilesBlock
from kvitto.model.value import Missing, MissingKind

METRIC = """\
  - id: {id}
    names: {{en: {id}}}
    explains: {{en: A metric for one situation.}}
    unit: {unit}
    good: higher
    additivity: none
    {rest}
"""


def metric(id_: str, rest: str, unit: str = "count") -> str:
    return METRIC.format(id=id_, rest=rest, unit=unit)


LEADS = "value: {table: leads, aggregation: count, at: created_on}"
WON = "{table: deals, aggregation: count, where: \"outcome = 'won'\", at: closed_on}"
LOST = "{table: deals, aggregation: count, where: \"outcome = 'lost'\", at: closed_on}"
QUALIFIED = "value: {table: deals, aggregation: count, at: qualified_on}"

SITUATIONS = {
    MissingKind.not_connected: "sessions",
    MissingKind.sync_failed: "ad_spend",
    MissingKind.not_final: "leads_once_final",
    MissingKind.no_data: "deals_qualified",
    MissingKind.not_applicable: "conversion",
    MissingKind.not_computable: "sales_cycle_length_median",
    MissingKind.immature: "win_rate_cohort",
    MissingKind.too_few: "deals_won_if_many",
    MissingKind.zero_denominator: "won_per_lost",
}
"""Which metric of the workspace below is missing for which reason."""

FILES = {
    "kvitto.yml": "agency: Bright Lane\ncurrency: EUR\n",
    "clients/north.yml": "name: North\ntimezone: Europe/Helsinki\ncurrency: EUR\n"
    "reports:\n  - template: MISS\n    kpis: [" + ", ".join(SITUATIONS.values()) + "]\n",
    "sources/crm.yml": "kind: file\nclient: north\npath: data/deals.csv\nas_of: 2025-10-05\n",
    "sources/forms.yml": "kind: file\nclient: north\npath: data/leads.csv\nas_of: 2025-10-05\n"
    "settles_days: 30\n",
    "sources/ads.yml": "kind: file\nclient: north\npath: data/ads.csv\nas_of: 2025-08-31\n"
    "vendor: google_ads\n",
    "metrics/own.yml": "metrics:\n"
    + metric("leads_once_final", f"final_only: true\n    {LEADS}")
    + metric("deals_won_if_many", f"fewest: 50\n    value: {WON}")
    + metric("deals_qualified", QUALIFIED)
    + metric("won_per_lost", f"numerator: {WON}\n    denominator: {LOST}", "number"),
    "templates/MISS.yml": "id: MISS\nversion: 1\ntitle: {en: Gaps, sv: Luckor}\n"
    "audience: manager\ngrain: month\nkpis: [deals_won]\nrules: []\nsections:\n"
    "  - id: all\n    title: {en: All, sv: Allt}\n    answers: achieved\n    blocks:\n"
    "      - {kind: tiles, id: kpis, metrics: [agreed]}\n",
    # Won in September, and each closed before it was created: no length of a sales cycle.
    "data/deals.csv": "Deal ID,Deal Name,Deal Stage,Amount,Create Date,Close Date\n"
    "1,One,Won,100,2025-09-20,2025-09-02\n2,Two,Won,200,2025-09-21,2025-09-03\n",
    "data/leads.csv": "Lead ID,Lead Name,Lead Source,Lead Status,Created Date\n"
    "1,Åsa,Web,New,2025-09-02\n2,Bo,Web,New,2025-09-03\n",
    "data/ads.csv": "Day,Campaign,Campaign state,Currency code,Impr.,Clicks,Cost\n"
    "2025-08-30,Brand,Enabled,EUR,100,10,12.50\n2025-08-31,Brand,Enabled,EUR,90,9,11.50\n",
}


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="kvitto-missing-")


@lru_cache(maxsize=1)
def made() -> House:
    """The workspace, synced twice: the second time the ads could not be read."""
    root = Path(_folder().name) / "north"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    house = open_house(root, date(2025, 10, 6))
    assert not sync(house, local_person(house)).failed
    (root / "data" / "ads.csv").unlink()
    (root / "data" / "leads.csv").write_text(
        FILES["data/leads.csv"] + "3,Eva,Web,New,2025-09-04\n", encoding="utf-8"
    )
    assert [name for name, _ in sync(house, local_person(house)).failed] == ["ads"]
    return open_house(root, date(2025, 10, 6))


@pytest.mark.parametrize("kind", list(MissingKind))
def test_each_kind_comes_of_its_situation_with_the_reason(kind: MissingKind) -> None:
    house = made()
    measured = ask(house, local_person(house), "north", [SITUATIONS[kind]], "2025-09")
    (cell,) = measured.answer.cells
    assert isinstance(cell.figure, Missing), cell
    assert cell.figure.kind is kind, cell.figure
    assert cell.figure.why
    receipt = measured.receipts[cell.receipt]
    assert (receipt.missing, receipt.value, receipt.why) == (kind.value, None, cell.figure.why)


def test_a_failed_sync_names_the_source_and_the_day_that_it_reaches() -> None:
    house = made()
    measured = ask(house, local_person(house), "north", ["ad_spend"], "2025-09")
    figure = measured.answer.cells[0].figure
    assert isinstance(figure, Missing)
    assert figure.why.startswith("ads could not be read: ")
    assert "complete to 2025-08-31" in figure.why


WORDS = {
    "en": {
        MissingKind.not_connected: "not connected",
        MissingKind.sync_failed: "the latest fetch failed",
        MissingKind.not_final: "not final yet",
        MissingKind.no_data: "no data yet",
        MissingKind.not_applicable: "does not apply",
        MissingKind.not_computable: "cannot be computed",
        MissingKind.immature: "too early to say",
        MissingKind.too_few: "too few to say",
        MissingKind.zero_denominator: "nothing to divide by",
    },
    "sv": {
        MissingKind.not_connected: "inte ansluten",
        MissingKind.sync_failed: "senaste hämtningen misslyckades",
        MissingKind.not_final: "inte slutgiltig än",
        MissingKind.no_data: "inga data än",
        MissingKind.not_applicable: "inte tillämpligt",
        MissingKind.not_computable: "kan inte beräknas",
        MissingKind.immature: "för tidigt att säga",
        MissingKind.too_few: "för få för att säga",
        MissingKind.zero_denominator: "inget att dela med",
    },
}


@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_report_says_each_kind_in_words_and_never_as_zero(language: str) -> None:
    house = made()
    edition = draft(house, local_person(house), "north", "MISS", "2025-09", language)
    blocks = [block for section in edition.sections for block in section.blocks]
    (tiles,) = [block for block in blocks if isinstance(block, TilesBlock)]
    shown = {tile.figure.metric: tile.figure for tile in tiles.tiles}
    for kind, name in SITUATIONS.items():
        figure = shown[name]
        assert (figure.missing, figure.number) == (kind.value, None)
        assert figure.display == WORDS[language][kind]
