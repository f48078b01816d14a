"""The spellings that are planted in the demo agency: found, and what they mean suggested."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from kvitto.app.house import House, local_person, open_house
from kvitto.app.sync import sync
from kvitto.audit.label.company import together
from kvitto.audit.label.occurrence import read_labels
from kvitto.audit.label.queue import queue
from kvitto.audit.label.score import LabelScore, score_labels
from tests.app.agency_made import agency

GROUPS = {
    "akerstroms": {
        "source": [
            ["Google Ads", "google ads", "AdWords", "google / cpc", "Google"],
            ["Facebook", "facebook", "Meta", "FB"],
            ["Organisk sökning", "organic", "SEO"],
            ["Rekommendation", "rekommendation", "Tips"],
            ["Webb", "webben", "Direkt"],
        ],
        "country": [["SE", "Sweden", "Sverige", "sverige"]],
    },
    "dellorto": {
        "source": [
            ["Google Ads", "google ads", "GOOGLE", "Adwords"],
            ["Facebook", "facebook", "Instagram", "Meta Ads"],
            ["Ricerca organica", "organica", "SEO"],
            ["Newsletter", "newsletter", "e-mail"],
            ["Passaparola", "passaparola", "Agente"],
        ],
        "country": [["IT", "Italia", "Italy", "ITALIA"]],
    },
}
"""Which spellings the agency's clients have for one thing; the generator's own lists."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    root = tmp_path_factory.mktemp("labels") / "agency"
    shutil.copytree(agency()[0], root)
    opened = open_house(root, date(2026, 1, 2))
    sync(opened, local_person(opened), ["akerstroms_crm", "dellorto_crm"])
    return opened


def measure(house: House, client: str) -> LabelScore:
    with house.readers.reading() as reader:
        labels, _ = read_labels(reader, {client})
        waiting = queue(labels, {}, lambda whose, concept: together(reader, whose, concept))
    return score_labels(waiting, GROUPS[client], client)


def test_every_planted_place_is_listed_in_the_truth() -> None:
    for client, concepts in GROUPS.items():
        (fault,) = [
            one for one in agency()[1].clients[client].faults if one.kind == "label_variants"
        ]
        told = {str(item["place"]): item["spellings"] for item in fault.items}
        listed = {label for group in concepts["source"] for label in group}
        assert listed == set(told["leads.source"])  # type: ignore[call-overload]  # a mapping


@pytest.mark.parametrize("client", GROUPS)
def test_planted_spellings_are_found_and_their_meaning_suggested(house: House, client: str) -> None:
    score = measure(house, client)
    assert score.recall >= 0.9, score
    assert score.precision >= 0.95, score
    assert score.top_one >= 0.9, score


def test_a_seller_s_word_that_nothing_resembles_is_not_guessed(house: House) -> None:
    with house.readers.reading() as reader:
        labels, _ = read_labels(reader, {"dellorto"})
    asked = {one.label for one in queue(labels, {})}
    assert "Agente" not in asked
