"""The truth of the demo agency against its files, read here by other means."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kvitto.app.agency.truth import Months
from tests.app.agency_made import Rows, agency, client, read_rows, rows_of


def by_month(months: Months, measure: str) -> dict[str, Decimal]:
    return {month: Decimal(of[measure]) for month, of in months.items() if of.get(measure)}


def summed(rows: Rows, day: str, number: str | None = None) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in rows:
        month = row[day][:7] if "-" in row[day] else f"{row[day][:4]}-{row[day][4:6]}"
        value = Decimal(row[number].replace(",", "")) if number else Decimal(1)
        found[month] = found.get(month, Decimal(0)) + value
    return {month: value for month, value in found.items() if value}


def test_every_file_has_the_rows_that_the_truth_tells() -> None:
    root, truth = agency()
    for of in truth.clients.values():
        for one in of.files:
            assert len(read_rows(root / one.path, one.encoding)) == one.rows, one.path


def test_hubspot_deals_add_up_by_month_and_currency() -> None:
    rows = rows_of("jarvilinna", "exports-deals")
    shown = client("jarvilinna").shown
    won = [row for row in rows if row["Deal Stage"] == "Closed Won"]
    assert summed(rows, "Create Date") == by_month(shown, "deals_created")
    assert summed(won, "Close Date") == by_month(shown, "deals_won")
    for currency in ("EUR", "SEK"):
        known = [row for row in won if row["Currency"] == currency and row["Amount"]]
        assert summed(known, "Close Date", "Amount") == by_month(shown, f"won_amount.{currency}")


def test_hubspot_dates_of_stages_follow_each_other() -> None:
    for row in rows_of("jarvilinna", "exports-deals"):
        entered = [text for name, text in row.items() if name.startswith("Date entered") and text]
        assert entered == sorted(entered)
        assert entered[0] == row["Create Date"] or row["Close Date"] < row["Create Date"]


def test_pipedrive_deals_add_up() -> None:
    rows = rows_of("saobras", "deals-9812")
    shown = client("saobras").shown
    won = [row for row in rows if row["Deal - Status"] == "Won"]
    lost = [row for row in rows if row["Deal - Status"] == "Lost"]
    assert summed(won, "Deal - Won time") == by_month(shown, "deals_won")
    assert summed(lost, "Deal - Deal closed on") == by_month(shown, "deals_lost")
    known = [row for row in won if row["Deal - Value"]]
    assert summed(known, "Deal - Won time", "Deal - Value") == by_month(shown, "won_amount.BRL")


def test_salesforce_deals_add_up_on_the_days_of_london() -> None:
    rows = rows_of("oharafinch", "crm/Opportunity.csv")
    shown = client("oharafinch").shown
    for row in rows:
        at = datetime.fromisoformat(row["CreatedDate"].replace("Z", "+00:00"))
        row["local"] = at.astimezone(ZoneInfo("Europe/London")).strftime("%Y-%m-%d")
    won = [row for row in rows if row["IsWon"] == "true"]
    assert summed(rows, "local") == by_month(shown, "deals_created")
    assert summed(won, "CloseDate") == by_month(shown, "deals_won")


def test_salesforce_history_ends_where_the_deal_stands() -> None:
    last: dict[str, str] = {}
    for row in rows_of("oharafinch", "OpportunityHistory"):
        last[row["OpportunityId"]] = row["StageName"]
    stages = {row["Id"]: row["StageName"] for row in rows_of("oharafinch", "crm/Opportunity.csv")}
    assert last == stages


def test_dynamics_deals_add_up_whatever_their_label() -> None:
    rows = rows_of("akerstroms", "All Opportunities")
    won = [row for row in rows if row["Status"].lower() in ("won", "vunnen")]
    shown = client("akerstroms").shown
    assert summed(won, "Actual Close Date") == by_month(shown, "deals_won")
    assert summed(rows, "Created On") == by_month(shown, "deals_created")


def test_italian_deals_add_up_with_their_commas_and_days_first() -> None:
    rows = rows_of("dellorto", "trattative")
    for row in rows:
        row["on"] = "-".join(reversed(row["Data chiusura"][:10].split("/")))
        row["value"] = row["Valore"].replace(".", "").replace(",", ".")
    won = [row for row in rows if row["Fase"].lower() in ("vinta", "chiusa vinta")]
    shown = client("dellorto").shown
    assert summed(won, "on") == by_month(shown, "deals_won")
    known = [row for row in won if row["value"]]
    assert summed(known, "on", "value") == by_month(shown, "won_amount.EUR")


@pytest.mark.parametrize("name", ["akerstroms", "jarvilinna", "saobras", "oharafinch"])
def test_google_ads_add_up(name: str) -> None:
    rows = rows_of(name, "/google/Ad group")
    shown = client(name).shown
    assert summed(rows, "Day", "Cost") == by_month(shown, "ads.google_ads.spend")
    assert summed(rows, "Day", "Clicks") == by_month(shown, "ads.google_ads.clicks")
    assert summed(rows, "Day", "Conversions") == by_month(shown, "ads.google_ads.conversions")


def test_the_total_rows_of_google_ads_are_the_sum_of_the_rest() -> None:
    root, truth = agency()
    one = next(f for f in truth.clients["akerstroms"].files if "group report-2024" in f.path)
    total = (root / one.path).read_text("utf-8").splitlines()[-1]
    spend = sum(
        Decimal(row["Cost"].replace(",", "")) for row in read_rows(root / one.path, "utf-8")
    )
    assert total.startswith("Total: Account")
    assert f"{spend:,.2f}" in total


def test_meta_ads_add_up_in_swedish_and_in_english() -> None:
    swedish, english = rows_of("akerstroms", "/meta/"), rows_of("saobras", "/meta/")
    assert summed(swedish, "Dag", "Spenderat belopp (SEK)") == by_month(
        client("akerstroms").shown, "ads.meta_ads.spend"
    )
    assert summed(english, "Day", "Impressions") == by_month(
        client("saobras").shown, "ads.meta_ads.impressions"
    )


@pytest.mark.parametrize("name", ["akerstroms", "jarvilinna", "dellorto", "oharafinch"])
def test_sessions_and_key_events_add_up(name: str) -> None:
    rows = rows_of(name, "Traffic_acquisition")
    shown = client(name).shown
    assert summed(rows, "Date", "Sessions") == by_month(shown, "sessions")
    assert summed(rows, "Date", "Key events") == by_month(shown, "key_events")


def test_tickets_invoices_hours_tasks_and_answers_add_up() -> None:
    finnish, british = client("jarvilinna").shown, client("oharafinch").shown
    assert summed(rows_of("jarvilinna", "Tickets"), "Created at") == by_month(
        finnish, "tickets_created"
    )
    assert summed(rows_of("jarvilinna", "NPS"), "Responded at") == by_month(
        finnish, "nps.responses"
    )
    assert summed(rows_of("jarvilinna", "clickup"), "Date Created") == by_month(
        finnish, "tasks_created"
    )
    bills = [{**row, "pounds": f"{int(row['subtotal']) / 100}"} for row in _bills()]
    assert summed(bills, "created", "pounds") == by_month(british, "invoiced_amount.GBP")
    logs = [row for row in rows_of("oharafinch", "Toggl") if row["Billable"] == "Yes"]
    hours: Counter[str] = Counter()
    for row in logs:
        sign = -1 if row["Duration"].startswith("-") else 1
        whole, minutes, _ = row["Duration"].removeprefix("-").split(":")
        hours[row["Start date"][:7]] += sign * (int(whole) * 60 + int(minutes))
    told = by_month(british, "hours.billable")
    assert {month: Decimal(minutes) / 60 for month, minutes in hours.items()} == told


def _bills() -> Rows:
    return rows_of("oharafinch", "invoices")


def test_open_deals_are_those_created_less_those_closed() -> None:
    truth = client("saobras")
    rows = rows_of("saobras", "deals-9812")
    still = sum(row["Deal - Status"] == "Open" for row in rows)
    assert truth.open_at_end["2025-12"] == still


def test_clean_and_shown_differ_only_by_what_was_planted() -> None:
    truth = client("saobras")
    doubled = Counter(f"{item['on']:%Y-%m}" for item in truth.fault("double_submitted").items)
    for month, of in truth.shown.items():
        assert of["leads_created"] - truth.months[month]["leads_created"] == doubled[month]


def test_months_are_told_for_all_three_years() -> None:
    for of in agency()[1].clients.values():
        assert len(of.months) == 36
        assert min(of.months) == "2023-01"


def test_truth_json_is_the_truth() -> None:
    import json

    root, truth = agency()
    document = json.loads((root / "truth.json").read_text("utf-8"))
    assert document["size"] == truth.size
    told = document["clients"]["saobras"]["months"]["2024-05"]["leads_created"]
    assert told == truth.clients["saobras"].months["2024-05"]["leads_created"]
    assert date.fromisoformat(document["until"]) == truth.until
    assert Path(root / document["clients"]["saobras"]["files"][0]["path"]).is_file()
