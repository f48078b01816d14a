"""Amounts in several currencies: converted, taken as they are, or a finding; never lost."""

from __future__ import annotations

from tests.conform.conftest import Desk

STRIPE = (
    "ID,CREATED,CUSTOMER,CURRENCY,AMOUNT_DUE,AMOUNT_PAID,BILLING_REASON,SUBTOTAL,TOTAL,STATUS\n"
)
SPEND = {
    "ad_spend": {
        "spend_on": "day",
        "platform": {"constant": "google_ads"},
        "campaign_id": "campaign",
        "spend": "spend",
        "currency_code": "money",
    }
}


def test_spend_without_a_rate_is_a_finding_with_its_currency(desk: Desk) -> None:
    desk.put("ads.csv", "day,campaign,spend,money\n2024-01-01,A,9,EUR\n2024-01-02,A,8,PLN\n")
    desk.sync({"ads.csv": SPEND})
    assert desk.ask("SELECT CAST(sum(spend_base) AS VARCHAR) FROM ad_spend") == [("9.0000",)]
    finding = desk.finding("no_exchange_rate")
    assert (finding.table, finding.column, finding.rows) == ("ad_spend", "spend_base", 1)
    assert "1 amounts of ad_spend in PLN have no rate to EUR" in finding.message
    assert "fx_rates" in finding.todo


def test_invoices_without_a_rate_are_a_finding_with_their_currency(desk: Desk) -> None:
    desk.put(
        "invoices.csv",
        f"{STRIPE}in_1,2024-02-01,cus_1,sek,1,1,manual,100000,125000,paid\n"
        "in_2,2024-02-01,cus_1,eur,5000,0,manual,4000,5000,open\n",
    )
    desk.sync(name="stripe")
    found = desk.ask("SELECT CAST(amount_base AS VARCHAR) FROM invoices ORDER BY invoice_id")
    assert found == [(None,), ("40.0000",)]
    finding = desk.finding("no_exchange_rate")
    assert (finding.table, finding.rows, finding.records) == ("invoices", 1, ("in_1",))
    assert "in SEK" in finding.message


def test_an_empty_amount_in_our_currency_is_the_amount_where_both_are_ours(desk: Desk) -> None:
    desk.put("rates.csv", "date,currency,rate\n2024-01-01,SEK,0.1\n")
    desk.put(
        "deals.csv",
        "id,stage,amount,ours,money,closed\n1,Won,100,,EUR,2024-02-01\n"
        "2,Won,100,9,SEK,2024-02-01\n3,Won,100,,SEK,2024-02-01\n4,Won,100,,PLN,2024-02-01\n",
    )
    deals = {
        "deal_id": "id",
        "stage_id": "stage",
        "amount": "amount",
        "amount_base": "ours",
        "currency_code": "money",
        "closed_at": "closed",
    }
    desk.sync({"deals.csv": {"deals": deals}})
    found = desk.ask("SELECT CAST(amount_base AS VARCHAR) FROM deals ORDER BY deal_id")
    assert found == [("100.0000",), ("9.0000",), ("10.0000",), (None,)]
    assert desk.finding("no_exchange_rate").records == ("crm:deal:4",)


def test_the_currency_of_spend_is_that_of_its_header_or_column(desk: Desk) -> None:
    start = "Reporting starts,Day,Campaign name,"
    row = "2026-01-01,2026-01-01,A,"
    desk.put("one.csv", f"{start}Amount spent (SEK),Impressions\n{row}9,1\n")
    desk.put("two.csv", f"{start}Amount spent,Impressions,Currency\n{row}9,1,NOK\n")
    desk.sync(name="meta")
    found = desk.ask("SELECT DISTINCT currency_code FROM ad_spend ORDER BY 1")
    assert found == [("NOK",), ("SEK",)]
    assert sorted(one.rows for one in desk.report.findings if one.code == "no_exchange_rate") == [2]
