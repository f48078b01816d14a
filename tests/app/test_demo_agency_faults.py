"""Every planted fault stands in the files where the truth says so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.app.agency_made import Rows, agency, client, read_rows, rows_of


def items(name: str, kind: str) -> list[dict[str, Any]]:
    return [dict(item) for item in client(name).fault(kind).items]


def test_duplicates_are_two_rows_of_one_company_and_person() -> None:
    names = {
        row["Codice cliente"]: row["Ragione sociale"] for row in rows_of("dellorto", "aziende")
    }
    mails = {row["Codice contatto"]: row["E-mail"] for row in rows_of("dellorto", "contatti")}
    for item in items("dellorto", "duplicate"):
        one, two = (names[key] for key in item["accounts"])
        assert one != two
        assert [one, two] == item["names"]
        assert {mails[key].lower() for key in item["contacts"]} == {item["email"]}


def test_double_submitted_forms_are_the_same_person_within_minutes() -> None:
    rows = {row["Lead - ID"]: row for row in rows_of("saobras", "leads-9812")}
    for item in items("saobras", "double_submitted"):
        first, second = rows[item["first"]], rows[item["second"]]
        assert first["Person - Email"] == second["Person - Email"] == item["email"]
        apart = datetime.fromisoformat(second["Lead - Lead created"]) - datetime.fromisoformat(
            first["Lead - Lead created"]
        )
        assert timedelta(0) < apart < timedelta(minutes=7)


def test_missing_amounts_are_empty_cells_of_won_deals() -> None:
    rows = {row["Deal - ID"]: row for row in rows_of("saobras", "deals-9812")}
    told = items("saobras", "missing_amount")
    for item in told:
        assert rows[item["deal"]]["Deal - Value"] == ""
        assert rows[item["deal"]]["Deal - Status"] == "Won"
        assert Decimal(item["true_amount"]) > 0
    empty = [row for row in rows.values() if not row["Deal - Value"]]
    assert len(empty) == len(told)


def test_the_platform_counts_five_more_than_the_crm_and_each_has_its_reason() -> None:
    truth = client("akerstroms")
    month = truth.shown["2025-09"]
    leads = sum(
        row["Created On"].startswith("2025-09") and row["Lead Source"] in _GOOGLE
        for row in rows_of("akerstroms", "All Leads")
    )
    assert leads == month["leads_created.google"]
    assert month["ads.google_ads.conversions"] == leads + 5
    reasons = items("akerstroms", "conversion_gap")
    inside = [item for item in reasons if item["on"].month == 9]
    assert sum(item["by"] for item in inside) == 5
    assert {item["reason"] for item in inside} == {
        "time_zone",
        "late",
        "duplicate",
        "attribution_window",
        "unexplained",
    }


def test_the_log_of_conversions_agrees_with_the_daily_totals_but_for_the_unexplained_one() -> None:
    from collections import Counter

    totals: Counter[str] = Counter()
    for row in rows_of("akerstroms", "/google/Ad group"):
        if row["Day"].startswith("2025-09"):
            totals[row["Day"]] += int(float(row["Conversions"]))
    log = rows_of("akerstroms", "/google/Conversion uploads")
    counted = Counter(row["Conversion Time"][:10] for row in log if row["Status"] == "Imported")
    (rest,) = [
        item for item in items("akerstroms", "conversion_gap") if item["reason"] == "unexplained"
    ]
    assert totals - counted == Counter({rest["on"].isoformat(): 1})
    assert not counted - totals
    assert {row["Error"] for row in log if row["Status"] == "Failed"} == {"TOO_RECENT_EVENT"}


_GOOGLE = ("Google Ads", "google ads", "AdWords", "google / cpc", "Google")


def test_late_conversions_grew_between_the_two_exports() -> None:
    def conversions(rows: Rows) -> dict[tuple[str, str], str]:
        return {(row["Giorno"], row["Gruppo di annunci"]): row["Conversioni"] for row in rows}

    then = conversions(rows_of("dellorto", "/google/", older=True))
    now = conversions(rows_of("dellorto", "/google/"))
    told = {
        (item["on"].isoformat(), item["group"]): (f"{item['then']},00", f"{item['now']},00")
        for item in items("dellorto", "late_conversions")
    }
    assert {key: (old, now[key]) for key, old in then.items() if old != now[key]} == told


def test_the_broken_feed_has_no_rows_of_its_week() -> None:
    (item,) = items("jarvilinna", "broken_feed")
    days = {row["Date"] for row in rows_of("jarvilinna", "Traffic_acquisition")}
    missing = {
        item["from"] + timedelta(days=n) for n in range((item["to"] - item["from"]).days + 1)
    }
    every = {date(2023, 1, 1) + timedelta(days=n) for n in range(1096)}
    assert {day for day in every if f"{day:%Y%m%d}" not in days} == missing


def test_the_currency_mix_has_rates_for_some_days_only() -> None:
    rates = rows_of("jarvilinna", "fx_rates")
    first = {name: min(row["date"] for row in rates if row["currency"] == name) for name in _ABROAD}
    assert first == {"SEK": "2023-01-01", "USD": "2024-01-01"}
    rows = {row["Record ID"]: row for row in rows_of("jarvilinna", "exports-deals")}
    for item in items("jarvilinna", "currency_mix"):
        assert rows[item["deal"]]["Currency"] == item["currency"]
    assert {item["currency"] for item in items("jarvilinna", "currency_mix")} <= set(_ABROAD)


_ABROAD = ("SEK", "USD")


def test_two_enquiries_share_a_clock_time_and_one_has_none() -> None:
    rows = {row["(Do Not Modify) Lead"]: row for row in rows_of("akerstroms", "All Leads")}
    told = items("akerstroms", "clock_change")
    shown = [rows[item["lead"]]["Created On"][:16] for item in told]
    assert sorted(shown) == ["2025-03-30 02:30", "2025-10-26 02:15", "2025-10-26 02:15"]
    stockholm = ZoneInfo("Europe/Stockholm")
    never = datetime(2025, 3, 30, 2, 30, tzinfo=stockholm)
    assert never.astimezone(ZoneInfo("UTC")).astimezone(stockholm).hour == 3


def test_the_renamed_event_takes_the_place_of_the_old_one() -> None:
    (item,) = items("oharafinch", "tracking_change")
    start, end = (f"{item[name]:%Y%m%d}" for name in ("from", "to"))
    rows = rows_of("oharafinch", "Events_Event_name")
    inside = [row for row in rows if start <= row["Date"] <= end]
    assert all(row["Key events"] == "0" for row in inside)
    renamed = {row["Date"] for row in rows if row["Event name"] == item["new"]}
    assert renamed
    assert all(start <= day <= end for day in renamed)
    clean, shown = client("oharafinch").months, client("oharafinch").shown
    assert shown["2025-05"].get("key_events", 0) < clean["2025-05"]["key_events"]


@pytest.mark.parametrize(
    ("name", "month", "usual"),
    [("akerstroms", 7, 5), ("jarvilinna", 7, 5), ("dellorto", 8, 5)],
)
def test_the_seasonal_dip_comes_every_year(name: str, month: int, usual: int) -> None:
    months = client(name).months
    told = {item["month"] for item in items(name, "seasonal_dip")}
    assert told == {f"{year}-{month:02d}" for year in (2023, 2024, 2025)}
    dip = sum(months[one]["leads_created"] for one in told)
    before = sum(months[f"{year}-{usual:02d}"]["leads_created"] for year in (2023, 2024, 2025))
    assert dip < Decimal("0.8") * before


def test_the_true_cause_takes_half_of_one_channel_from_one_day_on() -> None:
    told = items("saobras", "true_cause")
    campaign, on = told[0]["campaign"], told[0]["on"]
    days = [row["Day"] for row in rows_of("saobras", "/meta/") if row["Campaign name"] == campaign]
    assert max(days) == f"{on - timedelta(days=1)}"
    after = [item for item in told if item["month"] in ("2025-11", "2025-12")]
    lost = sum(item["expected_lost"] for item in after)
    came = sum(item["came"] for item in after)
    assert 0.3 < lost / (lost + came) < 0.7


def test_the_undone_deal_was_won_in_the_older_export() -> None:
    (item,) = items("oharafinch", "restated_deal")
    then = {row["Id"]: row for row in rows_of("oharafinch", "Opportunity.csv", older=True)}
    now = {row["Id"]: row for row in rows_of("oharafinch", "crm/Opportunity.csv")}
    before, after = then[item["deal"]], now[item["deal"]]
    assert (before["StageName"], before["CloseDate"]) == ("Closed Won", "2025-10-21")
    assert (after["StageName"], after["CloseDate"]) == ("Closed Lost", "2025-11-12")
    assert Decimal(before["Amount"]) == Decimal(item["amount"])


def test_the_older_export_knows_nothing_of_later_days() -> None:
    rows = rows_of("oharafinch", "Opportunity.csv", older=True)
    closed = [row for row in rows if row["IsClosed"] == "true"]
    assert max(row["CreatedDate"] for row in rows) < "2025-11-04"
    assert max(row["CloseDate"] for row in closed) <= "2025-11-03"


def test_impossible_dates_orphans_and_test_records_are_there() -> None:
    deals = {row["(Do Not Modify) Opportunity"]: row for row in rows_of("akerstroms", "All Opp")}
    for item in items("akerstroms", "impossible_date"):
        row = deals[item["deal"]]
        assert row["Actual Close Date"][:10] < row["Created On"][:10]
    companies = {row["Id"] for row in rows_of("oharafinch", "Account.csv")}
    rows = {row["Id"]: row for row in rows_of("oharafinch", "crm/Opportunity.csv")}
    for item in items("oharafinch", "orphan"):
        assert rows[item["deal"]]["AccountId"] == item["account"]
        assert item["account"] not in companies
        assert item["true_account"] in companies
    for item in items("oharafinch", "test_record"):
        assert rows[item["deal"]]["Name"].startswith("TEST")


def test_overdue_tasks_are_past_their_day_and_not_done() -> None:
    rows = {row["Task ID"]: row for row in rows_of("jarvilinna", "clickup")}
    for item in items("jarvilinna", "overdue_task"):
        row = rows[item["task"]]
        assert row["Date Done"] is None
        assert row["Due Date"] == item["due"].isoformat() < "2025-12-31"
    late = [
        row for row in rows.values() if row["Date Done"] is None and row["Due Date"] < "2025-12-31"
    ]
    assert len(late) == len(items("jarvilinna", "overdue_task"))


def test_negative_durations_stand_in_the_desk_and_the_hours() -> None:
    rows = {row["Ticket ID"]: row for row in rows_of("saobras", "Tickets")}
    told = {item["ticket"] for item in items("saobras", "negative_duration") if "ticket" in item}
    assert told
    assert {key for key, row in rows.items() if row["First reply time (min)"] == "-37"} == told
    logs = [row for row in rows_of("akerstroms", "Toggl") if row["Duration"].startswith("-")]
    assert len(logs) == len(items("akerstroms", "negative_duration"))


def test_the_account_that_left_is_billed_no_more() -> None:
    (item,) = items("oharafinch", "churned_account")
    bills = [
        row for row in rows_of("oharafinch", "invoices") if row["customer_name"] == item["name"]
    ]
    assert len(bills) == item["invoices"]
    assert max(row["created"] for row in bills) < item["churned_on"].isoformat()


def test_spellings_are_counted_as_they_stand_in_the_files() -> None:
    told = {item["place"]: item["spellings"] for item in items("dellorto", "label_variants")}
    rows = rows_of("dellorto", "aziende")
    shown: dict[str, int] = {}
    for row in rows:
        shown[row["Nazione"]] = shown.get(row["Nazione"], 0) + 1
    twins = len(items("dellorto", "duplicate"))
    assert sum(shown.values()) == sum(told["accounts.country"].values()) + twins
    assert set(shown) == set(told["accounts.country"])


def test_older_files_lie_outside_of_every_source() -> None:
    root, truth = agency()
    for of in truth.clients.values():
        for one in of.files:
            assert one.is_older == ("/older/" in one.path)
            assert read_rows(root / one.path, one.encoding)
