"""Deciding about a label: what it changes is known before, and is on the receipts after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kvitto.app.ask import ask, period_for
from kvitto.app.house import House, Who, local_person, open_house
from kvitto.app.label import decide_label, drop_label, waiting_labels
from kvitto.app.label_preview import preview_label
from kvitto.app.sync import sync
from kvitto.errors import BadDefinition, UnknownName, WrongUse
from kvitto.metrics.answer import Measured

TODAY = date(2024, 7, 1)
LEADS = ["Google Ads"] * 6 + ["AdWords"] * 3 + ["Facebook"] * 2 + ["FB", "Fair"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    def put(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    put("kvitto.yml", "agency: A\ntimezone: UTC\ncurrency: EUR\n")
    put("clients/acme.yml", "name: Acme\ntimezone: UTC\ncurrency: EUR\n")
    fill = "{leads: {lead_id: id, source: src, created_at: at}}"
    put(
        "sources/crm.yml",
        f"client: acme\npath: data\ntables:\n  - {{file: leads.csv, fill: {fill}}}\n",
    )
    put("rules/acme.yml", "# Ours.\nclients: [acme]  # alone\nfields: []\n")
    rows = "".join(f"{n},{one},2024-0{1 + n % 6}-05\n" for n, one in enumerate(LEADS, 1))
    put("data/leads.csv", f"id,src,at\n{rows}")
    sync(house := open_house(tmp_path, TODAY), local_person(house))
    return house


def elin(house: House) -> Who:
    return replace(local_person(house), name="Elin")


def fresh(house: House) -> House:
    return open_house(house.root, TODAY)


def by_source(house: House) -> Measured:
    return ask(house, local_person(house), "acme", ["leads_created"], "2024", ["source"])


def figures(measured: Measured) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Each source's figure and the rules about labels on its receipt."""
    found = {}
    for cell in measured.answer.cells:
        rules = [
            a.rule for a in measured.receipts[cell.receipt].applied if a.action == "relabelled"
        ]
        number = float(getattr(cell.figure, "number", 0))
        found[dict(cell.dimensions)["source"] or ""] = (number, tuple(rules))
    return found


def test_the_queue_says_what_waits_with_the_best_advice(house: House) -> None:
    found = {one.label: one for one in waiting_labels(house, local_person(house))}
    assert set(found) == {"AdWords", "FB"}
    assert found["AdWords"].suggestions[0]["canonical"] == "Google Ads"
    assert (found["AdWords"].rows, found["AdWords"].dimensions) == (3, ("source",))
    assert found["AdWords"].metrics > 0


def test_turning_a_rule_on_changes_exactly_the_figures_that_its_receipts_name(house: House) -> None:
    before = figures(by_source(house))
    decide_label(house, elin(house), "acme", "source", "AdWords", "Google Ads")
    again = fresh(house)
    sync(again, elin(again))
    after = figures(by_source(again))
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    touched = {name for name, (_, rules) in after.items() if rules}
    assert changed == touched | {"AdWords"}
    assert after["Google Ads"] == (9.0, ("source: AdWords is Google Ads",))
    whole = ask(again, elin(again), "acme", ["leads_created"], "2024")
    assert not [a for r in whole.receipts.values() for a in r.applied if a.action == "relabelled"]


def test_ending_the_rule_brings_the_figures_back_and_keeps_it_in_the_file(house: House) -> None:
    before = figures(by_source(house))
    decide_label(house, elin(house), "acme", "source", "AdWords", "Google Ads")
    sync(on := fresh(house), elin(house))
    drop_label(on, elin(house), "acme", "source", "AdWords")
    sync(off := fresh(house), elin(house))
    assert figures(by_source(off)) == before


def test_a_preview_says_before_what_is_so_after(house: House) -> None:
    period = period_for(house, "acme", "2024")
    seen = preview_label(house, elin(house), "acme", "source", "AdWords", "Google Ads", period)
    told = {
        one.member: (one.before, one.after) for one in seen.effects if one.metric == "leads_created"
    }
    assert told == {"AdWords": ("3", ""), "Google Ads": ("6", "9")}
    assert (seen.rows, seen.totals_change, seen.labels) == (3, False, ("AdWords",))
    assert "concepts" not in (house.root / "rules/acme.yml").read_text()


def test_deciding_keeps_comments_and_refuses_what_cannot_hold(house: House) -> None:
    decide_label(house, elin(house), "acme", "source", "FB", "Facebook")
    again = fresh(house)
    text = (house.root / "rules/acme.yml").read_text()
    assert text.startswith("# Ours.\nclients: [acme]  # alone\n")
    with pytest.raises(BadDefinition, match="leads back to itself"):
        decide_label(again, elin(again), "acme", "source", "Facebook", "FB")
    with pytest.raises(BadDefinition, match="for the same client"):
        decide_label(again, elin(again), "acme", "source", "FB", "Meta")
    with pytest.raises(UnknownName, match="Did you mean 'source'"):
        decide_label(again, elin(again), "acme", "sorce", "FB", "Meta")
    assert (house.root / "rules/acme.yml").read_text() == text


def test_a_new_decision_replaces_the_old_one_and_patterns_must_be_sound(house: House) -> None:
    decide_label(house, elin(house), "acme", "source", "FB", "Facebook")
    done = decide_label(fresh(house), elin(house), "acme", "source", "FB", "Meta", replace=True)
    assert (done.canonical, done.by, done.valid_from) == ("Meta", "Elin", TODAY)
    assert "Facebook" not in (house.root / "rules/acme.yml").read_text()
    with pytest.raises(WrongUse, match="cannot be read"):
        decide_label(fresh(house), elin(house), "acme", "source", "(", "x", kind="pattern")
