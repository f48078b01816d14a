"""Rules about labels while a source is conformed: applied, counted, and never lossy."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.label import folded, standing
from tests.conform.conftest import Desk

DAY = date(2024, 6, 30)
LEADS = {"leads.csv": {"leads": {"lead_id": "id", "source": "src", "created_at": "at"}}}


def rules(desk: Desk, concept: str, *listed: dict[str, Any], values: tuple[str, ...] = ()) -> None:
    about = {concept: {"values": values, "rules": listed}}
    definition = RulesDefinition.model_validate({"concepts": about})
    desk.labels = standing([definition], "acme", DAY)  # type: ignore[assignment]  # book or dict


def leads(desk: Desk, *labels: str) -> None:
    rows = "".join(f"{n},{label},2024-05-0{n % 9 + 1}\n" for n, label in enumerate(labels, 1))
    desk.put("leads.csv", f"id,src,at\n{rows}")
    desk.sync(LEADS)


def sources(desk: Desk) -> list[str]:
    return [row[0] for row in desk.ask("SELECT source FROM leads ORDER BY lead_id")]


def test_exact_comes_before_folded_and_folded_before_a_pattern(desk: Desk) -> None:
    rules(
        desk,
        "source",
        {"pattern": "google.*", "means": "Pattern"},
        {"folded": "google ads", "means": "Folded"},
        {"exact": "Google Ads", "means": "Exact"},
    )
    leads(desk, "Google Ads", "GOOGLE-ADS", "google / cpc", "Bing")
    assert sources(desk) == ["Exact", "Folded", "Pattern", "Bing"]


def test_a_chain_is_followed_to_its_end(desk: Desk) -> None:
    rules(desk, "source", {"exact": "a", "means": "b"}, {"exact": "b", "means": "c"})
    leads(desk, "a", "b", "c")
    assert sources(desk) == ["c", "c", "c"]


def test_a_rule_that_was_replaced_or_begins_later_does_nothing(desk: Desk) -> None:
    rules(
        desk,
        "source",
        {"exact": "FB", "means": "Old", "replaced_on": "2024-06-30"},
        {"exact": "IG", "means": "New", "valid_from": "2024-07-01"},
    )
    leads(desk, "FB", "IG")
    assert sources(desk) == ["FB", "IG"]


def test_what_the_source_wrote_is_kept_with_counts_and_the_rule(desk: Desk) -> None:
    rules(desk, "source", {"exact": "FB", "means": "Facebook", "by": "Elin"})
    leads(desk, "FB", "FB", "Facebook")
    found = desk.ask(
        "SELECT raw, canonical, row_count, kind, decided_by FROM _labels ORDER BY row_count DESC"
    )
    assert found == [
        ("FB", "Facebook", 2, "exact", "Elin"),
        ("Facebook", "Facebook", 1, "same", None),
    ]
    assert desk.ask("SELECT row_key, raw FROM _relabelled ORDER BY 1") == [("1", "FB"), ("2", "FB")]
    assert desk.ask("SELECT object, raw_label, canonical_label FROM label_mappings") == [
        ("leads.source", "FB", "Facebook")
    ]


def test_labels_without_a_rule_are_counted_too(desk: Desk) -> None:
    leads(desk, "FB", "FB", "Bing")
    found = desk.ask("SELECT raw, row_count, kind FROM _labels ORDER BY 1")
    assert found == [("Bing", 1, "same"), ("FB", 2, "same")]


def test_more_labels_than_a_case_takes_are_joined(desk: Desk) -> None:
    listed = [{"exact": f"label {n}", "means": f"group {n % 3}"} for n in range(60)]
    rules(desk, "source", *listed)
    leads(desk, *(f"label {n}" for n in range(60)))
    assert set(sources(desk)) == {"group 0", "group 1", "group 2"}
    assert desk.ask("SELECT sum(row_count), count(*) FROM _labels") == [(60, 60)]


def test_a_pattern_that_would_hang_other_engines_ends_at_once(desk: Desk) -> None:
    rules(desk, "source", {"pattern": "(a+)+b", "means": "x"})
    leads(desk, "a" * 5000, "aab")
    assert sources(desk) == ["a" * 5000, "x"]


def test_daily_totals_that_become_one_event_are_added_up(desk: Desk) -> None:
    desk.put(
        "events.csv", "day,event,n\n2024-05-01,Purchase,3\n2024-05-01,Order,4\n2024-05-02,Order,5\n"
    )
    rules(desk, "conversion_event", {"exact": "Order", "means": "Purchase"})
    fill = {"occurred_on": "day", "name": "event", "events": "n"}
    desk.sync({"events.csv": {"web_key_events": fill}})
    found = desk.ask(
        "SELECT occurred_on::VARCHAR, name, events::INT FROM web_key_events ORDER BY 1"
    )
    assert found == [("2024-05-01", "Purchase", 7), ("2024-05-02", "Purchase", 5)]
    assert desk.finding("labels_added_up").rows == 1
    assert desk.report.rows_in == sum(desk.report.rows.values()) + desk.report.left_out


def test_the_name_of_a_stage_tells_how_its_deals_ended(desk: Desk) -> None:
    desk.put("deals.csv", "id,stage\n1,Klar kund\n2,Offert\n")
    rules(desk, "outcome", {"pattern": "klar.*", "means": "won"})
    desk.sync({"deals.csv": {"deals": {"deal_id": "id", "stage_id": "stage"}}})
    assert desk.ask("SELECT outcome FROM deals ORDER BY deal_id") == [("won",), ("open",)]


def test_reasons_that_get_one_name_are_one_for_the_deals(desk: Desk) -> None:
    desk.put("deals.csv", "id,reason\n1,7\n2,8\n")
    desk.put("reasons.csv", "id,name\n7,Price\n8,Pris\n")
    rules(desk, "loss_reason", {"exact": "Pris", "means": "Price"})
    desk.sync(
        {
            "deals.csv": {"deals": {"deal_id": "id", "loss_reason_id": "reason"}},
            "reasons.csv": {"loss_reasons": {"loss_reason_id": "id", "name": "name"}},
        }
    )
    assert desk.ask("SELECT DISTINCT loss_reason_id FROM deals") == [("crm:loss_reason:7",)]


@given(st.text(max_size=20))
def test_folding_twice_folds_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)
