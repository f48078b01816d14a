"""A month from the command line, as a person would type it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_ask_prints_rows_as_agreed(kvitto: Any, synced: Path) -> None:
    ran = kvitto(
        "ask", "bookings_amount", "close_rate", "sales_cycle_length_median",
        "-c", "northgate", "-p", "2017-Q4", "--by", "region", "--compare", "previous",
        "--json", "-w", str(synced),
    )  # fmt: skip
    assert ran.code == 0
    assert set(ran.json) == {"client", "period", "rows"}
    assert (ran.json["client"], ran.json["period"]) == ("northgate", "2017-Q4")
    assert len(ran.json["rows"]) == 9
    keys = {"metric", "dimensions", "value", "unit", "n", "status", "receipt", "comparison"}
    money, share, days = ran.json["rows"][0], ran.json["rows"][3], ran.json["rows"][6]
    assert set(money) == keys | {"currency"}
    assert (money["unit"], money["currency"]) == ("money", "USD")
    assert set(share) == keys
    assert 0 < share["value"] < 1
    assert (days["unit"], days["dimensions"]) == ("days", {"region": "Central"})
    assert money["comparison"]["period"] == "2017-Q3"
    assert money["comparison"]["change"] == pytest.approx(
        money["value"] - money["comparison"]["value"]
    )


def test_a_figure_that_is_missing_says_why_and_is_no_number(kvitto: Any, synced: Path) -> None:
    ran = kvitto(
        "ask", "bookings_amount", "-c", "northgate", "-p", "2012", "--json", "-w", str(synced)
    )
    row = ran.json["rows"][0]
    assert "value" not in row
    assert row["missing"]
    assert ran.code == 0


def test_a_filter_narrows(kvitto: Any, synced: Path) -> None:
    there = ("-c", "northgate", "-p", "2017-12", "--json", "-w", str(synced))
    whole = kvitto("ask", "deals_won", *there).json["rows"][0]["value"]
    parts = [
        kvitto("ask", "deals_won", "--where", f"region{sign}West", *there).json["rows"][0]["value"]
        for sign in ("=", "!=")
    ]
    assert sum(parts) == whole


def test_the_table_is_aligned_and_names_receipts(kvitto: Any, synced: Path) -> None:
    ran = kvitto(
        "ask", "deals_won", "-c", "northgate", "-p", "2017-Q4", "--by", "region", "-w", str(synced)
    )
    lines = ran.out.splitlines()
    assert lines[0].split() == ["Metric", "Region", "Value", "n", "Status", "Receipt"]
    assert len({line.index("final") for line in lines[1:]}) == 1


def test_the_sql_of_a_question_is_shown(kvitto: Any, synced: Path) -> None:
    ran = kvitto("ask", "deals_won", "-c", "northgate", "-p", "2017", "--sql", "-w", str(synced))
    assert "SELECT" in ran.out
    assert "northgate" in ran.out


def test_a_receipt_opens_with_its_lines_and_agrees(kvitto: Any, synced: Path) -> None:
    there = ("-w", str(synced))
    asked = kvitto("ask", "deals_won", "-c", "northgate", "-p", "2017-12", "--json", *there)
    row = asked.json["rows"][0]
    typed = row["receipt"].lower().replace("-", " ")
    opened = kvitto("receipt", typed, "--lines", "--rerun", "--json", *there)
    assert opened.code == 0
    assert opened.json["check"]["agrees"]
    assert opened.json["rerun"]["agrees"]
    assert len(opened.json["lines"]) == row["value"]
    text = kvitto("receipt", row["receipt"], "--lines", "--rerun", *there).out
    assert "add up" in text
    assert "it agrees" in text
    assert "SELECT" in text


def test_findings_end_with_one(kvitto: Any, synced: Path) -> None:
    ran = kvitto("audit", "--json", "-w", str(synced))
    assert ran.code == 1
    assert {"missing_field", "label_replaced"} <= {one["code"] for one in ran.json["findings"]}
    assert "keep" in kvitto("audit", "-w", str(synced)).out


def test_a_source_is_explained(kvitto: Any, synced: Path) -> None:
    ran = kvitto("map", "crm", "-w", str(synced))
    assert ran.code == 0
    assert "deals.deal_id" in ran.out
    assert "year_established" in ran.out


def test_versions_are_listed_and_there_is_no_way_back_from_the_first(
    kvitto: Any, synced: Path
) -> None:
    listed = kvitto("versions", "--json", "-w", str(synced)).json["versions"]
    assert [one["current"] for one in listed] == [True]
    back = kvitto("rollback", "--json", "-w", str(synced))
    assert back.code == 3
    assert "oldest" in back.json["error"]["problems"][0]["found"]


def test_a_month_by_hand(kvitto: Any, example: Path, tmp_path: Path) -> None:
    """Sync, draft, a wrong sentence, mended, approved, sealed, written, delivered."""
    there = ("-w", str(example))
    name = "northgate/R06/2017-12/1"
    assert kvitto("sync", *there).code == 0
    made = kvitto("draft", "R06", "-c", "northgate", "-p", "2017-12", "--json", *there)
    assert made.json["id"] == name
    texts = kvitto("text", name, "--json", *there).json["texts"]
    slot = texts[0]["id"]
    wrong = kvitto("text", name, slot, "--set", "We won 999 deals.", *there)
    assert wrong.code == 1
    assert "! number '999" in wrong.out
    assert kvitto("lint", name, *there).code == 1
    refused = kvitto("approve", name, "--by", "Elin Sandberg", "--json", *there)
    assert (refused.code, refused.json["error"]["code"]) == (1, "KV600")
    words = "We won {{deals_won}} deals.\n"
    (tmp_path / "words.txt").write_text(words)
    mended = kvitto("text", name, slot, "--file", str(tmp_path / "words.txt"), *there)
    assert mended.code == 0
    assert kvitto("seal", name, "--json", *there).json["error"]["code"] == "KV105"
    assert kvitto("approve", name, "--as", "Elin Sandberg", *there).code == 0
    sealed = kvitto("seal", name, "--as", "Elin Sandberg", "--json", *there)
    assert sealed.json["sealed_by"] == "Elin Sandberg"
    files = kvitto("render", name, "-f", "html,json", "-o", str(tmp_path), "--json", *there)
    assert all(Path(path).is_file() for path in files.json["files"])
    sent = kvitto("deliver", name, "--json", *there)
    assert {one["state"] for one in sent.json["deliveries"]} == {"sent"}
    listed = kvitto("deliver", name, "--list", "--json", *there)
    assert listed.json["deliveries"] == sent.json["deliveries"]
    states = kvitto("editions", "--json", *there).json["editions"]
    assert [(one["id"], one["state"]) for one in states] == [(name, "sealed")]


def test_an_unknown_form_is_suggested(kvitto: Any, synced: Path) -> None:
    ran = kvitto("render", "northgate/R06/2017-12/1", "-w", str(synced))
    assert ran.code == 2
    assert "kvitto editions" in ran.err


def test_a_resolve_needs_an_answer(kvitto: Any, synced: Path) -> None:
    ran = kvitto(
        "deliver", "northgate/R13/2017-12/1", "--resolve", "a@b.example", "-w", str(synced)
    )
    assert ran.code == 2
    assert "--arrived" in ran.err
